"""What is minimised: softmax with cross-entropy for classes, the squared error for a number.

For classes J is the mean over rows of -Σ y log ŷ, and ŷ = softmax(z).

With softmax on top, the gradient of one row's loss by its z is simply dz = ŷ - y. For two classes
this is logistic regression: ŷ₁ = sigmoid(z₁ - z₀). Source: A. Ng, "Softmax regression" and
"Training a softmax classifier", Deep Learning, course 2.

Logarithms are taken of sums that are at least 1, never of ŷ itself, so that a row can be as wrong
as it likes without log(0).

For a number (regression) the output is linear, ŷ = z, and J is the mean over rows of (ŷ - y)².
"""

from __future__ import annotations

import numpy as np

from hpsearch.network.arrays import Array, Labels, sum_rows


def softmax(Z: Array) -> Array:
    """ŷ = eᶻ / Σ eᶻ for each row of ``Z``, shape (m, classes).

    The course's example: e⁵, e², e⁻¹ and e³ over their sum, 176.3.

    >>> softmax(np.array([[5.0, 2.0, -1.0, 3.0]])).round(3)
    array([[0.842, 0.042, 0.002, 0.114]])
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P: Array = E / E.sum(axis=1, keepdims=True)
    return P


def hard_max(Z: Array) -> Array:
    """1 at the largest z of each row of ``Z``, shape (m, classes), and 0 elsewhere; the first wins.

    Softmax is its gentle form: it keeps the order, says how sure it is, and has a gradient.

    >>> hard_max(np.array([[5.0, 2.0, -1.0, 3.0]]))
    array([[1., 0., 0., 0.]])
    """
    P: Array = np.zeros_like(Z)
    P[np.arange(len(Z)), Z.argmax(axis=1)] = 1
    return P


def cross_entropy(Z: Array, y: Labels) -> tuple[Array, Array]:
    """Each row's loss -log ŷ_y in nats, shape (m,), and the gradient (ŷ - y)/m of their mean by z.

    ``Z`` has shape (m, classes), and so has the gradient. The arithmetic is done class by class:
    there are few classes and many rows, and NumPy is fast along the longer side.
    """
    m = len(y)
    losses, E, total, right = _losses(Z, y)
    E /= m * total
    E.reshape(-1)[right] -= 1 / m
    return losses, E.T


def losses_of(Z: Array, y: Labels) -> Array:
    """The losses alone, as :func:`cross_entropy` gives them, bit for bit."""
    losses, _, _, _ = _losses(Z, y)
    return losses


def squared_error(Z: Array, y: Array) -> tuple[Array, Array]:
    """Each row's loss (ŷ - y)², shape (m,), and the gradient 2(ŷ - y)/m of their mean by z.

    ``Z`` has shape (m, 1), and so has the gradient; ŷ = z.

    >>> losses, dZ = squared_error(np.array([[3.0], [1.0]]), np.array([1.0, 2.0]))
    >>> losses.tolist(), dZ.tolist()
    ([4.0, 1.0], [[2.0], [-1.0]])
    """
    errors = Z[:, 0] - y
    dZ: Array = (errors * Z.dtype.type(2 / len(y)))[:, None]
    return errors * errors, dZ


def _losses(Z: Array, y: Labels) -> tuple[Array, Array, Array, Labels]:
    """Each row's loss; eᶻ by class, up to a factor for each row; and its sum over the classes.

    Last, each row's own class, counted through the flat array.
    """
    by_class = np.array(Z.T, order="C")
    right = y * len(y) + np.arange(len(y))
    by_class -= by_class.max(axis=0)
    losses = -by_class.take(right)
    E = np.exp(by_class, out=by_class)
    total = sum_rows(E)
    losses += np.log(total)
    return losses, E, total, right
