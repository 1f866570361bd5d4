"""From blocks of text cells to columns of numbers and of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.builders import MatrixBuilder, TextBuilder
from hpsearch.data.missing import EmptyCells
from hpsearch.data.names import plain_name
from hpsearch.data.notation import (
    NOTATIONS,
    Notation,
    differ,
    fitting,
    is_numeric,
    is_padded,
    plain_numbers,
)
from hpsearch.data.table import NumberArray, TextColumn
from hpsearch.data.wording import listed, quoted
from hpsearch.errors import DataError

POINT = NOTATIONS[0]


@dataclass(frozen=True)
class Reading:
    """How the cells of a file are to be understood.

    Columns among ``categories`` are words whatever they hold. ``decimal`` is the mark that the
    config gives; ``delimiter`` is the file's. ``dotted_as_words`` if a point may stand between
    thousands, because some column has decimal commas.
    """

    empty: EmptyCells
    decimal: str | None = None
    delimiter: str = ","
    categories: frozenset[str] = frozenset()
    dotted_as_words: bool = False


@dataclass(frozen=True)
class Columns:
    """The numbers, (n, k), the names of their k columns, and the text columns by name.

    ``empty_words`` counts, for a column of words, the spelt cells that were taken for empty;
    ``notes`` says which numbers are not written with a decimal point, and ``has_commas`` whether
    some are written with a decimal comma. ``padded`` is, for a column of numbers, the first cell
    with zeros before its number.
    """

    numbers: NumberArray
    number_columns: tuple[str, ...]
    text: dict[str, TextColumn]
    empty_words: dict[str, dict[str, int]]
    notes: tuple[str, ...]
    has_commas: bool
    padded: dict[str, str]


@dataclass
class _Words:
    """A column that is kept as words; it was numbers up to row ``start``."""

    start: int
    builder: TextBuilder = field(default_factory=TextBuilder)
    empty: Counter[str] = field(default_factory=Counter)

    def add(self, cells: Sequence[str], empty: EmptyCells) -> None:
        words = [None if empty.is_word(cell) else cell.strip() for cell in cells]
        self.builder.add(words)
        skipped = (c.strip() for c, word in zip(cells, words, strict=True) if word is None)
        self.empty.update(cell for cell in skipped if cell)


class CellReader:
    """Collects rows of text cells, block by block, and tells numbers from words.

    A column counts as numbers until a block holds a word in it; from there on its cells are kept
    as words, and :meth:`build` decides over the whole column. What the numbers before were written
    like is lost by then: such columns are in :attr:`late`, and the file is to be read again with
    them ``as_words`` from the first row on.
    """

    def __init__(
        self, names: Sequence[str], reading: Reading, as_words: Collection[str] = ()
    ) -> None:
        self._names = names
        self._reading = reading
        self._matrix = MatrixBuilder(len(names))
        self._words = {
            column: _Words(0)
            for column, name in enumerate(names)
            if name in reading.categories or name in as_words
        }
        self._padded: dict[int, str] = {}

    def add(
        self, rows: Sequence[Sequence[str]], *, plain: bool = False, padded: bool = True
    ) -> None:
        """Append rows of one cell for each column.

        ``plain`` if none can look like a number; ``padded`` if some may have zeros before one.
        """
        if padded:
            self._look_for_padded(rows)
        empty = self._reading.empty
        plain = plain and not self._reading.dotted_as_words
        if plain and not self._words and not empty.numbers:
            try:
                self._matrix.add(np.array(rows, dtype=np.float64).reshape(len(rows), -1))
            except ValueError:  # not all are numbers: look at each column
                pass
            else:
                return
        block = np.zeros((len(rows), len(self._names)))
        for column, cells in enumerate(zip(*rows, strict=True)):
            as_words = column in self._words or (
                self._reading.dotted_as_words and any("." in cell for cell in cells)
            )
            numbers = None if as_words else _numbers(cells, empty)
            if numbers is None:
                words = self._words.setdefault(column, _Words(self._matrix.rows))
                words.add(cells, empty)
            else:
                block[:, column] = numbers
        self._matrix.add(block)

    def _look_for_padded(self, rows: Sequence[Sequence[str]]) -> None:
        """Keep the first padded cell of each column that holds one."""
        for column, cells in enumerate(zip(*rows, strict=True)):
            if column not in self._padded:
                found = next((cell for cell in map(str.strip, cells) if is_padded(cell)), None)
                if found is not None:
                    self._padded[column] = found

    @property
    def late(self) -> set[str]:
        """The columns that held numbers, and then words."""
        return {self._names[column] for column, words in self._words.items() if words.start}

    def build(self, where: Callable[[int], str]) -> Columns:
        """The columns; none may be :attr:`late`.

        Raises:
            DataError: a column of numbers holds a word, or can be read in two ways; ``where``
                gives a row's place.
        """
        columns = {column: words.builder.build() for column, words in self._words.items()}
        odd = self._notations(columns, where)
        text = {self._names[c]: _merged(words) for c, words in columns.items() if c not in odd}
        spelt = {self._names[c]: dict(words.empty) for c, words in self._words.items()}
        clear = self._reading.empty.clear
        matrix = self._matrix.build(
            {c: clear(_in_notation(notation, columns[c])) for c, notation in odd.items()}
        )
        kept = [column for column, name in enumerate(self._names) if name not in text]
        return Columns(
            numbers=matrix[:, kept] if text else matrix,
            number_columns=tuple(self._names[column] for column in kept),
            text=text,
            empty_words={name: spelt[name] for name in text if spelt[name]},
            notes=_notes({self._names[column]: notation for column, notation in odd.items()}),
            has_commas=any(notation.decimal == "," for notation in odd.values()),
            padded={self._names[c]: self._padded[c] for c in kept if c in self._padded},
        )

    def _notations(
        self, columns: Mapping[int, TextColumn], where: Callable[[int], str]
    ) -> dict[int, Notation]:
        """How the numbers are written in those of some columns that hold numbers.

        Where a column can be read in two ways, the file's other columns tell, or its delimiter.
        """
        sure, unsure = dict[int, Notation](), dict[int, tuple[list[Notation], str]]()
        for column, cells in columns.items():
            name = self._names[column]
            if name in self._reading.categories:
                continue
            # A word for nothing that stands among numbers is no number, and no word either.
            words = [word for word in cells.names if not self._reading.empty.is_number(word)]
            found = fitting(words, self._reading.decimal) if words else []
            if words and not found:
                _refuse_few_words(name, cells, self._reading.decimal, where)
            odd = differ(found[0], found[1], words) if len(found) > 1 else None
            if odd is not None:
                unsure[column] = found, odd
            elif found:
                sure[column] = found[0]
        marks = {notation.decimal for notation in sure.values()}
        if self._reading.delimiter == ";":  # which programs write where the comma is the mark
            marks.add(",")
        for column, (found, odd) in unsure.items():
            if "," not in marks:
                as_read = " or ".join(f"{notation.number(odd):g}" for notation in found)
                cells = columns[column]
                row = int(np.flatnonzero(cells.codes == cells.names.index(odd))[0])
                raise DataError(
                    f"{where(row)}: column {quoted(self._names[column])}: {quoted(odd)} could be "
                    f"{as_read}; say which with data.decimal, ',' or '.'"
                )
            sure[column] = found[1]
        return {column: sure[column] for column in columns if column in sure}


def _numbers(cells: Sequence[str], empty: EmptyCells) -> NDArray[np.float64] | None:
    """The cells as numbers, NaN where empty; ``None`` if one of them is a word."""
    numbers = plain_numbers(cells)
    if numbers is None:
        values = []
        for cell in cells:
            if empty.is_number(cell):
                values.append(np.nan)
            elif POINT.fits(cell.strip()) and "," not in cell:
                values.append(POINT.number(cell.strip()))
            else:
                return None
        numbers = np.array(values)
    return empty.clear(numbers)


def _in_notation(notation: Notation, column: TextColumn) -> NDArray[np.float64]:
    """A column's numbers, NaN where it is empty."""
    values = [notation.number(w) if notation.fits(w) else np.nan for w in column.names]
    return np.array([*values, np.nan])[column.codes]  # an empty cell's -1 takes the last


