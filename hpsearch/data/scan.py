"""One pass over a matrix of any dtype, in memory or mapped, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.table import IntArray, NumberArray, Table
from hpsearch.data.wording import first_few, quoted, shown
from hpsearch.errors import DataError
from hpsearch.text import in_full, plural

FloatArray = NDArray[np.float64]

LARGEST = 1e30
"""A larger number in a data file is a code or a slip, and float32 ends not far beyond."""

_BLOCK_CELLS = 1 << 18


def row_blocks(matrix: NumberArray, rows: IntArray | None = None) -> Iterator[NumberArray]:
    """The matrix's rows, or some of them, a few at a time.

    The blocks' sizes depend on the width alone, and so do the last bits of sums over them.
    """
    step = max(1, _BLOCK_CELLS // max(1, matrix.shape[1]))
    count = len(matrix) if rows is None else len(rows)
    for start in range(0, count, step):
        part = slice(start, start + step)
        yield matrix[part] if rows is None else matrix[rows[part]]


@dataclass(frozen=True)
class Moments:
    """Each column's mean, standard deviation and extremes, (d,) each, NaN left out.

    A missing cell counts as one at the mean, which is what it will be replaced by.
    """

    mean: FloatArray
    std: FloatArray
    low: FloatArray
    high: FloatArray


def moments(matrix: NumberArray, rows: IntArray) -> Moments:
    """μ = Σx/m and σ² = Σ(x - μ)²/m over ``rows``, in float64 and in two passes.

    The second pass keeps the digits that Σx² - mμ² loses. A column without any number has NaN.
    """
    width = matrix.shape[1]
    total, count = np.zeros(width), np.zeros(width)
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    for block in row_blocks(matrix, rows):
        x = block.astype(np.float64)
        here = ~np.isnan(x)
        count += here.sum(axis=0)
        total += x.sum(axis=0, where=here)
        low = np.minimum(low, x.min(axis=0, where=here, initial=np.inf))
        high = np.maximum(high, x.max(axis=0, where=here, initial=-np.inf))
    mean = np.divide(total, count, out=np.full(width, np.nan), where=count > 0)
    squares = np.zeros(width)
    for block in row_blocks(matrix, rows):
        x = block.astype(np.float64) - mean
        squares += np.square(x).sum(axis=0, where=~np.isnan(x))
    return Moments(mean, np.sqrt(squares / max(1, len(rows))), low, high)


@dataclass(frozen=True)
class Scan:
    """What all rows of a table hold: empty cells, and the largest size of a number, by column.

    ``missing`` has the columns with empty cells only; ``largest`` those of floats only, since
    no integer is too large.
    """

    missing: dict[str, int]
    largest: dict[str, float]


def scan(table: Table) -> Scan:
    """Look at every cell once.

    Raises:
        DataError: a number is infinite or absurdly large.
    """
    missing = dict.fromkeys(table.columns, 0)
    for name, column in table.text.items():
        missing[name] = int(np.count_nonzero(column.codes < 0))
    largest: dict[str, float] = {}
    if table.numbers.dtype.kind == "f":
        empty = np.zeros(len(table.number_columns), dtype=np.intp)
        sizes = np.zeros(len(table.number_columns))
        start = 0
        for block in row_blocks(table.numbers):
            size = np.abs(block)
            here = ~np.isnan(block)
            sizes = np.maximum(sizes, size.max(axis=0, where=here, initial=0.0))
            if (sizes > LARGEST).any():
                _refuse_huge(table, block, start)
            empty += len(block) - here.sum(axis=0)
            start += len(block)
        missing |= dict(zip(table.number_columns, empty.tolist(), strict=True))
        largest = dict(zip(table.number_columns, sizes.tolist(), strict=True))
    return Scan({name: count for name, count in missing.items() if count}, largest)


def _refuse_huge(table: Table, block: NumberArray, start: int) -> None:
    row, column = (int(place) for place in np.argwhere(np.abs(block) > LARGEST)[0])
    name, value = table.number_columns[column], float(block[row, column])
    raise DataError(
        f"{table.where(start + row)}: column {quoted(name)} holds {in_full(value)}, which no "
        f"network can use; if it stands for a missing value, empty the cell"
    )


def refuse_missing(table: Table, missing: dict[str, int]) -> None:
    """Say how many cells are empty, and where.

    Raises:
        DataError: always, unless ``missing`` is empty.
    """
    if not missing:
        return
    name = next(iter(missing))
    if name in table.text:
        empty = table.text[name].codes < 0
    else:
        empty = np.isnan(table.numbers[:, table.number_columns.index(name)])
    first = int(np.flatnonzero(empty)[0])
    counts = [f"{shown(name)}: {count}" for name, count in missing.items()]
    by_column = first_few(counts, len(counts))
    total = sum(missing.values())
    spelt = table.empty_words.get(name)
    word = next(iter(spelt), None) if spelt else None
    if word is not None:
        by_column += f" (where {quoted(word)} counts as empty; data.na_values: [] makes it a word)"
    raise DataError(
        f"{table.where(first)}: {plural(total, 'cell is', 'cells are')} empty or not a "
        f"number, by column {by_column}; fill them in, set data.missing: impute, or leave columns "
        f"out with data.ignore"
    )
