"""Forecasts of the final losses of stopped trials, and how far and how alike these may err.

All losses are taken on a logarithmic scale, on which the good ones lie well apart:

    y = log(1/2 + (loss - lowest) / (median of the final losses - lowest))

A curve that ends early, after epoch e, has two features: y(e), and how much y fell in the half of
the epochs before. Together with the point x they say what the trial would still have gained, by a
Gaussian process through the trials that finished (the *finishers*), for whose curves the same
features are taken after the same epoch. The features f count in standard deviations of the
finishers, and so does the gain, less its mean:

    gain        = y(e) - y(last epoch)
    cov         = 1 + f·f' + a ((1 + k(f, f')) (1 + k(x, x')) - 1)
    noise       = the most probable of a few (marginal likelihood, the variance profiled out)

So there are a plane through the features, and bends of it: smooth in the features, in the point,
and in both together. k is a Matérn 5/2 kernel. The process gives a stopped trial's gain a mean and,
which matters as much, the gains of several a covariance: trials at neighbouring points are mistaken
alike, and who learns from them must not take their agreement for knowledge.

Sources: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, sections 2.2
(prediction), 2.7 (linear part), 4.2 (Matérn) and 5.4 (marginal likelihood); to learn final losses
and points in one process: Swersky, Snoek and Adams, "Freeze-thaw Bayesian optimization", 2014.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Floats

# Chosen by the errors of forecasts in the searches of `tests/bench/early_stop.py --part tuned`.
MOST_FINISHERS = 60  # more would cost time and not improve the forecasts
OFFSET = 0.5  # of the lowest loss from where the logarithm has its pole, in (median - lowest)
HIGHEST = 1e6  # losses further above the lowest than this, in (median - lowest), count as this
BEND = 0.3  # a: the prior variance of the bends, that of the plane's slopes being 1
NOISES = np.array([0.001, 0.005, 0.02, 0.08, 0.3])  # variances, on the same scale
FEATURE_LENGTH = 2.0  # length scale of k(f, f')
POINT_LENGTH = 0.45  # of k(x, x') in four dimensions; distances grow with their number
CHOICES_APART = 0.5  # two different choices; two random numbers are 0.41 apart on average
LEAST_VARIANCE = 1e-6  # of the gains' errors; keeps them from vanishing where all gain the same


@dataclass(frozen=True)
class Curves:
    """Curves of losses, shape (n, epochs), NaN from some epoch on, and their points, (n, d).

    Every curve has a loss after its first epoch.
    """

    losses: Floats
    units: Floats

    def __getitem__(self, rows: NDArray[np.intp]) -> Curves:
        return Curves(self.losses[rows], self.units[rows])


class Forecasts:
    """What to expect of stopped trials; those stopped after different epochs err independently.

    ``losses``, shape (m,), are the final losses to expect of them.
    """

    losses: Floats

    def __init__(self, finished: Curves, stopped: Curves, choices: NDArray[np.bool_]) -> None:
        """Learn from the finishers.

        Args:
            finished: trials with all epochs, at least one.
            stopped: trials without the last epoch.
            choices: which dimensions are unordered, shape (d,).
        """
        self._ends = np.isfinite(stopped.losses).sum(axis=1)  # epochs, counted from 1
        finished = _thinned_out(finished)
        scale = _LogScale.of(finished, stopped)
        finished = Curves(scale.log(finished.losses), finished.units)
        self._stopped = Curves(scale.log(stopped.losses), stopped.units)
        near = _near(finished.units, finished.units, choices)
        expected = np.empty(len(self._ends))
        self._groups: dict[int, _Group] = {}
        for end in np.unique(self._ends).tolist():
            rows = np.flatnonzero(self._ends == end)
            group = _Group(_Gains(finished, near, end), rows, self._stopped[rows], choices)
            expected[rows] = self._stopped.losses[rows, end - 1] - group.gains
            self._groups[end] = group
        self.losses = scale.loss(expected)
        self._slope = scale.slope(expected)

    def covariance(self, rows: NDArray[np.intp]) -> Floats:
        """The covariance of the errors of some of the forecasts, shape (k, k)."""
        C = np.zeros((len(rows), len(rows)))
        for end, group in self._groups.items():
            places = np.flatnonzero(self._ends[rows] == end)
            C[np.ix_(places, places)] = group.covariance(rows[places])
        slope = self._slope[rows]  # by the delta method: d(loss) = slope dy
        return C * slope[:, None] * slope


@dataclass(frozen=True)
class _LogScale:
    """y = log(1/2 + (loss - lowest) / span)."""

    lowest: float
    span: float

    @classmethod
    def of(cls, finished: Curves, stopped: Curves) -> _LogScale:
        lowest = min(float(finished.losses.min()), float(np.nanmin(stopped.losses)))
        span = float(np.median(finished.losses[:, -1])) - lowest
        return cls(lowest, max(span, 1e-9 * abs(lowest), 1e-200))

    def log(self, losses: Floats) -> Floats:
        # Divided twice, so that no quotient overflows.
        above = np.minimum((losses - self.lowest) / HIGHEST, self.span) / self.span
        return np.asarray(np.log(OFFSET + HIGHEST * above))

    def loss(self, y: Floats) -> Floats:
        return np.asarray(self.lowest + self.span * (np.exp(y) - OFFSET))

    def slope(self, y: Floats) -> Floats:
        return np.asarray(self.span * np.exp(y))


class _Gains:
    """The process through the finishers' gains from one epoch on; all curves are of y.

    ``near``, shape (n, n), is k(x, x') between the finishers.
    """

    def __init__(self, finished: Curves, near: Floats, end: int) -> None:
        self.end, self.units = end, finished.units
        features = self._measured(finished)
        deviation = features.std(axis=0)
        self._centre = features.mean(axis=0)
        self._deviation = np.where(deviation > 0, deviation, 1.0)
        self.features = (features - self._centre) / self._deviation
        self._gains = features[:, 0] - finished.losses[:, -1]
        self._unit = float(self._gains.std()) or 1.0
        z = (self._gains - self._gains.mean()) / self._unit
        # All noises at once: one factor for each.
        K = _kernel(self.features, self.features, near)
        factors = np.linalg.cholesky(K + NOISES[:, None, None] * np.eye(len(z)))
        whitened = np.linalg.solve(factors, np.broadcast_to(z[:, None], (len(NOISES), len(z), 1)))
        variances = np.maximum((whitened[..., 0] ** 2).mean(axis=1), LEAST_VARIANCE)
        half_log_determinants = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        best = int(np.argmax(-len(z) / 2 * np.log(variances) - half_log_determinants))
        self.noise, self.variance = NOISES[best], variances[best] * self._unit**2
        self.factor, self._whitened = factors[best], whitened[best, :, 0]

    def seen(self, curves: Curves) -> Floats:
        """The features (m, 2) of stopped trials, in the finishers' standard deviations.

        A trial further than one deviation from all finishers counts as one deviation away: a
        plane reaches no further.
        """
        f = (self._measured(curves) - self._centre) / self._deviation
        return np.asarray(np.clip(f, self.features.min(axis=0) - 1, self.features.max(axis=0) + 1))

    def mean(self, explained: Floats) -> Floats:
        """The mean gains (m,) of trials with a whitened covariance (n, m) with the finishers.

        Nobody gains more or less than any finisher did.
        """
        mean = self._gains.mean() + self._unit * (explained.T @ self._whitened)
        return np.asarray(np.clip(mean, self._gains.min(), self._gains.max()))

    def _measured(self, curves: Curves) -> Floats:
        """How high each curve is after the epoch, and how much it fell in the half before."""
        high = curves.losses[:, self.end - 1]
        return np.stack([high, curves.losses[:, (self.end + 1) // 2 - 1] - high], axis=1)


class _Group:
    """The stopped trials of some rows, all of them stopped after the same epoch.

    ``gains``, shape (m,), is what they would still have gained.
    """

    def __init__(
        self, process: _Gains, rows: NDArray[np.intp], stopped: Curves, choices: NDArray[np.bool_]
    ) -> None:
        self._process, self._rows, self._units, self._choices = (
            process,
            rows,
            stopped.units,
            choices,
        )
        self._features = process.seen(stopped)
        near = _near(process.units, stopped.units, choices)
        k = _kernel(process.features, self._features, near)
        self._explained = np.linalg.solve(process.factor, k)
        self.gains = process.mean(self._explained)

    def covariance(self, rows: NDArray[np.intp]) -> Floats:
        """The covariance of the gains of some of the rows, shape (k, k)."""
        places = np.searchsorted(self._rows, rows)
        f, x, explained = self._features[places], self._units[places], self._explained[:, places]
        K = _kernel(f, f, _near(x, x, self._choices)) + self._process.noise * np.eye(len(places))
        return np.asarray(self._process.variance * (K - explained.T @ explained))


def _kernel(f: Floats, g: Floats, near: Floats) -> Floats:
    """The covariance of the module's head; features of shape (m, 2), (n, 2), k(x, x') (m, n)."""
    alike = _matern(np.sqrt(((f[:, None, :] - g) ** 2).sum(axis=2)) / FEATURE_LENGTH)
    return np.asarray(1 + f @ g.T + BEND * ((1 + alike) * (1 + near) - 1))


def _near(A: Floats, B: Floats, choices: NDArray[np.bool_]) -> Floats:
    """k(x, x') between points of shape (m, d) and (n, d)."""
    differences = A[:, None, :] - B
    differences[..., choices] = CHOICES_APART * (differences[..., choices] != 0)
    length = POINT_LENGTH * math.sqrt(max(A.shape[1], 2) / 4)
    return _matern(np.sqrt(np.einsum("mnd,mnd->mn", differences, differences)) / length)


def _matern(r: Floats) -> Floats:
    root = math.sqrt(5) * r
    return np.asarray((1 + root + root**2 / 3) * np.exp(-root))


def _thinned_out(finished: Curves) -> Curves:
    """At most so many finishers, evenly from the best to the worst."""
    if len(finished.losses) <= MOST_FINISHERS:
        return finished
    order = np.argsort(finished.losses[:, -1], kind="stable")
    return finished[order[np.linspace(0, len(order) - 1, MOST_FINISHERS).astype(int)]]
