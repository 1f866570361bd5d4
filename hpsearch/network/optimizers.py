"""The optimisers: each turns the gradient g into a step of the parameters w, in place.

An optimiser sees all parameters as one vector, so that a step is a handful of operations however
many layers there are. Its moving averages start at 0 and live in ``moments``, one vector of the
parameters' shape for each. α, the learning rate, is an argument of every step: what a schedule or
a person sets is what is used.

| name     | step                                                    | PyTorch's name for it       |
| -------- | ------------------------------------------------------- | --------------------------- |
| sgd      | w ← w - α g                                             | SGD(lr=α)                   |
| momentum | v ← β v + (1-β) g,  w ← w - α v                         | SGD(lr=α(1-β), momentum=β)  |
| rmsprop  | s ← β₂ s + (1-β₂) g²,  w ← w - α g/(√s + ε)             | RMSprop(lr=α, alpha=β₂)     |
| adam     | v ← β₁ v + (1-β₁) g,  s ← β₂ s + (1-β₂) g²,             | Adam(lr=α, betas=(β₁, β₂))  |
|          | w ← w - α v̂/(√ŝ + ε) with v̂ = v/(1-β₁ᵗ), ŝ = s/(1-β₂ᵗ)  |                             |

Sources: A. Ng, "Gradient descent with momentum", "RMSprop" and "Adam optimization algorithm", Deep
Learning, course 2; D. Kingma and J. Ba, "Adam", algorithm 1.
"""

from __future__ import annotations

import math
from typing import ClassVar, Protocol

import numpy as np

from hpsearch.network.arrays import Array
from hpsearch.network.settings import Settings


class Optimizer(Protocol):
    """Moves the parameters against their gradient; ``steps`` counts how often it did.

    ``reads`` names the hyperparameters that it reads besides ``alpha``.
    """

    reads: ClassVar[tuple[str, ...]]
    steps: int
    moments: dict[str, Array]

    def __init__(self, like: Array) -> None:
        """An optimiser for a vector of parameters, with moments of 0."""
        ...

    def step(self, w: Array, g: Array, alpha: float, settings: Settings, /) -> None:
        """Change the parameters ``w``, shape (size,), given the gradient ``g`` of the cost."""
        ...


class Sgd(Optimizer):
    """w ← w - α g."""

    reads = ()

    def __init__(self, like: Array) -> None:
        self.steps = 0
        self.moments: dict[str, Array] = {}
        self.scratch = np.empty_like(like)

    def step(self, w: Array, g: Array, alpha: float, _settings: Settings) -> None:
        self.steps += 1
        w -= np.multiply(g, alpha, out=self.scratch)


class Momentum(Optimizer):
    """v ← β v + (1-β) g,  w ← w - α v."""

    reads = ("beta",)

    def __init__(self, like: Array) -> None:
        self.steps = 0
        self.moments = {"v": np.zeros_like(like)}
        self.scratch = np.empty_like(like)

    def step(self, w: Array, g: Array, alpha: float, settings: Settings) -> None:
        self.steps += 1
        v = self.moments["v"]
        _average(v, settings.beta, g, self.scratch)
        w -= np.multiply(v, alpha, out=self.scratch)


class RmsProp(Optimizer):
    """s ← β₂ s + (1-β₂) g²,  w ← w - α g/(√s + ε)."""

    reads = ("beta2", "epsilon")

    def __init__(self, like: Array) -> None:
        self.steps = 0
        self.moments = {"s": np.zeros_like(like)}
        self.scratch = np.empty_like(like)

    def step(self, w: Array, g: Array, alpha: float, settings: Settings) -> None:
        self.steps += 1
        s, scratch = self.moments["s"], self.scratch
        _average(s, settings.beta2, np.multiply(g, g, out=scratch), scratch)
        w -= np.multiply(_over_root(g, s, settings.epsilon, scratch), alpha, out=scratch)


class Adam(Optimizer):
    """Momentum over RMSprop, both corrected for the start at 0.

    With the corrections c₁ = 1-β₁ᵗ and c₂ = 1-β₂ᵗ as numbers outside the vectors,

        α (v/c₁)/(√(s/c₂) + ε)  =  (α √c₂/c₁) v/(√s + ε √c₂),

    the step costs no more than it would without them (Kingma and Ba, end of section 2).
    """

    reads = ("beta1", "beta2", "epsilon")

    def __init__(self, like: Array) -> None:
        self.steps = 0
        self.moments = {"v": np.zeros_like(like), "s": np.zeros_like(like)}
        self.scratch = np.empty_like(like)

    def step(self, w: Array, g: Array, alpha: float, settings: Settings) -> None:
        alpha, epsilon = self.corrected(alpha, settings)
        v, s, scratch = self.moments["v"], self.moments["s"], self.scratch
        _average(v, settings.beta1, g, scratch)
        _average(s, settings.beta2, np.multiply(g, g, out=scratch), scratch)
        w -= np.multiply(_over_root(v, s, epsilon, scratch), alpha, out=scratch)

    def corrected(self, alpha: float, settings: Settings) -> tuple[float, float]:
        """One step more: α √c₂/c₁ and ε √c₂."""
        self.steps += 1
        c1 = 1 - settings.beta1**self.steps
        root_c2 = math.sqrt(1 - settings.beta2**self.steps)
        return alpha * root_c2 / c1, settings.epsilon * root_c2


def _average(moment: Array, beta: float, new: Array, scratch: Array) -> None:
    """Moment ← β · moment + (1-β) · new, an average over about 1/(1-β) values."""
    moment *= beta
    moment += np.multiply(new, 1 - beta, out=scratch)


def _over_root(direction: Array, s: Array, epsilon: float, scratch: Array) -> Array:
    """direction/(√s + ε), in ``scratch``."""
    np.sqrt(s, out=scratch)
    scratch += epsilon
    return np.divide(direction, scratch, out=scratch)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adam": Adam,
    "sgd": Sgd,
    "momentum": Momentum,
    "rmsprop": RmsProp,
}
"""By name, the default first: the values that ``optimizer`` may have, and what each of them reads.

With numba, ``compiled.py`` refuses an optimiser that it has no formula for."""
