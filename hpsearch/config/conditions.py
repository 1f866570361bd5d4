"""Checking ``when``: the parents are there, can have the values, and do not wait for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.config.blocks import describe
from hpsearch.config.parameters import ParameterConfig, parents_first
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.words import nearest


def read_when(raw: Any, path: Path, problems: Problems) -> Any:
    """``when`` with a list of values for each parent, ready for the model."""
    if not isinstance(raw, dict):
        if is_readable(raw):
            advice = "write when: {optimizer: adam}"
            problems.add(path, f"must be a mapping of parameters, not {describe(raw)}; {advice}")
        return None
    if not raw:
        problems.add(path, "names no parameter; delete it, or write when: {optimizer: adam}")
    when = {}
    for parent, value in raw.items():
        values = value if isinstance(value, list) else [value]
        if not is_readable(value):
            continue
        if not values or any(v is None or isinstance(v, list | dict) for v in values):
            text = f"must be a value or a list of values, not {describe(value)}"
            problems.add((*path, parent), text)
            continue
        when[parent] = values
    return when or None


def check_conditions(
    parameters: Mapping[str, ParameterConfig], declared: Mapping[str, Any], problems: Problems
) -> None:
    """Check each ``when``; ``declared`` also has the parameters that could not be read."""
    for name, child in parameters.items():
        for parent, values in (child.when or {}).items():
            path: Path = ("parameters", name, "when", parent)
            if parent not in declared:
                near = nearest(parent, [n for n in declared if n != name])
                advice = f"did you mean {near}?" if near else "declare it under parameters"
                problems.add(path, f"there is no parameter {parent}; {advice}", of_key=True)
            elif parent in parameters:
                _check_values(parent, parameters[parent], values, path, problems)
    _check_cycles(parameters, problems)


def _check_values(
    name: str, parent: ParameterConfig, values: tuple[Any, ...], path: Path, problems: Problems
) -> None:
    as_parameter = parent.parameter(name)
    if as_parameter.levels is None:
        text = f"{name} is continuous; a condition needs values, type: int or a step there"
        problems.add(path, text, of_key=True)
        return
    for number, value in enumerate(values):
        at = (*path, number) if (*path, number) in problems.document.value_at else path
        try:
            as_parameter.encode(value)
        except ValueError as e:
            listed = [str(v) for v in parent.values or ()]
            near = nearest(value, listed)
            hint = f"; did you mean {near}?" if near else "; write a value that it can have"
            problems.add(at, f"{e}{hint}")


def _check_cycles(parameters: Mapping[str, ParameterConfig], problems: Problems) -> None:
    known = {
        name: parameter.model_copy(
            update={"when": {p: v for p, v in (parameter.when or {}).items() if p in parameters}}
        )
        for name, parameter in parameters.items()
    }
    placed = set(parents_first(known))
    for name in known:
        chain = _way_back(name, known) if name not in placed else None
        if chain is not None:
            text = f"depends on itself ({' → '.join(chain)}); take one condition away"
            problems.add(("parameters", name, "when"), text)
            return


def _way_back(name: str, parameters: Mapping[str, ParameterConfig]) -> list[str] | None:
    """The shortest chain of parents from a parameter to itself."""
    chains = [[name]]
    seen: set[str] = set()
    while chains:
        chain = chains.pop(0)
        for parent in parameters[chain[-1]].when or {}:
            if parent == name:
                return [*chain, parent]
            if parent not in seen:
                seen.add(parent)
                chains.append([*chain, parent])
    return None
