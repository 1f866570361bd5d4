"""Words and numbers as people read them.

Screens, pages and sentences write numbers, counts and durations with these functions alone.

Text that came from outside (names, values, error messages) goes through :func:`clean` before it is
put in its place: a control character in it must not end a line or move a column. Whatever goes to
a terminal passes ``portable.printable`` last, in ``cli.output`` and ``report.text.glyphs``.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence

from hpsearch.records import Value

SHORT_LABELS = {
    "alpha": "α",
    "beta": "β",
    "beta1": "β1",
    "beta2": "β2",
    "epsilon": "ε",
    "hidden_units": "units",
    "batch_size": "batch",
    "optimizer": "opt",
    "activation": "act",
    "decay_rate": "rate",
    "dropout": "drop",
    "bn_momentum": "bn_mom",
    "batch_norm": "bn",
}
"""The names of the course's hyperparameters where a whole name would not fit."""

MOST_DIGITS = 6


def short_label(name: str) -> str:
    """A hyperparameter's name where a whole one would not fit.

    >>> short_label("hidden_units[2]"), short_label("l2")
    ('units[2]', 'l2')
    """
    whole, bracket, number_of = name.partition("[")
    return SHORT_LABELS.get(whole, whole) + bracket + number_of


def clean(text: str) -> str:
    """One line without control characters; runs of white space become one space."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(visible.split())


def nearest(word: object, known: Iterable[object]) -> str | None:
    """The known word that was probably meant, or ``None``; case does not matter.

    Every "did you mean" asks here.

    >>> nearest("Alhpa", ["alpha", "beta"]), nearest("x", ["alpha"])
    ('alpha', None)
    """
    by_lower = {str(k).lower(): str(k) for k in known}
    matches = difflib.get_close_matches(str(word).lower(), by_lower, n=1)
    return by_lower[matches[0]] if matches else None


def number(value: Value, digits: int = 3) -> str:
    """A value in few characters: the one way in which screens, pages and sentences write it.

    ``digits`` significant ones, and enough near 1 to tell 0.999 from 0.9993; a power of ten below
    1/1000 and from a million on; whole numbers and words as they are; ``-`` for nothing.

    >>> [number(v) for v in (0.00242351, 0.000523, 0.9906, 1e-5, 192, "adam", 1.0, True, None)]
    ['0.00242', '5.23e-4', '0.9906', '1e-5', '192', 'adam', '1', 'true', '-']
    """
    if not isinstance(value, float) or not math.isfinite(value):
        return _word(value)
    if 0.9 < value < 1:
        return _near_one(value, max(digits, 4))
    if value != 0 and abs(value) < 1e-3:
        return _power_of_ten(f"{value:.{digits - 1}e}")
    if 10**digits <= abs(value) < 1e6:
        return f"{value:.0f}"
    short = f"{value:.{digits}g}"
    return _power_of_ten(short) if "e" in short else short


def _word(value: Value) -> str:
    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else clean(str(value))


def _near_one(value: float, digits: int) -> str:
    """``digits`` digits, or as many as the distance to 1 needs for ``digits - 2`` of its own."""
    rest = float(f"{1 - value:.{digits - 2}g}")
    decimals = max(len(f"{rest:.12f}".rstrip("0")) - 2, digits)
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def _power_of_ten(shown: str) -> str:
    """``1.50e-04`` as ``1.5e-4``."""
    mantissa, exponent = shown.split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def in_full(value: Value) -> str:
    """A value that a person wrote, a bound or a choice: all of its digits, to six.

    >>> [in_full(v) for v in (0.0001, 0.12345, 0.95, 150000.0)]
    ['1e-4', '0.12345', '0.95', '150000']
    """
    return number(value, MOST_DIGITS)


def numbers(values: Iterable[float | None], apart: int | None = None) -> list[str]:
    """A column of numbers of three digits, or with as many (to 6) as tell different ones apart.

    ``apart`` says how many of the first ones must differ; all of them by default.

    >>> numbers([0.038, 0.0384, None])
    ['0.0380', '0.0384', '-']
    """
    column = list(values)
    different = {v for v in column[:apart] if v is not None}
    digits = 3
    while digits < MOST_DIGITS and len({_padded(v, digits) for v in different}) < len(different):
        digits += 1
    return ["-" if v is None else _padded(v, digits) for v in column]


def _padded(value: float, digits: int) -> str:
    """Like :func:`number`, with the zeros at the end, so that a column lines up."""
    if 1e-3 <= abs(value) < 10**digits and not 0.9 < value < 1:
        return f"{value:#.{digits}g}".rstrip(".")
    return number(float(value), digits)


def signed(value: float, digits: int = 2) -> str:
    """A difference, its minus sign as long as a plus."""
    return ("−" if value < 0 else "") + number(abs(value), digits)


def change(old: Value, new: Value) -> str:
    """What a value was and what it became, with as many digits (to 6) as tell the two apart.

    >>> change(0.1, 0.1 / 3), change(0.50001, 0.50002)
    ('0.1 -> 0.0333', '0.50001 -> 0.50002')
    """
    digits = 3
    while digits < MOST_DIGITS and number(old, digits) == number(new, digits):
        digits += 1
    return f"{number(old, digits)} -> {number(new, digits)}"


def span(low: Value, high: Value, dash: str = "–") -> str:
    """A range, ``0.00123 – 0.0052``, or the one value that is left of it."""
    if low == high:
        return number(low)
    return f"{number(low)} {dash} {number(high)}"


def clock(seconds: float) -> str:
    """A duration on a clock: ``0:04:09``."""
    whole = max(int(seconds), 0)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def duration(seconds: float) -> str:
    """A duration in its two largest words at most: ``8 s``, ``6 min``, ``2 h 5 min``, ``3 d 4 h``.

    >>> [duration(s) for s in (0.4, 75, 7500, 273600)]
    ['0.4 s', '1 min', '2 h 5 min', '3 d 4 h']
    """
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return _two_units(minutes // 60, "h", minutes % 60, "min")
    return _two_units(minutes // 1440, "d", minutes % 1440 // 60, "h")


_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = r"^([0-9]+(\.[0-9]+)? ?(s|m|min|h|d) ?)+$|^[0-9]+(\.[0-9]+)?$"
"""A regular expression of a duration in words, as JSON Schema has them too."""


def seconds_of(text: float | str) -> float:
    """The inverse of :func:`duration`, for whatever a person writes; a number is seconds.

    >>> [seconds_of(each) for each in (90, "90", "2h", "1h30m", "1 d 12 h", "45 min")]
    [90.0, 90.0, 7200.0, 5400.0, 129600.0, 2700.0]
    """
    if not isinstance(text, str):
        return float(text)
    parts = re.findall(r"([0-9.]+) ?([a-z]*)", text)
    return math.fsum(float(count) * _UNITS[unit or "s"] for count, unit in parts)


SIZE = r"^[0-9]+(\.[0-9]+)? ?([kMGT]B|[KMGT]iB)?$"
"""A regular expression of an amount of memory in words, as JSON Schema has them too."""

_MEGABYTE = 1_000_000


def bytes_of(text: float | str) -> float:
    """An amount of memory in bytes, as a person writes it; a number is megabytes.

    >>> [bytes_of(each) for each in (10, "10", "2GB", "1.5 GiB")]
    [10000000.0, 10000000.0, 2000000000.0, 1610612736.0]
    """
    found = re.match(r"([0-9.]+) ?(.*)", str(text))
    assert found is not None
    count, unit = float(found[1]), found[2] or "MB"
    base = 1024 if unit.endswith("iB") else 1000
    return count * float(base ** ("KMGT".index(unit[0].upper()) + 1))


def size(count: float) -> str:
    """An amount of memory that is given in bytes.

    >>> [size(count) for count in (400_000, 1_610_612_736)]
    ['0.4 MB', '1.61 GB']
    """
    if count < 1000 * _MEGABYTE:
        return f"{number(count / _MEGABYTE)} MB"
    return f"{number(count / _MEGABYTE / 1000)} GB"


def _two_units(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 trial``, ``2 trials``, ``20,000 trials``; ``many`` where an s is not enough.

    >>> plural(2, "trial"), plural(3, "branch", "branches")
    ('2 trials', '3 branches')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def alternatives(words: Sequence[str]) -> str:
    """Words to choose from, one at least.

    >>> alternatives(["linear", "log", "1-beta"]), alternatives(["linear"])
    ('linear, log or 1-beta', 'linear')
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def percent(share: float) -> str:
    """A share as a whole percentage, with its sign if it is negative."""
    return f"{share * 100:.0f}%".replace("-", "−")


def assignments(names_and_values: Sequence[tuple[str, Value]]) -> list[str]:
    """``alpha=0.00242`` and so on, one string for each hyperparameter."""
    return [f"{clean(name)}={number(value)}" for name, value in names_and_values]
