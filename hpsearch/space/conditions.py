"""When a parameter is there: its parent has one of some values, or a number on one side of a bound.

=====================  ==================================
written as             the parameter is active with
=====================  ==================================
``optimizer: adam``    that value
``layers: [2, 3]``     one of these
``layers: ">= 2"``     a number that compares so
=====================  ==================================
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.records import Value, is_number, same_value
from hpsearch.text import in_full

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
"""How a value can compare with a bound."""

_COMPARISON = re.compile(
    rf"\s*({'|'.join(SIGNS)})\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
)


@dataclass(frozen=True)
class Comparison:
    """A number on one side of ``bound``; ``written`` is the text that says so.

    A parent may have that very text among its values: then it is that value.
    """

    written: str
    sign: str
    bound: float

    @classmethod
    def read(cls, text: object) -> Comparison | None:
        """The comparison that a text is; ``None`` for everything else.

        >>> str(Comparison.read(">=2")), Comparison.read("adam")
        ('>= 2', None)
        """
        match = _COMPARISON.fullmatch(text) if isinstance(text, str) else None
        return None if match is None else cls(match[0], match[1], float(match[2]))

    def holds(self, value: Value) -> bool:
        """Whether it is true of a value of the parent."""
        if is_number(value):
            return SIGNS[self.sign](value, self.bound)
        return value == self.written

    def __str__(self) -> str:
        return f"{self.sign} {in_full(self.bound)}"


@dataclass(frozen=True)
class Condition:
    """The parameter is active only while ``parent`` is active and has one of ``values``."""

    parent: str
    values: tuple[Value | Comparison, ...]

    @property
    def listed(self) -> tuple[Value, ...]:
        """The values themselves, without the comparisons."""
        return tuple(mine for mine in self.values if not isinstance(mine, Comparison))

    def allows(self, value: Value) -> bool:
        """Whether it holds with a value of the parent; unlike ``in``, true is not 1."""
        return any(
            mine.holds(value) if isinstance(mine, Comparison) else same_value(mine, value)
            for mine in self.values
        )

    def __str__(self) -> str:
        """As a table shows it.

        >>> print(Condition("layers", (2, 3)), Condition("rate", (Comparison(">1", ">", 1), 0)))
        layers = 2 or 3 rate > 1 or = 0
        """
        listed = " or ".join(map(in_full, self.listed))
        parts = [str(mine) for mine in self.values if isinstance(mine, Comparison)]
        return f"{self.parent} {' or '.join([*parts, f'= {listed}'] if listed else parts)}"
