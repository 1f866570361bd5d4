"""Learning-rate schedules: α as a function of the epoch, counted from 1.

With α₀ = ``alpha``, r = ``decay_rate``, T = ``decay_epochs`` and e = the epoch less the warm-up:

| decay       | α                              | note                                             |
| ----------- | ------------------------------ | ------------------------------------------------ |
| none        | α₀                             |                                                  |
| inverse     | α₀ / (1 + r e)                 | the course's first choice                        |
| exponential | α₀ / (1 + r)ᵉ                  | the course's 0.95ᵉ is r = 0.0526                 |
| step        | α₀ / (1 + r)^⌊(e-1)/T⌋         | the course's staircase; r = 1 halves α           |
| cosine      | α₀ · ½ (1 + cos(π (e-1)/T))    | SGDR's eq. 5; e > T keeps the α of e = T, not 0  |

In the first ``warmup_epochs`` = w epochs α rises in equal steps, α₀ · epoch/(w + 1): P. Goyal et
al., "Accurate, large minibatch SGD", section 2.2. Source of the rest: A. Ng, "Learning rate decay",
Deep Learning, course 2; I. Loshchilov and F. Hutter, "SGDR".
"""

from __future__ import annotations

import math


def alpha_at(
    epoch: int,
    alpha: float,
    *,
    decay: str = "none",
    rate: float = 0.1,
    decay_epochs: int = 10,
    warmup_epochs: int = 0,
) -> float:
    """The learning rate of an epoch.

    >>> [round(alpha_at(epoch, 0.2, decay="inverse", rate=1), 3) for epoch in (1, 2, 3, 4)]
    [0.1, 0.067, 0.05, 0.04]
    """
    if epoch <= warmup_epochs:
        return alpha * epoch / (warmup_epochs + 1)
    e = epoch - warmup_epochs
    match decay:
        case "none":
            return alpha
        case "inverse":
            return alpha / (1 + rate * e)
        case "exponential":
            return alpha * (1 + rate) ** -e
        case "step":
            return alpha * (1 + rate) ** -((e - 1) // decay_epochs)
        case "cosine":
            falling = min(e, decay_epochs) - 1
            return alpha * (1 + math.cos(math.pi * falling / decay_epochs)) / 2
        case _:
            raise ValueError(f"unknown decay {decay!r}")
