"""Coarse to fine: try points everywhere, see where the loss is low, and look closer there.

Everything happens in the unit cube, where each coordinate is its parameter's own scale.

    propose(i, results of trials 0 … i - D):

    1   for the first trials:           the next point of a quasi-random sequence, drawn in
                                        towards the centre
    2   for 5 % of those from 30 on:    the next point of that sequence (exploration never ends)
        for all others:
    3       elites     = the best tenth of the results, at least three
            boxes      = around the elites; they shrink from trial to trial
    4       candidates = 400 random points in the boxes, large boxes and small ones
    5       for 10 % from 30 on:        the first candidate
            for all others:
    6           fit a Gaussian process to the results
    7           three times: add points close to the candidates of largest expected improvement
    8           take the candidate of largest expected improvement
    9   what was tried before is passed over; if all candidates were, points around the best trial
        are drawn, farther and farther away

What breaks a constraint of the space is drawn again at each step.

The first stretch of trials is round 1; a new round starts each time the boxes have shrunk to half.
With the strategy ``boxes`` step 5 is for all trials: this is the course's coarse to fine.
Nothing depends on how many trials there will be, so a search can be extended at will.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np

from hpsearch.sampling.additive_recurrence import AdditiveRecurrence
from hpsearch.sampling.beginning import first_round
from hpsearch.sampling.boxes import Boxes, moved
from hpsearch.sampling.gaussian_process import GaussianProcess
from hpsearch.sampling.history import History
from hpsearch.sampling.models import Models
from hpsearch.sampling.promise import Outlook, Promise
from hpsearch.sampling.random_search import first_untried
from hpsearch.sampling.redraw import allowed_block, allowed_rows, uniform_blocks
from hpsearch.sampling.sampler import ChosenPoint, Options, Question, Sampler
from hpsearch.sampling.strategy import Explanation, Proposal, Unit
from hpsearch.seeds import Purpose, stream
from hpsearch.space import Choice
from hpsearch.space.parameters import Floats

# "tuned" constants were chosen on `python tests/bench/search.py --part tuned` or, by the research
# code before it, on problems of the same kind; docs/search.md, "What the constants are worth", has
# the figures. Of the others no comparison is on record.
LEAST_RESULTS = 3  # as many as there are elites
CENTRAL_SHARE = 0.75  # tuned: the share of a number's range that the first round's points cover
EXPLORE = 0.05  # share of trials that explore the whole space
UNMODELLED = 0.10  # share of trials that the model does not choose
SETTLED = 30  # tuned: the trial from which on some explore and some are unmodelled
COARSEST, FINEST = 0.5, 0.01  # zoom levels, the half-widths of boxes as shares of the range
CANDIDATES = 400  # tuned
EDGE = 0.1  # tuned: the share of a candidate's moves that go to an end of the range
REFINEMENT_WIDTHS = (0.2, 0.08, 0.032)  # tuned, together with EDGE
REFINED, POINTS_EACH = 8, 16  # candidates refined at each width, and points around each of them
AHEAD, SPARE_POINTS = 2**20, 8  # in the quasi-random sequence, where its point was tried before
NEIGHBOURS = 32  # points at each width, where all candidates were tried
NEIGHBOUR_WIDTHS = (0.01, 0.03, 0.1, 0.3, 1.0)


class CoarseToFine(Sampler):
    """The algorithm of the module's head."""

    has_model = True

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._choices = np.array([isinstance(p, Choice) for p in self.space.searched], dtype=bool)
        self._quasi_random = AdditiveRecurrence(self.space.dimensions, self.seed)
        self._models = Models(self._choices)
        self._outlook = Outlook(self._choices, options.goals, options.limits)
        self.first_round = first_round(self.space.dimensions, options.lookahead)

    def choose(self, question: Question) -> ChosenPoint:
        index, known = question.index, question.known
        rng = stream(self.seed, Purpose.PROPOSE, index)
        ranges = self.whole
        candidates: Iterable[Floats]
        explores, unmodelled = (rng.random(2) < (EXPLORE, UNMODELLED)) & (index >= SETTLED)
        if index < self.first_round or not self._has_enough(known):  # step 1
            candidates, origin = self._quasi_random_rows(index), "spread"
        elif explores:  # step 2
            candidates, origin = self._quasi_random_rows(index), "explore"
        else:
            zoom = self.zoom(index)
            boxes = Boxes.around_best(self.space, known)  # step 3
            ranges = boxes.ranges(zoom)
            # Each candidate has a zoom level of its own, from the coarsest to the trial's finest.
            levels = COARSEST * (zoom / COARSEST) ** rng.random(CANDIDATES)
            modelled = self.has_model and not unmodelled
            edge = EDGE if modelled else 0.0
            drawn = allowed_block(self.space, lambda: boxes.draw(rng, levels, edge))  # step 4
            candidates, origin = drawn, "zoom"  # step 5
            if modelled and len(drawn):
                promise = self._promise(known, question.pending)  # step 6
                candidates = self._by_promise(rng, drawn, promise)  # steps 7 and 8
                origin = "fit"
            further = self._around(rng, boxes.elites[:1]), self._anywhere(rng)
            candidates = chain(candidates, *further)  # step 9
        unit = first_untried(candidates, question.tried(), self.points, rng)  # step 9
        return ChosenPoint(unit, origin, ranges, self.round(index))

    def explain(self, question: Question, proposal: Proposal) -> Explanation:
        known, zoom = question.known, self.zoom(question.index)
        elites: tuple[int, ...] = ()
        if proposal.origin in ("zoom", "fit"):
            elites = Boxes.around_best(self.space, known).trials
        if not self.has_model or not self._has_enough(known):
            return Explanation(proposal, len(known), zoom, elites)
        if known.is_plain:
            expected, uncertainty = self._models.prediction(known, question.pending, proposal.unit)
            return Explanation(proposal, len(known), zoom, elites, expected, uncertainty)
        believed = self._outlook.belief(known, question.pending, proposal.unit)
        return Explanation(proposal, len(known), zoom, elites, *believed)

    def zoom(self, index: int) -> float:
        """The finest zoom level of a trial: 1/2 at the end of the first round, then as 1/i."""
        return max(FINEST, min(COARSEST, COARSEST * self.first_round / max(index, 1)))

    def round(self, index: int) -> int:
        """The round of a trial, from 1: each ends when the finest zoom level has halved."""
        index = min(index, int(COARSEST / FINEST * self.first_round))  # then it shrinks no more
        return 1 + (index // self.first_round).bit_length()

    def _has_enough(self, known: History) -> bool:
        """Whether there are results to learn from: some, and not all of them failures."""
        return len(known) >= LEAST_RESULTS and bool(np.isfinite(known.losses).any())

    def _quasi_random_rows(self, index: int) -> Iterator[Floats]:
        """The trial's point of the sequence, and points far ahead for where it was tried before."""
        return allowed_rows(self.space, self._quasi_random_blocks(index))

    def _quasi_random_blocks(self, index: int) -> Iterator[Floats]:
        ahead = AHEAD + index * SPARE_POINTS + np.arange(SPARE_POINTS)
        points = self._quasi_random_points([index, *ahead.tolist()])
        # Later rounds find an optimum at an end; the first learns more a little further inside.
        if index < self.first_round:
            points = np.where(self._choices, points, 0.5 + CENTRAL_SHARE * (points - 0.5))
        while True:
            yield self.space.canonical(points)
            ahead = ahead + SPARE_POINTS  # where constraints allow none of these
            points = self._quasi_random_points(ahead.tolist())

    def _quasi_random_points(self, numbers: Sequence[int]) -> Floats:
        return np.stack([self._quasi_random.point(number) for number in numbers])

    def _promise(self, known: History, pending: Sequence[Unit]) -> GaussianProcess | Promise:
        """What ranks candidates by what they promise, by what is known."""
        if known.is_plain:
            return self._models.process(known, pending)
        return self._outlook.promise(known, pending)

    def _by_promise(
        self, rng: np.random.Generator, candidates: Floats, promise: GaussianProcess | Promise
    ) -> Iterator[Floats]:
        """The best of the candidates and of others close to them, the best first."""
        for width in REFINEMENT_WIDTHS:  # step 7
            best = candidates[list(islice(promise.ranked(candidates), REFINED))]
            starts = np.repeat(best, POINTS_EACH, axis=0)
            closer = moved(self.space, rng, starts, np.array(width), EDGE)
            candidates = np.concatenate([best, self.space.only_allowed(closer)])
        return (candidates[place] for place in promise.ranked(candidates))  # step 8

    def _around(self, rng: np.random.Generator, start: Floats) -> Iterator[Floats]:
        """Points around one of shape (1, d), farther and farther away; drawn when asked for."""
        starts = np.repeat(start, NEIGHBOURS, axis=0)
        for width in NEIGHBOUR_WIDTHS:
            yield from self.space.only_allowed(moved(self.space, rng, starts, np.array(width), 0.0))

    def _anywhere(self, rng: np.random.Generator) -> Iterator[Floats]:
        """In a space with constraints: points of all of it, for where none around is allowed."""
        if self.space.constraints:
            yield from allowed_rows(self.space, uniform_blocks(self.space, rng, CANDIDATES))


class BoxSearch(CoarseToFine):
    """The same without a model: step 5 for all trials."""

    has_model = False
