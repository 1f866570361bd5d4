"""Names of columns, categories and classes: how they are spelt, found and listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from hpsearch.data.notation import number_of
from hpsearch.data.spec import Column
from hpsearch.data.table import NumberArray, TextColumn
from hpsearch.data.wording import did_you_mean, listed, nearest_first, quoted
from hpsearch.errors import DataError


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
        DataError: it is not there, or its name is there twice. ``key`` is that of ``data``.
    """
    if isinstance(column, int):
        if not -len(names) <= column < len(names):
            raise DataError.about(
                key,
                file,
                f"{column}: there is no such column; the file has {len(names)}, "
                f"0 to {len(names) - 1} or, from the end, -1 to -{len(names)}",
            )
        return column % len(names)
    count = list(names).count(column)
    if count == 1:
        return list(names).index(column)
    if count:
        text = f"{count} columns are called {quoted(column)}; give the position, from 0"
        raise DataError.about(key, file, text)
    raise DataError.about(
        key,
        file,
        f"there is no column {quoted(column)}{did_you_mean(column, names)}; "
        f"the columns are {listed(nearest_first(column, names))}",
    )
