"""Rows that become float32 batch by batch, for data that should not be in memory twice."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.table import FloatRows, IntArray, NumberArray


class RowsLike(Protocol):
    """What a network is trained on: an array, or anything that gives float32 rows by index."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[np.float32]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, key: IntArray | slice, /) -> FloatRows: ...


class StoredRows:
    """Some rows of a matrix of any dtype, standardised as they are taken: (n, d) of float32.

    The numbers are the same, bit for bit, as those of a float32 array made at once: each element
    is computed by itself.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, stored: NumberArray, rows: IntArray, preprocessing: Preprocessing) -> None:
        self.stored = stored
        self.rows = rows
        self._preprocessing = preprocessing
        self.shape: tuple[int, ...] = (len(rows), stored.shape[1])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: IntArray | slice, /) -> FloatRows:
        return self._preprocessing.standardise(self.stored[self.rows[key]])

    @property
    def nbytes(self) -> int:
        """Bytes that these rows take as they are stored."""
        return int(len(self.rows) * self.stored.shape[1] * self.stored.itemsize)

    @property
    def mapped(self) -> bool:
        """Whether they lie in a file and not in memory."""
        return is_mapped(self.stored)


def is_mapped(matrix: NumberArray) -> bool:
    """Whether a matrix is a view of a file's bytes."""
    base: object = matrix
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return False
