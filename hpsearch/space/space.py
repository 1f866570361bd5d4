"""The space: an ordered set of parameters, and its map to the unit cube.

A *point* has one value for each active hyperparameter, constants included. Its *unit* vector has
one coordinate for each searched parameter, active or not; in the *canonical* unit vector discrete
coordinates sit in the centre of their cell and inactive ones at 0.5, so that two unit vectors of
the same point are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.records import Hparams, Value
from hpsearch.space.branches import Branched
from hpsearch.space.conditions import Condition
from hpsearch.space.expressions import Expression
from hpsearch.space.judge import Judge
from hpsearch.space.meanings import Meanings, meant, nested
from hpsearch.space.parameters import Floats, Parameter

INACTIVE = 0.5
"""The coordinate of a parameter whose condition does not hold."""


@dataclass(frozen=True)
class Space:
    """The declared hyperparameters, each after those that it depends on.

    ``meanings`` says what the values stand for that are short names. ``constraints`` are true at
    every point that may be tried. One that names a parameter which is not active has nothing to say
    there, and holds.
    """

    parameters: tuple[Parameter, ...]
    meanings: Meanings = field(default_factory=dict)
    constraints: tuple[Expression, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for parameter in self.parameters:
            assert parameter.name not in seen
            assert seen.issuperset(parameter.depends_on)
            seen.add(parameter.name)
        assert all(seen.issuperset(constraint.names) for constraint in self.constraints)

    @cached_property
    def searched(self) -> tuple[Parameter, ...]:
        """The parameters that have a coordinate, in order."""
        return tuple(p for p in self.parameters if p.searched)

    @cached_property
    def by_name(self) -> dict[str, Parameter]:
        """Every parameter by its name."""
        return {p.name: p for p in self.parameters}

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The parameters whose values decide whether others are there."""
        names = {parent for p in self.parameters for parent in p.parents}
        for parameter in reversed(self.parameters):
            if parameter.name in names:
                names.update(parameter.needs)
        return frozenset(names)

    @property
    def dimensions(self) -> int:
        """The length of a unit vector."""
        return len(self.searched)

    @property
    def size(self) -> int | None:
        """How many points there are, conditions not counted; ``None`` if there is no end."""
        total = 1
        for parameter in self.searched:
            if parameter.levels is None:
                return None
            total *= parameter.levels
        return total

    def decode(self, unit: Sequence[float] | Floats) -> dict[str, Value]:
        """The point at a unit vector of shape (dimensions,)."""
        assert len(unit) == self.dimensions
        coordinates = dict(zip((p.name for p in self.searched), unit, strict=True))
        point: dict[str, Value] = {}
        for parameter in self.parameters:
            if parameter.is_active(point):
                coordinate = float(coordinates.get(parameter.name, 0))
                point[parameter.name] = parameter.value_at(coordinate, point)
        return point

    def arguments(self, point: Hparams) -> dict[str, Any]:
        """What a Python function is given for a point: what its values mean, nested by dots."""
        return nested(meant(point, self.meanings))

    def encode(self, point: Hparams) -> tuple[float, ...]:
        """The canonical unit vector of a point; what is derived need not be in it.

        Raises:
            ValueError: an active parameter is missing, or has a value that it cannot have.
        """
        unit: list[float] = []
        point = dict(point)
        for parameter in self.parameters:
            active = parameter.is_active(point)
            if active and parameter.needs:
                point[parameter.name] = parameter.value_at(INACTIVE, point)
            if active and parameter.name not in point:
                raise ValueError(f"{parameter.name} has no value")
            if parameter.searched:
                value = point.get(parameter.name)
                unit.append(parameter.encode_at(value, point) if active else INACTIVE)
        return tuple(unit)

    @cached_property
    def judge(self) -> Judge:
        """Who knows which points keep the constraints."""
        return Judge(self)

    def allows(self, point: Hparams) -> bool:
        """Whether a point keeps all constraints, and all that is derived can be computed."""
        return self.judge.allows(point)

    def allowed(self, units: Floats) -> NDArray[np.bool_]:
        """Which of canonical unit vectors, shape (rows, dimensions), are of points it allows."""
        return self.judge.allowed(units) if self.constraints else np.ones(len(units), dtype=bool)

    def only_allowed(self, units: Floats) -> Floats:
        """Those of canonical unit vectors, shape (rows, dimensions), whose points it allows."""
        return units[self.allowed(units)] if self.constraints else units

    def inactive(self, point: Hparams) -> tuple[str, ...]:
        """The names of the parameters that a point does not have: their condition does not hold."""
        return tuple(name for name in self.by_name if name not in point)

    def canonical(self, units: Floats) -> Floats:
        """Snap unit vectors, shape (..., dimensions): one vector for each point."""
        snapped = np.empty_like(units, dtype=float)
        for j, parameter in enumerate(self.searched):
            snapped[..., j] = parameter.snap(units[..., j])
            if isinstance(parameter, Branched):
                masks = self._masks(snapped[..., :j], last=parameter)[parameter.name]
                for number, held in enumerate(masks):
                    folded = parameter.snap(parameter.folded(units[..., j], number))
                    snapped[..., j] = np.where(held, folded, snapped[..., j])
        return np.where(self.active(snapped), snapped, INACTIVE)

    def active(self, units: Floats) -> NDArray[np.bool_]:
        """Which coordinates of unit vectors, shape (..., dimensions), are of active parameters."""
        if self._asks_what_is_derived:
            return self._active_point_by_point(units)
        masks = self._masks(units)
        if not self.searched:
            return np.ones((*units.shape[:-1], 0), dtype=bool)
        return np.stack([np.any(masks[p.name], axis=0) for p in self.searched], axis=-1)

    def _masks(
        self, units: Floats, last: Parameter | None = None
    ) -> dict[str, list[NDArray[np.bool_]]]:
        """For each parameter, where the conditions of each of its alternatives hold.

        ``units`` need no coordinates of the parameter that is the ``last`` one asked for, and of
        those after it.
        """
        column = {p.name: j for j, p in enumerate(self.searched)}
        masks: dict[str, list[NDArray[np.bool_]]] = {}
        for parameter in self.parameters:
            masks[parameter.name] = []
            for conditions in parameter.alternatives:
                mask = np.ones(units.shape[:-1], dtype=bool)
                for condition in conditions:
                    parent = self.by_name[condition.parent]
                    mask &= np.any(masks[parent.name], axis=0)
                    if parent.searched:
                        mask &= _holds(condition, parent, units[..., column[parent.name]])
                    elif not condition.allows(parent.decode(0.5)):
                        mask &= False
                masks[parameter.name].append(mask)
            if parameter is last:
                break
        return masks

    @cached_property
    def _asks_what_is_derived(self) -> bool:
        """Whether a condition is on a derived parameter, which has no coordinate to look at."""
        return any(self.by_name[parent].needs for p in self.parameters for parent in p.parents)

    def _active_point_by_point(self, units: Floats) -> NDArray[np.bool_]:
        rows = units.reshape(-1, self.dimensions)
        there = [[p.name in point for p in self.searched] for point in map(self.decode, rows)]
        return np.array(there, dtype=bool).reshape(units.shape)


def _holds(condition: Condition, parent: Parameter, unit: Floats) -> NDArray[np.bool_]:
    """Whether a condition holds at each coordinate of its parent, whatever their shape."""
    if len(condition.listed) < len(condition.values):
        places, place_of = np.unique(parent.snap(unit), return_inverse=True)
        holds = [condition.allows(parent.decode(float(place))) for place in places]
        return np.array(holds, dtype=bool)[place_of].reshape(unit.shape)
    assert parent.levels is not None, "the parent of listed values has discrete ones"
    cells = [int(parent.cell(np.asarray(parent.encode(v)))) for v in condition.listed]
    return np.isin(parent.cell(unit), cells)
