"""A data set ready to train on, and the facts about it that a person wants to see first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.rows import RowsLike


@dataclass(frozen=True)
class Examples:
    """Inputs ``X``, (n, d) of float32, and answers ``y``, (n,).

    The answers are class numbers, or standardised numbers to predict, in float64.
    ``X`` is an array, or rows that become one when they are indexed by an array or a slice.
    """

    X: RowsLike
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Facts:
    """What the preview shows; plain values that JSON can hold (``dataclasses.asdict``)."""

    files: tuple[str, ...]
    rows: dict[str, int]
    """Rows by part: train, dev, test."""
    columns: int
    """Feature columns in the file; one-hot columns make more features of them."""
    features: int
    class_counts: dict[str, dict[str, int]]
    """For each class, its rows by part; empty where a number is predicted."""
    target: dict[str, float]
    """Of numbers to predict: how many are ``different``, their ``low`` and ``high``, over all
    parts; their ``mean`` and ``std`` in train; and ``guess_rmse``, the error on dev of predicting
    that mean for every row. Empty for classes."""
    one_hot: dict[str, int]
    """Text columns, and how many features each became."""
    constant: tuple[str, ...]
    """Features that have one value in all of train: they are 0 and teach nothing."""
    imputed: dict[str, int]
    """Cells that were empty, by column, over all parts."""
    unknown: dict[str, int]
    """Cells of dev and test whose word does not occur in train, by column."""
    empty_words: dict[str, dict[str, int]]
    """Words that were taken for empty cells, by column of words; over all parts."""
    notes: tuple[str, ...]
    """Columns that were left out or are written in an odd way, and what was made of them."""
    suspects: tuple[str, ...]
    """Columns that are probably not meant as they stand: what was seen, and what to write."""
    in_memory: bool
    """Whether ``X`` is a float32 array; if not, rows are converted batch by batch."""


@dataclass(frozen=True)
class Dataset:
    """The parts, and what the numbers in them stand for."""

    train: Examples
    dev: Examples
    test: Examples | None
    features: tuple[str, ...]
    classes: tuple[str, ...]
    """Empty where a number is predicted."""
    preprocessing: Preprocessing
    facts: Facts
