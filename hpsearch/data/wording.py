"""Words from a file in messages of one line: quoted, cut to a length, listed, the nearest first."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from hpsearch.text import nearest

LISTED = 8
_LONGEST = 40


def quoted(word: str) -> str:
    r"""A word as it is shown: in quotes, its line breaks and other controls spelt out, not long.

    >>> print(quoted("a\nb"))
    'a\nb'
    """
    return repr(word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…")


def shown(word: str) -> str:
    """A word without quotes if it is short and plain, else quoted."""
    return word if word.isprintable() and 0 < len(word) <= _LONGEST else quoted(word)


def to_numbers(surplus: Sequence[str]) -> str:
    """What to do for words to be numbers that are numbers but for these signs."""
    signs = " and ".join(repr(each.strip() or each) for each in surplus)
    return f"delete {signs} in the file, and it is a number"


def listed(words: Sequence[str]) -> str:
    """The first few words, and how many more there are."""
    return first_few([shown(word) for word in words[:LISTED]], len(words))


def first_few(phrases: Sequence[str], total: int) -> str:
    """The first few of ``total`` phrases, and how many more there are."""
    rest = total - LISTED
    return ", ".join(phrases[:LISTED]) + (f" … and {rest} more" if rest > 0 else "")


def nearest_first(word: str, names: Sequence[str]) -> list[str]:
    """The names, those most like ``word`` first."""

    def unlikeness(name: str) -> float:
        return -difflib.SequenceMatcher(None, word.casefold(), name.casefold()).ratio()

    return sorted(names, key=unlikeness)


def did_you_mean(word: str, names: Sequence[str]) -> str:
    """``; did you mean …?`` for the nearest name, or nothing."""
    near = nearest(word, names)
    return f"; did you mean {quoted(near)}?" if near is not None else ""
