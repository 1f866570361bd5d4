"""Whether a target is one of some classes, or a number to predict.

A target of numbers is a quantity where it could not be classes: where they have fractions and there
are many of them, or so many that most stand in one row only. What can be classes is taken for
classes, so that 26 letters that are numbered stay letters. ``data.task`` decides otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.notation import fitting, number_of
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table, TextColumn

Task = Literal["classification", "regression"]

MOST_CLASSES_WITH_FRACTIONS = 20
"""More different numbers with fractions are no classes. Nor are more whole numbers, if they could
not be shared out as classes."""


@dataclass(frozen=True)
class Found:
    """What a target is, and what was seen of it."""

    task: Task
    seen: str


def find_task(table: Table, spec: DataSpec, *, shared_out: bool) -> Found:
    """What the target of the rows to learn from is; what is missing there is no matter here.

    ``shared_out`` if some of these rows are to become dev or test.
    """
    labels = table.labels
    if labels is None or not labels.names:
        return Found("classification", "the data have no target")
    n, different = len(labels.codes), len(labels.names)
    if not fitting(labels.names, spec.decimal):
        return Found("classification", f"the target holds words, {different:,} different ones")
    fractions = has_fractions(labels.names)
    seen = (
        f"the target holds {different:,} different numbers"
        f"{' with fractions' if fractions else ''} in {n:,} rows"
    )
    many = fractions or different > MOST_CLASSES_WITH_FRACTIONS
    numbers_rows = not fractions and counts_rows(labels)
    classes = _can_be_classes(labels, stratified=shared_out and spec.split == "stratified")
    if many and not numbers_rows and not classes:
        return Found("regression", seen)
    return Found("classification", seen)


def has_fractions(names: tuple[str, ...]) -> bool:
    """Whether all names are numbers, written with a decimal point, and not all whole ones."""
    values = [number_of(name) for name in names]
    return None not in values and any(value != int(value or 0) for value in values)


def counts_rows(labels: TextColumn) -> bool:
    """Whether whole numbers are, in some order, those from one to another, one in each row."""
    values = [number_of(name) for name in labels.names]
    if len(values) != len(labels.codes) or None in values:
        return False
    known = np.array(values, np.float64)
    return bool(known.max() - known.min() == len(known) - 1)


def too_many_fractions(labels: TextColumn) -> bool:
    """Whether these are so many different numbers with fractions that they are a quantity."""
    most = min(MOST_CLASSES_WITH_FRACTIONS, len(labels.codes) / 2)
    return len(labels.names) > most and has_fractions(labels.names)


def too_many_names(labels: TextColumn) -> bool:
    """Whether most names stand in one row only."""
    return len(labels.names) > max(len(labels.codes) / 2, 2)


def _can_be_classes(labels: TextColumn, *, stratified: bool) -> bool:
    """Whether labels would be taken for classes; ``stratified`` if each needs two rows for it."""
    if too_many_fractions(labels) or too_many_names(labels):
        return False
    single: NDArray[np.bool_] = np.bincount(labels.codes[labels.codes >= 0]) == 1
    return not (stratified and single.any())