def _merged(column: TextColumn) -> TextColumn:
    """Words as categories, where 3 and 3.0 are one."""
    names = [plain_name(word) for word in column.names]
    merged = {name: code for code, name in enumerate(dict.fromkeys(names))}
    recode = np.array([*(merged[name] for name in names), -1], dtype=np.intp)
    return TextColumn(recode[column.codes], tuple(merged))  # an empty cell's -1 takes the last


def _refuse_few_words(
    name: str, column: TextColumn, decimal: str | None, where: Callable[[int], str]
) -> None:
    """Refuse words among numbers, and numbers that are not written like the others."""
    filled = column.codes[column.codes >= 0]
    numeric = np.array([is_numeric(word) for word in column.names])
    if 2 * int(np.count_nonzero(numeric[filled])) <= len(filled):
        return
    fits = {n: np.array([n.fits(word) for word in column.names]) for n in NOTATIONS}
    possible = [n for n in NOTATIONS if decimal in (None, n.decimal)]
    notation = max(possible, key=lambda n: int(np.count_nonzero(fits[n][filled])))
    numbers = int(np.count_nonzero(fits[notation][filled]))
    row = int(np.flatnonzero((column.codes >= 0) & ~fits[notation][column.codes])[0])
    others = len(filled) - numbers - 1
    raise DataError(
        f"{where(row)}: column {quoted(name)}: {quoted(column.names[column.codes[row]])} is not "
        f"{notation.name}, and {numbers} of the column's {len(filled)} filled cells are; correct "
        f"it{f' and {others} more' if others else ''}, leave the column out with data.ignore, or "
        f"name it in data.categorical if its cells are codes"
    )


def _notes(notations: dict[str, Notation]) -> tuple[str, ...]:
    """Which columns' numbers are written in another way than with a decimal point."""
    notes = []
    for notation in NOTATIONS:
        names = [name for name, its in notations.items() if its is notation]
        if names:
            share = ", 45% as 0.45" if notation.percent else ""
            grouped = "a number with commas between thousands" if notation is POINT else ""
            kind = (grouped or notation.name).removeprefix("a number ")
            notes.append(f"read as numbers {kind}{share}: {listed(names)}")
    return tuple(notes)
