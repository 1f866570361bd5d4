"""Reading the points that a search tries first: ``search: {start: [{alpha: 0.01, …}, …]}``.

A point need not say everything. What it says must be possible: a parameter that is there, with a
value that it can have, and with the conditions of the parameter met by the same point; and the
constraints between what it says hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hpsearch.config.keys import Scalar
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.repeated import expression_names
from hpsearch.config.values import called
from hpsearch.config.whole_space import to_space
from hpsearch.config.wording import describe
from hpsearch.records import Value
from hpsearch.space import Parameter, Space
from hpsearch.space.judge import holds
from hpsearch.space.repeated import base, element
from hpsearch.text import nearest

AT: Path = ("search", "start")
_FORM = "write [{alpha: 0.01}, …]"

Point = dict[str, Scalar]
"""Some parameters' values, by their short names where they have such."""


def read_starts(
    raw: Any,
    parameters: Mapping[str, ParameterConfig],
    declared: Collection[str],
    constraints: Iterable[str],
    problems: Problems,
) -> tuple[Point, ...]:
    """The points, of which those that cannot be used are reported.

    ``parameters`` are those of the ``declared`` ones that can be used.
    """
    if not isinstance(raw, list) or not raw:
        if is_readable(raw):
            problems.add(AT, f"must be a list of points, not {describe(raw or None)}; {_FORM}")
        return ()
    all_there = set(parameters) == set(declared) and not problems
    space = to_space(parameters, constraints) if all_there else None
    points = []
    for number, given in enumerate(raw):
        at = (*AT, number)
        if not isinstance(given, dict) or not given:
            if is_readable(given):
                problems.add(at, f"must be a point, not {describe(given or None)}; {_FORM}")
            continue
        before = len(problems)
        point = _read_point(given, parameters, declared, at, problems)
        if space is not None and len(problems) == before:
            _check_conditions(point, space, at, problems)
        points.append(point)
    return tuple(points)


def _read_point(
    given: Mapping[str, Any],
    parameters: Mapping[str, ParameterConfig],
    declared: Collection[str],
    at: Path,
    problems: Problems,
) -> Point:
    point: Point = {}
    names = expression_names(parameters, parameters)
    for name, value in given.items():
        known = parameters.get(base(name))
        if name not in declared and name not in names:
            near = nearest(name, declared)
            advice = f"did you mean {near}?" if near else "declare it under parameters"
            problems.add((*at, name), f"there is no parameter {name}; {advice}", of_key=True)
        elif known is not None and is_readable(value):
            for place, each in _one_by_one(name, value, known, (*at, name), problems):
                point[place] = called(each, known.values or (), known.meanings)
                wrong = why_not(place, point[place], known)
                if known.per is not None and place not in names:
                    wrong = f"there are never so many of {known.per}; write fewer values"
                if wrong is not None:
                    problems.add((*at, name), wrong)
    return point


def _one_by_one(
    name: str, value: Any, known: ParameterConfig, at: Path, problems: Problems
) -> list[tuple[str, Any]]:
    """The names and values of the space that a value gives: of a repeated parameter a list's."""
    if known.per is None or name != base(name):
        return [(name, value)]
    if known.tied:
        return [(element(name, 1), value)]
    if not isinstance(value, list) or not value:
        text = f"has a value for each of {known.per}; write a list, as in {name}: [a, b]"
        problems.add(at, text)
        return []
    return [(element(name, number), each) for number, each in enumerate(value, start=1)]


def why_not(name: str, value: Value, parameter: ParameterConfig) -> str | None:
    """Why a parameter cannot have a value; ``None`` if it can."""
    as_parameter = parameter.parameter(name)
    if as_parameter.needs:
        return f"{name} follows from {' and '.join(as_parameter.needs)}; delete it"
    try:
        as_parameter.encode(value)
    except ValueError as e:
        near = nearest(value, parameter.values or ())
        return f"{e}; {f'did you mean {near}?' if near else 'write a value that it can have'}"
    return None


def _check_conditions(point: Point, space: Space, at: Path, problems: Problems) -> None:
    known: dict[str, Value] = {}
    for parameter in space.parameters:
        if parameter.name in point:
            wrong = _wrong_beside(parameter, point[parameter.name], known)
            if wrong is not None:
                problems.add((*at, parameter.name), wrong)
            known[parameter.name] = point[parameter.name]
        elif not parameter.searched and parameter.is_active(known):
            known[parameter.name] = parameter.value_at(0.5, known)
    for constraint in space.constraints:
        if not holds(constraint, known):
            problems.add(at, f"breaks the constraint {constraint}; change the point")


def _wrong_beside(parameter: Parameter, value: Value, known: Mapping[str, Value]) -> str | None:
    """Why a parameter cannot have a value beside those before it; ``None`` if it can."""
    if not parameter.is_active(known):
        when = " or ".join(" and ".join(map(str, held)) for held in parameter.alternatives)
        return f"is there only with {when}; give that as well, or delete this"
    try:
        parameter.encode_at(value, known)
    except ValueError as e:
        return f"{e}; write a value that it can have"
    return None
