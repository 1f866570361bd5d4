"""The inverse Cholesky factor of a covariance matrix, to which points are added one by one.

With K = L Lᵀ the covariance of noisy results, the inverse F = L⁻¹ gives all that a Gaussian process
needs: K⁻¹ = Fᵀ F. The leading rows and columns of F belong to the leading points alone, so one
factor serves every prefix of its points. A point more costs O(n²):

    f = F k,    λ² = k(x,x) + noise - fᵀ f,    the new row of F is (-fᵀ F, 1) / λ

Rows come out the same, bit for bit, however many are added at a time, if the points that the factor
begins with are the same.
"""

from __future__ import annotations

import numpy as np

from hpsearch.sampling.kernel import Kernel
from hpsearch.space.parameters import Floats

JITTER = 1e-6  # keeps the covariance matrix invertible when two points are equal
MOST_DOUBT = 30.0  # variance of an uncertain result; the signal's is 1, so that more says nothing
ROOM = 64  # rows that are allocated at a time
LEAF = 48  # a triangle of so many rows is inverted by LAPACK


class GrowingFactor:
    """F for the results at some points under a kernel; ``basis`` is with how many it began.

    ``doubt`` is the covariance of the errors of these results beside the noise, ``None`` for 0.
    """

    def __init__(self, kernel: Kernel, points: Floats, doubt: Floats | None = None) -> None:
        count, dimensions = points.shape
        self.basis = count
        self._kernel = kernel
        self._count = count
        self._points = np.zeros((count + ROOM, dimensions))
        self._points[:count] = points
        self._rows = np.zeros((count + ROOM, count + ROOM))
        noisy = kernel(points, points)
        noisy[np.diag_indices(count)] += kernel.noise + JITTER
        if doubt is not None:
            noisy += bounded(doubt)
        self._rows[:count, :count] = inverse_of_lower(np.asarray(np.linalg.cholesky(noisy)))

    def fits(self, points: Floats) -> bool:
        """Whether the factor can serve these points: they begin as its own do, or go on."""
        count = min(self._count, len(points))
        return np.array_equal(points[:count], self._points[:count])

    def of(self, points: Floats) -> Floats:
        """F for these points, shape (n, n); the factor grows by those that it lacks."""
        for point in points[self._count :]:
            self._add(point)
        return self._rows[: len(points), : len(points)]

    def _add(self, point: Floats) -> None:
        n = self._count
        if n == len(self._points):
            self._points = np.pad(self._points, ((0, ROOM), (0, 0)))
            self._rows = np.pad(self._rows, (0, ROOM))
        F = self._rows[:n, :n]
        f = F @ self._kernel(self._points[:n], point[None, :])[:, 0]
        own = float(self._kernel.variance(point[None, :])[0]) + self._kernel.noise + JITTER
        scale = np.sqrt(max(own - float(f @ f), JITTER))
        self._rows[n, :n] = (f @ F) / -scale
        self._rows[n, n] = 1 / scale
        self._points[n] = point
        self._count = n + 1


def bounded(doubt: Floats) -> Floats:
    """A covariance with variances of at most ``MOST_DOUBT``, its correlations as they were."""
    variances = np.diag(doubt)
    down = np.sqrt(np.minimum(1.0, MOST_DOUBT / np.maximum(variances, 1e-300)))
    return doubt * down[:, None] * down


def inverse_of_lower(L: Floats) -> Floats:
    """The inverse of a lower triangular matrix, by halves: mostly matrix products."""
    n = len(L)
    if n <= LEAF:
        return np.tril(np.linalg.inv(L))  # rounding can leave something above
    half = n // 2
    inverse = np.zeros_like(L)
    inverse[:half, :half] = inverse_of_lower(L[:half, :half])
    inverse[half:, half:] = inverse_of_lower(L[half:, half:])
    inverse[half:, :half] = -inverse[half:, half:] @ (L[half:, :half] @ inverse[:half, :half])
    return inverse
