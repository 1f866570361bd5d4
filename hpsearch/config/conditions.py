"""Checking ``when``: the parents are there, can have the values, and do not wait for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.config.keys import Scalar
from hpsearch.config.parameters import ParameterConfig, parents_first
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.wording import describe
from hpsearch.text import nearest

Conditions = Mapping[str, tuple[Scalar, ...]]
"""The values that each parent may have."""


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
        values = value if isinstance(value, list) else [value]
        if not is_readable(value):
            continue
        if not values or not all(isinstance(v, Scalar) for v in values):
            text = f"must be a value or a list of values, not {describe(value)}"
            problems.add((*path, parent), f"{text}; write for example {parent}: [a, b]")
            continue
        when[parent] = tuple(values)
    return when


def check_conditions(
    conditions: Mapping[str, Conditions],
    parameters: Mapping[str, ParameterConfig],
    problems: Problems,
) -> None:
    """Check the conditions of every declared parameter against those that could be read."""
    for name, when in conditions.items():
        for parent, values in when.items():
            path: Path = ("parameters", name, "when", parent)
            if parent not in conditions:
                near = nearest(parent, [n for n in conditions if n != name])
                advice = f"did you mean {near}?" if near else "declare it under parameters"
                problems.add(path, f"there is no parameter {parent}; {advice}", of_key=True)
            elif parent in parameters and parent != name:
                _check_values(parent, parameters[parent], values, path, problems)
    _check_cycles(conditions, problems)


def _check_values(
    name: str, parent: ParameterConfig, values: tuple[Scalar, ...], path: Path, problems: Problems
) -> None:
    as_parameter = parent.parameter(name)
    if as_parameter.levels is None:
        text = f"{name} is continuous; a condition needs values, type: int or a step there"
        problems.add(path, text, of_key=True)
        return
    impossible = {}
    for number, value in enumerate(values):
        try:
            as_parameter.encode(value)
        except ValueError as e:
            impossible[number] = str(e)
    if parent.value is not None:
        # Allowed: fixing a parent by an option should not break its children.
        if len(impossible) == len(values):
            text = f"{name} is fixed at {describe(parent.value)}, so this is never used"
            problems.warn(path, text)
        return
    for number, text in impossible.items():
        at = problems.document.written((*path, number))
        near = nearest(values[number], parent.values or ())
        hint = f"did you mean {near}?" if near else "write a value that it can have"
        problems.add(at, f"{text}; {hint}")


def _check_cycles(conditions: Mapping[str, Conditions], problems: Problems) -> None:
    known = {name: [p for p in when if p in conditions] for name, when in conditions.items()}
    placed = parents_first(known)
    for name in known:
        chain = _way_back(name, known) if name not in placed else None
        if chain is not None:
            text = f"depends on itself ({' → '.join(chain)}); take one condition away"
            problems.add(("parameters", name, "when"), text)
            return


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
