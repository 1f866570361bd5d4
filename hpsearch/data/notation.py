"""How people write numbers in text, and which of those ways a whole column is in.

A cell alone can be read in two ways: ``1,234`` is 1.234 in one country and 1234 in another. So it
is the column that is read, in the one notation that fits all of its filled cells:

| notation                | cells such as                     |
| ----------------------- | --------------------------------- |
| decimal point           | ``1234.5``, ``1,234.5``, ``2e-3`` |
| decimal comma           | ``1234,5``, ``1.234,5``, ``2``    |
| either with a per cent  | ``45%``, ``4,5 %``                |

Only ASCII digits count, and nothing may stand between them but what the table shows. Python's own
``float`` takes ``1_2`` for 12 and digits of all scripts, and two codes would become one number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EXPONENT = r"(?:[eE][-+]?[0-9]+)?"
_PLAIN = rf"(?:[0-9]+\.?[0-9]*|\.[0-9]+){_EXPONENT}"
_SIGN = "[-+\u2212]?"  # the last is the minus of typesetters
_POINT = rf"{_SIGN}(?:{_PLAIN}|[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?:\.[0-9]*)?)"
_WHOLE = r"(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)"
_COMMA = rf"{_SIGN}(?:{_WHOLE}(?:,[0-9]*)?|,[0-9]+){_EXPONENT}"
_PERCENT = r"[ \u00a0]?%"

_SURPLUS = re.compile(r"\s*[^\W\d_]+\W*$|[^-+.,:/()\w\u2212]+")
_MOST_SURPLUS = 2
_PADDED = re.compile("0[0-9]+")
_PLAIN_NUMBER = re.compile(rf"[-+]?{_PLAIN}")


def number_of(word: str) -> float | None:
    """The finite number that a word spells with a decimal point or none, if it does."""
    if _PLAIN_NUMBER.fullmatch(word.strip()) is None:
        return None
    number = float(word)
    return number if np.isfinite(number) else None


@dataclass(frozen=True)
class Notation:
    """One way to write numbers; ``name`` is what messages call such a number."""

    name: str
    decimal: str
    percent: bool
    pattern: re.Pattern[str]

    def fits(self, word: str) -> bool:
        """Whether a word is a number in this notation."""
        return self.pattern.fullmatch(word) is not None

    def number(self, word: str) -> float:
        """The number that a fitting word spells; 45% is 0.45."""
        digits = word.rstrip("% \u00a0").replace("\u2212", "-")
        if self.decimal == ",":
            digits = digits.replace(".", "").replace(",", ".")
        number = float(digits.replace(",", ""))
        return number / 100 if self.percent else number


NOTATIONS = (
    Notation("a number", ".", False, re.compile(_POINT)),
    Notation("a number with a decimal comma", ",", False, re.compile(_COMMA)),
    Notation("a number with %", ".", True, re.compile(_POINT + _PERCENT)),
    Notation("a number with a decimal comma and %", ",", True, re.compile(_COMMA + _PERCENT)),
)


def is_numeric(word: str) -> bool:
    """Whether a word is a number in one notation or another."""
    return any(notation.fits(word) for notation in NOTATIONS)


def fitting(words: Iterable[str], decimal: str | None) -> list[Notation]:
    """The notations that fit all words, with this decimal mark if one is given.

    >>> [notation.name for notation in fitting(["0,5", "2"], None)]
    ['a number with a decimal comma']
    """
    words = list(words)
    return [
        notation
        for notation in NOTATIONS
        if decimal in (None, notation.decimal) and all(map(notation.fits, words))
    ]


def differ(one: Notation, other: Notation, words: Sequence[str]) -> str | None:
    """The first word that two fitting notations read as different numbers."""
    return next((word for word in words if one.number(word) != other.number(word)), None)


def plain_numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """The cells as numbers with a decimal point, ``None`` if one is not; ``nan`` is NaN.

    NumPy does the work, by Python's rules; cells that only those rules take are refused.
    """
    try:
        numbers = np.array(cells, dtype=np.float64)
    except ValueError:
        return None
    return numbers if is_plain_text("".join(cells)) else None


def surplus(words: Sequence[str]) -> list[str]:
    """What has to go from words for all to be numbers; empty if that is nothing, or too much.

    That is a currency, gaps between thousands, or a unit. A unit has letters and is in all of the
    words: 5 kg and 5 lb are no numbers of one kind, and 10A and 10B are codes.

    >>> surplus(["5 kg", "12 kg"]), surplus(["$5", "$1,234"]), surplus(["10A", "10B"])
    ([' kg'], ['$'], [])
    """
    found = Counter[str]()
    for word in words:
        found.update(dict.fromkeys(_SURPLUS.findall(word), 1))
        if len(found) > _MOST_SURPLUS or not is_numeric(_SURPLUS.sub("", word)):
            return []
    units = [each for each in found if any(map(str.isalpha, each))]
    return [] if any(found[unit] < len(words) for unit in units) else list(found)


def is_padded(word: str) -> bool:
    """Whether a word is a whole number with zeros before it: ``007``, a code more often than 7."""
    return _PADDED.fullmatch(word) is not None


def may_hold_padded(text: bytes, delimiter: str) -> bool:
    """Whether a cell within a text of ASCII digits may be padded; ``False`` is certain.

    What begins the text counts as the middle of a cell: give what stands before it as well.
    """
    characters = np.frombuffer(text, np.uint8)
    digit = characters - ord("0") < 10  # smaller ones wrap around to large ones
    zero = characters[1:-1] == ord("0")
    before = np.unique(characters[:-2][zero & digit[2:] & ~digit[:-2]])
    return not set(before.tolist()).isdisjoint(f'{delimiter}\r\n\t "'.encode())


def is_plain_text(text: str) -> bool:
    """Whether nothing in a text could make Python's float read a code as a number."""
    return text.isascii() and "_" not in text
