"""The form that every file format is read into: a matrix of numbers, coded text, and labels.

A missing cell is NaN in ``numbers`` and -1 in the codes of a text column. Nothing is learnt from
the rows here: which values become one-hot columns, and what is subtracted from the numbers, is
for :mod:`hpsearch.data.preprocessing` to find from the train rows alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.spec import Column
from hpsearch.errors import DataError

IntArray = NDArray[np.intp]
NumberArray = NDArray[Any]
"""Numbers of any real dtype: what a file holds, in memory or mapped."""

_LISTED_NAMES = 8


@dataclass(frozen=True)
class TextColumn:
    """A column of words: ``names[codes[i]]`` is row i's, and -1 stands for an empty cell."""

    codes: IntArray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One file's rows.

    ``columns`` are the features' names in the file's order. ``numbers`` is (n, k), with one name
    each in ``number_columns``; ``text`` has the other columns by name. ``named`` says whether the
    names are the file's own (then other files' columns are matched by name) or were made up from
    positions. ``lines`` holds each row's line number, for messages. ``notes`` says what the reader
    left out, and why.
    """

    file: Path
    columns: tuple[str, ...]
    numbers: NumberArray
    number_columns: tuple[str, ...]
    text: dict[str, TextColumn]
    labels: TextColumn | None
    named: bool = False
    lines: IntArray | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def where(self, row: int) -> str:
        """A row's place, as messages name it."""
        if self.lines is None:
            return f"{self.file}: row {row} (counted from 0)"
        return f"{self.file}:{self.lines[row]}"


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
        for rank in range(self._rank, len(self._DTYPES)):
            self._rank = rank
            with np.errstate(invalid="ignore", over="ignore"):
                narrow = block.astype(self._DTYPES[rank])
            if np.array_equal(narrow, block, equal_nan=True):
                break
        self._blocks.append(narrow)

    def build(self) -> NumberArray:
        """All rows as one (n, width) array; frees each block as it is copied."""
        matrix = np.empty((self.rows, self.width), self._DTYPES[self._rank])
        end = self.rows
        while self._blocks:
            block = self._blocks.pop()
            matrix[end - len(block) : end] = block
            end -= len(block)
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


def number_of(word: str) -> float | None:
    """The finite number that a word spells, if it does."""
    try:
        number = float(word)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def name_of(number: float) -> str:
    """A number as a category's or a class's name: 3.0 is ``3``.

    >>> name_of(3.0), name_of(2.5)
    ('3', '2.5')
    """
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def plain_name(word: str) -> str:
    """A word as a name: ``3.0``, which is how some programs write a whole number, is ``3``."""
    number = number_of(word) if "." in word else None
    return name_of(number) if number is not None and number.is_integer() else word


def as_names(numbers: NumberArray) -> TextColumn:
    """A column of numbers as names; NaN becomes an empty cell."""
    values, codes = np.unique(numbers, return_inverse=True)
    codes = codes.astype(np.intp).reshape(-1)
    if values.dtype.kind == "f":
        codes[np.isnan(numbers)] = -1
        values = values[~np.isnan(values)]
    return TextColumn(codes, tuple(name_of(value) for value in values.tolist()))


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names in the order people expect: by value if all are numbers, else by alphabet.

    >>> in_order(["10", "9"]), in_order(["b", "10", "9"])
    (('9', '10'), ('10', '9', 'b'))
    """
    names = sorted(names)
    values = [number_of(name) for name in names]
    if any(value is None for value in values):
        return tuple(names)
    return tuple(sorted(names, key=lambda name: (number_of(name) or 0.0, name)))


def find_column(column: Column, names: Sequence[str], file: Path, key: str) -> int:
    """The position of a column given by name or position.

    Raises:
        DataError: it is not there, or its name is there twice. ``key`` is the config's key.
    """
    if isinstance(column, int):
        if not -len(names) <= column < len(names):
            raise DataError(
                f"{file}: {key}: {column}: there is no such column; the file has {len(names)}, "
                f"0 to {len(names) - 1} or, from the end, -1 to -{len(names)}"
            )
        return column % len(names)
    count = list(names).count(column)
    if count == 1:
        return list(names).index(column)
    if count:
        raise DataError(
            f"{file}: {key}: {count} columns are called {column!r}; give the position, from 0"
        )
    raise DataError(
        f"{file}: {key}: there is no column {column!r}{did_you_mean(column, names)}; "
        f"the columns are {listed(nearest_first(column, names))}"
    )


def nearest_first(word: str, names: Sequence[str]) -> list[str]:
    """The names, those most like ``word`` first."""

    def unlikeness(name: str) -> float:
        return -difflib.SequenceMatcher(None, word.casefold(), name.casefold()).ratio()

    return sorted(names, key=unlikeness)


def did_you_mean(word: str, names: Sequence[str]) -> str:
    """``; did you mean …?`` for the nearest name, or nothing."""
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:_LISTED_NAMES])
    rest = len(names) - _LISTED_NAMES
    return f"{shown} … and {rest} more" if rest > 0 else shown
