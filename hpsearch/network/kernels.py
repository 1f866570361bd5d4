"""What trains the mini-batches of an epoch: NumPy's layers, or the same compiled by numba.

Both compute the same formulas; they add up in another order, so that their last bits differ. Which
one a run uses is therefore part of what determines its results: ``auto`` is resolved when a run is
started, and recorded.
"""

from __future__ import annotations

from importlib.util import find_spec

from hpsearch.errors import UsageError

AUTO = "auto"
KERNELS = ("numpy", "numba")
INSTALL = "pip install 'hpsearch[fast]'"


def resolved(name: str) -> str:
    """``auto`` as what this machine has: numba where it can be used, else NumPy."""
    if name != AUTO:
        return name
    return "numba" if find_spec("numba") and find_spec("scipy") else "numpy"


def check_kernels(name: str) -> None:
    """See that kernels can be used.

    Raises:
        UsageError: there are none of this name, or numba is not installed or finds no folder to
            keep its machine code in.
    """
    if name not in KERNELS:
        raise UsageError(f"kernels must be {' or '.join(KERNELS)}; it is {name!r}")
    if name == "numpy":
        return
    try:
        import hpsearch.network.compiled  # noqa: F401, PLC0415 - numba is an optional extra
    except ImportError as error:
        raise UsageError(f"{error.name or 'numba'} is not installed: {INSTALL}") from error
    except RuntimeError as error:  # no folder for its cache
        raise UsageError(f"numba: {error}; set NUMBA_CACHE_DIR to a folder to write to") from error
