"""How alike the losses of two points are: the covariance function of the Gaussian process.

The kernel is Matérn 5/2 with one length scale l_j for each dimension, plus a linear trend over the
m dimensions that are numbers. Two choices are at distance 0 where they are equal and 1 where they
differ:

    r²      = sum_j (x_j - x'_j)² / l_j²
    k(x,x') = (1 + √5 r + 5/3 r²) exp(-√5 r)  +  v 12/m sum_j (x_j - ½) (x'_j - ½)

Matérn alone falls back to its mean, 0, where there are no results; the trend goes on to the ends of
the ranges, where optima often are. Its variance at a random point is v, since a uniform coordinate
has variance 1/12; the Matérn part's is 1.

Sources: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, sections 2.7
(linear trends) and 4.2 (Matérn).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Floats


@dataclass(frozen=True)
class KernelHyperparameters:
    """``length_scales``, shape (dimensions,), and the variances of the noise and of the trend."""

    length_scales: Floats
    noise: float
    trend: float = 0.0


class Kernel:
    """The covariance function of some hyperparameters; ``choices`` are the unordered dimensions."""

    def __init__(self, hyperparameters: KernelHyperparameters, choices: NDArray[np.bool_]) -> None:
        self.noise = hyperparameters.noise
        self._numbers = np.flatnonzero(~choices)
        self._choices = np.flatnonzero(choices)
        self._weights = 5 * hyperparameters.length_scales**-2
        self._scale = np.sqrt(self._weights[self._numbers])
        self._trend = hyperparameters.trend * 12 / max(len(self._numbers), 1)

    def __call__(self, A: Floats, B: Floats) -> Floats:
        """The covariance of the losses at points A, shape (m, d), and B, shape (n, d): (m, n)."""
        centred_A, centred_B = A[:, self._numbers] - 0.5, B[:, self._numbers] - 0.5
        K = matern(self._squares(A, B, centred_A * self._scale, centred_B * self._scale))
        K += (self._trend * centred_A) @ centred_B.T
        return K

    def variance(self, A: Floats) -> Floats:
        """The variance at points A before there are results, shape (m,)."""
        return np.asarray(1 + self._trend * ((A[:, self._numbers] - 0.5) ** 2).sum(axis=1))

    def _squares(self, A: Floats, B: Floats, scaled_A: Floats, scaled_B: Floats) -> Floats:
        """5 r² between the points of A and B."""
        squares = squared_distances(scaled_A, scaled_B)
        for j in self._choices:
            squares += self._weights[j] * (A[:, j][:, None] != B[:, j])
        return squares


def squared_distances(A: Floats, B: Floats) -> Floats:
    """|a - b|² of the rows of A and B, shape (m, n)."""
    squares = np.asarray((-2 * A) @ B.T)
    squares += (A * A).sum(axis=1)[:, None]
    squares += (B * B).sum(axis=1)
    return np.maximum(squares, 0.0, out=squares)  # rounding can go below


def matern(squares: Floats) -> Floats:
    """The Matérn 5/2 kernel of 5 r²: (1 + √5 r + 5/3 r²) exp(-√5 r)."""
    root = np.sqrt(squares)
    K = squares / 3
    K += root
    K += 1
    np.negative(root, out=root)
    K *= np.exp(root, out=root)
    return K
