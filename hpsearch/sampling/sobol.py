"""A scrambled Sobol sequence: points that leave smaller gaps than random ones.

Source: Owen, "Scrambling Sobol' and Niederreiter-Xing points", 1998, as SciPy implements it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.sampling.random_search import as_unit
from hpsearch.sampling.sampler import ChosenPoint, Options, Question, Sampler
from hpsearch.seeds import Purpose, stream
from hpsearch.space.parameters import Floats


class SobolSearch(Sampler):
    """Chooses the points of the sequence, whatever the results are.

    Raises:
        UsageError: SciPy, which makes the sequence, is not installed.
    """

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._sequence = _import_sobol()
        self._block = np.empty((0, self.space.dimensions))

    @classmethod
    def size_for(cls, options: Options) -> int | None:
        """No end: on a discrete space the sequence comes back to points that it had."""
        del options
        return None

    def choose(self, question: Question) -> ChosenPoint:
        unit = as_unit(self.space.canonical(self._point(question.index)))
        return ChosenPoint(unit, "sobol", self.whole)

    def _point(self, index: int) -> Floats:
        if index >= len(self._block):
            # A longer block of the same sequence begins with the shorter one.
            exponent = max(6, math.ceil(math.log2(index + 1)))
            rng = stream(self.seed, Purpose.SPREAD)
            sequence = self._sequence(self.space.dimensions, scramble=True, seed=rng)
            self._block = np.asarray(sequence.random_base2(exponent), dtype=float)
        point: Floats = self._block[index]
        return point


def _import_sobol() -> Any:
    try:
        from scipy.stats.qmc import Sobol  # noqa: PLC0415  (SciPy is an optional extra)
    except ImportError as error:
        raise UsageError(
            "search.strategy: sobol needs SciPy; install it with: pip install 'hpsearch[sobol]'"
        ) from error
    return Sobol
