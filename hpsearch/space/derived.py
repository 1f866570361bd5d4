"""A parameter that is computed of others: ``beta2: {value: 1 - (1 - beta1) / 10}``."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.records import Hparams, Value
from hpsearch.space.expressions import CannotCompute, Expression, Literal
from hpsearch.space.parameters import Parameter

NOTHING = Expression("0", Literal(0))


@dataclass(frozen=True)
class Derived(Parameter):
    """A hyperparameter whose value follows from others. It takes no coordinate.

    It is there while its own conditions hold, everything that it is computed of is there, and it
    can be computed.
    """

    expression: Expression = NOTHING

    @property
    def searched(self) -> bool:
        return False

    @property
    def needs(self) -> tuple[str, ...]:
        return self.expression.names

    @property
    def levels(self) -> None:
        return None

    @property
    def scale_label(self) -> str:
        return "derived"

    def is_wanted(self, point: Hparams) -> bool:
        return super().is_active(point) and all(name in point for name in self.needs)

    def is_active(self, point: Hparams) -> bool:
        if not self.is_wanted(point):
            return False
        try:
            self.expression.value(point)
        except CannotCompute:
            return False
        return True

    def value_at(self, unit: float, point: Hparams) -> Value:
        del unit
        return self.expression.value(point)
