"""Warnings of parameters that change nothing in what they are searched for.

Which setting of the built-in network matters when is in the network's own table
(``Hyperparameter.needs``): ``beta`` for momentum alone, ``decay_rate`` only with a decay. A search
over one that changes nothing wastes its trials, and measures an importance in noise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hpsearch.config.parameters import Formula, ParameterConfig
from hpsearch.config.problems import Path, Problems
from hpsearch.config.wording import describe
from hpsearch.network.hyperparameters import HYPERPARAMETERS, Need
from hpsearch.records import Value
from hpsearch.space import Comparison, Condition, Parameter

MOST_VALUES = 20
"""A parent with more values than this is not looked through."""

Parameters = Mapping[str, ParameterConfig]


def warn_about_effects(parameters: Parameters, problems: Problems) -> None:
    """Warn of each searched setting of the network that has no effect, or not with all values."""
    for name, parameter in parameters.items():
        if parameter.searched and not parameter.branches:
            texts = (
                _without_effect(name, need, parameters) for need in HYPERPARAMETERS[name].needs
            )
            first = next((text for text in texts if text is not None), None)
            if first is not None:
                problems.warn(("parameters", name), first)


def _without_effect(name: str, need: Need, parameters: Parameters) -> str | None:
    """With which values of another setting this one has no effect; ``None`` if with none."""
    if parameters[name].per == need.name:
        return None  # there are as many of it as there is use for
    values = _values_beside(name, need.name, parameters)
    holds = {value: need.holds(_real(need.name, value, parameters)) for value in values}
    idle = [value for value in values if not holds[value]]
    if not idle:
        return None
    fine = [value for value in values if holds[value]]
    if fine:
        advice = f"write when: {{{need.name}: {_listed(fine)}}}"
    elif need.least is not None:
        advice = f"delete it, or give {need.name} a value of {need.least:g} or more"
    else:
        advice = f"delete it, or write {need.name}: {' or '.join(map(_plain, need.values))}"
    where = f"{need.name} {' or '.join(map(_plain, idle))}"
    default = "" if need.name in parameters else ", its default"
    return f"has no effect with {where}{default}; {advice}"


def _real(name: str, value: Value, parameters: Parameters) -> Any:
    return parameters[name].real(value) if name in parameters and value is not None else value


def _listed(values: list[Value]) -> str:
    return _plain(values[0]) if len(values) == 1 else f"[{', '.join(map(_plain, values))}]"


def _plain(value: Value) -> str:
    """A value as YAML has it, a word without quotes."""
    return value if isinstance(value, str) else describe(value)


def _values_beside(name: str, other: str, parameters: Parameters) -> list[Value]:
    """What ``other`` can be while ``name`` is active: its default where it is not active itself."""
    default = HYPERPARAMETERS[other].default
    if other not in parameters:
        return [default]
    parent = parameters[other].parameter(other)
    if parent.levels is None or parent.levels > MOST_VALUES:
        return []
    known = list(_implied(name, parameters))
    values = [v for v in _values(parent) if all(c.allows(v) for c in known if c.parent == other)]
    always = all(_implies(known, condition) for condition in parent.when)
    if not always and not any(c.parent == other for c in known) and default not in values:
        values.append(default)
    return values


def _values(parameter: Parameter) -> list[Value]:
    assert parameter.levels is not None
    if not parameter.searched:
        return [parameter.decode(0.5)]
    return [parameter.decode(float(u)) for u in parameter.center(np.arange(parameter.levels))]


def _implied(name: str, parameters: Parameters) -> Iterator[Condition]:
    """What holds while a parameter is active: its conditions, and those of its parents."""
    for condition in parameters[name].parameter(name).when:
        yield condition
        yield from _implied(condition.parent, parameters)


def _implies(known: list[Condition], wanted: Condition) -> bool:
    for condition in (c for c in known if c.parent == wanted.parent):
        compared = [v for v in condition.values if isinstance(v, Comparison)]
        same = all(comparison in wanted.values for comparison in compared)
        if same and all(map(wanted.allows, condition.listed)):
            return True
    return False


def warn_about_formulas(parameters: Parameters, problems: Problems) -> None:
    """Warn of text that looks like a formula of other parameters: nothing computes it."""
    for name, parameter in parameters.items():
        at: Path = ("parameters", name)
        fixed = () if isinstance(parameter.value, Formula) else (parameter.value,)
        for value in (*fixed, *(parameter.values or ())):
            named = _named_in(value, parameters) if isinstance(value, str) else []
            if named:
                text = f"{describe(value)} stays text: nothing computes it from "
                text += f"{' and '.join(named)}; what is computed is written {{value: …}}"
                problems.warn(at, text)
                break


def _named_in(text: str, parameters: Parameters) -> list[str]:
    """The parameters that a formula in ``text`` names; none if it is no such formula.

    A formula has an operator, a call or a subscript, and every name in it is a parameter:
    ``2 * a`` and ``max(a, b)`` are formulas; ``relu``, ``a`` and ``resnet-a`` are words.
    """
    try:
        tree = ast.parse(text.replace("${", "(").replace("{", "(").replace("}", ")"), mode="eval")
    except (SyntaxError, ValueError):
        return []
    nodes = list(ast.walk(tree))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in called]
    if isinstance(tree.body, ast.Name) and tree.body.id == text.strip():
        return []
    return list(dict.fromkeys(names)) if all(name in parameters for name in names) else []
