"""A declared parameter, and what it becomes in the space.

=================  ===================================================  ==========================
written as         for example                                          becomes
=================  ===================================================  ==========================
a plain value      ``activation: relu``                                 a constant
``value``          ``beta2: {value: 0.99, when: {optimizer: adam}}``    a constant with conditions
``value``          ``units2: {value: units1 // 2}``                     a derived one
``values``         ``layers: {values: [1, 2, 3]}``                      a choice
``ordered``        ``size: {values: [S, M, L], ordered: true}``         an axis of ranks
``min``, ``max``   ``alpha: {min: 1e-4, max: 1, scale: log}``           a number
=================  ===================================================  ==========================
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from hpsearch.config.keys import Limits, Positive, Scalar, following, key
from hpsearch.space import (
    LINEAR,
    SCALES,
    Branch,
    Branched,
    Choice,
    Comparison,
    Condition,
    Constant,
    Derived,
    Number,
    Ordered,
    Parameter,
    parse,
)
from hpsearch.space.repeated import base

if TYPE_CHECKING:
    _ScaleName = str
else:
    _ScaleName = Literal[tuple(SCALES)]  # the names stand in the table of scales alone

_PURPOSES = "; ".join(f"{scale.name} {scale.purpose}".strip() for scale in SCALES.values())


class Formula(str):
    """The text of a ``value`` that is computed of other parameters; it can be parsed."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class ParameterConfig:
    """One hyperparameter: fixed, chosen from a list, or between two bounds.

    ``value`` and ``values`` are plain, as a point has them. ``meanings`` says of those that are
    short names what they stand for. ``branches`` are the declarations of one that has several,
    each with its range and its conditions; ``min`` and ``max`` are then the ends of them all.
    """

    value: Scalar | None = key(
        default=None,
        doc="The one value of a fixed parameter; or how it follows from others, as in "
        "1 - (1 - beta1) / 10.",
    )
    values: tuple[Scalar, ...] | None = key(
        default=None,
        doc="The values to choose from, of any kind; as a mapping, each with a short name for "
        "tables.",
        example=[1, 2, 3],
    )
    ordered: Annotated[bool, Limits({})] | None = key(
        default=None,
        doc="true: the values are in an order, and are searched as an axis.",
        example=True,
    )
    min: int | float | None = key(
        default=None,
        doc="The lowest value: a real value, never an exponent.",
        example=1e-4,
    )
    max: int | float | None = key(
        default=None,
        doc="The highest value: a real value, never an exponent.",
        example=1,
    )
    scale: _ScaleName = key(
        default=LINEAR.name,
        doc=f"The axis on which values are drawn evenly: {_PURPOSES}.",
    )
    type: Literal["float", "int"] = key(default="float", doc="int: whole numbers only.")
    step: Positive | None = key(
        default=None, doc="Only min, min + step, min + 2 step …", example=0.1
    )
    count: Annotated[int, Limits({"minimum": 2})] | None = key(
        default=None,
        doc="With strategy grid: how many points, evenly on the scale.",
        example=5,
    )
    when: dict[str, tuple[Scalar, ...]] | None = key(
        default=None,
        doc="Only while another parameter has this value, one of these, or compares so with a "
        'number, as in ">= 2".',
        example={"optimizer": "adam"},
    )
    per: str | None = key(
        default=None,
        doc="One value for each of a count: as many as this other parameter says.",
        example="layers",
    )
    tied: bool | None = key(
        default=None, doc="With per: true draws one value and uses it for all.", example=True
    )
    tier: Annotated[int, Limits({"minimum": 1, "maximum": 3})] | None = key(
        default=None,
        doc="The importance you expect; 1 is the highest.",
        example=1,
    )

    likely: tuple[Scalar, ...] | None = key(
        default=None,
        doc="Where you would begin: a value, or a list of some. The first trials have them, "
        "a few more lean to them, and nothing is excluded.",
        example=0.01,
    )
    meanings: dict[str, Any] = following()
    branches: tuple[ParameterConfig, ...] = following(tuple)

    @property
    def searched(self) -> bool:
        """Whether it is neither fixed nor derived."""
        return self.value is None

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The parameters that decide whether it is there, or what it is."""
        needs = parse(self.value).names if isinstance(self.value, Formula) else ()
        of_branches = [parent for branch in self.branches for parent in branch.when or {}]
        counted = (self.per,) if self.per is not None else ()
        return (*counted, *(self.when or {}), *of_branches, *map(base, needs))

    def real(self, value: Scalar) -> Any:
        """What one of the values stands for."""
        return self.meanings.get(value, value) if isinstance(value, str) else value

    def parameter(self, name: str) -> Parameter:
        """The parameter of the space."""
        when = self.conditions
        if isinstance(self.value, Formula):
            return Derived(name, when, self.tier, expression=parse(self.value))
        if self.value is not None:
            return Constant(name, when, self.tier, value=self.value)
        if self.values is not None:
            listed = Ordered if self.ordered else Choice
            return listed(name, when, self.tier, values=self.values)
        assert self.min is not None
        assert self.max is not None
        integer = self.type == "int"
        step = float(self.step) if self.step is not None else 1.0 if integer else None
        number = Number(
            name,
            when,
            self.tier,
            low=float(self.min),
            high=float(self.max),
            scale=SCALES[self.scale],
            step=step,
            integer=integer,
        )
        if not self.branches:
            return number
        return Branched(**vars_of(number), branches=tuple(b.as_branch() for b in self.branches))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of which have to hold."""
        return tuple(as_condition(parent, values) for parent, values in (self.when or {}).items())

    def as_branch(self) -> Branch:
        """Its range and conditions, as one declaration of several."""
        assert self.min is not None
        assert self.max is not None
        return Branch(self.conditions, float(self.min), float(self.max))


def vars_of(number: Number) -> dict[str, Any]:
    """The fields of a number by their names."""
    return {declared.name: getattr(number, declared.name) for declared in fields(number)}


def as_condition(parent: str, values: Iterable[Scalar]) -> Condition:
    """The condition that ``when: {parent: values}`` is."""
    return Condition(parent, tuple(Comparison.read(value) or value for value in values))


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
