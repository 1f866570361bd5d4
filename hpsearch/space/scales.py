"""Scales: pairs of functions between a value and the axis on which it is drawn evenly.

``SCALES`` is the one table of them: config, schema, messages, samplers and reports follow it.

| scale    | warp(x)        | unwarp(t)       | for                                           |
| -------- | -------------- | --------------- | --------------------------------------------- |
| linear   | x              | t               | counts, fractions                             |
| log      | ln x           | exp t           | learning rates, penalties: ratios matter      |
| 1-beta   | -ln(1 - x)     | 1 - exp(-t)     | averages over 1/(1 - beta) steps: 0.9 … 0.9999 |

The third goes through ``log1p`` and ``expm1``, which keep their digits near 0 where ``log(1 - x)``
and ``1 - exp(-t)`` lose them. Each ``warp`` increases, so order is kept on every scale.
Source: A. Ng, "Using an appropriate scale to pick hyperparameters", Deep Learning, course 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Numbers = Any
"""A float or a NumPy array of floats; what comes in goes out."""


def _same(x: Numbers) -> Numbers:
    return x


def _minus_log_of_rest(x: Numbers) -> Numbers:
    return -np.log1p(-x)


def _rest_of_exp(t: Numbers) -> Numbers:
    return -np.expm1(-t)


@dataclass(frozen=True)
class Scale:
    """One scale: a name for the config, a label for the axes, and the pair of functions.

    The scale is defined for values strictly between ``above`` and ``below``. ``purpose`` tells
    in the schema what it is for.
    """

    name: str
    label: str
    warp: Callable[[Numbers], Numbers]
    unwarp: Callable[[Numbers], Numbers]
    above: float = -np.inf
    below: float = np.inf
    purpose: str = ""

    def holds(self, x: float) -> bool:
        """Whether the scale is defined at ``x``."""
        return bool(self.above < x < self.below)


LINEAR = Scale("linear", "linear", _same, _same)
LOG = Scale("log", "log", np.log, np.exp, above=0.0, purpose="for learning rates")
ONE_MINUS = Scale(
    "1-beta",
    "1-β",
    _minus_log_of_rest,
    _rest_of_exp,
    below=1.0,
    purpose="for averages such as 0.9 … 0.999",
)

SCALES = {scale.name: scale for scale in (LINEAR, LOG, ONE_MINUS)}
