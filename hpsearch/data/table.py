"""The form that every file format is read into: a matrix of numbers, coded text, and labels.

A missing cell is NaN in ``numbers`` and -1 in the codes of a text column. Nothing is learnt from
the rows here: which values become one-hot columns, and what is subtracted from the numbers, is
for :mod:`hpsearch.data.preprocessing` to find from the train rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.intp]
FloatRows = NDArray[np.float32]
NumberArray = NDArray[Any]
"""Numbers of any real dtype: what a file holds, in memory or mapped."""


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
    left out or understood, and why. ``empty_words`` counts, for a text column, the words that were
    taken for empty cells; ``padded`` gives, for a column of numbers, its first cell that has zeros
    before the number.
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
    empty_words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    padded: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def where(self, row: int) -> str:
        """A row's place, as messages name it."""
        if self.lines is None:
            return f"{self.file}: row {row} (counted from 0)"
        return f"{self.file}:{self.lines[row]}"
