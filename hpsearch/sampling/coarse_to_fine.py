"""Coarse to fine: try random points, see where it is good, and look closer there.

Everything happens in the unit cube, where each coordinate is its parameter's own scale.

    propose(i, results of trials 0 … i - D):

        for the first trials            take evenly spread points, not quite out to the ends
        for 5 % of those from 30 on     take the next evenly spread point   (exploring never ends)

        for all others:
            elites     = the best tenth of the results, at least three
            boxes      = around the elites; they shrink from trial to trial
            candidates = random points in the boxes, large ones and small ones

            for 1 in 10 from 30 on      take a candidate as it is
            for all others              fit a smooth surface through the results,
                                        take the candidate that it promises most,
                                        after looking closer three times around its favourites

The first stretch of trials is round 1; a new round starts each time the boxes have shrunk to half.
With method ``boxes`` every candidate is taken as it is: what the course shows on its slide.
Nothing depends on how many trials there will be, so a search can be extended at will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.sampling.boxes import Boxes, moved
from hpsearch.sampling.cutoffs import CutoffRule
from hpsearch.sampling.history import History, HistoryReader
from hpsearch.sampling.points import PointList
from hpsearch.sampling.random_search import first_untried
from hpsearch.sampling.smooth_fit import SmoothFit, Smoothness, learn, standardised
from hpsearch.sampling.spread import Spread
from hpsearch.sampling.strategy import Observation, Proposal, Unit, whole_ranges
from hpsearch.seeds import Purpose, stream
from hpsearch.space import Choice, Space
from hpsearch.space.parameters import Floats

LEAST_FIRST_ROUND = 6
LEAST_RESULTS = 3
MIDDLE = 0.75  # share of a number's range for the first round, whose points are few
EXPLORE = 0.05  # share of trials for the whole space
AS_IT_IS = 0.10  # share of trials that the fit does not choose
SETTLED = 30  # before this trial there is none to spare for either
COARSEST, FINEST = 0.5, 0.01  # zoom levels: half-widths of a box, as shares of the range
CANDIDATES = 400
EDGE = 0.1  # share of a candidate's moves that go to an end of the range: optima like corners
CLOSER = (0.2, 0.08, 0.032)  # widths in which the fit's favourites are looked at again
FAVOURITES, AROUND_EACH = 8, 16
FIT_LIMIT = 300  # results in a fit; more would cost time and no longer add to it


@dataclass(frozen=True)
class Explanation:
    """What the strategy knew when it proposed a trial.

    ``elites`` are the numbers of the trials around which it looked, best first; none where it
    looked everywhere. ``expected`` and ``uncertainty`` are the loss that the smooth fit predicted
    for the trial and its standard deviation; ``None`` where there was no fit yet.
    """

    proposal: Proposal
    known: int
    zoom: float
    elites: tuple[int, ...] = ()
    expected: float | None = None
    uncertainty: float | None = None


class CoarseToFine:
    """The strategy of the module's head."""

    def __init__(
        self,
        space: Space,
        seed: int,
        lookahead: int,
        epochs: int,
        early_stop: CutoffRule,
        *,
        smooth: bool = True,
    ) -> None:
        self._space = space
        self._seed = seed
        self._early_stop = early_stop
        self._smooth = smooth
        self._choices = np.array([isinstance(p, Choice) for p in space.searched], dtype=bool)
        self._spread = Spread(space.dimensions, seed)
        self._whole = whole_ranges(space)
        self._points = PointList.of_all(space)
        self._reader = HistoryReader(space.dimensions, epochs)
        self._learned: tuple[History, Smoothness] | None = None
        self.lookahead = lookahead
        self.first_round = max(LEAST_FIRST_ROUND, space.dimensions + 1, lookahead)

    @property
    def size(self) -> int | None:
        """How many different points there are; ``None`` if there is no end."""
        return self._points.size if self._points else None

    def propose(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Proposal:
        rng = stream(self._seed, Purpose.PROPOSE, index)
        known = self._reader.read(history)
        ranges = self._whole
        explores, as_it_is = (rng.random(2) < (EXPLORE, AS_IT_IS)) & (index >= SETTLED)
        if index < self.first_round or not self._has_enough(known):
            candidates, origin = self._spread_point(index), "spread"
        elif explores:
            candidates, origin = self._spread_point(index), "explore"
        else:
            zoom = self.zoom(index)
            boxes = Boxes.around_best(self._space, known)
            ranges = boxes.ranges(zoom)
            # Each candidate has a level of its own, from nearly everything to the finest.
            levels = COARSEST * (zoom / COARSEST) ** rng.random(CANDIDATES)
            if as_it_is or not self._smooth:
                candidates, origin = boxes.draw(rng, levels, edge=0.0), "zoom"
            else:
                candidates = boxes.draw(rng, levels, EDGE)
                candidates = self._by_promise(rng, candidates, known, pending)
                origin = "fit"
        return Proposal(
            unit=first_untried(candidates, known.with_pending(pending), self._points, rng),
            origin=origin,
            round=self.round(index),
            ranges=ranges,
            cutoffs=self._early_stop(known),
        )

    def explain(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Explanation:
        """Why :meth:`propose` gives what it gives: computed again, from the same three things."""
        proposal = self.propose(index, history, pending)
        known = self._reader.read(history)
        elites: tuple[int, ...] = ()
        if proposal.origin in ("zoom", "fit"):
            elites = Boxes.around_best(self._space, known).trials
        if not self._smooth or not self._has_enough(known):
            return Explanation(proposal, len(known), self.zoom(index), elites)
        _, losses = _usable(known)
        mean, deviation = self._fit(known, pending).predict(np.array([proposal.unit]))
        return Explanation(
            proposal,
            len(known),
            self.zoom(index),
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

    def _spread_point(self, index: int) -> Floats:
        point = self._spread.point(index)
        # Later rounds find an optimum at an end; the first learns more a little further inside.
        if index < self.first_round:
            point = np.where(self._choices, point, 0.5 + MIDDLE * (point - 0.5))
        return self._space.canonical(point[None, :])

    def _by_promise(
        self,
        rng: np.random.Generator,
        candidates: Floats,
        known: History,
        pending: Sequence[Unit],
    ) -> Floats:
        """The candidates and closer ones around the favourites, the most promising first."""
        fit = self._fit(known, pending)
        promise = fit.promise(candidates)
        for width in CLOSER:
            favourites = np.argsort(-promise, kind="stable")[:FAVOURITES]
            around = np.repeat(candidates[favourites], AROUND_EACH, axis=0)
            closer = moved(self._space, rng, around, np.array(width), EDGE)
            candidates = np.concatenate([candidates[favourites], closer])
            promise = np.concatenate([promise[favourites], fit.promise(closer)])
        return candidates[np.argsort(-promise, kind="stable")]

    def _fit(self, known: History, pending: Sequence[Unit]) -> SmoothFit:
        X, losses = _usable(known)
        running = known.with_pending(pending)[len(known) :]
        smoothness = self._smoothness(known)
        return SmoothFit(smoothness, X, standardised(losses), running, self._choices)

    def _smoothness(self, known: History) -> Smoothness:
        """Learned afresh each time that there are a tenth more results; remembered in between."""
        rung = 8
        while (following := int(rung * 1.1 + 1)) <= len(known):
            rung = following
        basis = known.first(rung)
        if self._learned is None or not self._learned[0].equals(basis):
            X, losses = _usable(basis)
            self._learned = basis, learn(X, standardised(losses), self._choices)
        return self._learned[1]


def _usable(known: History) -> tuple[Floats, Floats]:
    """Points and losses to fit: clipped, and thinned out where they are many.

    How bad a bad trial was says little about the good ones, so losses are cut off as far above
    the median as the best is below. Of many trials the best half of the limit is kept, and of
    the rest an even selection by rank.
    """
    worth = known.worth
    median = float(np.median(worth))
    clipped = np.minimum(worth, median + (median - worth.min()))
    if len(worth) <= FIT_LIMIT:
        return known.units, clipped
    order = np.argsort(clipped, kind="stable")
    best, rest = order[: FIT_LIMIT // 2], order[FIT_LIMIT // 2 :]
    places = np.linspace(0, len(rest) - 1, FIT_LIMIT - len(best)).astype(int)
    kept = np.sort(np.concatenate([best, rest[places]]))
    return known.units[kept], clipped[kept]
