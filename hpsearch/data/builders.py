"""Columns that grow block by block while a file is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.table import IntArray, NumberArray, TextColumn


class MatrixBuilder:
    """Collects blocks of rows in the narrowest dtype that holds all their numbers exactly.

    Pixels read from text then take one byte each, not eight: 60000 x 784 of them 47 MB. The rows
    lie in one array that grows in its place, so that they are never in memory twice.
    """

    _DTYPES = (np.uint8, np.float32, np.float64)
    _GROWTH = 1.125

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows = 0
        self._rank = 0
        self._matrix: NumberArray = np.empty((0, width), self._DTYPES[0])

    def add(self, block: NDArray[np.float64]) -> None:
        """Append a block of rows, (m, width)."""
        narrow = self._narrow(block)
        self._widen()
        start, self.rows = self.rows, self.rows + len(block)
        if self.rows > len(self._matrix):
            self._resize(max(self.rows, int(self._GROWTH * len(self._matrix))))
        self._matrix[start : self.rows] = narrow

    def _narrow(self, numbers: NDArray[np.float64]) -> NumberArray:
        """The numbers in the narrowest dtype that holds them and all those before."""
        for rank in range(self._rank, len(self._DTYPES)):
            self._rank = rank
            with np.errstate(invalid="ignore", over="ignore"):
                narrow = numbers.astype(self._DTYPES[rank])
            if np.array_equal(narrow, numbers, equal_nan=True):
                break
        return narrow

    def _widen(self) -> None:
        if self._matrix.dtype != self._DTYPES[self._rank]:
            self._matrix = self._matrix[: self.rows].astype(self._DTYPES[self._rank])

    def _resize(self, rows: int) -> None:
        self._matrix.resize((rows, self.width), refcheck=False)  # nobody else has seen it

    def build(self, replaced: Mapping[int, NDArray[np.float64]] | None = None) -> NumberArray:
        """All rows as one (n, width) array, with the ``replaced`` columns, (n,), put in."""
        columns = {column: self._narrow(numbers) for column, numbers in (replaced or {}).items()}
        self._widen()
        self._resize(self.rows)
        for column, numbers in columns.items():
            self._matrix[:, column] = numbers
        return self._matrix


class TextBuilder:
    """Collects a column's words as codes, in order of appearance; empty cells are -1."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._blocks: list[IntArray] = []

    def add(self, words: Iterable[str | None]) -> None:
        """Append words; ``None`` is an empty cell."""
        codes = self._codes
        self._blocks.append(
            np.array(
                [-1 if word is None else codes.setdefault(word, len(codes)) for word in words],
                dtype=np.intp,
            )
        )

    def build(self) -> TextColumn:
        """The whole column."""
        blocks = self._blocks or [np.empty(0, dtype=np.intp)]
        return TextColumn(np.concatenate(blocks), tuple(self._codes))
