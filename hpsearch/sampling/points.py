"""The distinct points of a discrete space, numbered without listing them.

A parameter that is inactive has no value, so it multiplies nothing: ``optimizer`` in {sgd, adam}
and three values of ``beta2`` for adam alone are 1 + 3 points, not 2 x 3. The points are ordered
like the digits of a number: the parameter declared first changes slowest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.records import Value
from hpsearch.sampling.strategy import Unit
from hpsearch.space import INACTIVE, Branched, Parameter, Space


def all_coordinates(parameter: Parameter) -> list[float]:
    """The coordinate of each value of a discrete parameter, in order."""
    assert parameter.levels is not None
    return [float(u) for u in parameter.center(np.arange(parameter.levels))]


MOST_JUDGED = 100_000
"""Points of a space with constraints that are looked at one by one, in a second or two."""


class PointList:
    """A read-only sequence of canonical unit vectors, one for each distinct point.

    ``coordinates`` gives, for each searched parameter by its name, the coordinates to combine:
    canonical and all different. Of the ``declared`` points those are in it that keep the
    constraints.

    Raises:
        UsageError: there are constraints, and too many points to look at each.
    """

    def __init__(self, space: Space, coordinates: Mapping[str, Sequence[float]]) -> None:
        self._space = space
        self._coordinates = coordinates
        self._counts: dict[tuple[int, str], int] = {}
        self.declared = self._count(0, {})
        self._allowed: Sequence[int] = range(self.declared)
        self.size = self.declared  # a range may be longer than Python can tell
        if space.constraints:
            self._allowed = self._allowed_numbers()
            self.size = len(self._allowed)

    @classmethod
    def of_all(cls, space: Space, limit: int = 10_000) -> PointList | None:
        """All points of a space; ``None`` if they are more than ``limit`` or have no end."""
        if space.size is None or space.size > limit:
            return None
        return cls(space, {p.name: all_coordinates(p) for p in space.searched})

    def __getitem__(self, index: int) -> Unit:
        """The point with a number from 0 to ``size`` - 1."""
        assert 0 <= index < self.size
        index = self._allowed[index]
        unit: list[float] = []
        chosen: dict[str, Value] = {}
        for position, parameter in enumerate(self._space.parameters):
            for coordinate in self._options(position, chosen):
                following = self._with(position, coordinate, chosen)
                count = self._count(position + 1, following)
                if index < count:
                    break
                index -= count
            chosen = following
            if parameter.searched:
                unit.append(coordinate)
        return tuple(unit)

    def _allowed_numbers(self) -> Sequence[int]:
        """The numbers, among all that are declared, of those that keep the constraints."""
        if self.declared > MOST_JUDGED:
            raise UsageError(
                f"constraints: they would have to be looked at in each of {self.declared:,} "
                f"points, and at most {MOST_JUDGED:,} are; declare fewer values or counts"
            )
        units = np.array(list(self._units(0, (), {}))).reshape(-1, self._space.dimensions)
        numbers: list[int] = np.flatnonzero(self._space.allowed(units)).tolist()
        return numbers

    def _units(self, position: int, unit: Unit, chosen: Mapping[str, Value]) -> Iterator[Unit]:
        """All points that begin as ``unit`` does, in order."""
        if position == len(self._space.parameters):
            yield unit
            return
        searched = self._space.parameters[position].searched
        for coordinate in self._options(position, chosen):
            longer = (*unit, coordinate) if searched else unit
            yield from self._units(position + 1, longer, self._with(position, coordinate, chosen))

    def _options(self, position: int, chosen: Mapping[str, Value]) -> Sequence[float]:
        parameter = self._space.parameters[position]
        if not parameter.searched or not parameter.is_active(chosen):
            return (INACTIVE,)
        coordinates = self._coordinates[parameter.name]
        if isinstance(parameter, Branched):
            number = parameter.branch_at(chosen)
            assert number is not None
            low, high = parameter.stretch(number)
            return [unit for unit in coordinates if low <= unit <= high]
        return coordinates

    def _with(
        self, position: int, coordinate: float, chosen: Mapping[str, Value]
    ) -> dict[str, Value]:
        """``chosen`` and the value of one more parameter, if it is active and anyone asks."""
        parameter = self._space.parameters[position]
        if parameter.name not in self._space.deciding or not parameter.is_active(chosen):
            return dict(chosen)
        return {**chosen, parameter.name: parameter.value_at(coordinate, chosen)}

    def _count(self, position: int, chosen: Mapping[str, Value]) -> int:
        """How many ways there are to go on from the parameter at ``position``."""
        if position == len(self._space.parameters):
            return 1
        key = (position, repr(chosen))
        if key not in self._counts:
            options = self._options(position, chosen)
            if self._space.parameters[position].name in self._space.deciding:
                self._counts[key] = sum(
                    self._count(position + 1, self._with(position, coordinate, chosen))
                    for coordinate in options
                )
            else:
                self._counts[key] = len(options) * self._count(position + 1, chosen)
        return self._counts[key]
