"""Labels: from the names in a file to class numbers 0 … C-1, and what cannot be a label."""

from __future__ import annotations

import numpy as np

from hpsearch.data.names import in_order
from hpsearch.data.notation import fitting
from hpsearch.data.table import IntArray, Table, TextColumn
from hpsearch.data.task import counts_rows, too_many_fractions, too_many_names
from hpsearch.data.wording import did_you_mean, listed, quoted
from hpsearch.errors import DataError
from hpsearch.text import plural

_NUMBER = "set data.task: regression to predict the number"


def find_classes(table: Table) -> tuple[str, ...]:
    """The classes of the rows to learn from, in order of value or alphabet.

    Raises:
        DataError: labels are missing, all the same, or look like a quantity to be predicted.
    """
    labels = labels_of(table)
    n, names = len(labels.codes), labels.names
    if len(names) == 1:
        raise DataError(
            f"{table.file}: {'the only row has' if n == 1 else f'all {n} rows have'} "
            f"the label {quoted(names[0])}; "
            f"two classes or more are needed"
        )
    if too_many_fractions(labels):
        raise DataError(
            f"{table.file}: the label has {len(names)} different fractional values in {n} rows, "
            f"such as {quoted(names[0])}: these are no classes; {_NUMBER} (and a metric of "
            f"numbers, such as dev_rmse), put it into bins, or name another column in data.target"
        )
    if too_many_names(labels):
        quantity = fitting(names, None) and not counts_rows(labels)
        raise DataError(
            f"{table.file}: the label has {len(names)} different values in {n} rows, such as "
            f"{listed(names[:3])}: it looks like a name or a number of the row; "
            f"name another column in data.target{f', or {_NUMBER}' if quantity else ''}"
        )
    return in_order(names)


def class_numbers(table: Table, classes: tuple[str, ...]) -> IntArray:
    """Each row's class, (n,), as a position in ``classes``.

    Raises:
        DataError: a label is missing, or is not one of the classes.
    """
    labels = labels_of(table)
    number = {name: position for position, name in enumerate(classes)}
    recode = np.array([number.get(name, -1) for name in labels.names], dtype=np.intp)
    y = recode[labels.codes]
    if y.size and y.min() < 0:
        rows = np.flatnonzero(y < 0)
        name = labels.names[labels.codes[rows[0]]]
        raise DataError(
            f"{table.where(int(rows[0]))}: the label {quoted(name)} is not one of those to learn "
            f"from ({listed(classes)}){did_you_mean(name, classes)}; "
            f"{plural(len(rows), 'row has', 'rows have')} such labels"
        )
    return y


def labels_of(table: Table) -> TextColumn:
    """A table's labels, one for each row.

    Raises:
        DataError: there are none, or one is missing.
    """
    labels = table.labels
    if labels is None:
        raise DataError(f"{table.file}: has no labels; name their column in data.target")
    if not len(labels.codes):
        raise DataError(f"{table.file}: has no rows")
    missing = np.flatnonzero(labels.codes < 0)
    if len(missing):
        raise DataError(
            f"{table.where(int(missing[0]))}: the label is missing"
            f"{f', as in {len(missing) - 1} later rows' if len(missing) > 1 else ''}; "
            f"fill it in, or remove the row; if it is a word such as NA, write data.na_values: []"
        )
    return labels
