"""What is learnt from the train rows, and then done to every row: one-hot, impute, standardise.

    x' = (x - μ) / σ        μ, σ: mean and standard deviation of each feature over the train rows

Source: A. Ng, "Normalizing inputs", Deep Learning, course 2. The same μ and σ serve dev, test and
new rows, because the network has seen no others. A feature that is constant in train has σ = ∞
here, so that it becomes 0 in every row: nothing was learnt about its other values.

A text column becomes one feature for each of its words in train, 1 or 0, not standardised. A word
that train did not have leaves all of them 0.

A number to predict is standardised likewise, for the network to learn; what it predicts is turned
back into the target's units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.names import as_names, in_order
from hpsearch.data.notation import surplus
from hpsearch.data.numbers import TargetScale
from hpsearch.data.scan import LARGEST, moments
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import FloatRows, IntArray, NumberArray, Table, TextColumn
from hpsearch.data.wording import listed, quoted, to_numbers
from hpsearch.errors import DataError
from hpsearch.text import in_full

MOST_CATEGORIES = 100
"""Words in one text column. More is a name, a date or free text, not a category. So is, in a small
file, a column of more than 10 words that are on average in fewer than two rows."""


@dataclass(frozen=True)
class Preprocessing:
    """From a table's columns to a network's inputs.

    ``columns`` are the file's feature columns in its order, ``named`` as in :class:`Table`;
    ``categories`` has the words of those that are text. ``mean``, ``scale`` and ``fill`` are (d,)
    over the ``features``: the numbers in order, then one feature for each category. Their dtype
    is the one that the subtraction is done in: float32, or float64 for numbers that need it.
    ``fill`` replaces NaN, and is ``None`` where missing cells are refused. ``target`` is there
    where a number is predicted; ``classes`` are then empty.
    """

    columns: tuple[str, ...]
    named: bool
    categories: Mapping[str, tuple[str, ...]]
    most_frequent: Mapping[str, str]
    mean: NDArray[Any]
    scale: NDArray[Any]
    fill: NDArray[Any] | None
    classes: tuple[str, ...]
    target: TargetScale | None = None

    @property
    def number_columns(self) -> tuple[str, ...]:
        """The columns that hold numbers, in order."""
        return tuple(name for name in self.columns if name not in self.categories)

    @property
    def features(self) -> tuple[str, ...]:
        """The d inputs' names; a category's is ``column=word``."""
        one_hot = (f"{name}={word}" for name, words in self.categories.items() for word in words)
        return (*self.number_columns, *one_hot)

    def matrix(self, table: Table) -> tuple[NumberArray, dict[str, int]]:
        """A table's rows as (n, d), not yet standardised, and unknown words by column.

        Raises:
            DataError: the table has other columns than those learnt from.
        """
        columns = self._aligned(table)
        if not self.categories and columns == table.number_columns:
            return table.numbers, {}
        dtype = table.numbers.dtype if table.numbers.shape[1] else np.dtype(np.uint8)
        matrix = np.zeros((len(table), len(self.mean)), dtype)
        positions = {name: position for position, name in enumerate(table.number_columns)}
        source = dict(zip(self.columns, columns, strict=True))
        end = 0
        for name in self.number_columns:
            if source[name] not in positions:
                _refuse_words(table, source[name])
            matrix[:, end] = table.numbers[:, positions[source[name]]]
            end += 1
        unknown = {}
        for name, words in self.categories.items():
            column = table.text.get(source[name])
            if column is None:
                column = as_names(table.numbers[:, positions[source[name]]])
            codes = self._codes(name, words, column)
            rows = np.flatnonzero(codes >= 0)
            matrix[rows, end + codes[rows]] = 1
            end += len(words)
            if len(rows) < len(codes):
                unknown[name] = len(codes) - len(rows)
        return matrix, unknown

    def _codes(self, name: str, words: tuple[str, ...], column: TextColumn) -> IntArray:
        number = {word: position for position, word in enumerate(words)}
        empty = number.get(self.most_frequent.get(name, ""), -1)
        recode = np.array([*(number.get(word, -1) for word in column.names), empty], dtype=np.intp)
        return recode[column.codes]  # an empty cell's -1 takes the last

    def _aligned(self, table: Table) -> tuple[str, ...]:
        """The table's columns in the order of ours."""
        if not (self.named and table.named):
            if len(table.columns) == len(self.columns):
                return table.columns
            raise DataError(
                f"{table.file}: has {len(table.columns)} feature columns, and the train set "
                f"{len(self.columns)}; the files need the same columns"
            )
        for ours, theirs, what in (
            (self.columns, table.columns, "lacks"),
            (table.columns, self.columns, "has"),
        ):
            known = set(theirs)
            absent = [name for name in ours if name not in known]
            if absent:
                raise DataError(
                    f"{table.file}: {what} {listed(absent)}, unlike the train set; the files need "
                    f"the same columns (data.ignore leaves some out of all)"
                )
        return self.columns

    def standardise(self, block: NumberArray) -> FloatRows:
        """(m, d) of any dtype as float32: NaN filled, mean subtracted, divided by the scale."""
        x = block.astype(self.mean.dtype)
        if self.fill is not None:
            np.copyto(x, self.fill, where=np.isnan(x))
        x -= self.mean
        x /= self.scale
        return x.astype(np.float32, copy=False)

    def check_reach(self, table: Table, largest: Mapping[str, float]) -> None:
        """Refuse numbers that, standardised, would be beyond float32.

        ``largest`` has the largest size of a number in each of the table's columns of floats.

        Raises:
            DataError: a column's numbers are out of all proportion to those of train.
        """
        theirs = dict(zip(self.columns, self._aligned(table), strict=True))
        for position, name in enumerate(self.number_columns):
            size = largest.get(theirs[name], 0.0)
            reach = (size + abs(float(self.mean[position]))) / float(self.scale[position])
            if reach > LARGEST:
                raise DataError(
                    f"{table.file}: column {quoted(name)} holds a number of size {in_full(size)}, "
                    f"out of all proportion to those in the train set; correct it"
                )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as plain arrays of numbers and strings, for an npz file without pickle."""
        pairs = [(name, word) for name, words in self.categories.items() for word in words]
        target = self.target
        of_target = (
            {}
            if target is None
            else {"target_mean": np.array(target.mean), "target_scale": np.array(target.scale)}
        )
        return {
            "columns": _strings(self.columns),
            "named": np.array(self.named),
            "category_columns": _strings([name for name, _ in pairs]),
            "category_words": _strings([word for _, word in pairs]),
            "most_frequent": _strings([self.most_frequent[name] for name in self.categories]),
            "mean": self.mean,
            "scale": self.scale,
            "fill": np.empty(0) if self.fill is None else self.fill,
            "classes": _strings(self.classes),
            **of_target,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Preprocessing:
        """The inverse of :meth:`to_arrays`.

        Raises:
            KeyError: one of the arrays is not there.
        """
        categories: dict[str, tuple[str, ...]] = {}
        for name, word in zip(arrays["category_columns"], arrays["category_words"], strict=True):
            categories[str(name)] = (*categories.get(str(name), ()), str(word))
        frequent = (str(word) for word in arrays["most_frequent"])
        return cls(
            columns=tuple(str(name) for name in arrays["columns"]),
            named=bool(arrays["named"]),
            categories=categories,
            most_frequent=dict(zip(categories, frequent, strict=True)),
            mean=arrays["mean"],
            scale=arrays["scale"],
            fill=arrays["fill"] if arrays["fill"].size else None,
            classes=tuple(str(name) for name in arrays["classes"]),
            target=None
            if "target_mean" not in arrays
            else TargetScale(float(arrays["target_mean"]), float(arrays["target_scale"])),
        )


def fit(
    table: Table,
    rows: IntArray,
    spec: DataSpec,
    classes: tuple[str, ...],
    target: TargetScale | None = None,
) -> Preprocessing:
    """Learn one-hot features, means and scales from some ``rows`` of a table.

    Raises:
        DataError: a text column has too many words, or a column no value in these rows.
    """
    impute = spec.missing == "impute"
    categories, most_frequent = {}, {}
    for name, column in table.text.items():
        counts = np.bincount(column.codes[rows] + 1, minlength=len(column.names) + 1)[1:]
        words = in_order(column.names[code] for code in np.flatnonzero(counts))
        _check_words(table, name, words, len(rows))
        categories[name] = words
        size = dict(zip(column.names, counts.tolist(), strict=True))
        most_frequent[name] = max(words, key=lambda word: size[word]) if impute else ""
    found = moments(table.numbers, rows)
    empty = [n for n, m in zip(table.number_columns, found.mean, strict=True) if np.isnan(m)]
    if empty:
        _refuse_empty(table, empty)
    precise = np.result_type(table.numbers.dtype, np.float32) != np.float32
    dtype = np.dtype(np.float64 if precise else np.float32)
    one_hot = sum(len(words) for words in categories.values())
    mean, scale = found.mean.astype(dtype), found.std.astype(dtype)
    scale[(scale == 0) | (found.low == found.high)] = np.inf
    fill = np.concatenate([mean, np.zeros(one_hot, dtype)]) if impute else None
    if not spec.standardize:
        mean, scale = np.zeros_like(mean), np.ones_like(scale)
    return Preprocessing(
        columns=table.columns,
        named=table.named,
        categories=categories,
        most_frequent=most_frequent,
        mean=np.concatenate([mean, np.zeros(one_hot, dtype)]),
        scale=np.concatenate([scale, np.ones(one_hot, dtype)]),
        fill=fill,
        classes=classes,
        target=target,
    )


def _check_words(table: Table, name: str, words: tuple[str, ...], rows: int) -> None:
    if not words:
        _refuse_empty(table, [name])
    if len(words) > min(MOST_CATEGORIES, max(10, rows // 2)):
        signs = surplus(words)
        advice = to_numbers(signs) if signs else "group its values"
        raise DataError(
            f"{table.file}: column {quoted(name)} is text with {len(words)} different values in "
            f"{rows} train rows, such as {listed(words[:3])}: too many to one-hot; leave it out "
            f"with data.ignore, or {advice}"
        )


def _refuse_empty(table: Table, columns: list[str]) -> None:
    raise DataError(
        f"{table.file}: no train row has a value in {listed(columns)}; "
        f"leave {'it' if len(columns) == 1 else 'them'} out with data.ignore"
    )


def _refuse_words(table: Table, name: str) -> None:
    column = table.text[name]
    row = int(np.flatnonzero(column.codes >= 0)[0])
    raise DataError(
        f"{table.where(row)}: column {quoted(name)} holds the word "
        f"{quoted(column.names[column.codes[row]])}, and in the train set it holds numbers; "
        f"correct it, or leave the column out with data.ignore"
    )


def _strings(words: Sequence[str]) -> NDArray[np.str_]:
    return np.array(words, dtype=np.str_)
