"""Checking ``when``: the parents are there, can have the values, and do not wait for each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hpsearch.config.declarations import are_declarations
from hpsearch.config.keys import Scalar
from hpsearch.config.parameters import ParameterConfig, parents_first
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.wording import describe
from hpsearch.records import Value, is_number
from hpsearch.space import Comparison, Derived, Listed, Number, Parameter
from hpsearch.space.conditions import SIGNS
from hpsearch.space.meanings import short_name
from hpsearch.text import alternatives, in_full, nearest

Conditions = Mapping[str, tuple[Scalar, ...]]
"""The values that each parent may have."""


@dataclass(frozen=True)
class Declared:
    """The conditions of one declaration; ``path`` leads to them."""

    path: Path
    when: Conditions


def read_conditions(raw: Any, path: Path, problems: Problems) -> tuple[Declared, ...]:
    """The conditions of a parameter, or of each of its declarations; ``path`` leads to it."""
    if not are_declarations(raw):
        at = (*path, "when")
        return (Declared(at, read_when(raw, at, problems)),)
    places = [(*path, number, "when") for number in range(len(raw))]
    return tuple(
        Declared(at, read_when(r, at, problems)) for at, r in zip(places, raw, strict=True)
    )


def read_when(raw: Any, path: Path, problems: Problems) -> Conditions:
    """The conditions of one parameter, as far as they can be read; ``path`` leads to them."""
    if not isinstance(raw, dict) or "when" not in raw:
        return {}
    raw = raw["when"]
    if not isinstance(raw, dict) or not raw:
        if is_readable(raw):
            text = f"must be a mapping of parameters, not {describe(raw or None)}"
            problems.add(path, f"{text}; write when: {{optimizer: adam}}")
        return {}
    when = {}
    for parent, value in raw.items():
        listed = value if isinstance(value, list) else [value]
        if not is_readable(value):
            continue
        values = [short_name(v) if v is None else v for v in listed]
        if not values or not all(isinstance(v, Scalar) for v in values):
            text = f"must be a value or a list of values, not {describe(value)}"
            problems.add((*path, parent), f"{text}; write for example {parent}: [a, b]")
            continue
        when[parent] = tuple(values)
    return when


def check_conditions(
    conditions: Mapping[str, Sequence[Declared]],
    parameters: Mapping[str, ParameterConfig],
    problems: Problems,
) -> None:
    """Check the conditions of every declared parameter against those that could be read."""
    for name, each in ((name, each) for name, declared in conditions.items() for each in declared):
        for parent, values in each.when.items():
            path: Path = (*each.path, parent)
            if parent not in conditions:
                near = nearest(parent, [n for n in conditions if n != name])
                advice = f"did you mean {near}?" if near else "declare it under parameters"
                problems.add(path, f"there is no parameter {parent}; {advice}", of_key=True)
            elif parent in parameters and parent != name:
                _check_values(parent, parameters[parent], values, path, problems)
    _check_cycles(conditions, parameters, problems)


def _check_values(
    name: str, parent: ParameterConfig, values: tuple[Scalar, ...], path: Path, problems: Problems
) -> None:
    as_parameter = parent.parameter(name)
    wrong = {n: text for n, v in enumerate(values) if (text := _never(v, as_parameter))}
    if parent.value is not None:
        # Allowed: fixing a parent by an option should not break its children.
        if len(wrong) == len(values):
            text = f"{name} is fixed at {describe(parent.value)}, so this is never used"
            problems.warn(path, text)
        return
    for number, text in wrong.items():
        problems.add(problems.document.written((*path, number)), text)


def _never(value: Scalar, parent: Parameter) -> str | None:
    """Why a condition's parent never has a value, or compares so; ``None`` if it can."""
    if isinstance(parent, Derived):
        return None
    comparison = Comparison.read(value)
    if comparison is not None:
        return _never_compares(comparison, parent)
    if isinstance(value, str) and value[:1] in tuple("<>=!") and isinstance(parent, Number):
        signs = alternatives(list(SIGNS))
        return f'{describe(value)} is no comparison; write {signs} and a number, as in ">= 2"'
    if parent.levels is None:
        return (
            f'{parent.name} is continuous; compare it, as in ">= {in_full(parent.decode(0.5))}", '
            f"or give it values, type: int or a step"
        )
    try:
        parent.encode(value)
    except ValueError as e:
        near = nearest(value, parent.values if isinstance(parent, Listed) else ())
        return f"{e}; {f'did you mean {near}?' if near else 'write a value that it can have'}"
    return None


def _never_compares(comparison: Comparison, parent: Parameter) -> str | None:
    if isinstance(parent, Number):
        known: list[Value] = [parent.decode(0.0), parent.decode(1.0)]
        extent = f"{in_full(known[0])} to {in_full(known[1])}"
    else:
        known = list(parent.values) if isinstance(parent, Listed) else [parent.decode(0.5)]
        extent = ", ".join(map(in_full, known))
    if any(map(comparison.holds, known)):
        return None
    if not any(map(is_number, known)):
        return f"{parent.name} has no numbers to compare; list those of its values that are meant"
    return f"{parent.name} is never {comparison}: it has {extent}; move the bound"


def _check_cycles(
    conditions: Mapping[str, Sequence[Declared]],
    parameters: Mapping[str, ParameterConfig],
    problems: Problems,
) -> None:
    parents = {n: [p for each in d for p in each.when] for n, d in conditions.items()}
    known = {
        name: [p for p in _depends_on(name, when, parameters) if p in conditions]
        for name, when in parents.items()
    }
    placed = parents_first(known)
    for name in known:
        chain = _way_back(name, known) if name not in placed else None
        if chain is not None:
            derived = any(n not in parents[child] for child, n in pairwise(chain))
            away = "name another in one of them" if derived else "take one condition away"
            first = next((d.path for d in conditions[name] if chain[1] in d.when), None)
            text = f"depends on itself ({' → '.join(chain)}); {away}"
            counted = name in parameters and parameters[name].per == chain[1]
            key = "per" if counted else "value"
            problems.add(first or ("parameters", name, key), text)
            return


def _depends_on(
    name: str, when: Collection[str], parameters: Mapping[str, ParameterConfig]
) -> Collection[str]:
    return parameters[name].depends_on if name in parameters else when


def _way_back(name: str, parents: Mapping[str, list[str]]) -> list[str] | None:
    """The shortest chain of parents from a parameter to itself."""
    chains = [[name]]
    seen: set[str] = set()
    while chains:
        chain = chains.pop(0)
        for parent in parents[chain[-1]]:
            if parent == name:
                return [*chain, parent]
            if parent not in seen:
                seen.add(parent)
                chains.append([*chain, parent])
    return None
