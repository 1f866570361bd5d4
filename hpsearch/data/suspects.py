"""Columns that are probably no measurements: they number the rows, or tell the label.

A network learns the label of a file sorted by class from the number of the row, has an error of 0
on dev, and is worth nothing on new rows. Nothing is left out here: each finding is a sentence that
says what was seen and what to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.notation import surplus
from hpsearch.data.table import IntArray, NumberArray, Table
from hpsearch.data.wording import LISTED, first_few, listed, quoted, shown, to_numbers

FEWEST_ROWS = 40
"""In fewer rows a column counts, or divides the classes, by chance."""

_SAMPLE_ROWS = 1000
_SAMPLE_CELLS = 1 << 21
_FEWEST_UNITS = 10
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def suspicious_columns(table: Table, y: IntArray | None, *, told: bool = True) -> tuple[str, ...]:
    """A sentence for each column of a table that looks like no measurement; ``y``, (n,), classes.

    Without ``y``, where a number is to be predicted, none is said to tell the label.

    ``told`` if the words that were taken for empty cells are the usual ones, not the config's.

    * Numbers that go up, or down, by one from row to row count the rows.
    * Whole numbers of which no two are equal name the rows.
    * A column tells the label if each of its values is in rows of one class only, and either its
      values repeat (four rows a value, on average) or each class has a range of its own.
    * Words that are all a number with the same unit would be better as numbers.
    * Numbers with zeros before them, as in 007, are codes more often than numbers.
    """
    notes = []
    if len(table) >= FEWEST_ROWS:
        counting, unique = _row_numbers(table)
        telling = set[str]() if y is None else _telling(table, y)
        for name in table.columns:
            tells = name in telling
            if name in counting:
                seen = f"counts the rows{', and tells the label of each' if tells else ''}"
                what = "unless it is a measurement"
            elif tells:
                seen = "alone tells the label of every row"
                what = "if it is not known before the label is"
            elif name in unique:
                seen = "has another whole number in every row"
                what = "if it is a name or a number of the row"
            else:
                continue
            notes.append(f"column {shown(name)} {seen}; {what}, {_to_ignore(table, name)}")
    return (
        *notes,
        *_units(table),
        *_padded(table),
        *(_empty_words(table.empty_words) if told else []),
    )


def _to_ignore(table: Table, name: str) -> str:
    """What to write to leave a column out."""
    return f"leave it out with data: {{ignore: [{_in_config(table, name)}]}}"


def _in_config(table: Table, name: str) -> str:
    """A column as a config names it."""
    if not table.named:
        return name.removeprefix("x")
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _row_numbers(table: Table) -> tuple[set[str], set[str]]:
    """The columns that count the rows, and those of whole numbers of which no two are equal."""
    counting, unique = set(), set()
    numbers = table.numbers
    head = numbers[:FEWEST_ROWS].astype(np.float64)
    steps = np.diff(head, axis=0)
    may_count = (np.abs(steps) == 1).all(axis=0) & (steps == steps[:1]).all(axis=0)
    whole = (head == np.floor(head)).all(axis=0)
    distinct = (np.diff(np.sort(head, axis=0), axis=0) > 0).all(axis=0)
    for column in np.flatnonzero(whole & distinct):
        values = numbers[:, column].astype(np.float64)
        if may_count[column] and (np.diff(values) == steps[0, column]).all():
            counting.add(table.number_columns[column])
        elif (values == np.floor(values)).all() and len(np.unique(values)) == len(values):
            unique.add(table.number_columns[column])
    return counting, unique


def _telling(table: Table, y: IntArray) -> set[str]:
    """The columns each of whose values is in rows of one class only.

    Most are found out on a sample of the rows; only what passes there is looked at as a whole.
    """
    rows = min(_SAMPLE_ROWS, max(FEWEST_ROWS, _SAMPLE_CELLS // max(1, table.numbers.shape[1])))
    sample = np.unique(np.linspace(0, len(y) - 1, min(rows, len(y))).astype(np.intp))
    passed = np.flatnonzero(_tells(table.numbers[sample], y[sample]))
    whole = [column for column in passed if _tells(table.numbers[:, [column]], y)[0]]
    names = {table.number_columns[column] for column in whole}
    for name, words in table.text.items():
        codes = words.codes[:, None]
        if _tells(codes[sample], y[sample], ordered=False)[0] and _tells(codes, y, ordered=False):
            names.add(name)
    return names


def _tells(columns: NumberArray, y: IntArray, *, ordered: bool = True) -> NDArray[np.bool_]:
    """Whether each of some columns, (n, k), tells the class ``y``, (n,); empty cells are a value.

    ``ordered`` if classes may also be told by ranges of the values.
    """
    if columns.dtype.kind == "f":
        columns = np.where(np.isnan(columns), np.inf, columns)
    by_class = np.argsort(y, kind="stable")
    columns, y = columns[by_class], y[by_class]
    order = np.argsort(columns, axis=0, kind="stable")  # by value, and by class within a value
    values, classes = np.take_along_axis(columns, order, axis=0), y[order]
    new_value = values[1:] != values[:-1]
    new_class = classes[1:] != classes[:-1]
    pure = ~(new_class & ~new_value).any(axis=0)
    repeating = 4 * (1 + new_value.sum(axis=0)) <= len(y)
    ranges = new_class.sum(axis=0) == len(np.unique(y)) - 1
    return np.asarray(pure & (repeating | (ranges & ordered)))


def _units(table: Table) -> list[str]:
    """Columns of words such as 5 kg, 7 kg, 12 kg."""
    notes = []
    for name, column in table.text.items():
        units = surplus(column.names) if len(column.names) >= _FEWEST_UNITS else []
        if units:
            notes.append(
                f"column {shown(name)} is {len(column.names)} words such as "
                f"{quoted(column.names[0])}; {to_numbers(units)}"
            )
    return notes


def _padded(table: Table) -> list[str]:
    """Columns of numbers that are written like codes; one sentence, since there may be many."""
    names = list(table.padded)
    if not names:
        return []
    which = f"column {shown(names[0])} is" if len(names) == 1 else f"columns {listed(names)} are"
    codes = first_few([_in_config(table, name) for name in names[:LISTED]], len(names))
    return [
        f"{which} read as numbers, and {quoted(table.padded[names[0]])} has zeros before its "
        f"number; if these are codes, write data: {{categorical: [{codes}]}}"
    ]


def _empty_words(empty_words: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Words in columns of words that were taken for empty cells by themselves."""
    return [
        f"column {shown(name)}: cells that say {listed(list(words))} count as empty; if that is a "
        f"word like others there, write data: {{na_values: []}}"
        for name, words in empty_words.items()
    ]
