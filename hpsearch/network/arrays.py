"""Arrays of the network: their types, rows of the data, sums over rows, many arrays in one vector.

Rows are examples: the course's matrices transposed. X has shape (m, n), z = a W + b.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
"""Floats of the network's one type. A single float64 array among float32 ones would turn all that
it touches into float64, silently, and halve the speed."""

Labels = npt.NDArray[np.integer[Any]]
"""One class for each row, counted from 0."""


class Rows(Protocol):
    """What the network trains on: a NumPy array (n, d), or anything that gives rows like one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> Any: ...


def take_rows(X: Rows, rows: Any, dtype: npt.DTypeLike) -> Array:
    """Rows of ``X`` in the network's type, row by row in memory, whatever ``X`` is.

    ``rows`` is a slice or an array of indices. A product's last bits depend on the layout of its
    factors, hence the one layout.
    """
    taken = X[rows] if isinstance(rows, slice) or not isinstance(X, np.ndarray) else X.take(rows, 0)
    return np.ascontiguousarray(taken, dtype)


def sum_rows(A: Array, out: Array | None = None) -> Array:
    """The sum over the rows of ``A``, shape (n,); in ``out`` where it is given.

    A product with ones goes through BLAS; it takes about a third of the time of ``A.sum(axis=0)``.
    """
    return np.matmul(_ones(len(A), A.dtype), A, out=out)


@lru_cache(maxsize=16)
def _ones(size: int, dtype: np.dtype[Any]) -> Array:
    ones: Array = np.ones(size, dtype)
    ones.flags.writeable = False
    return ones


class Packed(dict[str, Array]):
    """Named arrays of 0 that are views of one vector, in the order given.

    What is done to all of them, such as an optimiser's step, is then a handful of operations on
    ``vector``, however many there are. ``starts`` says where in it each array begins.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: npt.DTypeLike) -> None:
        super().__init__()
        sizes = {name: math.prod(shape) for name, shape in shapes.items()}
        self.vector: Array = np.zeros(sum(sizes.values()), dtype)
        self.starts: dict[str, int] = {}
        start = 0
        for name, shape in shapes.items():
            self.starts[name] = start
            self[name] = self.vector[start : start + sizes[name]].reshape(shape)
            start += sizes[name]
