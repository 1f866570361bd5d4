"""A declared parameter, and the space that all of them make.

=================  ===================================================  ==========================
written as         for example                                          becomes
=================  ===================================================  ==========================
a plain value      ``activation: relu``                                 a constant
``value``          ``beta2: {value: 0.99, when: {optimizer: adam}}``    a constant with conditions
``values``         ``layers: {values: [1, 2, 3]}``                      a choice
``min``, ``max``   ``alpha: {min: 1e-4, max: 1, scale: log}``           a number
=================  ===================================================  ==========================
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hpsearch.config.blocks import Block, Positive, Scalar
from hpsearch.space import LINEAR, SCALES, Choice, Condition, Constant, Number, Parameter, Space

if TYPE_CHECKING:
    _ScaleName = str
else:
    _ScaleName = Literal[tuple(SCALES)]  # the names stand in the table of scales alone

_PURPOSES = "; ".join(f"{scale.name} {scale.purpose}".strip() for scale in SCALES.values())


class ParameterConfig(Block):
    """One hyperparameter: fixed, chosen from a list, or between two bounds."""

    value: Scalar | None = Field(default=None, description="The one value of a fixed parameter.")
    values: tuple[Scalar, ...] | None = Field(
        default=None,
        description="The values to choose from; no order is assumed.",
        examples=[[1, 2, 3]],
    )
    min: int | float | None = Field(
        default=None,
        description="The lowest value: a real value, never an exponent.",
        examples=[1e-4],
    )
    max: int | float | None = Field(
        default=None,
        description="The highest value: a real value, never an exponent.",
        examples=[1],
    )
    scale: _ScaleName = Field(
        default=LINEAR.name,
        description=f"The axis on which values are drawn evenly: {_PURPOSES}.",
    )
    type: Literal["float", "int"] = Field(default="float", description="int: whole numbers only.")
    step: Positive | None = Field(
        default=None, description="Only min, min + step, min + 2 step …", examples=[0.1]
    )
    count: int | None = Field(
        default=None,
        ge=2,
        description="With strategy grid: how many points, evenly on the scale.",
        examples=[5],
    )
    when: dict[str, tuple[Scalar, ...]] | None = Field(
        default=None,
        description="Only while another parameter has this value, or one of these.",
        examples=[{"optimizer": "adam"}],
    )
    tier: int | None = Field(
        default=None,
        ge=1,
        le=3,
        description="The importance you expect; 1 is the highest.",
        examples=[1],
    )

    @property
    def searched(self) -> bool:
        """Whether it is not fixed."""
        return self.value is None

    def parameter(self, name: str) -> Parameter:
        """The parameter of the space."""
        when = tuple(Condition(parent, values) for parent, values in (self.when or {}).items())
        if self.value is not None:
            return Constant(name, when, self.tier, value=self.value)
        if self.values is not None:
            return Choice(name, when, self.tier, values=self.values)
        assert self.min is not None
        assert self.max is not None
        integer = self.type == "int"
        step = float(self.step) if self.step is not None else 1.0 if integer else None
        return Number(
            name,
            when,
            self.tier,
            low=float(self.min),
            high=float(self.max),
            scale=SCALES[self.scale],
            step=step,
            integer=integer,
        )


def parents_first(parents: Mapping[str, Collection[str]]) -> list[str]:
    """Names in their order, but each after its parents; those in a circle are left out.

    >>> parents_first({"beta2": ["optimizer"], "alpha": [], "optimizer": []})
    ['alpha', 'optimizer', 'beta2']
    """
    waiting = list(parents)
    placed: list[str] = []
    while True:
        ready = (n for n in waiting if all(p in placed for p in parents[n]))
        name = next(ready, None)
        if name is None:
            return placed
        placed.append(name)
        waiting.remove(name)


def to_space(parameters: Mapping[str, ParameterConfig]) -> Space:
    """The space of checked parameters."""
    order = parents_first({name: p.when or {} for name, p in parameters.items()})
    assert len(order) == len(parameters)
    return Space(tuple(parameters[name].parameter(name) for name in order))
