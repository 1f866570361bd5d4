"""Softmax and its cross-entropy, J = mean over rows of -Σ y log ŷ.

With softmax on top, the gradient of one row's loss by its z is simply dz = ŷ - y. For two classes
this is logistic regression: ŷ₁ = sigmoid(z₁ - z₀). Source: A. Ng, "Softmax regression" and
"Training a softmax classifier", Deep Learning, course 2.

Logarithms are taken of sums that are at least 1, never of ŷ itself, so that a row can be as wrong
as it likes without log(0).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hpsearch.network.arrays import Array, Labels


def softmax(Z: Array) -> Array:
    """ŷ = eᶻ / Σ eᶻ for each row of ``Z``, shape (m, classes).

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P: Array = E / E.sum(axis=1, keepdims=True)
    return P


def cross_entropy(Z: Array, y: Labels) -> tuple[npt.NDArray[np.floating], Array]:
    """Each row's loss -log ŷ_y in nats, shape (m,), and its gradient ŷ - y by z, of Z's shape.

    The gradient is that of one row's own loss; the gradient of the mean J is a factor 1/m of it.
    """
    Z = np.asfortranarray(Z)  # class by class: sums over a few classes then run along many rows
    rows = np.arange(len(y))
    shifted = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(shifted)
    total = E.sum(axis=1, keepdims=True)
    losses = np.log(total[:, 0]) - shifted[rows, y]
    dZ = E / (len(y) * total)
    dZ[rows, y] -= 1 / len(y)
    return losses, dZ
