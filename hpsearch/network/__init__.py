"""The course as code: a NumPy network with batch norm and softmax. It knows no files.

:class:`Network` is the network; :data:`HYPERPARAMETERS` lists what it can be told.
"""

from hpsearch.network.hyperparameters import HYPERPARAMETERS, Hyperparameter, problem_of
from hpsearch.network.model import evaluate, predict_proba
from hpsearch.network.network import Network

__all__ = [
    "HYPERPARAMETERS",
    "Hyperparameter",
    "Network",
    "evaluate",
    "predict_proba",
    "problem_of",
]
