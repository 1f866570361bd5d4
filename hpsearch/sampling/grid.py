"""Grid search: every combination of a few values of each parameter.

Here to be compared with: of k^n trials, a grid tries only k values of each of its n parameters,
however many of them turn out not to matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.sampling.cutoffs import CutoffRule
from hpsearch.sampling.history import HistoryReader
from hpsearch.sampling.points import PointList, all_coordinates
from hpsearch.sampling.strategy import Observation, Proposal, Unit, whole_ranges
from hpsearch.space import Choice, Parameter, Space


class GridSearch:
    """Proposes the points of a grid; the parameter declared first changes slowest.

    Args:
        counts: how many values of a parameter to try, evenly spread on its scale from its lowest
            to its highest. Needed for continuous parameters; of integers and other steps all
            values are tried where no count is given, of choices always.

    Raises:
        UsageError: a continuous parameter has no count, or a count cannot be used.
    """

    def __init__(
        self,
        space: Space,
        lookahead: int,
        epochs: int,
        early_stop: CutoffRule,
        counts: Mapping[str, int],
    ) -> None:
        searched = {p.name for p in space.searched}
        for name in counts:
            if name not in searched:
                raise UsageError(f"grid: {name} has a count, but it is no searched parameter")
        coordinates = {p.name: _coordinates(p, counts.get(p.name)) for p in space.searched}
        self._points = PointList(space, coordinates)
        self._early_stop = early_stop
        self._reader = HistoryReader(space.dimensions, epochs)
        self._ranges = whole_ranges(space)
        self.lookahead = lookahead

    @property
    def size(self) -> int:
        """How many points the grid has."""
        return self._points.size

    def propose(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Proposal:
        del pending  # a grid does not look at what it has done
        return Proposal(
            unit=self._points[index],
            origin="grid",
            ranges=self._ranges,
            cutoffs=self._early_stop(self._reader.read(history)),
        )


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
    if isinstance(parameter, Choice):
        raise UsageError(
            f"grid: {parameter.name} is a choice, all of whose values are tried; remove its count"
        )
    if count < 1:
        raise UsageError(f"grid: the count of {parameter.name} must be at least 1; it is {count}")
    even = np.linspace(0.0, 1.0, count) if count > 1 else np.array([0.5])
    # Two even coordinates can lie in the cell of one value.
    return [float(u) for u in np.unique(parameter.snap(even))]
