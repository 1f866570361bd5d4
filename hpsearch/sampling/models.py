"""The Gaussian processes of a search, one for each proposal, with what they have in common kept.

Results come in one by one, and trials that run become results in order, so from one proposal to
the next the points of a process are the same and some more:

* The kernel's hyperparameters are estimated again each time that there are a tenth more results
  (many of them from where the last estimate ended) and kept in between.
* The factor of the covariance matrix is computed for the results that were there at an estimate;
  rows are added to it for those that came since. Where trials were stopped it is computed each
  time, since what is believed of them changes.
* Where there are more results than a fit may have, those that are left out are chosen once for
  every ``RENEWAL`` results.

All this depends on the history alone: whoever goes on with a search that was interrupted goes
through the same estimates, and has the same numbers bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.sampling.factor import GrowingFactor
from hpsearch.sampling.gaussian_process import (
    RPROP_STEPS,
    GaussianProcess,
    map_estimate,
    standardised,
)
from hpsearch.sampling.history import History
from hpsearch.sampling.kernel import Kernel, KernelHyperparameters
from hpsearch.sampling.strategy import Unit
from hpsearch.sampling.targets import Losses, Target
from hpsearch.space.parameters import Floats

MODEL_LIMIT = 300  # results in a fit; what more of them cost shows `tests/bench/search.py --speed`
RENEWAL = 30  # results after which it is chosen again which of more than the limit are left out
LEARNING_LIMIT = 200  # results that hyperparameters are estimated from
FIRST_ESTIMATE, GROWTH = (
    8,
    1.1,
)  # results at the first estimate, and how many times more at the next
WARM_FROM = 60  # tuned against 8: results from which an estimate begins where the last one ended
WARM_STEPS = 10  # Rprop steps from there


@dataclass(frozen=True)
class Fit:
    """A process, and what its standardised numbers stand for: value = mean + scale z."""

    process: GaussianProcess
    mean: float
    scale: float


class Models:
    """Processes of one growing history, through the values of a ``target``.

    ``choices`` are the unordered dimensions.
    """

    def __init__(self, choices: NDArray[np.bool_], target: Target | None = None) -> None:
        self._choices = choices
        self._target = target or Losses()
        self._estimates: list[tuple[History, KernelHyperparameters]] = []
        self._selection: tuple[History, NDArray[np.intp]] | None = None
        self._factor: tuple[KernelHyperparameters, GrowingFactor] | None = None

    def process(self, known: History, pending: Sequence[Unit]) -> GaussianProcess:
        """The process of the standardised values, with trials running at the pending points."""
        return self.fit(known, pending).process

    def fit(self, known: History, pending: Sequence[Unit]) -> Fit:
        """The same with the values' mean and scale; some of the target must be known."""
        hyperparameters = self._hyperparameters(known)
        kept, basis = self._kept(known)
        X, (values, doubt) = known.units[kept], self._target.fitted(known, kept)
        z = standardised(values)
        running = np.array(pending, dtype=float).reshape(len(pending), X.shape[1])
        kernel = Kernel(hyperparameters, self._choices)
        if doubt is not None:  # it changes with every trial that finishes
            process = GaussianProcess(kernel, X, z, running, doubt=doubt)
        else:
            factor = self._grown(kernel, hyperparameters, np.concatenate([X, running]), basis)
            process = GaussianProcess(kernel, X, z, running, factor=factor)
        return Fit(process, float(values.mean()), float(values.std()))

    def prediction(
        self, known: History, pending: Sequence[Unit], unit: Unit
    ) -> tuple[float, float]:
        """Mean and standard deviation of the value at a point."""
        fit = self.fit(known, pending)
        mean, deviation = fit.process.predict(np.array([unit]))
        return float(fit.mean + fit.scale * mean[0]), float(fit.scale * deviation[0])

    def _hyperparameters(self, known: History) -> KernelHyperparameters:
        counts = _counts_of_estimates(len(known))
        place = len(counts) - 1
        # Every basis is the beginning of the next one, so that only the last must be compared.
        if place >= len(self._estimates) or not self._estimates[place][0].equals(
            known.first(counts[place])
        ):
            self._estimate_again(known, counts)
        return self._estimates[place][1]

    def _estimate_again(self, known: History, counts: Sequence[int]) -> None:
        """All estimates of a history, but for those at the beginning that are there already."""
        for place, count in enumerate(counts):
            basis = known.first(count)
            if place < len(self._estimates) and self._estimates[place][0].equals(basis):
                continue
            del self._estimates[place:]
            there = np.flatnonzero(self._target.is_known(basis))
            kept = there[best_and_rest(self._target.order(basis)[there], LEARNING_LIMIT)]
            values, doubt = self._target.fitted(basis, kept)
            start = self._estimates[-1][1] if count >= WARM_FROM else None
            steps = WARM_STEPS if start else RPROP_STEPS
            z = standardised(values) if len(values) else values  # none, where all have failed
            X = basis.units[kept]
            estimate = map_estimate(X, z, self._choices, doubt, start=start, steps=steps)
            self._estimates.append((basis, estimate))

    def _kept(self, known: History) -> tuple[NDArray[np.intp], int]:
        """The results that are fitted, in order, and with how many of them a factor begins."""
        count, there = len(known), self._target.is_known(known)
        if count <= MODEL_LIMIT:
            begun = int(np.count_nonzero(there[: _counts_of_estimates(count)[-1]]))
            return np.flatnonzero(there), begun
        basis = known.first(count - count % RENEWAL)
        if self._selection is None or not self._selection[0].equals(basis):
            rows = np.flatnonzero(there[: len(basis)])
            order = self._target.order(basis)[rows]
            self._selection = basis, rows[best_and_rest(order, MODEL_LIMIT - RENEWAL)]
        chosen = self._selection[1]
        since = len(basis) + np.flatnonzero(there[len(basis) :])
        return np.concatenate([chosen, since]), len(chosen)

    def _grown(
        self, kernel: Kernel, hyperparameters: KernelHyperparameters, points: Floats, basis: int
    ) -> GrowingFactor:
        if self._factor is not None:
            used, factor = self._factor
            if used is hyperparameters and factor.basis == basis and factor.fits(points):
                return factor
        factor = GrowingFactor(kernel, points[:basis])
        self._factor = hyperparameters, factor
        return factor


def _counts_of_estimates(known: int) -> list[int]:
    """With how many results there was an estimate, up to now: a tenth more each time."""
    counts = [min(FIRST_ESTIMATE, known)]
    while (following := int(counts[-1] * GROWTH + 1)) <= known and known > FIRST_ESTIMATE:
        counts.append(following)
    return counts


def best_and_rest(losses: Floats, limit: int) -> NDArray[np.intp]:
    """Numbers of trials, in order: all, or of more than the limit some.

    Half of them are the best, and the other half are taken from the rest at even steps of rank.
    """
    if len(losses) <= limit:
        return np.arange(len(losses))
    order = np.argsort(losses, kind="stable")
    best, rest = order[: limit // 2], order[limit // 2 :]
    places = np.linspace(0, len(rest) - 1, limit - len(best)).astype(int)
    return np.sort(np.concatenate([best, rest[places]]))
