"""Arrays of the network: their types, sums over rows, and all parameters in one vector.

Rows are examples: the course's matrices transposed. X has shape (m, n), z = a W + b.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def sum_rows(A: Array) -> Array:
    """The sum over the rows of ``A``, shape (n,).

    A product with ones goes through BLAS; it takes about a third of the time of ``A.sum(axis=0)``.
    """
    return np.ones(len(A), A.dtype) @ A


class Parameters:
    """Named arrays that are views of one vector, and their gradients of another.

    An optimiser can then update everything in a handful of vector operations. Arrays lie in the
    vector in the order given.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: npt.DTypeLike) -> None:
        sizes = [int(np.prod(shape)) for shape in shapes.values()]
        self.vector: Array = np.zeros(sum(sizes), dtype)
        self.gradient: Array = np.zeros(sum(sizes), dtype)
        self.arrays = _views(self.vector, shapes)
        self.gradients = _views(self.gradient, shapes)


def _views(vector: Array, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    views, start = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        views[name] = vector[start : start + size].reshape(shape)
        start += size
    return views
