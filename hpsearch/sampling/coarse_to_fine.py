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

The first stretch of trials is round 1; a new round starts each time the boxes have shrunk to half.
With the strategy ``boxes`` step 5 is for all trials: this is the course's coarse to fine.
Nothing depends on how many trials there will be, so a search can be extended at will.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpsearch.sampling.additive_recurrence import AdditiveRecurrence
from hpsearch.sampling.boxes import Boxes, moved
from hpsearch.sampling.gaussian_process import (
    GaussianProcess,
    KernelHyperparameters,
    clipped_normal,
    map_estimate,
    standardised,
)
from hpsearch.sampling.history import History
from hpsearch.sampling.random_search import first_untried
from hpsearch.sampling.sampler import ChosenPoint, Options, Question, Sampler
from hpsearch.sampling.strategy import Explanation, Proposal, Unit
from hpsearch.seeds import Purpose, stream
from hpsearch.space import Choice
from hpsearch.space.parameters import Floats

# "tuned" constants were chosen on `python tests/bench/search.py --part tuned` or, by the research
# code before it, on problems of the same kind; docs/search.md, "What the constants are worth", has
# the figures. Of the others no comparison is on record.
LEAST_FIRST_ROUND = 6  # tuned, together with SETTLED
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
MODEL_LIMIT = 300  # results in a fit; what more of them cost shows `tests/bench/search.py --speed`


class CoarseToFine(Sampler):
    """The algorithm of the module's head."""

    has_model = True

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._choices = np.array([isinstance(p, Choice) for p in self.space.searched], dtype=bool)
        self._quasi_random = AdditiveRecurrence(self.space.dimensions, self.seed)
        self._estimated: tuple[History, KernelHyperparameters] | None = None
        self.first_round = max(LEAST_FIRST_ROUND, self.space.dimensions + 1, options.lookahead)

    def choose(self, question: Question) -> ChosenPoint:
        index, known = question.index, question.known
        rng = stream(self.seed, Purpose.PROPOSE, index)
        ranges = self.whole
        explores, unmodelled = (rng.random(2) < (EXPLORE, UNMODELLED)) & (index >= SETTLED)
        if index < self.first_round or not self._has_enough(known):  # step 1
            candidates, origin = self._quasi_random_point(index), "spread"
        elif explores:  # step 2
            candidates, origin = self._quasi_random_point(index), "explore"
        else:
            zoom = self.zoom(index)
            boxes = Boxes.around_best(self.space, known)  # step 3
            ranges = boxes.ranges(zoom)
            # Each candidate has a zoom level of its own, from the coarsest to the trial's finest.
            levels = COARSEST * (zoom / COARSEST) ** rng.random(CANDIDATES)
            if unmodelled or not self.has_model:
                candidates, origin = boxes.draw(rng, levels, edge=0.0), "zoom"  # steps 4 and 5
            else:
                candidates = boxes.draw(rng, levels, EDGE)  # step 4
                process = self._process(known, question.pending)  # step 6
                candidates = self._by_expected_improvement(rng, candidates, process)  # 7 and 8
                origin = "fit"
        unit = first_untried(candidates, question.tried(), self.points, rng)
        return ChosenPoint(unit, origin, ranges, self.round(index))

    def explain(self, question: Question, proposal: Proposal) -> Explanation:
        known, zoom = question.known, self.zoom(question.index)
        elites: tuple[int, ...] = ()
        if proposal.origin in ("zoom", "fit"):
            elites = Boxes.around_best(self.space, known).trials
        if not self.has_model or not self._has_enough(known):
            return Explanation(proposal, len(known), zoom, elites)
        _, losses, _ = _modelled(known)
        process = self._process(known, question.pending)
        mean, deviation = process.predict(np.array([proposal.unit]))
        return Explanation(
            proposal,
            len(known),
            zoom,
            elites,
            expected=float(losses.mean() + losses.std() * mean[0]),
            uncertainty=float(losses.std() * deviation[0]),
        )

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

    def _quasi_random_point(self, index: int) -> Floats:
        point = self._quasi_random.point(index)
        # Later rounds find an optimum at an end; the first learns more a little further inside.
        if index < self.first_round:
            point = np.where(self._choices, point, 0.5 + CENTRAL_SHARE * (point - 0.5))
        return self.space.canonical(point[None, :])

    def _by_expected_improvement(
        self, rng: np.random.Generator, candidates: Floats, process: GaussianProcess
    ) -> Floats:
        """The candidates and others close to the best of them, the best first."""
        improvement = process.expected_improvement(candidates)
        for width in REFINEMENT_WIDTHS:  # step 7
            best = np.argsort(-improvement, kind="stable")[:REFINED]
            starts = np.repeat(candidates[best], POINTS_EACH, axis=0)
            closer = moved(self.space, rng, starts, np.array(width), EDGE)
            candidates = np.concatenate([candidates[best], closer])
            improvement = np.concatenate([improvement[best], process.expected_improvement(closer)])
        return candidates[np.argsort(-improvement, kind="stable")]  # step 8

    def _process(self, known: History, pending: Sequence[Unit]) -> GaussianProcess:
        X, losses, doubt = _modelled(known)
        running = np.array(pending, dtype=float).reshape(len(pending), X.shape[1])
        return GaussianProcess(
            self._hyperparameters(known),
            X,
            standardised(losses),
            running,
            self._choices,
            doubt=doubt,
        )

    def _hyperparameters(self, known: History) -> KernelHyperparameters:
        """Estimated again each time that there are a tenth more results, and kept in between."""
        count = 8
        while (following := int(count * 1.1 + 1)) <= len(known):
            count = following
        basis = known.first(count)
        if self._estimated is None or not self._estimated[0].equals(basis):
            X, losses, doubt = _modelled(basis)
            z = standardised(losses)
            self._estimated = basis, map_estimate(X, z, self._choices, doubt)
        return self._estimated[1]


class BoxSearch(CoarseToFine):
    """The same without a model: step 5 for all trials."""

    has_model = False


def _modelled(known: History) -> tuple[Floats, Floats, Floats | None]:
    """The points and losses that the Gaussian process is fitted to, and what these may err.

    The covariance of their errors is in units of their variance; ``None`` where all are known.

    How bad a bad trial was says little about the good ones, so losses are clipped as far above
    the median as the best is below it. An imputed loss is clipped as what it is, a distribution:
    of a trial that is surely bad it is surely no more than the clipped loss. Where there are more
    trials than the limit, half of it are the best trials, and the other half are taken from the
    rest at even steps of rank.
    """
    losses = known.imputed_losses
    median = float(np.median(losses))
    ceiling = median + (median - losses.min())
    clipped = np.minimum(losses, ceiling)
    kept = np.arange(len(losses))
    if len(losses) > MODEL_LIMIT:
        order = np.argsort(clipped, kind="stable")
        best, rest = order[: MODEL_LIMIT // 2], order[MODEL_LIMIT // 2 :]
        places = np.linspace(0, len(rest) - 1, MODEL_LIMIT - len(best)).astype(int)
        kept = np.sort(np.concatenate([best, rest[places]]))
    X, clipped = known.units[kept], clipped[kept]
    if not known.stopped.any():
        return X, clipped, None
    errors = known.imputation_covariance(kept)
    unsure = np.flatnonzero(np.diag(errors) > 0)
    C = errors[np.ix_(unsure, unsure)]
    clipped[unsure], C = clipped_normal(losses[kept][unsure], C, ceiling)
    doubt = np.zeros_like(errors)
    doubt[np.ix_(unsure, unsure)] = C / (float(clipped.var()) or 1.0)
    return X, clipped, doubt
