"""Batch norm's statistics over a whole training set: what z is like with the weights as they are.

At test time there is no mini-batch to take μ and σ² from. One way is a running average over the
mini-batches of training, which lags behind weights that move quickly: after few steps, or with a
large momentum. The other is to pass the whole training set through the final network once. Source:
A. Ng, "Batch norm at test time", Deep Learning, course 2; S. Ioffe and C. Szegedy, "Batch
Normalization", algorithm 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hpsearch.network.arrays import Array, Rows, take_rows
from hpsearch.network.model import row_slices

FloatArray = npt.NDArray[np.float64]


def mean_and_variance(
    pre_activation: Callable[[Array], Array], X: Rows, around: Array
) -> tuple[FloatArray, FloatArray]:
    """The mean of z over all rows of ``X``, and its unbiased variance, (units,) each.

    ``pre_activation`` gives the z of some rows, (m, units). It is called on a few rows at a time,
    so that the memory needed does not grow with the data. ``around``, (units,), is roughly the
    mean: sums of squares keep their digits around it. There must be 2 rows or more.

    >>> mean, variance = mean_and_variance(lambda A: A, np.array([[1.0], [3.0]]), np.zeros(1))
    >>> mean.tolist(), variance.tolist()
    ([2.0], [2.0])
    """
    m = len(X)
    center = around.astype(np.float64)
    total, squares = np.zeros_like(center), np.zeros_like(center)
    for block in row_slices(X):
        d = pre_activation(take_rows(X, block, around.dtype)).astype(np.float64) - center
        total += d.sum(axis=0)
        squares += np.square(d).sum(axis=0)
    shift = total / m
    return center + shift, np.maximum(squares - m * shift**2, 0) / (m - 1)
