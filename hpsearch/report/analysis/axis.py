"""The axis on which a metric is drawn.

An error that falls from 0.5 to 0.005 is read on a logarithmic axis, an accuracy that rises from
0.9 to 0.999 on the axis of its logarithmic distance from 1. Both need values on one side of the
scale's end and a ratio worth the trouble; everything else is drawn on a linear axis. A few values
far worse than all others (a loss just before it overflows) would flatten everything else; they are
drawn on the axis' edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hpsearch.records import Goal
from hpsearch.space import LINEAR, LOG, ONE_MINUS, Scale

WORTH_WARPING = 5.0
"""The ratio between largest and smallest distance from the scale's end that warps the axis."""

FEW = 0.02
MOST_OF_IT = 3.0
"""The worst 2 % are left off the axis if it would be three times as long with them."""


@dataclass(frozen=True)
class ValueAxis:
    """A scale between two values, ``low < high``; positions are 0 at ``low`` and 1 at ``high``."""

    low: float
    high: float
    scale: Scale

    def position(self, value: float) -> float:
        """Where a value lies, held inside [0, 1]."""
        start, end = float(self.scale.warp(self.low)), float(self.scale.warp(self.high))
        held = min(max(value, self.low), self.high)
        return min(max((float(self.scale.warp(held)) - start) / (end - start), 0.0), 1.0)

    def padded(self, share: float = 0.05) -> ValueAxis:
        """The same axis with room at both ends, so that no mark sits on the edge."""
        start, end = float(self.scale.warp(self.low)), float(self.scale.warp(self.high))
        room = (end - start) * share
        low, high = float(self.scale.unwarp(start - room)), float(self.scale.unwarp(end + room))
        if not (low < high and math.isfinite(high - low) and self.scale.holds(high)):
            return self
        return ValueAxis(low, high, self.scale)

    def value(self, position: float) -> float:
        """The value at a position: the inverse of :meth:`position`."""
        start, end = float(self.scale.warp(self.low)), float(self.scale.warp(self.high))
        inside = float(self.scale.unwarp(start + position * (end - start)))
        return min(max(inside, self.low), self.high)


def value_axis(values: Iterable[float], goal: Goal) -> ValueAxis:
    """The axis for finite values of a metric; a single value, or none, gets an axis around it."""
    # Half of the largest numbers, so that the difference of two is a number again.
    finite = [min(max(v, -8e307), 8e307) for v in values if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    if low == high:
        room = abs(low) * 0.1 or 0.5
        return ValueAxis(low - room, high + room, LINEAR)
    scale = _scale(low, high, goal)
    low, high = _without_outliers(finite, low, high, scale, goal)
    return ValueAxis(low, high, _scale(low, high, goal) if scale is LINEAR else scale)


def _scale(low: float, high: float, goal: Goal) -> Scale:
    if goal is Goal.MINIMIZE and low > 0 and high / low >= WORTH_WARPING:
        return LOG
    rising = goal is Goal.MAXIMIZE and low >= 0 and high < 1
    return ONE_MINUS if rising and (1 - low) / (1 - high) >= WORTH_WARPING else LINEAR


def _without_outliers(
    values: list[float], low: float, high: float, scale: Scale, goal: Goal
) -> tuple[float, float]:
    """The ends of the axis without the worst few values, if these take most of it."""
    best, worst = (low, high) if goal is Goal.MINIMIZE else (high, low)
    fence = sorted(values, key=goal.loss)[int((1 - FEW) * (len(values) - 1))]
    whole = float(np.abs(scale.warp(worst) - scale.warp(best)))
    inner = float(np.abs(scale.warp(fence) - scale.warp(best)))
    if inner > 0 and whole > MOST_OF_IT * inner:
        worst = fence
    return min(best, worst), max(best, worst)
