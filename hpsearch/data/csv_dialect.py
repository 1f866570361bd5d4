"""What a CSV file does not say about itself: its delimiter, and whether line 1 is a header."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice, pairwise
from typing import TYPE_CHECKING, TextIO

from hpsearch.data.cells import is_missing
from hpsearch.data.names import number_of
from hpsearch.data.spec import Column

if TYPE_CHECKING:
    from _csv import Reader

_SAMPLE_CHARACTERS = 1 << 16
_SAMPLE_ROWS = 50
_COUNTED_COLUMNS = 5


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


def find_delimiter(lines: list[str]) -> str:
    """The delimiter under which most sampled records have the same number of cells.

    Among equals the one with more cells wins. A space counts only if nothing else divides the
    lines, because words are often divided by spaces within a cell.
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in (",", ";", "\t", "|"):
        score = _evenness(lines, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    if best_score == (0.0, 0) and _evenness(lines, " ") > best_score:
        return " "
    return best


def _evenness(lines: list[str], delimiter: str) -> tuple[float, int]:
    """The share of records with the commonest width of at least 2, and that width."""
    widths = [len(record) for record in first_records(lines, delimiter)]
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0, 0
    width, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return count / len(widths), width


def first_records(lines: list[str], delimiter: str) -> list[list[str]]:
    """The sample's first records, up to one that is faulty or cut off by the sample's end."""
    found: list[list[str]] = []
    reader = (record for record in records(lines, delimiter) if record)
    with suppress(csv.Error):  # whoever reads the file itself says where it is faulty
        found.extend(islice(reader, _SAMPLE_ROWS))
    return found


def find_header(first: list[str], rest: list[list[str]], target: Column | None) -> bool:
    """Whether a file's first record names its columns.

    It does if the target is one of its cells; if it has a word in a column that otherwise holds
    numbers; or if its numbers count the columns (1, 2, 3 …), as programs write them that have no
    names. Otherwise it is a row like the others.
    """
    cells = [cell.strip() for cell in first]
    if isinstance(target, str) and target in cells:
        return True
    for column, cell in enumerate(cells):
        below = [
            record[column]
            for record in rest
            if column < len(record) and not is_missing(record[column])
        ]
        if not is_missing(cell) and number_of(cell) is None and below:
            numbers = sum(number_of(word) is not None for word in below)
            if 2 * numbers > len(below):
                return True
    counted = [number for cell in cells if (number := number_of(cell)) is not None]
    return len(counted) >= _COUNTED_COLUMNS and all(
        right - left == 1 for left, right in pairwise(counted)
    )
