"""How much of a space its constraints leave: the share of random points that keep them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.space.judge import holds
from hpsearch.space.space import Space
from hpsearch.text import number

DRAWS = 10_000
LEAST_SHARE = 0.001
"""Less than this is a mistake, or better said by other ranges."""


@dataclass(frozen=True)
class Shares:
    """Of ``draws`` random points, the share that keeps all constraints, and that keeps each."""

    draws: int
    together: float
    each: tuple[float, ...]

    @property
    def strictest(self) -> int:
        """The place of the constraint that the fewest points keep."""
        return self.each.index(min(self.each))


def in_percent(share: float) -> str:
    """A share in two digits.

    >>> in_percent(0.0123), in_percent(1.0)
    ('1.2 %', '100 %')
    """
    return f"{number(100 * share, 2)} %"


def shares(space: Space, draws: int = DRAWS) -> Shares:
    """The shares of a space that has constraints, from the same random points each time."""
    judge = space.judge
    units = space.canonical(np.random.default_rng(0).random((draws, space.dimensions)))
    points = judge.points(units)
    kept = np.array([[holds(c, point) for c in space.constraints] for point in points])
    together = np.mean([judge.allows(point) for point in points])
    return Shares(draws, float(together), tuple(kept.mean(axis=0).tolist()))
