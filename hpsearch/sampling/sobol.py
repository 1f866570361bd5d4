"""A scrambled Sobol sequence: points that leave smaller gaps than random ones.

Source: Owen, "Scrambling Sobol' and Niederreiter-Xing points", 1998, as SciPy implements it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.sampling.cutoffs import CutoffRule
from hpsearch.sampling.history import HistoryReader
from hpsearch.sampling.random_search import as_unit
from hpsearch.sampling.strategy import Observation, Proposal, Unit, whole_ranges
from hpsearch.seeds import Purpose, stream
from hpsearch.space import Space
from hpsearch.space.parameters import Floats


class SobolSearch:
    """Proposes the points of the sequence, whatever the results are.

    Raises:
        UsageError: SciPy, which makes the sequence, is not installed.
    """

    def __init__(
        self, space: Space, seed: int, lookahead: int, epochs: int, early_stop: CutoffRule
    ) -> None:
        self._space = space
        self._seed = seed
        self._early_stop = early_stop
        self._reader = HistoryReader(space.dimensions, epochs)
        self._sequence = _import_sobol()
        self._block = np.empty((0, space.dimensions))
        self._ranges = whole_ranges(space)
        self.lookahead = lookahead
        self.size = None

    def propose(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Proposal:
        del pending  # the sequence does not look at what it has done
        return Proposal(
            unit=as_unit(self._space.canonical(self._point(index))),
            origin="sobol",
            ranges=self._ranges,
            cutoffs=self._early_stop(self._reader.read(history)),
        )

    def _point(self, index: int) -> Floats:
        if index >= len(self._block):
            # A longer block of the same sequence begins with the shorter one.
            exponent = max(6, math.ceil(math.log2(index + 1)))
            rng = stream(self._seed, Purpose.SPREAD)
            sequence = self._sequence(self._space.dimensions, scramble=True, seed=rng)
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
