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

import numpy as np
from numpy.typing import NDArray

from hpsearch.sampling.factor import GrowingFactor
from hpsearch.sampling.gaussian_process import (
    RPROP_STEPS,
    GaussianProcess,
    clipped_normal,
    map_estimate,
    standardised,
)
from hpsearch.sampling.history import History
from hpsearch.sampling.kernel import Kernel, KernelHyperparameters
from hpsearch.sampling.strategy import Unit
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


class Models:
    """Processes of one growing history; ``choices`` are the unordered dimensions."""

    def __init__(self, choices: NDArray[np.bool_]) -> None:
        self._choices = choices
        self._estimates: list[tuple[History, KernelHyperparameters]] = []
        self._selection: tuple[History, NDArray[np.intp]] | None = None
        self._factor: tuple[KernelHyperparameters, GrowingFactor] | None = None

    def process(self, known: History, pending: Sequence[Unit]) -> GaussianProcess:
        """The process of the standardised losses, with trials running at the pending points."""
        hyperparameters = self._hyperparameters(known)
        kept, basis = self._kept(known)
        X, (losses, doubt) = known.units[kept], fitted_results(known, kept)
        z = standardised(losses)
        running = np.array(pending, dtype=float).reshape(len(pending), X.shape[1])
        kernel = Kernel(hyperparameters, self._choices)
        if doubt is not None:  # it changes with every trial that finishes
            return GaussianProcess(kernel, X, z, running, doubt=doubt)
        factor = self._grown(kernel, hyperparameters, np.concatenate([X, running]), basis)
        return GaussianProcess(kernel, X, z, running, factor=factor)

    def prediction(
        self, known: History, pending: Sequence[Unit], unit: Unit
    ) -> tuple[float, float]:
        """Mean and standard deviation of the loss at a point."""
        mean, deviation = self.process(known, pending).predict(np.array([unit]))
        losses, _ = fitted_results(known, self._kept(known)[0])
        scale = float(losses.std())
        return float(losses.mean() + scale * mean[0]), float(scale * deviation[0])

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
            kept = best_and_rest(clipped_losses(basis), LEARNING_LIMIT)
            losses, doubt = fitted_results(basis, kept)
            start = self._estimates[-1][1] if count >= WARM_FROM else None
            steps = WARM_STEPS if start else RPROP_STEPS
            X, z = basis.units[kept], standardised(losses)
            estimate = map_estimate(X, z, self._choices, doubt, start=start, steps=steps)
            self._estimates.append((basis, estimate))

    def _kept(self, known: History) -> tuple[NDArray[np.intp], int]:
        """The results that are fitted, in order, and with how many of them a factor begins."""
        count = len(known)
        if count <= MODEL_LIMIT:
            return np.arange(count), _counts_of_estimates(count)[-1]
        basis = known.first(count - count % RENEWAL)
        if self._selection is None or not self._selection[0].equals(basis):
            losses = clipped_losses(basis)
            self._selection = basis, best_and_rest(losses, MODEL_LIMIT - RENEWAL)
        chosen = self._selection[1]
        return np.concatenate([chosen, np.arange(len(basis), count)]), len(chosen)

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


def clipped_losses(known: History) -> Floats:
    """Losses, none of them farther above the median than the best is below it.

    How bad a bad trial was says little about the good ones.
    """
    return np.asarray(np.minimum(known.imputed_losses, _ceiling(known)))


def _ceiling(known: History) -> float:
    losses = known.imputed_losses
    median = float(np.median(losses))
    return median + (median - float(losses.min()))


def fitted_results(known: History, kept: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
    """Losses of some trials to fit a process to, shape (k,), and what these may err.

    The covariance of their errors is in units of the losses' variance, shape (k, k); ``None`` where
    all are known. An imputed loss is clipped as what it is, a distribution: of a trial that is
    surely bad it is surely no more than the clipped loss.
    """
    losses = clipped_losses(known)[kept]
    if not known.stopped.any():
        return losses, None
    errors = known.imputation_covariance(kept)
    unsure = np.flatnonzero(np.diag(errors) > 0)
    C = errors[np.ix_(unsure, unsure)]
    imputed = known.imputed_losses[kept][unsure]
    losses[unsure], C = clipped_normal(imputed, C, _ceiling(known))
    doubt = np.zeros_like(errors)
    doubt[np.ix_(unsure, unsure)] = C / (float(losses.var()) or 1.0)
    return losses, doubt


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
