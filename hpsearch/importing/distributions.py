"""The distributions of other tools as ranges and choices of ours.

A range is what all of them come to: numbers that are drawn evenly on a scale, with or without
steps. What has no ends, a normal distribution, gets those that hold 95 % of it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Any

from hpsearch.records import is_number, same_value
from hpsearch.space import LOG

_PLAIN = (bool, int, float, str)


class Untranslatable(ValueError):
    """What is written for a parameter has no meaning here; the message says what it is."""


def uniform(low: Any, high: Any, *, log: bool = False, step: Any = None) -> dict[str, Any]:
    """Numbers between two ends, drawn evenly on a linear or a log scale.

    Steps are counted from 0 by other tools, and from the lower end here, so the ends are put onto
    multiples of the step. A step of 1 between whole numbers is ``type: int``.

    >>> uniform(0.001, 0.1, log=True)
    {'min': 0.001, 'max': 0.1, 'scale': 'log'}
    >>> uniform(0.04, 1, step=0.1), uniform(1, 8.0, step=1)
    ({'min': 0.0, 'max': 1.0, 'step': 0.1}, {'min': 1, 'max': 8, 'type': 'int'})

    Raises:
        Untranslatable: an end or the step is not a number.
    """
    low, high = _number(low, "lower end"), _number(high, "upper end")
    written: dict[str, Any] = {}
    if step is not None:
        step = _number(step, "step")
        if step <= 0:
            raise Untranslatable(f"its step {step:g} is not above 0")
        low, high = (tidy(round(end / step) * step) for end in (low, high))
        if log and low <= 0:
            low = step
    whole = step is not None and float(step).is_integer() and float(low).is_integer()
    if whole:
        low, high, step = int(low), int(high), int(step)
    written |= {"min": low, "max": high}
    if log:
        written["scale"] = LOG.name
    if whole:
        written["type"] = "int"
    if step is not None and not (whole and step == 1):
        written["step"] = step
    return written


def whole_numbers(low: Any, high: Any, *, log: bool = False) -> dict[str, Any]:
    """Whole numbers from ``low`` to ``high``, both included.

    >>> whole_numbers(1, 10)
    {'min': 1, 'max': 10, 'type': 'int'}
    """
    return uniform(low, high, log=log, step=1)


def exponents(low: Any, high: Any, *, step: Any = None) -> dict[str, Any]:
    """A log scale whose ends are given as exponents of e.

    >>> exponents(0, math.log(10))
    {'min': 1.0, 'max': 10.0, 'scale': 'log'}
    """
    ends = [_exp(_number(end, "exponent")) for end in (low, high)]
    return uniform(*ends, log=True, step=step)


def normal(mean: Any, sigma: Any, *, log: bool = False, step: Any = None) -> dict[str, Any]:
    """Two standard deviations to both sides, which hold 95 % of a normal distribution.

    >>> normal(0, 1)
    {'min': -2, 'max': 2}
    """
    mean, sigma = _number(mean, "mean"), _number(sigma, "standard deviation")
    low, high = tidy(mean - 2 * sigma), tidy(mean + 2 * sigma)
    if log:
        return exponents(low, high, step=step)
    return uniform(low, high, step=step)


def choice(values: Sequence[Any]) -> tuple[Any, list[Any]]:
    """One of some values, and those of them that had to be written as text.

    A command gets its arguments as text, so that a list or null is the text it would have got.

    >>> choice([1, None]), choice(["adam"])
    (({'values': [1, 'None']}, [None]), ('adam', []))
    """
    odd = [value for value in values if not isinstance(value, _PLAIN)]
    written = [value if isinstance(value, _PLAIN) else str(value) for value in values]
    distinct = [v for i, v in enumerate(written) if not any(same_value(v, w) for w in written[:i])]
    if not distinct:
        raise Untranslatable("it has no values")
    return (distinct[0] if len(distinct) == 1 else {"values": distinct}), odd


def tidy(value: float, digits: int = 12) -> float:
    """A calculated number without the digits that the arithmetic left behind.

    >>> tidy(0.1 * 3), tidy(7)
    (0.3, 7)
    """
    return value if isinstance(value, int) else float(f"{value:.{digits}g}")


def _number(value: Any, what: str) -> float:
    if value is None:
        raise Untranslatable(f"its {what} is missing")
    if isinstance(value, str):  # YAML 1.1 reads 1e-4 as a text, and so do the other tools' files
        with contextlib.suppress(ValueError):
            value = float(value)
    if not is_number(value) or not math.isfinite(value):
        raise Untranslatable(f"its {what} {value!r} is not a number")
    number: float = value
    return number


def _exp(exponent: float) -> float:
    if abs(exponent) > 700:
        raise Untranslatable(f"e to the power of {exponent:g} is out of range")
    return tidy(math.exp(exponent), 6)
