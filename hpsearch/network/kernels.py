"""The parts of training that come in two makes: plain NumPy, and the same compiled by numba.

Both keep the interfaces of ``layers.py``, ``losses.py`` and ``optimizers.py`` and the same
formulas. They add up in another order, so that their last bits differ: which make a run uses is
part of what determines its results.
"""

from __future__ import annotations

from hpsearch.errors import UsageError
from hpsearch.network.layers import Activate, BatchNorm
from hpsearch.network.losses import cross_entropy
from hpsearch.network.optimizers import OPTIMIZERS
from hpsearch.network.parts import Kernels

NUMPY = Kernels(BatchNorm, Activate, cross_entropy, OPTIMIZERS)


def kernels(name: str) -> Kernels:
    """The make called ``numpy`` or ``numba``.

    Raises:
        UsageError: there is no such make, or numba is not installed or finds no folder to keep its
            machine code in.
    """
    if name == "numpy":
        return NUMPY
    if name != "numba":
        raise UsageError(f"kernels must be numpy or numba; it is {name!r}")
    try:
        from hpsearch.network.compiled import NUMBA  # noqa: PLC0415 - numba is an optional extra
    except ImportError as error:
        raise UsageError("numba is not installed: pip install 'hpsearch[fast]'") from error
    except RuntimeError as error:  # no folder for its cache
        raise UsageError(f"numba: {error}; set NUMBA_CACHE_DIR to a folder to write to") from error
    return NUMBA
