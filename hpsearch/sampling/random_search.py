"""Random search: every trial is an independent draw from the whole space.

Each parameter is drawn evenly on its own scale. Trying points at random beats a grid because
every trial tries a new value of the parameter that matters, whichever that is (Bergstra and
Bengio, "Random search for hyper-parameter optimization", 2012).
"""

from __future__ import annotations

from collections.abc import Container, Iterable

import numpy as np

from hpsearch.sampling.points import PointList
from hpsearch.sampling.redraw import allowed_rows, uniform_blocks
from hpsearch.sampling.sampler import ChosenPoint, Question, Sampler
from hpsearch.sampling.strategy import Unit
from hpsearch.seeds import Purpose, stream
from hpsearch.space.parameters import Floats

DRAWS = 16  # how often a point that was tried before is drawn again


class RandomSearch(Sampler):
    """Chooses random points, none of them twice while there are others."""

    def choose(self, question: Question) -> ChosenPoint:
        rng = stream(self.seed, Purpose.PROPOSE, question.index)
        draws = allowed_rows(self.space, uniform_blocks(self.space, rng, DRAWS))
        unit = first_untried(draws, question.tried(), self.points, rng)
        return ChosenPoint(unit, "random", self.whole)


def first_untried(
    candidates: Iterable[Floats],
    tried: Container[Unit],
    points: PointList | None,
    rng: np.random.Generator,
) -> Unit:
    """The first candidate that was not tried, else any untried point, else the first candidate.

    Args:
        candidates: canonical unit vectors, each of shape (dimensions,), at least one.
        tried: the canonical unit vectors that were tried.
        points: all points of the space, if they are few enough to number.
        rng: picks one of the untried points where no candidate is one.
    """
    first: Unit | None = None
    for candidate in candidates:
        unit = as_unit(candidate)
        if unit not in tried:
            return unit
        first = first or unit
    assert first is not None
    if points is not None:
        start = int(rng.integers(points.size))
        for step in range(points.size):
            unit = points[(start + step) % points.size]
            if unit not in tried:
                return unit
    return first


def as_unit(row: Floats) -> Unit:
    """A row of coordinates as a tuple of floats."""
    return tuple(map(float, row))
