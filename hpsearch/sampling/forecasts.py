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
        self._gains = {
            end: _Gains(finished, end, choices) for end in np.unique(self._ends).tolist()
        }
        expected = np.empty(len(self._ends))
        for end, gains in self._gains.items():
            rows = np.flatnonzero(self._ends == end)
            expected[rows] = self._stopped.losses[rows, end - 1] - gains.mean(self._stopped[rows])
        self.losses = scale.loss(expected)
        self._slope = scale.slope(expected)

    def covariance(self, rows: NDArray[np.intp]) -> Floats:
        """The covariance of the errors of some of the forecasts, shape (k, k)."""
        C = np.zeros((len(rows), len(rows)))
        for end, gains in self._gains.items():
            places = np.flatnonzero(self._ends[rows] == end)
            C[np.ix_(places, places)] = gains.covariance(self._stopped[rows[places]])
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
    """The process through the finishers' gains from one epoch on; all curves are of y."""

    def __init__(self, finished: Curves, end: int, choices: NDArray[np.bool_]) -> None:
        self._end, self._choices, self._units = end, choices, finished.units
        features = self._measured(finished)
        deviation = features.std(axis=0)
        self._centre = features.mean(axis=0)
        self._deviation = np.where(deviation > 0, deviation, 1.0)
        self._features = (features - self._centre) / self._deviation
        self._gains = features[:, 0] - finished.losses[:, -1]
        self._unit = float(self._gains.std()) or 1.0
        z = (self._gains - self._gains.mean()) / self._unit
        # All noises at once: one factor for each.
        K = self._kernel(self._features, finished.units, self._features, finished.units)
        factors = np.linalg.cholesky(K + NOISES[:, None, None] * np.eye(len(z)))
        whitened = np.linalg.solve(factors, np.broadcast_to(z[:, None], (len(NOISES), len(z), 1)))
        variances = np.maximum((whitened[..., 0] ** 2).mean(axis=1), LEAST_VARIANCE)
        half_log_determinants = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        best = int(np.argmax(-len(z) / 2 * np.log(variances) - half_log_determinants))
        self._noise, self._variance = NOISES[best], variances[best]
        self._factor, self._whitened = factors[best], whitened[best, :, 0]

    def mean(self, stopped: Curves) -> Floats:
        """What stopped trials would still have gained, (m,): no more or less than any finisher."""
        _, explained = self._seen(stopped)
        mean = self._gains.mean() + self._unit * (explained.T @ self._whitened)
        return np.asarray(np.clip(mean, self._gains.min(), self._gains.max()))

    def covariance(self, stopped: Curves) -> Floats:
        """The covariance of these gains, shape (m, m)."""
        f, explained = self._seen(stopped)
        prior = self._kernel(f, stopped.units, f, stopped.units) + self._noise * np.eye(len(f))
        return np.asarray(self._variance * self._unit**2 * (prior - explained.T @ explained))

    def _seen(self, stopped: Curves) -> tuple[Floats, Floats]:
        """Stopped trials' features, (m, 2), and their whitened covariance with finishers, (n, m).

        A trial further than one deviation from all finishers counts as one deviation away: a
        plane reaches no further.
        """
        f = (self._measured(stopped) - self._centre) / self._deviation
        f = np.clip(f, self._features.min(axis=0) - 1, self._features.max(axis=0) + 1)
        k = self._kernel(self._features, self._units, f, stopped.units)
        return f, np.linalg.solve(self._factor, k)

    def _measured(self, curves: Curves) -> Floats:
        """How high each curve is after the epoch, and how much it fell in the half before."""
        high = curves.losses[:, self._end - 1]
        return np.stack([high, curves.losses[:, (self._end + 1) // 2 - 1] - high], axis=1)

    def _kernel(self, f: Floats, x: Floats, other_f: Floats, other_x: Floats) -> Floats:
        """The covariance of the module's head: features (m, 2), points (m, d), and others."""
        no_choices = np.zeros(f.shape[1], dtype=bool)
        alike = _matern(_apart(f, other_f, no_choices) / FEATURE_LENGTH)
        length = POINT_LENGTH * math.sqrt(max(x.shape[1], 2) / 4)
        near = _matern(_apart(x, other_x, self._choices) / length)
        return np.asarray(1 + f @ other_f.T + BEND * ((1 + alike) * (1 + near) - 1))


def _matern(r: Floats) -> Floats:
    root = math.sqrt(5) * r
    return np.asarray((1 + root + root**2 / 3) * np.exp(-root))


def _apart(A: Floats, B: Floats, choices: NDArray[np.bool_]) -> Floats:
    """The distances between points of shape (m, d) and (n, d)."""
    differences = A[:, None, :] - B
    differences = np.where(choices, CHOICES_APART * (differences != 0), differences)
    return np.asarray(np.sqrt((differences**2).sum(axis=2)))


def _thinned_out(finished: Curves) -> Curves:
    """At most so many finishers, evenly from the best to the worst."""
    if len(finished.losses) <= MOST_FINISHERS:
        return finished
    order = np.argsort(finished.losses[:, -1], kind="stable")
    return finished[order[np.linspace(0, len(order) - 1, MOST_FINISHERS).astype(int)]]
