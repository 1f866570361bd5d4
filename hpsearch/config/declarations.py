"""A parameter that is declared more than once, each time with its ``when``, as a list.

alpha:
- {min: 1e-4, max: 1e-2, scale: log, when: {optimizer: adam}}
- {min: 1e-2, max: 1, scale: log, when: {optimizer: sgd}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from hpsearch.config.parameters import Formula, ParameterConfig, as_condition
from hpsearch.config.problems import Path, Problems
from hpsearch.records import Value
from hpsearch.space import Comparison, Condition, Number, Parameter

ALIKE = ("scale", "type", "count", "tier")
"""What has to be said alike in each declaration: there is one column, and one axis."""

MOST_VALUES = 10_000
"""Values of a parent that are looked through one by one."""


def are_declarations(raw: Any) -> bool:
    """Whether a list is one of declarations, and not of values."""
    return bool(raw) and isinstance(raw, list) and all(isinstance(item, dict) for item in raw)


def combined(
    parts: Sequence[ParameterConfig | None], path: Path, problems: Problems
) -> ParameterConfig | None:
    """One parameter of its declarations; ``None`` if they cannot be used together."""
    before = len(problems)
    if len(parts) == 1:
        problems.add(path, "has one declaration; write it without the list")
    for number, part in enumerate(parts):
        if part is not None:
            _check_part(part, (*path, number), problems)
    readable = [part for part in parts if part is not None]
    if len(problems) > before or len(readable) < len(parts):
        return None
    first, *others = readable
    for number, other in enumerate(others, start=1):
        for key in ALIKE:
            mine, its = getattr(first, key), getattr(other, key)
            if mine != its:
                text = f"{key} is {its or 'not said'}, and {mine or 'not said'} in the first; "
                problems.add((*path, number, key), f"{text}one column has one {key}")
    if len(problems) > before:
        return None
    return ParameterConfig(
        min=min(part.min for part in readable if part.min is not None),
        max=max(part.max for part in readable if part.max is not None),
        branches=tuple(readable),
        likely=tuple(value for part in readable for value in part.likely or ()) or None,
        **{key: getattr(first, key) for key in ALIKE},
    )


def _check_part(part: ParameterConfig, path: Path, problems: Problems) -> None:
    if part.min is None:
        text = "is one of several declarations, which are ranges; write min and max, or declare "
        problems.add(path, f"{text}a parameter of another name")
    elif part.per is not None:
        problems.add((*path, "per"), "per does not go with several declarations", of_key=True)
    elif part.step is not None:
        text = "step does not go with several declarations; write type: int, or leave it out"
        problems.add((*path, "step"), text, of_key=True)
    elif not part.when:
        problems.add(path, "is one of several declarations, and has no when; add when: {…}")


def check_apart(parameters: Mapping[str, ParameterConfig], problems: Problems) -> None:
    """Check that of no parameter two declarations can hold together."""
    for name, parameter in parameters.items():
        for part in parameter.branches:
            for parent in part.when or {}:
                if parent in parameters and isinstance(parameters[parent].value, Formula):
                    text = f"{parent} is derived; several declarations depend on what is searched"
                    problems.add(("parameters", name), text)
                    return
        for (_, one), (place, other) in combinations(enumerate(parameter.branches), 2):
            if not _are_apart(one, other, parameters):
                path: Path = ("parameters", name, place, "when")
                text = "can hold together with that of a declaration before it; let the same "
                problems.add(path, f"{text}parameter have other values in each")


def _are_apart(
    one: ParameterConfig, other: ParameterConfig, parameters: Mapping[str, ParameterConfig]
) -> bool:
    """Whether some parent has no value with which both are there."""
    for name in set(one.when or {}) & set(other.when or {}):
        if name in parameters:
            both = [as_condition(name, (part.when or {})[name]) for part in (one, other)]
            values = _telling_values(parameters[name].parameter(name), both)
            if not any(all(condition.allows(value) for condition in both) for value in values):
                return True
    return False


def _telling_values(parent: Parameter, conditions: Sequence[Condition]) -> list[Value]:
    """All values of a parent; of very many, or no end of them, one between any two bounds."""
    if parent.levels is not None and parent.levels <= MOST_VALUES:
        if not parent.searched:
            return [parent.decode(0.5)]
        return [parent.decode(float(u)) for u in parent.center(np.arange(parent.levels))]
    assert isinstance(parent, Number)
    asked = [value for condition in conditions for value in condition.values]
    bounds = {parent.low, parent.high}
    bounds.update(float(v.bound) for v in asked if isinstance(v, Comparison))
    inside = sorted(bound for bound in bounds if parent.low <= bound <= parent.high)
    between = [(low + high) / 2 for low, high in pairwise(inside)]
    return [*inside, *between]
