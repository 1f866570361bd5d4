"""What is to be learnt from the rows of a data set: their classes, or their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from hpsearch.data.labels import class_numbers, find_classes
from hpsearch.data.numbers import quantities
from hpsearch.data.spec import DataSpec
from hpsearch.data.split import tenths
from hpsearch.data.table import IntArray, Table
from hpsearch.data.task import find_task


@dataclass(frozen=True)
class Answers:
    """What is to be learnt, (n,) by part of the files: class numbers, or numbers in their units.

    ``strata``, (n,) of train, and their ``names`` are what the split is to keep the shares of.
    """

    by_part: Mapping[str, NDArray[Any]]
    classes: tuple[str, ...]
    strata: IntArray
    names: tuple[str, ...]

    @property
    def are_numbers(self) -> bool:
        """Whether numbers are to be predicted, and no classes."""
        return not self.classes


def find_answers(tables: Mapping[str, Table], spec: DataSpec, *, shared_out: bool) -> Answers:
    """What the tables of the parts hold to be learnt.

    ``shared_out`` if rows of train are to become dev or test.

    Raises:
        DataError: an answer is missing, or is none of the task's.
    """
    train = tables["train"]
    task = spec.task or find_task(train, spec, shared_out=shared_out).task
    if task == "regression":
        numbers = {part: quantities(table, spec.decimal) for part, table in tables.items()}
        return Answers(numbers, (), *tenths(numbers["train"], spec.split))
    classes = find_classes(train)
    labels = {part: class_numbers(table, classes) for part, table in tables.items()}
    return Answers(labels, classes, labels["train"], classes)
