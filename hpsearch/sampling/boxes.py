"""Boxes around the best trials, and random points in them.

In a dimension in which the elites scatter as in the others on average (the geometric mean), a
box's half-width is the zoom level. Where they lie closer together it is narrower, down to a third,
and where they lie farther apart it is wider, up to three times. So when the best trial lies at the
edge of the elites, its box reaches beyond them and grows in that direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.pareto import is_on_front
from hpsearch.records import Value
from hpsearch.sampling.history import History
from hpsearch.space import Choice, Ordered, Space
from hpsearch.space.parameters import Floats

ELITE_SHARE = 0.10
LEAST_ELITES = 3
MOVE = 0.5  # share of the coordinates in which a candidate differs from its elite
REDRAW = 0.5  # probability that a moved choice is drawn afresh
STEP = 0.3  # probability that a discrete number that came back to its value takes one step
UNIFORM_SD = 0.29  # standard deviation of a uniform coordinate: elites that agree on nothing
SCATTER_FLOOR = 0.05  # no dimension collapses, however closely the elites agree


@dataclass(frozen=True)
class Boxes:
    """The elites, best first, shape (k, dimensions), and the boxes' shape (dimensions,).

    ``trials`` has the elites' numbers.
    """

    space: Space
    trials: tuple[int, ...]
    elites: Floats
    shape: Floats

    @classmethod
    def around_best(cls, space: Space, history: History) -> Boxes:
        """The boxes around the best tenth of the trials, at least three.

        With several goals they are around all of the front, if that is more.
        """
        least = LEAST_ELITES
        if history.further.shape[1]:
            least = max(least, int(is_on_front(history.goals[history.feasible]).sum()))
        count = min(len(history), max(least, int(np.ceil(ELITE_SHARE * len(history)))))
        trials = history.best_first()[:count]
        elites = history.units[trials]
        deviation = np.sqrt(_weights(count) @ (elites - elites[0]) ** 2)
        scatter = deviation / UNIFORM_SD + SCATTER_FLOOR
        relative = scatter / np.exp(np.log(scatter).mean())
        return cls(space, tuple(trials.tolist()), elites, np.clip(relative, 1 / 3, 3))

    def draw(self, rng: np.random.Generator, zoom: Floats, edge: float) -> Floats:
        """Random points around elites, of which the i-th best is drawn in proportion to 1/i.

        ``zoom`` has one zoom level for each point, shape (points,); ``edge`` is the probability
        that a moved coordinate goes to an end of its range. Returns canonical unit vectors,
        shape (points, dimensions).
        """
        count = len(self.elites)
        chosen = rng.choice(count, size=len(zoom), p=_weights(count))
        return moved(self.space, rng, self.elites[chosen], zoom[:, None] * self.shape, edge)

    def ranges(self, zoom: float) -> dict[str, tuple[Value, ...]]:
        """What the boxes of this zoom level cover: [low, high], or the values of the elites."""
        active = self.space.active(self.elites)
        ranges: dict[str, tuple[Value, ...]] = {}
        for j, parameter in enumerate(self.space.searched):
            places = self.elites[active[:, j], j]
            if isinstance(parameter, Choice):
                used = {int(cell) for cell in parameter.cell(places)}
                values = [v for cell, v in enumerate(parameter.values) if cell in used]
                ranges[parameter.name] = tuple(values) or parameter.values
            else:
                half = zoom * self.shape[j]
                low, high = (places.min() - half, places.max() + half) if len(places) else (0, 1)
                ends = (parameter.decode(low), parameter.decode(high))
                ranges[parameter.name] = (
                    parameter.between(*ends) if isinstance(parameter, Ordered) else ends
                )
        return ranges


def moved(
    space: Space, rng: np.random.Generator, starts: Floats, widths: Floats, edge: float
) -> Floats:
    """Points beside other points: about half of the coordinates move, at least one.

    Numbers move by a normal step of standard deviation ``widths`` and stay in the cube; discrete
    ones move by cells, so that a neighbouring cell is always possible. A parameter that becomes
    active because its parent moved is drawn afresh.

    ``starts`` are canonical unit vectors, shape (points, dimensions), ``widths`` standard
    deviations of a shape that broadcasts to it; ``edge`` is the probability that a moved
    coordinate goes to an end of its range.
    """
    shape = points, dimensions = starts.shape
    moves = rng.random(shape) < MOVE
    moves[np.arange(points), rng.integers(dimensions, size=points)] = True
    to = np.clip(starts + rng.standard_normal(shape) * widths, 0.0, 1.0)
    end = rng.random(shape)
    to = np.where(end < edge / 2, 0.0, np.where(end < edge, 1.0, to))
    chance, fresh = rng.random(shape), rng.random(shape)
    for j, parameter in enumerate(space.searched):
        if isinstance(parameter, Choice):
            to[:, j] = np.where(chance[:, j] < REDRAW, fresh[:, j], starts[:, j])
        elif parameter.levels is not None:
            here, there = parameter.cell(starts[:, j]), parameter.cell(to[:, j])
            step = np.where(fresh[:, j] < 0.5, -1, 1)
            steps = (there == here) & (chance[:, j] < STEP)
            there = np.clip(np.where(steps, here + step, there), 0, parameter.levels - 1)
            to[:, j] = parameter.center(there)
    activated = ~space.active(starts)
    return space.canonical(np.where(activated, rng.random(shape), np.where(moves, to, starts)))


def _weights(count: int) -> Floats:
    """1, 1/2, 1/3 … as probabilities."""
    weights = 1.0 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())
