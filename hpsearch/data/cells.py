"""From blocks of text cells to columns of numbers and of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.builders import MatrixBuilder, TextBuilder
from hpsearch.data.names import as_names, name_of, number_of
from hpsearch.data.table import IntArray, NumberArray, TextColumn
from hpsearch.data.wording import quoted
from hpsearch.errors import DataError

_MISSING_WORDS = frozenset({"", "?", "na", "n/a", "nan", "null"})
_MISSING_NUMBERS = _MISSING_WORDS | {"none", "-"}  # these two may be words among words

_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


def is_missing(word: str) -> bool:
    """Whether a cell is empty, or says so, where words are expected; in any case."""
    return word.strip().casefold() in _MISSING_WORDS


class CellReader:
    """Collects rows of text cells, block by block, and tells numbers from words.

    A column counts as numbers until a block holds a word in it; from there on its cells are kept
    as words, and :meth:`build` decides over the whole column. Columns among ``known_text`` are
    text whatever they hold.
    """

    def __init__(self, names: Sequence[str], known_text: Collection[str] = ()) -> None:
        self._names = names
        self._known_text = known_text
        self._matrix = MatrixBuilder(len(names))
        self._words: dict[int, tuple[int, TextBuilder]] = {  # column: its first row, the rest
            column: (0, TextBuilder()) for column, name in enumerate(names) if name in known_text
        }

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Append rows of one cell for each column."""
        if not self._words:
            try:
                self._matrix.add(np.array(rows, dtype=np.float64).reshape(len(rows), -1))
            except ValueError:  # not all are numbers: look at each column
                pass
            else:
                return
        block = np.zeros((len(rows), len(self._names)))
        for column, cells in enumerate(zip(*rows, strict=True)):
            numbers = None if column in self._words else _numbers(cells)
            if numbers is None:
                fresh = (self._matrix.rows, TextBuilder())
                words = self._words.setdefault(column, fresh)[1]
                words.add(None if is_missing(cell) else cell.strip() for cell in cells)
            else:
                block[:, column] = numbers
        self._matrix.add(block)

    def build(
        self, where: Callable[[int], str]
    ) -> tuple[NumberArray, tuple[str, ...], dict[str, TextColumn]]:
        """The numbers (n, k), the names of their k columns, and the text columns by name.

        Raises:
            DataError: a column of numbers holds a word; ``where`` gives a row's place.
        """
        matrix = self._matrix.build()
        text = {}
        for column, (start, words) in self._words.items():
            name = self._names[column]
            codes, cells = _joined(as_names(matrix[:start, column]), words.build())
            if name not in self._known_text:
                _refuse_few_words(name, codes, cells, where)
            text[name] = _as_text(codes, cells)
        kept = [column for column in range(len(self._names)) if column not in self._words]
        numbers = matrix[:, kept] if text else matrix
        return numbers, tuple(self._names[column] for column in kept), text


def _numbers(cells: Sequence[str]) -> NDArray[np.float64] | list[float] | None:
    """The cells as numbers, NaN where empty; ``None`` if one of them is a word."""
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        numbers = []
    for cell in cells:
        if cell.strip().casefold() in _MISSING_NUMBERS:
            numbers.append(np.nan)
            continue
        try:
            numbers.append(float(cell.strip()))  # strip knows more blanks than float
        except ValueError:
            return None
    return numbers


def _joined(early: TextColumn, late: TextColumn) -> tuple[IntArray, tuple[str, ...]]:
    """A column that began with numbers, perhaps none, and went on with words: codes and words."""
    moved = np.where(late.codes < 0, -1, late.codes + len(early.names))
    return np.concatenate([early.codes, moved]), (*early.names, *late.names)


def _as_text(codes: IntArray, words: Sequence[str]) -> TextColumn:
    """Words as categories, where 3, 3.0 and 3e0 are one."""
    numbers = [number_of(word) for word in words]
    names = [
        word if number is None else name_of(number)
        for word, number in zip(words, numbers, strict=True)
    ]
    merged = {name: code for code, name in enumerate(dict.fromkeys(names))}
    recode = np.array([*(merged[name] for name in names), -1], dtype=np.intp)
    return TextColumn(recode[codes], tuple(merged))  # an empty cell's -1 takes the last


def _refuse_few_words(
    name: str, codes: IntArray, words: Sequence[str], where: Callable[[int], str]
) -> None:
    """Refuse words among numbers, and numbers that are words for their decimal comma."""
    is_number = np.array([number_of(word) is not None for word in words])
    has_comma = np.array([_DECIMAL_COMMA.fullmatch(word) is not None for word in words])
    filled = codes[codes >= 0]
    numbers, commas = (int(np.count_nonzero(test[filled])) for test in (is_number, has_comma))
    if 2 * (numbers + commas) <= len(filled):
        return
    row = int(np.flatnonzero((codes >= 0) & ~is_number[codes])[0])
    odd = words[codes[row]]
    if _DECIMAL_COMMA.fullmatch(odd):
        raise DataError(
            f"{where(row)}: column {quoted(name)}: {quoted(odd)} has a comma; write decimals with "
            f"a point ({odd.replace(',', '.')}), and thousands without a mark"
        )
    others = len(filled) - numbers - 1
    raise DataError(
        f"{where(row)}: column {quoted(name)}: {quoted(odd)} is not a number, and {numbers} of "
        f"the column's {len(filled)} filled cells are; correct it"
        f"{f' and {others} more' if others else ''}, or leave the column out with data.ignore"
    )
