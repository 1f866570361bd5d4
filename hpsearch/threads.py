"""How many threads linear algebra may use: a matter of results, not only of speed.

The last bits of a matrix product depend on the number of threads, so hpsearch fixes it, in the
coordinator and in every worker, instead of taking what the machine has.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# Read by BLAS and OpenMP libraries when they are loaded: set them before NumPy is imported.
VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def thread_environment(threads: int) -> dict[str, str]:
    """The environment that limits linear algebra to ``threads`` threads."""
    return dict.fromkeys(VARIABLES, str(threads))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let the linear algebra that is loaded use one thread for the length of the body.

    For a Python that has imported NumPy already, with as many threads as the machine has: what the
    environment says is read too late then. What is not found is left as it is.
    """
    pairs = list(_thread_settings())
    before = [get() for get, _ in pairs]
    for _, set_to in pairs:
        set_to(1)
    try:
        yield
    finally:
        for (_, set_to), threads in zip(pairs, before, strict=True):
            set_to(threads)


_LIBRARIES = re.compile(r"(/\S*/[^/]*(?:openblas|mkl_rt|blis)[^/]*)$", re.MULTILINE)
_NAMES = (
    *(
        (f"{start}openblas_get_num_threads{end}", f"{start}openblas_set_num_threads{end}")
        for start in ("", "scipy_")
        for end in ("", "64_", "_64")
    ),
    ("MKL_Get_Max_Threads", "MKL_Set_Num_Threads"),
    ("bli_thread_get_num_threads", "bli_thread_set_num_threads"),
)


def _thread_settings() -> Iterator[tuple[Callable[[], int], Callable[[int], object]]]:
    """What tells and what sets the number of threads of each BLAS in this process."""
    for path in _loaded_libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        for get, set_to in _NAMES:
            if hasattr(library, get) and hasattr(library, set_to):
                yield getattr(library, get), getattr(library, set_to)
                break


def _loaded_libraries() -> list[str]:
    """The files of the BLAS libraries in this process; of NumPy's own where the system hides it."""
    try:
        text = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        numpy = getattr(sys.modules.get("numpy"), "__file__", None)
        return [str(f) for f in Path(numpy).parent.glob(".dylibs/*openblas*")] if numpy else []
    return sorted({*_LIBRARIES.findall(text)})
