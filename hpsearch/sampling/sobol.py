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

LONGEST = 2**20  # points of the sequence


class SobolSearch(Sampler):
    """Chooses the points of the sequence that are allowed, whatever the results are.

    Raises:
        UsageError: SciPy, which makes the sequence, is not installed.
    """

    learns = False

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._sequence = _import_sobol()
        self._block: Floats = np.empty((0, self.space.dimensions))
        self._places: list[int] = []

    @classmethod
    def size_for(cls, options: Options) -> int | None:
        """No end: on a discrete space the sequence comes back to points that it had."""
        del options
        return None

    def choose(self, question: Question) -> ChosenPoint:
        place = self._place(question.index)
        unit = as_unit(self.space.canonical(self._block[place]))
        return ChosenPoint(unit, "sobol", self.whole)

    def passed_over(self, trials: int) -> int:
        """How many points of the sequence are not allowed, before the last of so many trials."""
        return self._place(trials - 1) - (trials - 1) if trials else 0

    def _place(self, index: int) -> int:
        """The place in the sequence of a trial's point: those not allowed are passed over."""
        while index >= len(self._places):
            if len(self._block) >= LONGEST:
                raise UsageError(
                    f"constraints: of {LONGEST:,} points of the sequence only "
                    f"{len(self._places):,} keep them; loosen one, or set fewer trials"
                )
            self._lengthen(max(index + 1, len(self._block) + 1))
        return self._places[index]

    def _lengthen(self, length: int) -> None:
        """Have so many points; a longer block of the same sequence begins with the shorter one."""
        exponent = max(6, math.ceil(math.log2(length)))
        rng = stream(self.seed, Purpose.SPREAD)
        sequence = self._sequence(self.space.dimensions, scramble=True, seed=rng)
        before = len(self._block)
        self._block = np.asarray(sequence.random_base2(exponent), dtype=float)
        allowed = self.space.allowed(self.space.canonical(self._block[before:]))
        self._places += (before + np.flatnonzero(allowed)).tolist()


def _import_sobol() -> Any:
    try:
        from scipy.stats.qmc import Sobol  # noqa: PLC0415  (SciPy is an optional extra)
    except ImportError as error:
        raise UsageError(
            "search.strategy: sobol needs SciPy; install it with: pip install 'hpsearch[sobol]'"
        ) from error
    return Sobol
