"""Columns that grow block by block while a file is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.table import IntArray, NumberArray, TextColumn


class MatrixBuilder:
    """Collects blocks of rows in the narrowest dtype that holds all their numbers exactly.

    Pixels read from text then take one byte each, not eight: 60000 x 784 of them 47 MB.
    """

    _DTYPES = (np.uint8, np.float32, np.float64)

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows = 0
        self._blocks: list[NumberArray] = []
        self._rank = 0

    def add(self, block: NDArray[np.float64]) -> None:
        """Append a block of rows, (m, width)."""
        self.rows += len(block)
        self._blocks.append(self._narrow(block))

    def _narrow(self, numbers: NDArray[np.float64]) -> NumberArray:
        """The numbers in the narrowest dtype that holds them and all those before."""
        for rank in range(self._rank, len(self._DTYPES)):
            self._rank = rank
            with np.errstate(invalid="ignore", over="ignore"):
                narrow = numbers.astype(self._DTYPES[rank])
            if np.array_equal(narrow, numbers, equal_nan=True):
                break
        return narrow

    def build(self, replaced: Mapping[int, NDArray[np.float64]] | None = None) -> NumberArray:
        """All rows as one (n, width) array, with the ``replaced`` columns, (n,), put in.

        Frees each block as it is copied.
        """
        columns = {column: self._narrow(numbers) for column, numbers in (replaced or {}).items()}
        matrix = np.empty((self.rows, self.width), self._DTYPES[self._rank])
        end = self.rows
        while self._blocks:
            block = self._blocks.pop()
            matrix[end - len(block) : end] = block
            end -= len(block)
        for column, numbers in columns.items():
            matrix[:, column] = numbers
        return matrix


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
