"""Which cells of a text table count as empty.

A blank cell always does. In a column of numbers so do the usual words for nothing: they could not
be numbers. In a column of words ``NA`` may be Namibia, so there ``data.na_values`` decides alone
where it is given. Its numbers, such as -999, are empty cells among numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.data.notation import number_of
from hpsearch.data.table import NumberArray

USUAL_WORDS = ("?", "na", "n/a", "nan", "null")
"""What counts as an empty cell among words unless the config says otherwise, in any case."""

AMONG_NUMBERS = {"", *USUAL_WORDS, "none", "-"}  # the last two may be words among words


@dataclass(frozen=True)
class EmptyCells:
    """The rule for one file; ``given`` is ``data.na_values``, ``None`` for the usual words."""

    given: tuple[str | int | float, ...] | None = None

    def is_word(self, cell: str) -> bool:
        """Whether a cell of a column of words, or a label, is empty."""
        cell = cell.strip()
        if not cell:
            return True
        if self.given is None:
            return cell.casefold() in USUAL_WORDS
        return any(cell == str(value) for value in self.given)

    def is_number(self, cell: str) -> bool:
        """Whether a cell of a column of numbers is a word for nothing, or blank."""
        return cell.strip().casefold() in AMONG_NUMBERS or self.is_word(cell)

    @property
    def numbers(self) -> Sequence[float]:
        """The numbers that stand for an empty cell."""
        values = (number_of(str(value)) for value in self.given or ())
        return tuple(value for value in values if value is not None)

    def clear(self, numbers: NumberArray) -> NumberArray:
        """The numbers, of any shape, with NaN for those that stand for an empty cell."""
        if not self.numbers or numbers.dtype.kind == "b":
            return numbers
        stand_ins = np.isin(numbers, self.numbers)
        if not stand_ins.any():
            return numbers
        kind = np.result_type(numbers.dtype, np.float32)  # whole numbers have no NaN
        return np.where(stand_ins, kind.type(np.nan), numbers.astype(kind))
