"""CSV files: any delimiter, quoted cells, numbers and text, every fault with its line and column.

The parser is the standard library's ``csv``: it knows quotes, embedded newlines and line numbers,
and needs no new dependency. NumPy turns blocks of its cells into numbers. ``numpy.loadtxt``, which
does both in C, was measured beside it (processor seconds on one core, NumPy 2.4;
``tests/bench/data.py``):

| file                        | csv alone | this module | numpy.loadtxt, its numbers only |
| --------------------------- | --------- | ----------- | ------------------------------- |
| 20000 x 17, labels are text | 0.007     | 0.033       | 0.007                           |
| 60000 x 785, pixels         | 1.0       | 3.5         | 1.1                             |

loadtxt cannot read text columns or empty cells beside numbers, and its errors name no line of the
file. Where pyarrow is installed it reads large files of plain numbers, see
:mod:`hpsearch.data.arrow_csv`: a million rows of 50 in 3.0 seconds instead of 8.4 (pandas: 2.3).

Whether a column holds numbers or text is decided by its filled cells. If more than half of them are
numbers, it is a number column, and any word in it is an error, named with its line. Otherwise
it is text, and becomes one-hot. How its numbers are written is for :mod:`hpsearch.data.notation`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import cast

import numpy as np

from hpsearch.data.arrow_csv import read_plain
from hpsearch.data.builders import TextBuilder
from hpsearch.data.cells import CellReader, Reading
from hpsearch.data.csv_dialect import (
    Opening,
    find_header,
    find_opening,
    first_records,
    records,
    sample,
)
from hpsearch.data.files import open_bytes, reading
from hpsearch.data.layout import Expected, Layout, find_layout
from hpsearch.data.missing import EmptyCells
from hpsearch.data.names import plain_name
from hpsearch.data.notation import is_plain_text, may_hold_padded
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table, TextColumn
from hpsearch.errors import DataError
from hpsearch.text import plural

_BLOCK_ROWS = 512


def read_csv(
    file: Path,
    spec: DataSpec,
    expected: Expected | None = None,
    known_text: Collection[str] = (),
) -> Table:
    """Read a CSV file, gzip-compressed or not.

    ``expected`` is given for new rows, whose label may be absent; without it the label must be
    there. Columns among ``known_text`` are text even if most of their cells are numbers.

    Raises:
        DataError: anything in the file is wrong, with its line and column.
    """
    again = _Again(frozenset(), dotted=spec.decimal == ",")
    while True:  # a few times at most: each adds what the next has to look at as words
        found = _read_once(file, spec, expected, known_text, again)
        if isinstance(found, Table):
            return found
        again = _Again(again.as_words | found.as_words, again.dotted or found.dotted)


@dataclass(frozen=True)
class _Again:
    """What has to be kept as words from the first cell on: some columns, or all with a point."""

    as_words: frozenset[str] = frozenset()
    dotted: bool = False


def _read_once(
    file: Path,
    spec: DataSpec,
    expected: Expected | None,
    known_text: Collection[str],
    again: _Again,
) -> Table | _Again:
    """The table; or what has to be read in another way to understand it."""
    with reading(file), _open_text(file) as stream:
        reader, layout, width = _begin(file, stream, spec, expected)
        rule = Reading(
            empty=EmptyCells(spec.na_values),
            decimal=spec.decimal,
            delimiter=reader.delimiter,
            categories=frozenset({*known_text, *layout.categorical}),
            dotted_as_words=again.dotted,
        )
        if again == _Again():
            table = _read_by_arrow(reader, layout, rule, width)
            if table is not None:
                return table
        cells = CellReader(layout.feature_names, rule, again.as_words)
        return _read_rows(reader, layout, cells, rule, width)


def _read_by_arrow(reader: _Records, layout: Layout, rule: Reading, width: int) -> Table | None:
    """The table of a large file of plain numbers; ``None`` if it has to be read cell by cell."""
    if rule.empty.given or not rule.categories.isdisjoint(layout.feature_names):
        return None
    skip = reader.lines_before
    found = read_plain(
        reader.file,
        delimiter=reader.delimiter,
        skip=skip,
        width=width,
        features=layout.features,
        label=layout.label,
        block_rows=_BLOCK_ROWS,
    )
    if found is None:
        return None
    labels = None
    if found.label_codes is not None:
        builder = TextBuilder()
        builder.add(_label(word, rule) for word in found.label_words)
        named = builder.build()
        labels = TextColumn(named.codes[found.label_codes], named.names)
    return Table(
        file=reader.file,
        columns=layout.feature_names,
        numbers=found.numbers,
        number_columns=layout.feature_names,
        text={},
        labels=labels,
        named=layout.named,
        lines=np.arange(skip + 1, skip + 1 + len(found.numbers)),
        notes=(*layout.notes, *reader.notes()),
    )


def _label(cell: str, rule: Reading) -> str | None:
    """A label's name; ``None`` for an empty cell."""
    word = cell.strip()
    return None if rule.empty.is_word(word) else plain_name(word)


def csv_layout(file: Path, spec: DataSpec) -> Layout:
    """Which columns a file has, from its beginning.

    Raises:
        DataError: one that the spec names is not there, or the file cannot be read.
    """
    with reading(file), _open_text(file) as stream:
        return _begin(file, stream, spec, None)[1]


