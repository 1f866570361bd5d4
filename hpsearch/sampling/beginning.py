"""How a search begins: with points that somebody gave, and leaning to values that seem likely.

    first:   the points that were given; what they leave open is drawn
    then:    the likely values; what they leave open is drawn
    then:    a quarter as many trials as the strategy's first round has, which lean to the likely
             values: on each parameter that has some, the coordinate u, drawn evenly, becomes

                 a number, an order:   the u-quantile of a normal distribution around the likely
                                       value, of standard deviation 0.2, cut off at the ends
                 a choice:             the likely value where u < 1/2, else the value at 2 u - 1
    then:    the strategy's own trials, numbered from 0, none of them left out or moved

So nothing is excluded, and what was said costs a few trials where it is wrong: from then on results
alone decide. Sources of the idea: Mallik et al., "PriorBand", 2023 (a share of the trials from the
prior); Hvarfner et al., "πBO", 2022 (a prior whose weight fades).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from statistics import NormalDist

import numpy as np

from hpsearch.sampling.given import First, first_trials
from hpsearch.sampling.random_search import DRAWS, first_untried
from hpsearch.sampling.redraw import allowed_rows
from hpsearch.sampling.sampler import ChosenPoint, Options, Question, Sampler
from hpsearch.sampling.strategy import Explanation, Proposal
from hpsearch.seeds import Purpose, stream
from hpsearch.space import Choice, Parameter
from hpsearch.space.parameters import Floats

LEAST_FIRST_ROUND = 6  # tuned, together with coarse_to_fine.SETTLED
MOST_FIRST_ROUND = 12  # against d + 1, on --part many-tuned; no other bound was measured
LEANING = 0.25  # trials that lean, as a share of the first round
BLOCKS_OF_LIKELY = 16  # of points with likely values, before constraints make them give way
WIDTH = 0.2  # standard deviation around a likely value, as a share of the range


def first_round(dimensions: int, lookahead: int) -> int:
    """How many trials of a strategy are in its first round."""
    return max(LEAST_FIRST_ROUND, min(dimensions + 1, MOST_FIRST_ROUND), lookahead)


def beginning(options: Options, sampler: type[Sampler]) -> list[First]:
    """The trials before the sampler's own; where no prior changes its points, none leans."""
    leaning = 0.0
    if options.likely and sampler.learns:
        leaning = LEANING * first_round(options.space.dimensions, options.lookahead)
    return first_trials(options.starts, options.likely, round(leaning))


class Beginning(Sampler):
    """A sampler with the first trials before its own."""

    def __init__(self, options: Options, sampler: Sampler) -> None:
        super().__init__(options)
        self._sampler, self.size = sampler, sampler.size
        self.cutoff_rule, self.learns = sampler.cutoff_rule, sampler.learns
        self._first = beginning(options, type(sampler))
        self._known = len(options.known)
        self._likely = {
            j: [parameter.encode(value) for value in options.likely[parameter.name]]
            for j, parameter in enumerate(options.space.searched)
            if parameter.name in options.likely
        }

    def choose(self, question: Question) -> ChosenPoint:
        if question.index >= len(self._first):
            return self._sampler.choose(self._own(question))
        first = self._first[question.index]
        rng = stream(self.seed, Purpose.START, question.index)
        rows = allowed_rows(self.space, self._blocks(first, rng))
        unit = first_untried(rows, question.tried(), None, rng)
        return ChosenPoint(unit, first.origin, self.whole)

    def _blocks(self, first: First, rng: np.random.Generator) -> Iterator[Floats]:
        """Points for one of the first trials, block after block, canonical.

        What was given has to be; what seems likely makes way where constraints do not allow it.
        """
        for number in count():
            draws = rng.random((DRAWS, self.space.dimensions))
            if first.origin == "start" or number < BLOCKS_OF_LIKELY:
                self._put(first, draws)
            yield self.space.canonical(draws)

    def _put(self, first: First, draws: Floats) -> None:
        """Put what the trial has, or leans to, into draws of shape (rows, dimensions)."""
        for j, parameter in enumerate(self.space.searched):
            if parameter.name in first.values:
                draws[:, j] = parameter.encode(first.values[parameter.name])
            elif first.leans and j in self._likely:
                draws[:, j] = [leaned(parameter, u, self._likely[j]) for u in draws[:, j].tolist()]

    def explain(self, question: Question, proposal: Proposal) -> Explanation:
        return self._sampler.explain(self._own(question), proposal)

    def _own(self, question: Question) -> Question:
        """The question with the trial's number among the sampler's own.

        To one that learns, what was known from the start is as good as that many trials.
        """
        known = self._known if self._sampler.learns else 0
        return replace(question, index=question.index - len(self._first) + known)


def leaned(parameter: Parameter, unit: float, places: Sequence[float]) -> float:
    """A coordinate in [0, 1] drawn towards the likely ones: see the head of the module."""
    if isinstance(parameter, Choice):
        if unit >= 0.5:
            return 2 * unit - 1
        return places[min(int(2 * unit * len(places)), len(places) - 1)]
    which = min(int(unit * len(places)), len(places) - 1)
    around = NormalDist(places[which], WIDTH)
    low, high = around.cdf(0.0), around.cdf(1.0)
    quantile = around.inv_cdf(low + (unit * len(places) - which) * (high - low))
    return min(max(quantile, 0.0), 1.0)
