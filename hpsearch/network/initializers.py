"""How the first weights are drawn: W ~ N(0, c/n), where n is the number of inputs of the layer.

| name   | c | for           | source                                                |
| ------ | - | ------------- | ----------------------------------------------------- |
| he     | 2 | ReLU          | K. He et al., "Delving deep into rectifiers", eq. 10  |
| xavier | 1 | tanh, sigmoid | X. Glorot and Y. Bengio, as the course simplifies it  |

With these variances z is about as large in every layer. Source: A. Ng, "Weight initialization for
deep networks", Deep Learning, course 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

GAINS = {"he": 2.0, "xavier": 1.0}
"""The constant c, by name."""


def initial_weights(
    init: str, shape: tuple[int, ...], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Weights W of ``shape`` (inputs, units).

    They are drawn in float64 whatever the network computes in, so that a float32 network starts
    where a float64 one does, rounded.
    """
    return rng.normal(0.0, np.sqrt(GAINS[init] / shape[0]), shape)
