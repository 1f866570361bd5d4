"""A quasi-random sequence, the additive recurrence R_d: points that leave only small gaps.

Point i is ``(shift + (i + 1) * step) mod 1`` with ``step_j = g ** -j``, where g > 1 solves
``g ** (d + 1) = g + 1``; for one dimension it is the golden ratio. Any stretch of the sequence
covers the cube evenly, so the number of points need not be known beforehand.
Source: M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018.
"""

from __future__ import annotations

import numpy as np

from hpsearch.seeds import Purpose, stream
from hpsearch.space.parameters import Floats


class AdditiveRecurrence:
    """The sequence in ``dimensions`` dimensions, shifted at random by the seed."""

    def __init__(self, dimensions: int, seed: int) -> None:
        ratio = 2.0
        for _ in range(64):  # a contraction: each iteration at least halves the error
            ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
        self._step = ratio ** -np.arange(1.0, dimensions + 1)
        self._shift = stream(seed, Purpose.SPREAD).random(dimensions)

    def point(self, index: int) -> Floats:
        """The point with a number from 0; shape (dimensions,), coordinates in [0, 1)."""
        point: Floats = (self._shift + (index + 1) * self._step) % 1.0
        return point
