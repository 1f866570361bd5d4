"""A Gaussian process through the results: what loss to expect at a point, and how surely.

The hyperparameters of its kernel (:mod:`hpsearch.sampling.kernel`), the length scales and the
variances of noise and trend, are their maximum a posteriori (MAP) estimate: they maximise the
marginal likelihood of the results times a prior, which keeps them sensible while results are few.

Sources: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, sections 2.2
(prediction) and 5.4 (gradients of the marginal likelihood); Jones, Schonlau and Welch,
"Efficient global optimization of expensive black-box functions", 1998 (expected improvement);
Huang, Allen, Notz and Zeng, "Global optimization of stochastic black-box systems via sequential
kriging meta-models", 2006 (augmented expected improvement);
Ginsbourger, Le Riche and Carraro, "Kriging is well-suited to parallelize optimization", 2010
(kriging believer).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hpsearch.sampling.factor import JITTER, GrowingFactor, bounded, inverse_of_lower
from hpsearch.sampling.kernel import Kernel, KernelHyperparameters, matern, squared_distances
from hpsearch.space.parameters import Floats

# The constants of the priors are medians, and standard deviations of logarithms.
LENGTH_SCALE = 0.45  # in four dimensions; distances grow with their number
CHOICE_LENGTH_SCALE = 2 * LENGTH_SCALE  # choices are 1 apart, two random numbers 0.41 on average
LENGTH_SCALE_SD = 1.0
NOISE, NOISE_SD = 0.05, 1.5  # the variance of the signal is 1
TREND, TREND_SD = 0.02, 2.0  # tuned: corners wait until results point there
RPROP_STEPS = 25
LOG_LENGTH_SCALE_BOUNDS = (math.log(0.03), math.log(30.0))
LOG_NOISE_BOUNDS = (math.log(1e-5), math.log(2.0))
LOG_TREND_BOUNDS = (math.log(1e-4), math.log(10.0))
FAR_BELOW = 6.0  # deviations below a ceiling at which it clips nothing
STAGE = 64  # points whose variance is computed at a time


def map_estimate(
    X: Floats,
    z: Floats,
    choices: NDArray[np.bool_],
    doubt: Floats | None = None,
    *,
    start: KernelHyperparameters | None = None,
    steps: int = RPROP_STEPS,
) -> KernelHyperparameters:
    """The kernel's hyperparameters of largest posterior density, given results z at points X.

    Args:
        X: canonical unit vectors, shape (n, d).
        z: standardised losses, shape (n,).
        choices: which dimensions are unordered, shape (d,).
        doubt: the covariance of the errors of z beside the noise, shape (n, n); ``None`` for 0.
        start: where to begin; by default at the medians of the prior.
        steps: how many steps to take from there.

    The prior of each is log-normal. Rprop minimises the negative log posterior by its gradient:
    each logarithm has a step size of its own, which grows while its gradient keeps its sign and
    halves when it changes.
    """
    d = X.shape[1]
    likelihood = _MarginalLikelihood(X, z, choices, doubt)
    median = np.where(choices, CHOICE_LENGTH_SCALE, LENGTH_SCALE) * math.sqrt(max(d, 2) / 4)
    centre = np.append(np.log(median), [math.log(NOISE), math.log(TREND)])
    precision = np.array([*[LENGTH_SCALE_SD] * d, NOISE_SD, TREND_SD]) ** -2
    low, high = np.array([*[LOG_LENGTH_SCALE_BOUNDS] * d, LOG_NOISE_BOUNDS, LOG_TREND_BOUNDS]).T
    theta = centre
    if start is not None:
        theta = np.log([*start.length_scales, start.noise, start.trend])
    step, last_gradient = np.full(d + 2, 0.2), np.zeros(d + 2)
    best, best_loss = theta, math.inf
    for _ in range(steps):
        loss, gradient = likelihood(theta)
        loss += 0.5 * float(precision @ (theta - centre) ** 2)
        gradient = gradient + precision * (theta - centre)
        if loss < best_loss:
            best, best_loss = theta, loss
        agreement = gradient * last_gradient
        step = np.where(agreement > 0, step * 1.3, np.where(agreement < 0, step * 0.5, step))
        step = np.clip(step, 0.01, 0.8)
        theta, last_gradient = np.clip(theta - np.sign(gradient) * step, low, high), gradient
    length_scales, (noise, trend) = np.exp(best[:d]), np.exp(best[d:])
    return KernelHyperparameters(length_scales, float(noise), float(trend))


class _MarginalLikelihood:
    """½ zᵀK⁻¹z + ½ log|K| and its gradient by theta.

    theta are the logarithms of the length scales, the noise and the trend, shape (d + 2,).
    """

    def __init__(
        self, X: Floats, z: Floats, choices: NDArray[np.bool_], doubt: Floats | None = None
    ) -> None:
        self._z, self._d = z, X.shape[1]
        self._numbers, self._choices = np.flatnonzero(~choices), np.flatnonzero(choices)
        self._centred = X[:, self._numbers] - 0.5
        self._trend = self._centred @ self._centred.T * (12 / max(len(self._numbers), 1))
        self._errors = JITTER * np.eye(len(X)) + (0.0 if doubt is None else bounded(doubt))
        columns = X.T[self._choices]
        self._differ = (columns[:, :, None] != columns[:, None, :]).astype(float)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        n, weights = len(self._z), np.exp(-2 * theta[: self._d])
        noise, trend = np.exp(theta[self._d :])
        scaled = self._centred * np.sqrt(5 * weights[self._numbers])
        squares = squared_distances(scaled, scaled)
        for weight, differ in zip(weights[self._choices], self._differ, strict=True):
            squares += 5 * weight * differ
        K = matern(squares) + trend * self._trend + self._errors
        K[np.diag_indices(n)] += noise
        L = np.linalg.cholesky(K)
        F = inverse_of_lower(L)
        Fz = F @ self._z
        loss = 0.5 * float(Fz @ Fz) + float(np.log(np.diag(L)).sum())
        a = F.T @ Fz
        by_K = 0.5 * (F.T @ F - np.outer(a, a))
        by_length_scales = self._by_length_scales(by_K, squares, weights)
        by_noise, by_trend = np.trace(by_K) * noise, (by_K * self._trend).sum() * trend
        return loss, np.append(by_length_scales, [by_noise, by_trend])

    def _by_length_scales(self, by_K: Floats, squares: Floats, weights: Floats) -> Floats:
        """The gradient by the log length scales.

        dK/d(r²) = -5/6 (1 + √5 r) exp(-√5 r)   and   d(r²)/d(log l_j) = -2 (x_j - x'_j)² / l_j²
        """
        root = np.sqrt(squares)
        by_squares = by_K * (1 + root) * np.exp(-root) * (-5 / 6)
        gradient = np.empty(self._d)
        # sum over pairs of s (x - x')² = 2 sum (s 1) x² - 2 xᵀ s x, for a symmetric s
        X = self._centred
        sums = by_squares.sum(axis=1) @ X**2 - (X * (by_squares @ X)).sum(axis=0)
        gradient[self._numbers] = 2 * sums
        gradient[self._choices] = (by_squares * self._differ).sum(axis=(1, 2))
        return np.asarray(-2 * weights * gradient)


class GaussianProcess:
    """The process given results z at points X, with trials still running at points ``pending``.

    The running trials are treated as by a kriging believer: each is taken to give the loss that is
    predicted for it. That leaves the mean as it is and lowers the variance around them.

    ``doubt`` is the covariance of the errors of z beside the noise, shape (n, n): some results may
    be forecasts. ``None`` stands for 0. ``factor`` is one for the same kernel, points and doubt, if
    there is one already; it grows.
    """

    def __init__(
        self,
        kernel: Kernel,
        X: Floats,
        z: Floats,
        pending: Floats,
        *,
        doubt: Floats | None = None,
        factor: GrowingFactor | None = None,
    ) -> None:
        self._kernel = kernel
        self._known = len(X)
        self._points = np.concatenate([X, pending])
        # The running trials come last: the first rows of the factor are those of X alone.
        self._factor = (factor or GrowingFactor(kernel, X, doubt)).of(self._points)
        of_known = self._factor[: self._known, : self._known]
        self._weights = of_known.T @ (of_known @ z)
        self._variance = kernel.variance(self._points) + kernel.noise + JITTER  # of a result
        # The mean K w at the points of the results is z - errors w, since (K + errors) w = z.
        tried = z - (kernel.noise + JITTER) * self._weights
        if doubt is not None:
            self._variance[: self._known] += np.diag(bounded(doubt))
            tried -= bounded(doubt) @ self._weights
        running = kernel(pending, X) @ self._weights
        self.tried = np.concatenate([tried, running])
        self.best = float(self.tried.min())

    def predict(self, X: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation at points of shape (m, d), each of shape (m,)."""
        K = self._kernel(X, self._points)
        return self._mean(K), self._deviation(K, self._kernel.variance(X))

    def mean(self, X: Floats) -> Floats:
        """The mean at points of shape (m, d), shape (m,)."""
        return self._mean(self._kernel(X, self._points[: self._known]))

    def expected_improvement(self, X: Floats) -> Floats:
        """The mean of max(0, best - loss) at points of shape (m, d), shape (m,), less for repeats.

        ``best`` is the lowest mean at a point tried or running. Where much of what is seen is
        noise, one more trial beside others says little, and the mean is multiplied by

            1 - min(1, noise) √(noise / (noise + deviation²))

        which is the augmented expected improvement of Huang et al. where the noise has the
        variance of the signal, 1, or more, and next to 1 where there is little noise: the whole
        factor at all noise levels costs the first 30 trials. Where the expected improvement is next
        to 0, a negative number stands in its place, which still ranks the points.
        """
        return self._improvement(*self.predict(X))

    def news(self, deviation: Floats) -> Floats:
        """Which share one more trial says of points with this standard deviation, see above."""
        noise = self._kernel.noise
        return np.asarray(1 - min(1.0, noise) * np.sqrt(noise / (noise + deviation**2)))

    def ranked(self, X: Floats) -> Iterator[int]:
        """The places of points in the order of their expected improvement, the largest first.

        The variance, which costs most, is computed for a stage of points at a time, and for no
        more than are asked for: more results leave less variance, so that what is left beside the
        one most alike bounds it from above, and the expected improvement with it.
        """
        K, prior = self._kernel(X, self._points), self._kernel.variance(X)
        mean = self._mean(K)
        at_most = np.sqrt(np.maximum(prior - (K * K / self._variance).max(axis=1), 1e-9))
        bounds = self._improvement(mean, at_most)
        order = np.argsort(-bounds, kind="stable")
        ranked: list[tuple[float, int]] = []
        for first in range(0, len(order), STAGE):
            while ranked and -ranked[0][0] >= bounds[order[first]]:
                yield heapq.heappop(ranked)[1]
            stage = order[first : first + STAGE]
            improvement = self._improvement(mean[stage], self._deviation(K[stage], prior[stage]))
            for place, value in zip(stage.tolist(), improvement.tolist(), strict=True):
                heapq.heappush(ranked, (-value, place))
        while ranked:
            yield heapq.heappop(ranked)[1]

    def _mean(self, K: Floats) -> Floats:
        return np.asarray(K[:, : self._known] @ self._weights)

    def _deviation(self, K: Floats, prior: Floats) -> Floats:
        explained = ((K @ self._factor.T) ** 2).sum(axis=1)
        return np.asarray(np.sqrt(np.maximum(prior - explained, 1e-9)))

    def _improvement(self, mean: Floats, deviation: Floats) -> Floats:
        gain = (self.best - mean) / deviation
        expected = (
            self.news(deviation) * deviation * (gain * normal_cdf(gain) + normal_density(gain))
        )
        return np.where(expected > 1e-9, expected, -1e-3 + gain * 1e-9)


def standardised(values: Floats) -> Floats:
    """Values with mean 0 and standard deviation 1; zeros if all are equal."""
    deviation = float(values.std())
    return np.asarray((values - values.mean()) / (deviation if deviation > 0 else 1.0))


def clipped_normal(mean: Floats, covariance: Floats, ceiling: float) -> tuple[Floats, Floats]:
    """Mean (n,) and covariance (n, n) of min(Y, ceiling), where Y is normal with these.

    With a = (ceiling - mean) / deviation, the moments of (ceiling - Y)+ are

        first  = deviation (a Φ(a) + φ(a)),    second = deviation² ((a² + 1) Φ(a) + a φ(a))

    (Jones, Schonlau and Welch, 1998, equation 15, is the first). The correlations are left as they
    are, which is right at both ends. All variances must be positive.
    """
    deviation = np.sqrt(np.diag(covariance))
    a = np.clip((ceiling - mean) / deviation, -30.0, 1e6)
    cdf, density = normal_cdf(a), normal_density(a)
    first = a * cdf + density
    share = np.sqrt(np.maximum((a * a + 1) * cdf + a * density - first**2, 0.0))
    share = np.minimum(np.where(a > FAR_BELOW, 1.0, share), 1.0)
    clipped = np.where(a > FAR_BELOW, mean, ceiling - deviation * np.maximum(first, 0.0))
    return np.minimum(clipped, ceiling), covariance * share[:, None] * share


def normal_density(x: Floats) -> Floats:
    """The density of a standard normal."""
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi))


def normal_cdf(x: Floats) -> Floats:
    """The cumulative distribution of a standard normal (Abramowitz and Stegun, 7.1.26).

    Its error is at most 1.5e-7.
    """
    y = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * y)
    a = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    tail = t * (a[0] + t * (a[1] + t * (a[2] + t * (a[3] + t * a[4])))) * np.exp(-y * y)
    return np.asarray(np.where(x < 0, tail / 2, 1 - tail / 2))
