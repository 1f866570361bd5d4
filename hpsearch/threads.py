"""How many threads linear algebra may use: a matter of results, not only of speed.

The last bits of a matrix product depend on the number of threads, so hpsearch fixes it, in the
coordinator and in every worker, instead of taking what the machine has.
"""

from __future__ import annotations

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
