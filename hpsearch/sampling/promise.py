"""What a point promises where several goals, or limits, decide: the acquisition function.

Each goal's losses and each limit's excesses have a Gaussian process of their own. A point promises

    one goal        the expected improvement on the best feasible trial
    several goals   the expected growth of the hypervolume of the feasible front
    with limits     the same, times the probability of feasibility

While no trial is feasible it promises the expected improvement of what all limits together are
passed by. (The probability of feasibility, next to 0 everywhere, would lead to where least is
known.) The best, or the front, is made of the processes' means at the trials' points, which are
less noisy than the results. Trials that are running count as in a kriging believer.

The hypervolume grows by what a trial dominates and no other does. What no trial dominates is cut
into disjoint boxes; with independent losses, the expectation within a box [l, u] is a product

    prod over goals j of  e_j(u_j) - e_j(l_j),     e_j(a) = E max(0, a - loss_j)

Sources: Schonlau, Welch and Jones, "Global versus local search in constrained optimization of
computer models", 1998 (improvement times feasibility); Emmerich, Giannakoglou and Naujoks,
"Single- and multiobjective evolutionary optimization assisted by Gaussian random field metamodels",
2006 (expected hypervolume improvement); Ament et al., "Unexpected improvements to expected
improvement for Bayesian optimization", 2023 (its logarithm).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.pareto import crowding, extent_of, is_on_front, open_boxes
from hpsearch.sampling.gaussian_process import normal_cdf, normal_density
from hpsearch.sampling.history import History
from hpsearch.sampling.models import Fit, Models
from hpsearch.sampling.strategy import Unit
from hpsearch.sampling.targets import Excess, FurtherLosses, LossesThatCount, Violation
from hpsearch.space.parameters import Floats

LEAST = 1e-9  # an expected growth below it is rounding, and points are ranked in another way
LEAST_LOG = -25.0  # below log(LEAST)
TAIL = -3.0  # standard deviations below which logarithms are those of the asymptotic series
REACH = 0.1  # of the front's extent: what is worse than its worst counts so far; tuned
LUCK = 0.5  # of the front's extent: what a loss below the front's lowest counts at most; tuned
MOST_BOXED = 60  # trials of a front with three goals or more: the boxes grow with their square


class Outlook:
    """The models of a search with ``goals`` losses and ``limits`` limits; see :class:`Models`."""

    def __init__(self, choices: NDArray[np.bool_], goals: int, limits: int) -> None:
        further = (Models(choices, FurtherLosses(goal)) for goal in range(1, goals))
        self._goals = [Models(choices, LossesThatCount()), *further]
        self._violation = Models(choices, Violation())
        self._limits = [(limit, Models(choices, Excess(limit))) for limit in range(limits)]

    def promise(self, known: History, pending: Sequence[Unit]) -> Promise:
        """What points promise once these results are known."""
        if not known.feasible.any():
            violation = self._violation.fit(known, pending)
            return Promise(_Feasibility(()), _Improvement(violation, violation.process.best))
        goals = [models.fit(known, pending) for models in self._goals]
        feasibility = self._feasibility(known, pending)
        running = np.array(pending, dtype=float).reshape(len(pending), known.units.shape[1])
        counted = running[np.flatnonzero(feasibility.is_expected(running))]
        points = np.concatenate([known.units[np.flatnonzero(known.feasible)], counted])
        means = np.column_stack([goal.process.mean(points) for goal in goals])
        if len(goals) == 1:
            return Promise(feasibility, _Improvement(goals[0], float(means.min())))
        return Promise(feasibility, _Growth(goals, means))

    def belief(
        self, known: History, pending: Sequence[Unit], unit: Unit
    ) -> tuple[float, float, float | None]:
        """Of a point: mean and standard deviation of the first goal's loss, and the feasibility.

        The last is ``None`` where there are no limits.
        """
        mean, deviation = self._goals[0].prediction(known, pending, unit)
        if not self._limits:
            return mean, deviation, None
        logarithm = self._feasibility(known, pending).logarithm(np.array([unit]))
        return mean, deviation, float(np.exp(logarithm[0]))

    def _feasibility(self, known: History, pending: Sequence[Unit]) -> _Feasibility:
        there = np.flatnonzero(np.isfinite(known.excesses).any(axis=0))
        fits = [models.fit(known, pending) for limit, models in self._limits if limit in there]
        return _Feasibility(fits)


class _Feasibility:
    """The probability that all limits are kept: a process for each of those ``fits``."""

    def __init__(self, fits: Sequence[Fit]) -> None:
        self._fits = [(fit.process, -fit.mean / (fit.scale or 1.0)) for fit in fits]

    def logarithm(self, X: Floats) -> Floats:
        """Of the probability at points of shape (m, d), shape (m,)."""
        total = np.zeros(len(X))
        for process, bound in self._fits:
            mean, deviation = process.predict(X)
            total += log_normal_cdf((bound - mean) / deviation)
        return total

    def is_expected(self, X: Floats) -> NDArray[np.bool_]:
        """Whether the mean of all excesses is within the limits, shape (m,)."""
        kept = np.ones(len(X), dtype=bool)
        for process, bound in self._fits:
            kept &= process.mean(X) <= bound
        return kept


@dataclass(frozen=True)
class _Improvement:
    """The expected improvement on the best mean."""

    goal: Fit
    best: float

    def logarithm(self, X: Floats) -> Floats:
        """Of it at points of shape (m, d), shape (m,)."""
        mean, deviation = self.goal.process.predict(X)
        gain = (self.best - mean) / deviation
        news = self.goal.process.news(deviation)
        return np.asarray(np.log(news * deviation) + _log_expected_excess(gain))


class _Growth:
    """The expected growth of the hypervolume of the front of ``means``, shape (n, goals)."""

    def __init__(self, goals: Sequence[Fit], means: Floats) -> None:
        self._goals = goals
        front = means[is_on_front(means)]
        extent = extent_of(front, means)
        reference, luckiest = front.max(axis=0) + REACH * extent, front.min(axis=0) - LUCK * extent
        if means.shape[1] > 2 and len(front) > MOST_BOXED:
            solitary = np.argsort(-crowding(front), kind="stable")[:MOST_BOXED]
            front = front[np.sort(solitary)]
        self._front = front
        self._boxes = open_boxes(front, luckiest, reference)

    def logarithm(self, X: Floats) -> Floats:
        """Of it at points of shape (m, d), shape (m,)."""
        predicted = [goal.process.predict(X) for goal in self._goals]
        mean, deviation = (np.column_stack(columns) for columns in zip(*predicted, strict=True))
        growth = expected_growth(mean, deviation, self._boxes)
        # Where nothing is to be expected: how far the front lies from what luck would give.
        lucky = mean - 2 * deviation
        behind = (lucky[:, None, :] - self._front[None, :, :]).max(axis=2).min(axis=1)
        return np.where(growth > LEAST, np.log(np.maximum(growth, LEAST)), LEAST_LOG - behind)


@dataclass(frozen=True)
class Promise:
    """Ranks points."""

    feasibility: _Feasibility
    gain: _Improvement | _Growth

    def ranked(self, X: Floats) -> Iterator[int]:
        """The places of points of shape (m, d), the most promising first."""
        logarithm = self.feasibility.logarithm(X) + self.gain.logarithm(X)
        return iter(np.argsort(-logarithm, kind="stable").tolist())


def expected_growth(mean: Floats, deviation: Floats, boxes: Floats) -> Floats:
    """By how much a trial is expected to fill disjoint boxes, for each of m trials, shape (m,).

    Args:
        mean: of its losses, shape (m, goals).
        deviation: their standard deviations, shape (m, goals); the losses are independent.
        boxes: lower and upper corners, shape (boxes, 2, goals).
    """
    growth = np.ones((len(mean), len(boxes)))
    for goal in range(mean.shape[1]):
        ends, places = np.unique(boxes[:, :, goal], return_inverse=True)
        ours, spread = mean[:, goal, None], deviation[:, goal, None]
        gain = (np.where(np.isfinite(ends), ends, 0.0) - ours) / spread
        below = spread * (gain * normal_cdf(gain) + normal_density(gain))
        below = np.where(np.isfinite(ends), below, 0.0)
        low, high = places.reshape(len(boxes), 2).T
        growth *= below[:, high] - below[:, low]
    return np.asarray(growth.sum(axis=1))


def log_normal_cdf(x: Floats) -> Floats:
    """The logarithm of a standard normal's distribution function, far into the tail.

    There by the continued fraction of Mills' ratio (Abramowitz and Stegun, 26.2.14).
    """
    far = np.maximum(-x, -TAIL)
    mills = 1 / (far + 1 / (far + 2 / (far + 3 / far)))
    tail = np.log(mills) - 0.5 * far * far - 0.5 * np.log(2 * np.pi)
    return np.where(x < TAIL, tail, np.log(normal_cdf(np.maximum(x, TAIL))))


def _log_expected_excess(gain: Floats) -> Floats:
    """log(g Φ(g) + φ(g)), the expected improvement of a standard normal by ``gain`` deviations.

    In the tail φ(g) / (g² + 3 - 6 / g²) stands for it, the first terms of the asymptotic series.
    """
    near = np.maximum(gain, TAIL)
    g2 = np.maximum(gain * gain, TAIL * TAIL)
    tail = -0.5 * g2 - 0.5 * np.log(2 * np.pi) - np.log(g2 + 3 - 6 / g2)
    return np.where(gain < TAIL, tail, np.log(near * normal_cdf(near) + normal_density(near)))
