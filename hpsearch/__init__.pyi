from hpsearch.errors import HpsearchError as HpsearchError
from hpsearch.errors import TrialStopped as TrialStopped
from hpsearch.library.asking import open_search as open  # noqa: A004
from hpsearch.library.babysitting import babysit as babysit
from hpsearch.library.results import Run as Run
from hpsearch.library.results import Trial as Trial
from hpsearch.library.results import load as load
from hpsearch.library.searching import run as run
from hpsearch.library.spaces import choice as choice
from hpsearch.library.spaces import linear as linear
from hpsearch.library.spaces import log as log
from hpsearch.library.spaces import one_minus as one_minus
from hpsearch.pushing import epoch as epoch

__version__: str
__all__ = [
    "HpsearchError",
    "Run",
    "Trial",
    "TrialStopped",
    "babysit",
    "choice",
    "epoch",
    "linear",
    "load",
    "log",
    "one_minus",
    "open",
    "run",
]
