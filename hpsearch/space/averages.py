"""How long an exponentially weighted average remembers: over about 1/(1 - β) values.

Near 1 a small change of β is a large one of this: 0.9 averages over 10 values, 0.999 over 1000 and
0.9995 over 2000. Source: A. Ng, "Exponentially weighted averages" and "Using an appropriate scale
to pick hyperparameters", Deep Learning, course 2.
"""

from __future__ import annotations

import re

from hpsearch.records import is_number
from hpsearch.space.parameters import Number, Parameter
from hpsearch.space.scales import ONE_MINUS

_NAMES = re.compile(r"(.*_)?(beta\d*|momentum|gamma|rho)")
_LEAST = 0.5
"""Below it, what is called so is as likely something else."""


def is_average(name: str) -> bool:
    """Whether a hyperparameter is, by its name, the weight of an average.

    >>> [is_average(name) for name in ("beta1", "bn_momentum", "alpha")]
    [True, True, False]
    """
    return _NAMES.fullmatch(name.lower().replace("-", "_")) is not None


def steps(beta: float) -> str:
    """1/(1 - β), as people read it.

    >>> [steps(beta) for beta in (0.9, 0.999, 0.9995, 0.95)]
    ['10', '1,000', '2,000', '20']
    """
    return f"{float(f'{1 / (1 - beta):.3g}'):,.10g}"


def range_of_steps(parameter: Parameter) -> str:
    """Over how many values a parameter on the 1-beta scale averages; empty on another scale."""
    if not isinstance(parameter, Number) or parameter.scale is not ONE_MINUS:
        return ""
    return f"{steps(parameter.low)} to {steps(parameter.high)}"


def change_of_steps(name: str, old: object, new: object) -> str:
    """What a nudge does to the length of an average; empty if this is none, or is short.

    >>> change_of_steps("beta1", 0.9, 0.99)
    'averages over about 10 -> 100 values'
    """
    if not is_average(name) or not is_number(old) or not is_number(new):
        return ""
    if not (_LEAST <= old < 1 and _LEAST <= new < 1):
        return ""
    return f"averages over about {steps(old)} -> {steps(new)} values"
