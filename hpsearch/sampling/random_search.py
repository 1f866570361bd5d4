"""Random search: every trial is an independent draw from the whole space.

Each parameter is drawn evenly on its own scale. Trying points at random beats a grid because
every trial tries a new value of the parameter that matters, whichever that is (Bergstra and
Bengio, "Random search for hyper-parameter optimization", 2012).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpsearch.sampling.cutoffs import CutoffRule
from hpsearch.sampling.history import HistoryReader
from hpsearch.sampling.points import PointList
from hpsearch.sampling.strategy import Observation, Proposal, Unit, whole_ranges
from hpsearch.seeds import Purpose, stream
from hpsearch.space import Space
from hpsearch.space.parameters import Floats

DRAWS = 16  # how often a point that was tried before is drawn again


class RandomSearch:
    """Proposes random points, none of them twice while there are others."""

    def __init__(
        self, space: Space, seed: int, lookahead: int, epochs: int, early_stop: CutoffRule
    ) -> None:
        self._space = space
        self._seed = seed
        self._early_stop = early_stop
        self._reader = HistoryReader(space.dimensions, epochs)
        self._ranges = whole_ranges(space)
        self._points = PointList.of_all(space)
        self.lookahead = lookahead

    @property
    def size(self) -> int | None:
        """How many different points there are; ``None`` if there is no end."""
        return self._points.size if self._points else None

    def propose(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Proposal:
        rng = stream(self._seed, Purpose.PROPOSE, index)
        known = self._reader.read(history)
        draws = self._space.canonical(rng.random((DRAWS, self._space.dimensions)))
        return Proposal(
            unit=first_untried(draws, known.with_pending(pending), self._points, rng),
            origin="random",
            ranges=self._ranges,
            cutoffs=self._early_stop(known),
        )


def first_untried(
    candidates: Floats,
    tried: Floats,
    points: PointList | None,
    rng: np.random.Generator,
) -> Unit:
    """The first candidate that was not tried, else any such point, else the first candidate.

    Args:
        candidates: canonical unit vectors, shape (any, dimensions).
        tried: the canonical unit vectors that are not wanted, shape (any, dimensions).
        points: all points of the space, if they are few enough to number.
        rng: picks one of the untried points where no candidate is one.
    """
    for candidate in candidates:
        if not (tried == candidate).all(axis=1).any():
            return as_unit(candidate)
    if points is not None:
        known = set(map(as_unit, tried))
        start = int(rng.integers(points.size))
        for step in range(points.size):
            unit = points[(start + step) % points.size]
            if unit not in known:
                return unit
    return as_unit(candidates[0])


def as_unit(row: Floats) -> Unit:
    """A row of coordinates as a tuple of floats."""
    return tuple(map(float, row))
