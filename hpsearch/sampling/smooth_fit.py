"""A smooth fit through the results, which knows how sure it is: a Gaussian process.

Two trials resemble each other the more, the closer they are, and each dimension has a length of
its own over which it matters. With the lengths l_j, choices counting as 0 or 1 apart,

    r²      = sum_j (x_j - x'_j)² / l_j²
    k(x,x') = (1 + √5 r + 5/3 r²) exp(-√5 r)                            (Matérn 5/2)

the prediction at a new point is a weighted mean of the results with weights from k, and its
variance grows with the distance from them. Lengths and noise are those that make the results
most probable, with a mild prior that keeps them sensible while there are few.
Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, sections 2.2
(prediction), 4.2 (Matérn), 5.4 (gradients); Jones, Schonlau and Welch, "Efficient global
optimization of expensive black-box functions", 1998 (expected improvement).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Floats

JITTER = 1e-6  # keeps the matrix invertible when two points are equal
LENGTH = 0.45  # the prior's idea of a length in four dimensions; more, and all are further apart
CHOICE_LENGTH = 2 * LENGTH  # two choices are 1 apart, two random numbers less than half as much
NOISE = 0.05  # the prior's idea of the noise, as a variance beside a signal of 1
NOISE_SD = 1.5  # how loosely the prior holds log noise; log lengths are held with 1
STEPS = 25
LOG_LENGTHS = (math.log(0.03), math.log(30.0))
LOG_NOISES = (math.log(1e-5), math.log(2.0))


@dataclass(frozen=True)
class Smoothness:
    """How far each dimension reaches, shape (dimensions,), and the variance of the noise."""

    lengths: Floats
    noise: float


def learn(X: Floats, z: Floats, choices: NDArray[np.bool_]) -> Smoothness:
    """The most probable lengths and noise for results z at points X.

    Args:
        X: canonical unit vectors, shape (n, d).
        z: standardised losses, shape (n,).
        choices: which dimensions are unordered, shape (d,).

    The logarithms of all lengths and of the noise go down the analytic gradient of the negative
    log posterior with Rprop: steps of their own that grow while a slope keeps its sign.
    """
    n, d = X.shape
    apart = _apart(X, X, choices).reshape(d, n * n)
    typical = np.where(choices, CHOICE_LENGTH, LENGTH) * math.sqrt(max(d, 2) / 4)
    centre = np.append(np.log(typical), math.log(NOISE))
    precision = np.append(np.ones(d), 1 / NOISE_SD**2)
    low = np.append(np.full(d, LOG_LENGTHS[0]), LOG_NOISES[0])
    high = np.append(np.full(d, LOG_LENGTHS[1]), LOG_NOISES[1])
    theta, step, last = centre, np.full(d + 1, 0.2), np.zeros(d + 1)
    best, best_loss = theta, math.inf
    for _ in range(STEPS):
        loss, slope = _negative_log_likelihood(theta, apart, z)
        loss += 0.5 * float(precision @ (theta - centre) ** 2)
        slope = slope + precision * (theta - centre)
        if loss < best_loss:
            best, best_loss = theta, loss
        agreement = slope * last
        step = np.where(agreement > 0, step * 1.3, np.where(agreement < 0, step * 0.5, step))
        step = np.clip(step, 0.01, 0.8)
        theta, last = np.clip(theta - np.sign(slope) * step, low, high), slope
    return Smoothness(np.exp(best[:d]), math.exp(best[d]))


def _negative_log_likelihood(theta: Floats, apart: Floats, z: Floats) -> tuple[float, Floats]:
    """½ zᵀK⁻¹z + ½ log|K| and its gradient by the log lengths and the log noise.

    ``apart`` holds (x_j - x'_j)² for each dimension, shape (d, n * n).
    """
    n = len(z)
    weights, noise = np.exp(-2 * theta[:-1]), math.exp(theta[-1])
    root = np.sqrt(5 * (weights @ apart)).reshape(n, n)
    decay = np.exp(-root)
    K = (1 + root + root**2 / 3) * decay
    K[np.diag_indices(n)] += noise + JITTER
    inverse = np.linalg.inv(K)
    a = inverse @ z
    loss = 0.5 * float(z @ a) + float(np.log(np.diag(np.linalg.cholesky(K))).sum())
    # dK/d(r²) = -5/6 (1 + √5 r) exp(-√5 r)   and   d(r²)/d(log l_j) = -2 (x_j - x'_j)² / l_j²
    by_K = 0.5 * (inverse - np.outer(a, a))
    by_squares = by_K * (1 + root) * decay * (-5 / 6)
    by_lengths = -2 * weights * (apart @ by_squares.ravel())
    return loss, np.append(by_lengths, np.trace(by_K) * noise)


class SmoothFit:
    """The fit through results z at points X, with trials still running at points ``pending``.

    What a running trial will give is unknown; it is believed to give what the fit predicts, so
    it makes the fit surer around it and changes nothing else.
    """

    def __init__(
        self,
        smoothness: Smoothness,
        X: Floats,
        z: Floats,
        pending: Floats,
        choices: NDArray[np.bool_],
    ) -> None:
        self._smoothness = smoothness
        self._choices = choices
        self._known = len(X)
        self._points = np.concatenate([X, pending])
        K = self._kernel(self._points)
        noisy = K + (smoothness.noise + JITTER) * np.eye(len(K))
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

    def promise(self, X: Floats) -> Floats:
        """How much each point is expected to improve on the best fitted value, shape (m,).

        Where next to nothing is expected, the points are still ranked, below all others.
        """
        mean, deviation = self.predict(X)
        gain = (self.best - mean) / deviation
        expected = deviation * (gain * _normal_cdf(gain) + _normal_density(gain))
        return np.where(expected > 1e-9, expected, -1e-3 + gain * 1e-9)

    def _kernel(self, X: Floats) -> Floats:
        weights = self._smoothness.lengths**-2
        scaled = np.sqrt(np.where(self._choices, 0.0, weights))
        A, B = X * scaled, self._points * scaled
        squares = (A * A).sum(axis=1)[:, None] + (B * B).sum(axis=1) - 2 * A @ B.T
        np.maximum(squares, 0.0, out=squares)  # rounding can go below
        for j in np.flatnonzero(self._choices):
            squares += weights[j] * (X[:, j][:, None] != self._points[:, j])
        root = np.sqrt(5 * squares)
        return np.asarray((1 + root + root**2 / 3) * np.exp(-root))


def standardised(values: Floats) -> Floats:
    """Values with mean 0 and standard deviation 1; zeros if all are equal."""
    deviation = float(values.std())
    return np.asarray((values - values.mean()) / (deviation if deviation > 0 else 1.0))


def _apart(A: Floats, B: Floats, choices: NDArray[np.bool_]) -> Floats:
    """Squared distances by dimension, shape (d, len(A), len(B)); choices are 0 or 1 apart."""
    by_dimension = A.T[:, :, None] - B.T[:, None, :]
    return np.where(choices[:, None, None], by_dimension != 0, by_dimension**2)


def _normal_density(x: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi))


def _normal_cdf(x: Floats) -> Floats:
    """The share of a standard normal below x, to 1.5e-7 (Abramowitz and Stegun, 7.1.26)."""
    y = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * y)
    a = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    tail = t * (a[0] + t * (a[1] + t * (a[2] + t * (a[3] + t * a[4])))) * np.exp(-y * y)
    return np.asarray(np.where(x < 0, tail / 2, 1 - tail / 2))
