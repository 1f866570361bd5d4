"""The layers: each turns its input into its output, and the output's gradient into the input's.

``forward`` is the training pass and remembers what ``backward`` needs; dZ, dA … are the gradients
of the cost J by Z, A …, of the same shapes. A layer with parameters leaves their gradients in
arrays that it was given. A hidden layer of the network is the course's

    z = a W  →  z̃ = batch norm(z)  →  a = g(z̃)  →  dropout

without b, which batch norm would subtract again: its β does that work. Predictions need only
affine maps and g; see :func:`affine_map` and ``model.py``.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from hpsearch.network.activations import Activation
from hpsearch.network.arrays import Array, sum_rows

VARIANCE_EPSILON = 1e-5
"""Batch norm's ε, added to a variance before the root is taken."""


class Layer(Protocol):
    """One step of the forward and of the backward pass."""

    def forward(self, A: Array) -> Array:
        """The layer's output for a mini-batch ``A``, shape (m, inputs)."""
        ...

    def backward(self, dA: Array) -> Array:
        """The gradient by the input, from the gradient ``dA`` by the output."""
        ...


class Dense:
    """z = a W + b, or z = a W where there is no b.

    ``W`` has shape (inputs, units), ``b`` (units,); ``dW`` and ``db`` receive their gradients

        dW = aᵀ dz        db = Σ dz over the rows        da = dz Wᵀ

    Source: A. Ng, "Backpropagation intuition", Deep Learning, course 1.
    """

    def __init__(
        self, W: Array, dW: Array, b: Array | None = None, db: Array | None = None
    ) -> None:
        self.W, self.dW = W, dW
        self.b, self.db = b, db

    def forward(self, A: Array) -> Array:
        self.A = A
        Z: Array = A @ self.W
        if self.b is not None:
            Z += self.b
        return Z

    def parameter_gradients(self, dZ: Array) -> None:
        """Leave the gradients of the parameters."""
        np.matmul(self.A.T, dZ, out=self.dW)
        if self.db is not None:
            sum_rows(dZ, out=self.db)

    def backward(self, dZ: Array) -> Array:
        self.parameter_gradients(dZ)
        dA: Array = dZ @ self.W.T
        return dA


class BatchNorm:
    """z̃ = γ ẑ + β with ẑ = (z - μ)/√(σ² + ε); μ and σ² are the mini-batch's mean and variance.

    ``gamma`` and ``beta`` are learned, shape (units,), with gradients

        dγ = Σ dz̃ ẑ        dβ = Σ dz̃        dz = γ/√(σ²+ε) · (dz̃ - dβ/m - ẑ dγ/m)

    With γ = √(σ²+ε) and β = μ the layer changes nothing. ``batch_mean`` and ``batch_variance``
    receive μ and the unbiased σ² m/(m-1), of which the network keeps running averages for its
    predictions; see :func:`affine_map`. A mini-batch needs m ≥ 2 rows.

    Source: S. Ioffe and C. Szegedy, "Batch Normalization", algorithm 1 and section 3; A. Ng,
    "Fitting batch norm into a neural network", Deep Learning, course 2.
    """

    def __init__(
        self,
        *,
        gamma: Array,
        dgamma: Array,
        beta: Array,
        dbeta: Array,
        batch_mean: Array,
        batch_variance: Array,
    ) -> None:
        self.gamma, self.dgamma = gamma, dgamma
        self.beta, self.dbeta = beta, dbeta
        self.batch_mean, self.batch_variance = batch_mean, batch_variance

    def forward(self, Z: Array) -> Array:
        m = len(Z)
        np.divide(sum_rows(Z), m, out=self.batch_mean)
        self.centred: Array = Z - self.batch_mean
        squares = sum_rows(self.centred * self.centred)
        np.divide(squares, m - 1, out=self.batch_variance)
        self.inverse_std = 1 / np.sqrt(squares / m + VARIANCE_EPSILON)
        self.scale = self.gamma * self.inverse_std
        Z = self.centred * self.scale
        Z += self.beta
        return Z

    def backward(self, dZ: Array) -> Array:
        m = len(dZ)
        sum_rows(dZ, out=self.dbeta)
        np.multiply(sum_rows(dZ * self.centred), self.inverse_std, out=self.dgamma)
        dZ = dZ - self.dbeta / m
        dZ -= self.centred * (self.inverse_std * self.dgamma / m)
        dZ *= self.scale
        return dZ


def affine_map(gamma: Array, beta: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
    """Batch norm at test time: ``scale`` and ``shift``, shape (units,), of z̃ = scale · z + shift.

    The running averages, or the statistics of the whole training set (``bn_statistics``), stand
    where the mini-batch's μ and σ² do in training:
    z̃ = γ (z - mean)/√(variance + ε) + β. Source: A. Ng, "Batch norm at test time".
    """
    scale = gamma / np.sqrt(variance + VARIANCE_EPSILON)
    return scale, beta - mean * scale


class Activate:
    """a = g(z) for every element."""

    def __init__(self, activation: Activation) -> None:
        self.activation = activation

    def forward(self, Z: Array) -> Array:
        self.A = self.activation.value(Z)
        return self.A

    def backward(self, dA: Array) -> Array:
        return self.activation.backward(dA, self.A)


class Dropout:
    """Inverted dropout: each element is 0 with probability ``rate``, else divided by 1 - ``rate``.

    The expected output is the input, so predictions leave the layer out. ``rate`` is in [0, 1), and
    1 - ``rate`` the course's keep_prob. The mask of a step depends on ``rng`` alone, not on the
    type of the floats. Source: A. Ng, "Dropout regularization", Deep Learning, course 2.
    """

    def __init__(self, rate: float, rng: np.random.Generator) -> None:
        self.rate, self.rng = rate, rng

    def forward(self, A: Array) -> Array:
        kept = self.rng.random(A.shape, dtype=np.float32) >= self.rate
        self.mask = kept.astype(A.dtype) / (1 - self.rate)
        return A * self.mask

    def backward(self, dA: Array) -> Array:
        return dA * self.mask
