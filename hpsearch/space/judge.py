"""Which of many unit vectors keep the constraints of a space: as fast as it goes, and exactly.

A point is judged by the very values that a trial would have; only those parameters are decoded
that the constraints speak of, and the value of a discrete coordinate is decoded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpsearch.records import Hparams, Value
from hpsearch.space.expressions import CannotCompute, Expression
from hpsearch.space.parameters import Floats, Parameter

if TYPE_CHECKING:
    from hpsearch.space.space import Space


def holds(constraint: Expression, point: Hparams) -> bool:
    """Whether a constraint is kept at a point; one that cannot be computed there is not.

    One that names a parameter which is not active has nothing to say, and is kept.
    """
    if not all(name in point for name in constraint.names):
        return True
    try:
        return constraint.value(point) is True
    except CannotCompute:
        return False


class Judge:
    """Judges the points of one space. ``parameters`` are those that it has to look at."""

    def __init__(self, space: Space) -> None:
        self.constraints = space.constraints
        names = {name for constraint in space.constraints for name in constraint.names}
        names.update(p.name for p in space.parameters if p.needs)
        for parameter in reversed(space.parameters):
            if parameter.name in names:
                names.update(parameter.depends_on)
        self.parameters = tuple(p for p in space.parameters if p.name in names)
        columns = {p.name: j for j, p in enumerate(space.searched)}
        self._columns = [columns.get(p.name) for p in self.parameters]
        self._known: dict[str, dict[float, Value]] = {
            p.name: {} for p in self.parameters if p.searched and p.levels is not None
        }

    @property
    def searched(self) -> bool:
        """Whether what is looked at can differ from point to point."""
        return any(parameter.searched for parameter in self.parameters)

    def allows(self, point: Hparams) -> bool:
        """Whether a point keeps all constraints, and all that is derived can be computed."""
        return all(holds(c, point) for c in self.constraints) and all(
            parameter.name in point
            for parameter in self.parameters
            if parameter.needs and parameter.is_wanted(point)
        )

    def points(self, units: Floats) -> list[dict[str, Value]]:
        """What is looked at of canonical unit vectors, shape (rows, dimensions)."""
        return [self._point(row) for row in units.tolist()]

    def allowed(self, units: Floats) -> NDArray[np.bool_]:
        """Which of canonical unit vectors, shape (rows, dimensions), are of points it allows."""
        return np.array([self.allows(point) for point in self.points(units)], dtype=bool)

    def _point(self, row: Sequence[float]) -> dict[str, Value]:
        point: dict[str, Value] = {}
        for parameter, column in zip(self.parameters, self._columns, strict=True):
            if parameter.is_active(point):
                unit = 0.0 if column is None else row[column]
                point[parameter.name] = self._value(parameter, unit, point)
        return point

    def _value(self, parameter: Parameter, unit: float, point: Mapping[str, Value]) -> Value:
        known = self._known.get(parameter.name)
        if known is None:
            return parameter.value_at(unit, point)
        if unit not in known:
            known[unit] = parameter.decode(unit)
        return known[unit]
