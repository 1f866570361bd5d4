"""Parameters: what one coordinate in [0, 1] means for one hyperparameter.

Every parameter is a pair of maps between its values and the unit interval. ``decode`` takes any
coordinate; ``encode`` gives the one coordinate that stands for a value. For discrete values
``decode(encode(v)) == v`` exactly, and ``encode(decode(u))`` *snaps* ``u``; for continuous ones
both hold to rounding. Equal lengths of the interval are equally likely. A parameter of k discrete
values divides it into k cells; an integer on a linear scale, and a choice, has cells of one width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.records import Hparams, Value, is_number, same_value
from hpsearch.space.conditions import Condition
from hpsearch.space.scales import LINEAR, Scale
from hpsearch.text import in_full

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """What all parameters share.

    ``tier`` is the importance the user expects: 1, 2 or 3, 1 the highest; ``None`` if not said.
    """

    name: str
    when: tuple[Condition, ...] = ()
    tier: int | None = None

    @property
    def searched(self) -> bool:
        """Whether the parameter has a coordinate in the unit cube."""
        return True

    def is_active(self, point: Hparams) -> bool:
        """Whether all conditions hold, given the values of the active parameters before it."""
        return all(c.parent in point and c.allows(point[c.parent]) for c in self.when)

    @property
    def alternatives(self) -> tuple[tuple[Condition, ...], ...]:
        """The conditions all of which must hold; it is there if those of any one alternative do."""
        return (self.when,)

    @property
    def parents(self) -> tuple[str, ...]:
        """The parameters that its conditions are on."""
        return tuple(c.parent for conditions in self.alternatives for c in conditions)

    @property
    def varies(self) -> bool:
        """Whether it can differ from trial to trial: it is searched, or derived."""
        return self.searched or bool(self.needs)

    @property
    def needs(self) -> tuple[str, ...]:
        """The parameters that its value is computed of."""
        return ()

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The parameters that decide whether it is there, or what it is."""
        return (*self.parents, *self.needs)

    def is_wanted(self, point: Hparams) -> bool:
        """Whether a point with the parameters before it should have this one."""
        return self.is_active(point)

    @property
    def levels(self) -> int | None:
        """How many values there are; ``None`` if they are continuous."""
        raise NotImplementedError

    @property
    def scale_label(self) -> str:
        """How a table names the scale: ``log``, ``1-β``, ``int``, ``choice`` …"""
        raise NotImplementedError

    def decode(self, unit: float) -> Value:
        """The value at a coordinate in [0, 1]."""
        raise NotImplementedError

    def value_at(self, unit: float, point: Hparams) -> Value:
        """The value at a coordinate, given those of the active parameters before it."""
        del point
        return self.decode(unit)

    def encode(self, value: Value) -> float:
        """The coordinate of a value.

        Raises:
            ValueError: the parameter cannot have that value.
        """
        raise NotImplementedError

    def encode_at(self, value: Value, point: Hparams) -> float:
        """The same, given the values of the active parameters before it."""
        del point
        return self.encode(value)

    def snap(self, unit: Floats) -> Floats:
        """``encode(decode(u))`` for an array of coordinates of any shape."""
        raise NotImplementedError

    def cell(self, unit: Floats) -> NDArray[np.intp]:
        """The number, from 0, of the discrete value at each coordinate (levels must be finite)."""
        raise NotImplementedError

    def center(self, cell: NDArray[np.intp]) -> Floats:
        """The coordinate that stands for each discrete value: what ``encode`` gives for it."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Parameter):
    """A hyperparameter with one value. It takes no coordinate."""

    value: Value = None

    @property
    def searched(self) -> bool:
        return False

    @property
    def levels(self) -> int:
        return 1

    @property
    def scale_label(self) -> str:
        return "fixed"

    def decode(self, unit: float) -> Value:
        del unit  # one value, wherever you look
        return self.value

    def encode(self, value: Value) -> float:
        if not same_value(value, self.value):
            raise ValueError(f"{self.name} is fixed at {self.value!r}, not {value!r}")
        return 0.5


@dataclass(frozen=True)
class Listed(Parameter):
    """One of several values that are written out; each has a cell of the same width."""

    values: tuple[Value, ...] = ()

    @property
    def levels(self) -> int:
        return len(self.values)

    def decode(self, unit: float) -> Value:
        return self.values[int(self.cell(np.asarray(unit)))]

    def encode(self, value: Value) -> float:
        for number, mine in enumerate(self.values):
            if same_value(mine, value):
                return (number + 0.5) / len(self.values)
        listed = ", ".join(map(str, self.values))
        raise ValueError(f"{self.name} must be one of {listed}; it is {value!r}")

    def snap(self, unit: Floats) -> Floats:
        return self.center(self.cell(unit))

    def cell(self, unit: Floats) -> NDArray[np.intp]:
        return np.clip(np.floor(unit * self.levels), 0, self.levels - 1).astype(np.intp)

    def center(self, cell: NDArray[np.intp]) -> Floats:
        return np.asarray((cell + 0.5) / self.levels)


@dataclass(frozen=True)
class Choice(Listed):
    """One of several values without an order between them."""

    @property
    def scale_label(self) -> str:
        return "choice"


@dataclass(frozen=True)
class Ordered(Listed):
    """One of several values in an order: an axis, on which neighbours are one rank apart."""

    @property
    def scale_label(self) -> str:
        return "ordered"

    def between(self, first: Value, last: Value) -> tuple[Value, ...]:
        """The values from one to another, both included."""
        places = [int(self.cell(np.asarray(self.encode(value)))) for value in (first, last)]
        return self.values[places[0] : places[1] + 1]


@dataclass(frozen=True)
class Number(Parameter):
    """A number between ``low`` and ``high``, both included, drawn evenly on ``scale``.

    With ``step`` the values are ``low, low + step, low + 2 step, …`` up to ``high``, on any
    scale: each value owns the stretch of the axis that is nearest to it in real units. An
    ``integer`` is a number with step 1 (or a multiple) whose values are ``int``.
    """

    low: float = 0.0
    high: float = 1.0
    scale: Scale = LINEAR
    step: float | None = None
    integer: bool = False

    def __post_init__(self) -> None:
        assert self.low < self.high
        assert self.scale.holds(self.low)
        assert self.scale.holds(self.high)
        assert self.step is not None or not self.integer

    @property
    def levels(self) -> int | None:
        if self.step is None:
            return None
        # 1e-9 forgives the rounding of (0.3 - 0.0) / 0.1 = 2.9999999999999996.
        return math.floor((self.high - self.low) / self.step + 1e-9) + 1

    @property
    def scale_label(self) -> str:
        if self.integer:
            return "int" if self.scale is LINEAR else f"int {self.scale.label}"
        return self.scale.label

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """The ends of the warped axis: the outer edges of the first and the last cell."""
        low, high = self.low, self.high
        if self.step is not None:
            assert self.levels is not None
            last = self.low + (self.levels - 1) * self.step
            outer = (self.low - self.step / 2, last + self.step / 2)
            # A cell that would reach past the end of the scale ends at its own value.
            low = outer[0] if self.scale.holds(outer[0]) else self.low
            high = outer[1] if self.scale.holds(outer[1]) else last
        return float(self.scale.warp(low)), float(self.scale.warp(high))

    def _unwarped(self, unit: Any) -> Any:
        start, end = self._ends
        return self.scale.unwarp(start + np.clip(unit, 0.0, 1.0) * (end - start))

    def _warped(self, value: Any) -> Any:
        start, end = self._ends
        return np.clip((self.scale.warp(value) - start) / (end - start), 0.0, 1.0)

    def _level(self, cell: Any) -> Any:
        assert self.step is not None
        return self.low + cell * self.step

    def decode(self, unit: float) -> Value:
        if self.step is not None:
            level = float(self._level(int(self.cell(np.asarray(unit)))))
            # 0.1 + 2 * 0.1 is meant as 0.3
            return round(level) if self.integer else self._within(float(f"{level:.12g}"))
        # The ends are taken, not computed: exp(ln 0.3) is 0.30000000000000004.
        if unit <= 0:
            return float(self.low)
        return float(self.high) if unit >= 1 else self._within(_round(float(self._unwarped(unit))))

    def _within(self, value: float) -> float:
        """The value without the rounding that took it out of the range."""
        return float(min(max(value, self.low), self.high))

    def encode(self, value: Value) -> float:
        if not is_number(value):
            raise ValueError(f"{self.name} must be a number; it is {value!r}")
        if not self.low <= value <= self.high:
            raise ValueError(
                f"{self.name} must be between {in_full(self.low)} and {in_full(self.high)}; "
                f"it is {in_full(value)}"
            )
        if self.step is None:
            return float(self._warped(value))
        cell = round((value - self.low) / self.step)
        if not math.isclose(self._level(cell), value, rel_tol=1e-9, abs_tol=1e-12):
            raise ValueError(
                f"{self.name} goes from {in_full(self.low)} in steps of {in_full(self.step)}; "
                f"it is {in_full(value)}"
            )
        return float(self.center(np.asarray(cell)))

    def snap(self, unit: Floats) -> Floats:
        if self.step is None:
            return np.clip(unit, 0.0, 1.0)
        return self.center(self.cell(unit))

    def cell(self, unit: Floats) -> NDArray[np.intp]:
        assert self.levels is not None
        nearest = np.rint((self._unwarped(unit) - self.low) / self.step)
        return np.asarray(np.clip(nearest, 0, self.levels - 1), dtype=np.intp)

    def center(self, cell: NDArray[np.intp]) -> Floats:
        return np.asarray(self._warped(self._level(cell)), dtype=float)


def _round(value: float) -> float:
    """A number of six digits where only rounding keeps the value from being one.

    A grid from 1e-4 to 1e-2 then has 0.001 and not exp(ln 1e-4 + ln 10). Of values drawn at random
    one in some ten million is that close to such a number.

    >>> [_round(v) for v in (0.0010000000000000002, 0.30000000000000004, 0.0031622776601683794)]
    [0.001, 0.3, 0.0031622776601683794]
    """
    short = float(f"{value:.6g}")
    return short if math.isclose(short, value, rel_tol=1e-14) else value


def numbers_only(values: Sequence[Value]) -> bool:
    """Whether all of the values are numbers (truth values are not)."""
    return all(map(is_number, values))
