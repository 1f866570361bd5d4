"""The search space: scales, parameters, conditions."""

from hpsearch.space.conditions import Comparison, Condition
from hpsearch.space.parameters import (
    Choice,
    Constant,
    Number,
    Parameter,
)
from hpsearch.space.scales import LINEAR, LOG, ONE_MINUS, SCALES, Scale
from hpsearch.space.space import INACTIVE, Space

__all__ = [
    "INACTIVE",
    "LINEAR",
    "LOG",
    "ONE_MINUS",
    "SCALES",
    "Choice",
    "Comparison",
    "Condition",
    "Constant",
    "Number",
    "Parameter",
    "Scale",
    "Space",
]
