"""Grid search: every combination of a few values of each parameter.

It is here for comparison: of k^n trials, a grid tries only k values of each of its n parameters,
however many of them turn out not to matter.
"""

from __future__ import annotations

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.sampling.given import first_trials
from hpsearch.sampling.points import PointList, all_coordinates
from hpsearch.sampling.sampler import ChosenPoint, Options, Question, Sampler
from hpsearch.space import Branched, Listed, Parameter
from hpsearch.space.parameters import Floats


class GridSearch(Sampler):
    """Chooses the points of a grid; the parameter declared first changes slowest.

    ``counts`` of the options says how many values of a parameter to try, evenly spaced on its
    scale from its lowest to its highest. It is needed for continuous parameters; of integers and
    other steps all values are tried where no count is given, of choices always.

    Raises:
        UsageError: a continuous parameter has no count, or a count cannot be used.
    """

    learns = False

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._grid = _grid(options)

    @classmethod
    def size_for(cls, options: Options) -> int | None:
        """How many points the grid has, and those that were given before it."""
        return len(first_trials(options.starts, options.likely)) + _grid(options).size

    def choose(self, question: Question) -> ChosenPoint:
        return ChosenPoint(self._grid[question.index], "grid", self.whole)


def _grid(options: Options) -> PointList:
    space, counts = options.space, options.counts
    searched = {p.name for p in space.searched}
    for name in counts:
        if name not in searched:
            raise UsageError(f"grid: {name} has a count, but it is no searched parameter")
    grid = PointList(space, {p.name: _coordinates(p, counts.get(p.name)) for p in space.searched})
    if not grid.size:
        raise UsageError(f"constraints: none of the grid's {grid.declared:,} points keeps them")
    return grid


def _even(low: float, high: float, count: int) -> Floats:
    return np.linspace(low, high, count) if count > 1 else np.array([(low + high) / 2])


def _coordinates(parameter: Parameter, count: int | None) -> list[float]:
    """The coordinates of one parameter's values in the grid."""
    levels = parameter.levels
    if count is None:
        if levels is None:
            raise UsageError(
                f"grid: {parameter.name} is continuous; say how many values to try, "
                f"for example count: 5"
            )
        return all_coordinates(parameter)
    if isinstance(parameter, Listed):
        raise UsageError(
            f"grid: {parameter.name} is a choice, all of whose values are tried; remove its count"
        )
    if count < 1:
        raise UsageError(f"grid: the count of {parameter.name} must be at least 1; it is {count}")
    stretches = [(0.0, 1.0)]
    if isinstance(parameter, Branched):
        stretches = [parameter.stretch(number) for number in range(len(parameter.branches))]
    even = np.concatenate([_even(low, high, count) for low, high in stretches])
    # Two even coordinates can lie in the cell of one value.
    return [float(u) for u in np.unique(parameter.snap(even))]
