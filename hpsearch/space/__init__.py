"""The search space: scales, parameters, conditions, expressions over parameters."""

from hpsearch.space.branches import Branch, Branched
from hpsearch.space.conditions import Comparison, Condition
from hpsearch.space.derived import Derived
from hpsearch.space.expression_syntax import ExpressionError, parse
from hpsearch.space.expressions import CannotCompute, Expression
from hpsearch.space.parameters import (
    Choice,
    Constant,
    Listed,
    Number,
    Ordered,
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
    "Branch",
    "Branched",
    "CannotCompute",
    "Choice",
    "Comparison",
    "Condition",
    "Constant",
    "Derived",
    "Expression",
    "ExpressionError",
    "Listed",
    "Number",
    "Ordered",
    "Parameter",
    "Scale",
    "Space",
    "parse",
]
