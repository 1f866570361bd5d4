"""What Gaussian processes are fitted to: losses, those of further goals, and excesses over limits.

Each is a function of a history alone, so that what a process learnt from the beginning of a search
stays what it was.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hpsearch.pareto import is_on_front
from hpsearch.sampling.gaussian_process import clipped_normal
from hpsearch.sampling.history import History
from hpsearch.space.parameters import Floats


class Target(Protocol):
    """One number of each trial, to be predicted at other points."""

    def is_known(self, known: History) -> NDArray[np.bool_]:
        """The trials that have it, shape (n,)."""

    def order(self, known: History) -> Floats:
        """Lowest where it should be known best, shape (n,)."""

    def fitted(self, known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
        """Its values of some trials, shape (k,), and what these may err.

        The covariance of their errors is in units of the values' variance, shape (k, k); ``None``
        where there are none.
        """


class Losses:
    """The losses of a search with one goal and no limits."""

    def is_known(self, known: History) -> NDArray[np.bool_]:
        return np.ones(len(known), dtype=bool)

    def order(self, known: History) -> Floats:
        return clipped_losses(known)

    def fitted(self, known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
        return fitted_results(known, kept)


class LossesThatCount(Losses):
    """The losses of the first goal where others, or limits, decide as well which trials are good.

    They are clipped as ever, but above all that are on the front of the feasible trials.
    """

    def order(self, known: History) -> Floats:
        return np.asarray(np.minimum(known.imputed_losses, self._ceiling(known)))

    def fitted(self, known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
        return fitted_results(known, kept, self._ceiling(known))

    def _ceiling(self, known: History) -> float:
        return _above_front(known, 0)


class FurtherLosses:
    """The losses of goal number ``goal``, from 1."""

    def __init__(self, goal: int) -> None:
        self._goal = goal

    def is_known(self, known: History) -> NDArray[np.bool_]:
        return np.isfinite(known.goals[:, self._goal])

    def order(self, known: History) -> Floats:
        return np.asarray(np.minimum(known.goals[:, self._goal], _above_front(known, self._goal)))

    def fitted(self, known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
        return self.order(known)[kept], None


class Violation:
    """By how much all limits together are passed, by its logarithm: log(1 + sum of excesses)."""

    def is_known(self, known: History) -> NDArray[np.bool_]:
        return np.isfinite(known.violations)

    def order(self, known: History) -> Floats:
        return known.violations

    def fitted(self, known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
        return np.log1p(known.violations[kept]), None


class Excess:
    """How far limit number ``limit``, from 0, is passed: 0 at the bound, below 0 inside.

    Far from the bound the value counts by its logarithm:  sign(e) log(1 + |e|), the bilog of
    Eriksson and Poloczek, "Scalable constrained Bayesian optimization", 2021.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def is_known(self, known: History) -> NDArray[np.bool_]:
        return np.isfinite(known.excesses[:, self._limit])

    def order(self, known: History) -> Floats:
        return np.abs(known.excesses[:, self._limit])

    def fitted(self, known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
        excess = known.excesses[kept, self._limit]
        return np.sign(excess) * np.log1p(np.abs(excess)), None


def clipped_losses(known: History) -> Floats:
    """Losses, none of them farther above the median than the best is below it.

    How bad a bad trial was says little about the good ones.
    """
    return np.asarray(np.minimum(known.imputed_losses, _ceiling(known.imputed_losses)))


def _ceiling(losses: Floats) -> float:
    median = float(np.median(losses))
    return median + (median - float(losses.min()))


def _above_front(known: History, goal: int) -> float:
    """The ceiling of a goal's losses, and of the feasible trials', and its worst on the front."""
    losses = known.imputed_losses if goal == 0 else known.goals[:, goal]
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return 0.0
    feasible = np.flatnonzero(known.feasible)
    if not len(feasible):
        return _ceiling(finite)
    front = feasible[is_on_front(known.goals[feasible])]
    return max(_ceiling(finite), _ceiling(losses[feasible]), float(losses[front].max()))


def fitted_results(
    known: History, kept: NDArray[np.intp], ceiling: float | None = None
) -> tuple[Floats, Floats | None]:
    """Losses of some trials to fit a process to, shape (k,), and what these may err.

    The covariance of their errors is in units of the losses' variance, shape (k, k); ``None`` where
    all are known. An imputed loss is clipped as what it is, a distribution: of a trial that is
    surely bad it is surely no more than the clipped loss. ``ceiling`` is where all are clipped,
    ``None`` for that of :func:`clipped_losses`.
    """
    if ceiling is None:
        ceiling = _ceiling(known.imputed_losses)
    losses = np.asarray(np.minimum(known.imputed_losses, ceiling))[kept]
    if not known.stopped.any():
        return losses, None
    errors = known.imputation_covariance(kept)
    unsure = np.flatnonzero(np.diag(errors) > 0)
    C = errors[np.ix_(unsure, unsure)]
    imputed = known.imputed_losses[kept][unsure]
    losses[unsure], C = clipped_normal(imputed, C, ceiling)
    doubt = np.zeros_like(errors)
    doubt[np.ix_(unsure, unsure)] = C / (float(losses.var()) or 1.0)
    return losses, doubt
