"""The space that all declared parameters make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hpsearch.config.parameters import ParameterConfig, parents_first
from hpsearch.config.repeated import elements
from hpsearch.space import Parameter, Space, parse


def to_space(parameters: Mapping[str, ParameterConfig], constraints: Iterable[str] = ()) -> Space:
    """The space of checked parameters and constraints, in their order, but parents first."""
    declared: dict[str, Parameter] = {}
    for name, parameter in parameters.items():
        made = [parameter.parameter(name)]
        if parameter.per is not None:
            made = elements(name, parameter, parameters[parameter.per])
        declared |= {each.name: each for each in made}
    order = parents_first({name: each.depends_on for name, each in declared.items()})
    assert len(order) == len(declared)
    return Space(
        tuple(declared[name] for name in order),
        {name: p.meanings for name, p in parameters.items() if p.meanings},
        tuple(map(parse, constraints)),
    )
