"""``per: layers``: one value for each of a count, as many as that parameter says.

    layers:       {min: 1, max: 3, type: int}
    hidden_units: {per: layers, min: 16, max: 512, scale: log, type: int}
    dropout:      {per: layers, tied: true, min: 0, max: 0.5}

The space has ``hidden_units[1]``, ``hidden_units[2]`` …, each with the condition that there are so
many layers. With ``tied`` the first is searched, and the others are derived: the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hpsearch.config.parameters import Formula, ParameterConfig
from hpsearch.config.problems import Problems
from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.records import is_number
from hpsearch.space import Comparison, Condition, Derived, Parameter
from hpsearch.space.expressions import Expression, Name
from hpsearch.space.repeated import element
from hpsearch.text import nearest

MOST = 64
"""Values that one parameter may be repeated for."""


def times(parent: ParameterConfig) -> int | None:
    """The highest value of a parameter that counts; ``None`` if it is not always a whole number."""
    if isinstance(parent.value, Formula) or parent.per or parent.branches:
        return None
    bounds = (parent.min, parent.max) if parent.type == "int" and parent.min is not None else None
    counts = bounds or parent.values or (parent.value,)
    whole = [int(n) for n in counts if is_number(n) and n == int(n) >= 0]
    return max(whole) if len(whole) == len(counts) else None


def expression_names(
    parameters: Mapping[str, ParameterConfig], declared: Iterable[str]
) -> list[str]:
    """What expressions may name of all that is declared: of a repeated parameter its values."""
    names: list[str] = []
    for name in declared:
        parameter = parameters.get(name)
        if parameter is None or parameter.per is None:
            names.append(name)
        elif parameter.per in parameters:
            count = times(parameters[parameter.per]) or 0
            names += [element(name, number + 1) for number in range(count)]
    return names


def elements(name: str, parameter: ParameterConfig, parent: ParameterConfig) -> list[Parameter]:
    """The parameters of the space that a repeated one stands for."""
    assert parameter.per is not None
    count = times(parent)
    assert count is not None
    made: list[Parameter] = []
    for number in range(1, max(count, 1) + 1):  # one that is never there says what is declared
        enough = Comparison(f">= {number}", ">=", number)
        own = parameter.parameter(element(name, number))
        if parameter.tied and number > 1:
            first = Expression(made[0].name, Name(made[0].name, 0))
            own = Derived(own.name, own.when, own.tier, expression=first)
        when = (Condition(parameter.per, (enough,)), *own.when)
        made.append(replace(own, when=when))
    return made


def check_repeated(
    parameters: Mapping[str, ParameterConfig], kind: str | None, problems: Problems
) -> None:
    """Check that what parameters are repeated for counts, and that the network takes a list."""
    for name, parameter in parameters.items():
        path = ("parameters", name, "per")
        if parameter.per is None:
            if parameter.tied is not None:
                problems.add((*path[:2], "tied"), "goes with per; add per: …, or delete it")
            continue
        parent = parameters.get(parameter.per)
        if parameter.per == name:
            continue  # a circle, which is told of as such
        if parent is None:
            near = nearest(parameter.per, [other for other in parameters if other != name])
            advice = f"did you mean {near}?" if near else "declare it under parameters"
            problems.add(path, f"there is no parameter {parameter.per} to count; {advice}")
            continue
        count = times(parent)
        if count is None:
            text = f"{parameter.per} does not count: it needs whole numbers, 0 or more; "
            problems.add(path, f"{text}write type: int or values: [1, 2, 3] for it")
        elif count > MOST or (count == 0 and parent.value is None):
            text = f"{parameter.per} goes up to {count}, and there can be 1 to {MOST} values"
            problems.add(path, f"{text}; change its range")
        elif kind == "network":
            _check_for_network(name, parameter.per, problems)


def _check_for_network(name: str, per: str, problems: Problems) -> None:
    path = ("parameters", name, "per")
    known = HYPERPARAMETERS.get(name)
    if known is None:
        return
    if not known.per_layer:
        problems.add(path, f"the network has one {name} for all of its layers; delete it")
    elif per != "layers":
        problems.add(path, f"the network has one {name} for each of its layers; write per: layers")
