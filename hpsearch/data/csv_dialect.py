"""What a CSV file does not say about itself: its delimiter, where it begins, its header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TextIO

from hpsearch.data.missing import EmptyCells
from hpsearch.data.notation import is_numeric, number_of
from hpsearch.data.spec import Column

if TYPE_CHECKING:
    from _csv import Reader

_SAMPLE_CHARACTERS = 1 << 16
_COUNTED_COLUMNS = 5
_MOST_TITLE_LINES = 20
_DELIMITERS = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)


def records(stream: Iterable[str], delimiter: str) -> Reader:
    """The file's records by the standard library's parser; spaces after a delimiter are skipped."""
    return csv.reader(stream, delimiter=delimiter, skipinitialspace=True, strict=True)


def sample(stream: TextIO) -> list[str]:
    """The first lines, whole ones only, unless the file has but one."""
    text = stream.read(_SAMPLE_CHARACTERS)
    lines = io.StringIO(text, newline="").readlines()
    if len(text) == _SAMPLE_CHARACTERS and len(lines) > 1:
        lines.pop()
    return lines


@dataclass(frozen=True)
class Opening:
    """How a file begins: ``skip`` lines stand before its table.

    ``names`` are the cells of the last of them if they could be the columns' names, as
    ``numpy.savetxt`` writes them: ``# a,b,c``.
    """

    delimiter: str
    skip: int = 0
    names: list[str] | None = None


def find_opening(lines: list[str], delimiter: str | None = None) -> Opening:
    """What stands before the table, and the delimiter in it unless it is given.

    Lines that are not divided, such as a title, are left out. So are those that begin with #,
    unless they have as many cells as the table's: then they are rows of it, or its header if no
    cell is a number. ``sep=;`` is Excel's way to say the delimiter.
    """
    said = _SEP_LINE.fullmatch(lines[0]) if lines else None
    begin = 1 if said else 0
    end = begin
    while end < len(lines) and (lines[end].startswith("#") or not lines[end].strip()):
        end += 1
    if end == len(lines):  # nothing but such lines: they are the table
        end = begin
    delimiter = delimiter or (said[1] if said else find_delimiter(lines[end:]))
    end += _title_lines(lines[end:], delimiter)
    width = len(next(iter(first_records(lines[end:], delimiter)), []))
    names = None
    for number in range(begin, end):
        cells = _comment_cells(lines[number], delimiter)
        if width < 2 or len(cells) != width:
            continue
        if any(is_numeric(cell) for cell in cells[1:]):
            return Opening(delimiter, number)
        names = cells
    return Opening(delimiter, end, names)


def _title_lines(lines: list[str], delimiter: str) -> int:
    """How many lines that are not divided stand before the first that is; 0 if none is.

    A table's rows all have as many cells, so that such a line can be no row of a wider table.
    """
    for number, line in enumerate(lines[:_MOST_TITLE_LINES]):
        if '"' in line:  # a cell may hold a line's end
            return 0
        if len(next(iter(first_records([line], delimiter)), [])) > 1:
            return number
    return 0


def _comment_cells(line: str, delimiter: str) -> list[str]:
    cells = next(iter(first_records([line.lstrip("# ")], delimiter)), [])
    return [cell.strip() for cell in cells]


def find_delimiter(lines: list[str]) -> str:
    """The delimiter under which most sampled records have the same number of cells.

    Among equals the one wins that cuts no number and leaves no other delimiter in a cell, so that
    ``5,9;2,3`` is two decimals and not three cells; then the one with more cells. A space counts
    only if nothing else divides the lines, or nothing else gives as many numbers, because words
    are often divided by spaces within a cell.
    """
    best, best_score = ",", (0.0, 0.0, 0)
    for delimiter in _DELIMITERS:
        score = _evenness(lines, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    by_space = _evenness(lines, " ")
    if best_score[0] == 0:
        return " " if by_space[0] else best
    if by_space[0] == 1 and _numeric_share(lines, " ") > _numeric_share(lines, best):
        return " "
    return best


def _evenness(lines: list[str], delimiter: str) -> tuple[float, float, int]:
    """The share of records with the commonest width of at least 2, of clean cells, that width."""
    found = first_records(lines, delimiter)
    counts = Counter(len(record) for record in found if len(record) > 1)
    if not counts:
        return 0.0, 0.0, 0
    width, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    cells = [cell for record in found if len(record) == width for cell in record]
    others = set(_DELIMITERS) - {delimiter}
    clean = sum(others.isdisjoint(cell) or is_numeric(cell.strip()) for cell in cells)
    return count / len(found), clean / len(cells), width


def _numeric_share(lines: list[str], delimiter: str) -> float:
    cells = [cell for record in first_records(lines, delimiter) for cell in record]
    return sum(is_numeric(cell.strip()) for cell in cells) / max(1, len(cells))


def first_records(lines: list[str], delimiter: str) -> list[list[str]]:
    """The sample's records, up to one that is faulty or cut off by the sample's end."""
    whole: list[list[str]] = []
    reader = (record for record in records(lines, delimiter) if record)
    with suppress(csv.Error):  # whoever reads the file itself says where it is faulty
        whole.extend(reader)
    return whole


def find_header(first: list[str], rest: list[list[str]], target: Column | None) -> bool:
    """Whether a file's first record names its columns.

    It does if the target is one of its cells; if it has a word in a column that otherwise holds
    numbers; or if its numbers count the columns (1, 2, 3 …), as programs write them that have no
    names. Otherwise it is a row like the others.
    """
    cells = [cell.strip() for cell in first]
    is_missing = EmptyCells().is_word
    if isinstance(target, str) and target in cells:
        return True
    for column, cell in enumerate(cells):
        below = [
            record[column]
            for record in rest
            if column < len(record) and not is_missing(record[column])
        ]
        if not is_missing(cell) and not is_numeric(cell) and below:
            numbers = sum(is_numeric(word.strip()) for word in below)
            if 2 * numbers > len(below):
                return True
    counted = [number for cell in cells if (number := number_of(cell)) is not None]
    return len(counted) >= _COUNTED_COLUMNS and all(
        right - left == 1 for left, right in pairwise(counted)
    )