def _begin(
    file: Path, stream: io.TextIOWrapper, spec: DataSpec, expected: Expected | None
) -> tuple[_Records, Layout, int]:
    """The rows, still to be read, what their cells are, and how many each has."""
    lines = sample(stream)
    stream.seek(0)
    opening = find_opening(lines, spec.delimiter)
    reader = _Records(file, stream, opening)
    first, *rest = first_records(lines[opening.skip :], opening.delimiter) or [[]]
    target = spec.target if expected is None else expected.sample_name(spec.target)
    found = find_header(first, rest, target)
    header = found if spec.header is None else spec.header
    first = reader.take()
    if opening.names is not None and spec.header is not False and not found:
        header = True
        reader.put_back(first)
        first = opening.names
    elif not header:
        reader.put_back(first)
    layout = find_layout(file, [cell.strip() for cell in first], header, spec, expected)
    return reader, layout, len(first)


def _open_text(file: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_bytes(file), encoding="utf-8-sig", newline="")


def _read_rows(
    reader: _Records, layout: Layout, cells: CellReader, rule: Reading, width: int
) -> Table | _Again:
    labels = TextBuilder()
    lines: list[int] = []
    pick = _picker(layout.features)
    while block := reader.block(width, lines):
        picked = [pick(record) for record in block]
        cells.add(picked, plain=reader.plain(), padded=reader.padded())
        if layout.label is not None:
            labels.add(_label(record[layout.label], rule) for record in block)
    file = reader.file
    if not lines:
        raise DataError(f"{file}: has a header and no rows; add rows, or set data.header: false")
    if cells.late:
        return _Again(frozenset(cells.late))
    places = np.array(lines, dtype=np.intp)
    columns = cells.build(lambda row: f"{file}:{places[row]}")
    if columns.has_commas and not rule.dotted_as_words:
        return _Again(dotted=True)
    return Table(
        file=file,
        columns=layout.feature_names,
        numbers=columns.numbers,
        number_columns=columns.number_columns,
        text=columns.text,
        labels=None if layout.label is None else labels.build(),
        named=layout.named,
        lines=places,
        notes=(*layout.notes, *columns.notes, *reader.notes()),
        empty_words=columns.empty_words,
        padded=columns.padded,
    )


def _picker(positions: Sequence[int]) -> Callable[[list[str]], tuple[str, ...]]:
    """A function that takes the cells at ``positions`` from a record."""
    if len(positions) == 1:
        return lambda record: (record[positions[0]],)
    return cast(Callable[[list[str]], tuple[str, ...]], itemgetter(*positions))


class _Records:
    """A CSV file's records that are not blank; ``line`` is where the last one taken begins."""

    def __init__(self, file: Path, stream: io.TextIOWrapper, opening: Opening) -> None:
        self.file = file
        self.delimiter = opening.delimiter
        self.line = 0
        self._skipped = opening.skip
        self._comments = 0
        self._plain = True
        self._lines: list[str] = []
        for _ in range(opening.skip):
            stream.readline()
        self._reader = records(self._watched(stream), opening.delimiter)
        self._waiting: list[str] | None = None

    def _watched(self, stream: io.TextIOWrapper) -> Iterator[str]:
        for line in stream:
            if not is_plain_text(line):
                self._plain = False
            self._lines.append(line)
            yield line

    def plain(self) -> bool:
        """Whether no cell since the last call could be taken for a number by mistake."""
        plain, self._plain = self._plain, True
        return plain

    def padded(self) -> bool:
        """Whether a cell since the last call may have zeros before its number."""
        text = "".join(["\n", *self._lines])
        self._lines = []
        return may_hold_padded(text.encode(), self.delimiter)

    def notes(self) -> list[str]:
        """What was left out of the file."""
        count = self._skipped + self._comments
        return [f"left out {count} line{'s' * (count > 1)} beside the table"] if count else []

    @property
    def lines_before(self) -> int:
        """How many lines stand before the rows that are still to come."""
        return self._skipped + (0 if self._waiting is not None else self._reader.line_num)

    def put_back(self, record: list[str]) -> None:
        """Make ``record``, just taken, the next again."""
        self._waiting = record

    def take(self) -> list[str]:
        """The next record, or an empty list at the end."""
        if self._waiting is not None:
            record, self._waiting = self._waiting, None
            return record
        try:
            self.line = self._skipped + self._reader.line_num + 1
            for record in self._reader:
                if record:
                    return record
                self.line = self._skipped + self._reader.line_num + 1
            return []
        except csv.Error as e:
            raise DataError(
                f"{self.file}:{self.line}: cannot be divided into cells: {e}; look for a quote "
                f"that is opened and not closed"
            ) from e

    def block(self, width: int, lines: list[int]) -> list[list[str]]:
        """The next few records, all of ``width`` cells; appends their line numbers."""
        block: list[list[str]] = []
        while len(block) < _BLOCK_ROWS and (record := self.take()):
            if len(record) != width:
                if record[0].startswith("#"):
                    self._comments += 1
                    continue
                raise DataError(
                    f"{self.file}:{self.line}: has {plural(len(record), 'cell')}, and the "
                    f"first line has {width}; complete the line, or quote a cell that holds the "
                    f"delimiter"
                )
            block.append(record)
            lines.append(self.line)
        return block
