"""A Gaussian process through the results: what loss to expect at a point, and how surely.

The kernel is Matérn 5/2 with one length scale l_j for each dimension. Two choices are at distance
0 where they are equal and 1 where they differ:

    r²      = sum_j (x_j - x'_j)² / l_j²
    k(x,x') = (1 + √5 r + 5/3 r²) exp(-√5 r)

The kernel's hyperparameters, the length scales and the variance of the noise, are their maximum a
posteriori (MAP) estimate: they maximise the marginal likelihood of the results times a prior,
which keeps them sensible while results are few.

Sources: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, sections 2.2
(prediction), 4.2 (Matérn), 5.4 (gradients of the marginal likelihood); Jones, Schonlau and Welch,
"Efficient global optimization of expensive black-box functions", 1998 (expected improvement);
Ginsbourger, Le Riche and Carraro, "Kriging is well-suited to parallelize optimization", 2010
(kriging believer).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Floats

JITTER = 1e-6  # keeps the covariance matrix invertible when two points are equal
LENGTH_SCALE = 0.45  # median of the prior in four dimensions; distances grow with their number
CHOICE_LENGTH_SCALE = 2 * LENGTH_SCALE  # choices are 1 apart, two random numbers 0.41 on average
NOISE = 0.05  # median of the prior of the noise's variance; the signal's is 1
NOISE_SD = 1.5  # the prior's standard deviation of the log noise; of a log length scale it is 1
FAR_BELOW = 6.0  # deviations below a ceiling at which it clips nothing
MOST_DOUBT = 30.0  # variance of an uncertain result; the signal's is 1, so that more says nothing
RPROP_STEPS = 25
LOG_LENGTH_SCALE_BOUNDS = (math.log(0.03), math.log(30.0))
LOG_NOISE_BOUNDS = (math.log(1e-5), math.log(2.0))


@dataclass(frozen=True)
class KernelHyperparameters:
    """``length_scales``, shape (dimensions,), and ``noise``, the variance of the noise."""

    length_scales: Floats
    noise: float


def map_estimate(
    X: Floats, z: Floats, choices: NDArray[np.bool_], doubt: Floats | None = None
) -> KernelHyperparameters:
    """The kernel's hyperparameters of largest posterior density, given results z at points X.

    Args:
        X: canonical unit vectors, shape (n, d).
        z: standardised losses, shape (n,).
        choices: which dimensions are unordered, shape (d,).
        doubt: the covariance of the errors of z beside the noise, shape (n, n); ``None`` for 0.

    The prior of each is log-normal. Rprop minimises the negative log posterior by its gradient:
    each logarithm has a step size of its own, which grows while its gradient keeps its sign and
    halves when it changes.
    """
    n, d = X.shape
    squared_distances = _squared_distances(X, X, choices).reshape(d, n * n)
    median = np.where(choices, CHOICE_LENGTH_SCALE, LENGTH_SCALE) * math.sqrt(max(d, 2) / 4)
    centre = np.append(np.log(median), math.log(NOISE))
    precision = np.append(np.ones(d), 1 / NOISE_SD**2)
    low = np.append(np.full(d, LOG_LENGTH_SCALE_BOUNDS[0]), LOG_NOISE_BOUNDS[0])
    high = np.append(np.full(d, LOG_LENGTH_SCALE_BOUNDS[1]), LOG_NOISE_BOUNDS[1])
    theta, step, last_gradient = centre, np.full(d + 1, 0.2), np.zeros(d + 1)
    best, best_loss = theta, math.inf
    for _ in range(RPROP_STEPS):
        loss, gradient = _negative_log_marginal_likelihood(theta, squared_distances, z, doubt)
        loss += 0.5 * float(precision @ (theta - centre) ** 2)
        gradient = gradient + precision * (theta - centre)
        if loss < best_loss:
            best, best_loss = theta, loss
        agreement = gradient * last_gradient
        step = np.where(agreement > 0, step * 1.3, np.where(agreement < 0, step * 0.5, step))
        step = np.clip(step, 0.01, 0.8)
        theta, last_gradient = np.clip(theta - np.sign(gradient) * step, low, high), gradient
    return KernelHyperparameters(np.exp(best[:d]), math.exp(best[d]))


def _negative_log_marginal_likelihood(
    theta: Floats, squared_distances: Floats, z: Floats, doubt: Floats | None = None
) -> tuple[float, Floats]:
    """½ zᵀK⁻¹z + ½ log|K| and its gradient by ``theta``: log length scales, then the log noise.

    ``squared_distances`` holds (x_j - x'_j)² for each dimension, shape (d, n * n).
    """
    n = len(z)
    weights, noise = np.exp(-2 * theta[:-1]), math.exp(theta[-1])
    root = np.sqrt(5 * (weights @ squared_distances)).reshape(n, n)
    decay = np.exp(-root)
    K = (1 + root + root**2 / 3) * decay
    K[np.diag_indices(n)] += noise + JITTER
    if doubt is not None:
        K += bounded(doubt)
    inverse = np.linalg.inv(K)
    a = inverse @ z
    loss = 0.5 * float(z @ a) + float(np.log(np.diag(np.linalg.cholesky(K))).sum())
    # dK/d(r²) = -5/6 (1 + √5 r) exp(-√5 r)   and   d(r²)/d(log l_j) = -2 (x_j - x'_j)² / l_j²
    by_K = 0.5 * (inverse - np.outer(a, a))
    by_squares = by_K * (1 + root) * decay * (-5 / 6)
    by_length_scales = -2 * weights * (squared_distances @ by_squares.ravel())
    return loss, np.append(by_length_scales, np.trace(by_K) * noise)


class GaussianProcess:
    """The process given results z at points X, with trials still running at points ``pending``.

    The running trials are treated as by a kriging believer: each is taken to give the loss that is
    predicted for it. That leaves the mean as it is and lowers the variance around them.

    ``doubt`` is the covariance of the errors of z beside the noise, shape (n, n): some results may
    be forecasts. ``None`` stands for 0.
    """

    def __init__(
        self,
        hyperparameters: KernelHyperparameters,
        X: Floats,
        z: Floats,
        pending: Floats,
        choices: NDArray[np.bool_],
        *,
        doubt: Floats | None = None,
    ) -> None:
        self._hyperparameters = hyperparameters
        self._choices = choices
        self._known = len(X)
        self._points = np.concatenate([X, pending])
        K = self._kernel(self._points)
        noisy = K + (hyperparameters.noise + JITTER) * np.eye(len(K))
        if doubt is not None:
            noisy[: self._known, : self._known] += bounded(doubt)
        # The running trials come last: the first rows of the factor are those of X alone.
        self._factor_inverse = np.linalg.inv(np.linalg.cholesky(noisy))
        of_known = self._factor_inverse[: self._known, : self._known]
        self._weights = of_known.T @ (of_known @ z)
        self.best = float((K[:, : self._known] @ self._weights).min())

    def predict(self, X: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation at points of shape (m, d), each of shape (m,)."""
        K = self._kernel(X)
        mean = K[:, : self._known] @ self._weights
        explained = ((K @ self._factor_inverse.T) ** 2).sum(axis=1)
        return mean, np.sqrt(np.maximum(1.0 - explained, 1e-9))

    def expected_improvement(self, X: Floats) -> Floats:
        """The mean of max(0, best - loss) at points of shape (m, d), shape (m,).

        ``best`` is the lowest mean at a point tried or running. Where the expected improvement is
        next to 0, a negative number stands in its place, which still ranks the points.
        """
        mean, deviation = self.predict(X)
        gain = (self.best - mean) / deviation
        expected = deviation * (gain * _normal_cdf(gain) + _normal_density(gain))
        return np.where(expected > 1e-9, expected, -1e-3 + gain * 1e-9)

    def _kernel(self, X: Floats) -> Floats:
        weights = self._hyperparameters.length_scales**-2
        scaled = np.sqrt(np.where(self._choices, 0.0, weights))
        A, B = X * scaled, self._points * scaled
        squares = (A * A).sum(axis=1)[:, None] + (B * B).sum(axis=1) - 2 * A @ B.T
        np.maximum(squares, 0.0, out=squares)  # rounding can go below
        for j in np.flatnonzero(self._choices):
            squares += weights[j] * (X[:, j][:, None] != self._points[:, j])
        root = np.sqrt(5 * squares)
        return np.asarray((1 + root + root**2 / 3) * np.exp(-root))


def bounded(doubt: Floats) -> Floats:
    """A covariance with variances of at most ``MOST_DOUBT``, its correlations as they were."""
    variances = np.diag(doubt)
    down = np.sqrt(np.minimum(1.0, MOST_DOUBT / np.maximum(variances, 1e-300)))
    return doubt * down[:, None] * down


def standardised(values: Floats) -> Floats:
    """Values with mean 0 and standard deviation 1; zeros if all are equal."""
    deviation = float(values.std())
    return np.asarray((values - values.mean()) / (deviation if deviation > 0 else 1.0))


def _squared_distances(A: Floats, B: Floats, choices: NDArray[np.bool_]) -> Floats:
    """By dimension, shape (d, len(A), len(B)); of choices 0 where equal, else 1."""
    differences = A.T[:, :, None] - B.T[:, None, :]
    return np.where(choices[:, None, None], differences != 0, differences**2)


def clipped_normal(mean: Floats, covariance: Floats, ceiling: float) -> tuple[Floats, Floats]:
    """Mean (n,) and covariance (n, n) of min(Y, ceiling), where Y is normal with these.

    With a = (ceiling - mean) / deviation, the moments of (ceiling - Y)+ are

        first  = deviation (a Φ(a) + φ(a)),    second = deviation² ((a² + 1) Φ(a) + a φ(a))

    (Jones, Schonlau and Welch, 1998, equation 15, is the first). The correlations are left as they
    are, which is right at both ends. All variances must be positive.
    """
    deviation = np.sqrt(np.diag(covariance))
    a = np.clip((ceiling - mean) / deviation, -30.0, 1e6)
    cdf, density = _normal_cdf(a), _normal_density(a)
    first = a * cdf + density
    share = np.sqrt(np.maximum((a * a + 1) * cdf + a * density - first**2, 0.0))
    share = np.minimum(np.where(a > FAR_BELOW, 1.0, share), 1.0)
    clipped = np.where(a > FAR_BELOW, mean, ceiling - deviation * np.maximum(first, 0.0))
    return np.minimum(clipped, ceiling), covariance * share[:, None] * share


def _normal_density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi))


def _normal_cdf(x: Floats) -> Floats:
    """The cumulative distribution of a standard normal (Abramowitz and Stegun, 7.1.26).

    Its error is at most 1.5e-7.
    """
    y = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * y)
    a = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    tail = t * (a[0] + t * (a[1] + t * (a[2] + t * (a[3] + t * a[4])))) * np.exp(-y * y)
    return np.asarray(np.where(x < 0, tail / 2, 1 - tail / 2))
