"""A number with another range under other conditions: one coordinate, one column.

    alpha:
      - {min: 1e-4, max: 1e-2, scale: log, when: {optimizer: adam}}
      - {min: 1e-2, max: 1, scale: log, when: {optimizer: sgd}}

Its axis goes from the lowest end to the highest. Of it a point may have the stretch of the branch
whose conditions hold; a coordinate outside is *folded* into that stretch. What lies outside is
mapped onto the stretch evenly, so that coordinates that are spread evenly over the whole axis are
spread evenly over the stretch, and the ends of the axis become the stretch's ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.records import Hparams, Value, is_number
from hpsearch.space.conditions import Condition
from hpsearch.space.parameters import Floats, Number
from hpsearch.text import in_full


@dataclass(frozen=True)
class Branch:
    """The range under some conditions, all of which must hold."""

    when: tuple[Condition, ...]
    low: float
    high: float

    def holds(self, point: Hparams) -> bool:
        """Whether it is in force, given the values of the active parameters before it."""
        return all(c.parent in point and c.allows(point[c.parent]) for c in self.when)


@dataclass(frozen=True)
class Branched(Number):
    """A number with branches, no two of which hold together. A step is that of whole numbers."""

    branches: tuple[Branch, ...] = ()

    @property
    def alternatives(self) -> tuple[tuple[Condition, ...], ...]:
        return tuple(branch.when for branch in self.branches)

    def branch_at(self, point: Hparams) -> int | None:
        """The number, from 0, of the branch in force; ``None`` if the parameter is not active."""
        return next((n for n, branch in enumerate(self.branches) if branch.holds(point)), None)

    def is_active(self, point: Hparams) -> bool:
        return self.branch_at(point) is not None

    def value_at(self, unit: float, point: Hparams) -> Value:
        number = self.branch_at(point)
        assert number is not None
        value = self.decode(float(self.folded(np.asarray(unit), number)))
        assert is_number(value)
        branch = self.branches[number]
        return value if self.integer else float(min(max(value, branch.low), branch.high))

    def encode_at(self, value: Value, point: Hparams) -> float:
        number = self.branch_at(point)
        assert number is not None
        branch = self.branches[number]
        unit = self.encode(value)
        if not (is_number(value) and branch.low <= value <= branch.high):
            held = " and ".join(map(str, branch.when))
            raise ValueError(
                f"{self.name} must be between {in_full(branch.low)} and {in_full(branch.high)} "
                f"with {held}; it is {in_full(value)}"
            )
        return unit

    def stretch(self, number: int) -> tuple[float, float]:
        """Where the axis is a branch's: between the outer edges of its first and last cell."""
        branch, half = self.branches[number], (self.step or 0.0) / 2
        low = branch.low - half if self.scale.holds(branch.low - half) else branch.low
        high = branch.high + half if self.scale.holds(branch.high + half) else branch.high
        return float(self._warped(low)), float(self._warped(high))

    def ends(self, number: int) -> tuple[float, float]:
        """The coordinates of a branch's lowest and highest value."""
        branch = self.branches[number]
        return self.encode(branch.low), self.encode(branch.high)

    def folded(self, unit: Floats, number: int) -> Floats:
        """Coordinates in the stretch of a branch; those in it stay where they are."""
        low, high = self.stretch(number)
        width = high - low
        outside = np.where(unit < low, unit, unit - width) / ((1 - width) or 1.0)
        inside = (low <= unit) & (unit <= high)
        # The outer edge of a cell may be taken for the next cell's; its centre is not.
        return np.clip(np.where(inside, unit, low + width * outside), *self.ends(number))
