"""Tables from plain arrays, which name no columns: what npz and idx files hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hpsearch.data.layout import categorical_columns
from hpsearch.data.missing import EmptyCells
from hpsearch.data.names import as_names, find_column
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import NumberArray, Table, TextColumn
from hpsearch.errors import DataError


def array_table(
    file: Path, key: str, array: NumberArray, labels: TextColumn | None, spec: DataSpec
) -> Table:
    """Rows of shape (n, d), or (n, …), which is flattened; the columns are x0, x1 …

    Raises:
        DataError: the array has no rows of real numbers, or not one label a row.
    """
    if array.dtype.kind not in "buif":
        raise DataError(f"{file}: {key} holds {array.dtype}; the rows must be real numbers")
    if array.ndim < 2:
        raise DataError(
            f"{file}: {key} has shape {array.shape}; rows need two dimensions or more, "
            f"such as X.reshape(-1, 1) for one feature"
        )
    if not array.size:
        raise DataError(f"{file}: {key} has shape {array.shape}: there are no numbers in it")
    if labels is not None and len(labels.codes) != len(array):
        raise DataError(
            f"{file}: {key} has {len(array)} rows, and there are {len(labels.codes)} labels; "
            f"each row needs one"
        )
    numbers = array.reshape(len(array), -1)
    names = tuple(f"x{position}" for position in range(numbers.shape[1]))
    ignored = {find_column(column, names, file, "ignore") for column in spec.ignore}
    features = [position for position in range(len(names)) if position not in ignored]
    coded = categorical_columns(spec, names, file, features)
    plain = [position for position in features if position not in coded]
    empty = EmptyCells(spec.na_values)
    return Table(
        file,
        columns=tuple(names[position] for position in features),
        numbers=empty.clear(numbers if len(plain) == len(names) else numbers[:, plain]),
        number_columns=tuple(names[position] for position in plain),
        text={names[position]: as_names(empty.clear(numbers[:, position])) for position in coded},
        labels=labels,
        notes=tuple(f"ignored x{position}" for position in sorted(ignored)),
    )


def label_names(file: Path, key: str, labels: NumberArray) -> TextColumn:
    """An array of labels, (n,) or (n, 1), as names.

    Raises:
        DataError: it has another shape, or holds neither numbers nor strings.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(
            f"{file}: {key} has shape {labels.shape}; labels need one value a row, such as "
            f"y.argmax(axis=1) for one-hot rows"
        )
    if labels.dtype.kind in "biuf":
        return as_names(np.asarray(labels))
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8")
    if labels.dtype.kind != "U":
        raise DataError(f"{file}: {key} holds {labels.dtype}; labels are numbers or strings")
    values, codes = np.unique(labels, return_inverse=True)
    names = tuple(str(value) for value in values.tolist())
    return TextColumn(np.asarray(codes, dtype=np.intp).reshape(-1), names)
