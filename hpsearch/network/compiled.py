"""The element-wise parts of training, compiled by numba: each pass over the data done once.

NumPy makes one pass for each operation, and on small networks the calls cost more than the
arithmetic. Matrix products stay with NumPy's BLAS. No fast-math: what is not a number stays so.
All arrays are contiguous and of one type, and so is every number in an inner loop: one double
would make the loop a double's.
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import TypeVar, cast

import numpy as np

from hpsearch.network.activations import ACTIVATIONS, Activation
from hpsearch.network.arrays import Array, Labels
from hpsearch.network.hyperparameters import Settings
from hpsearch.network.layers import VARIANCE_EPSILON, Activate, BatchNorm, Layer
from hpsearch.network.optimizers import OPTIMIZERS, Adam
from hpsearch.network.parts import Kernels

numba = import_module("numba")  # raises ImportError where the extra is not installed
F = TypeVar("F")


def _compiled(function: F) -> F:
    """Compiled at its first call; the machine code is kept on disk for the next process."""
    return cast(F, numba.njit(cache=True, error_model="numpy")(function))


@_compiled
def _normalise(
    Z: Array, gamma: Array, beta: Array, mean: Array, unbiased: Array
) -> tuple[Array, Array, Array]:
    m, units = Z.shape
    out, centred, factors = np.empty_like(Z), np.empty_like(Z), np.empty((2, units), Z.dtype)
    inverse_std, scale = factors[0], factors[1]
    mean[:] = 0
    for i in range(m):
        mean += Z[i]
    mean /= m
    unbiased[:] = 0
    for i in range(m):
        for j in range(units):
            centred[i, j] = Z[i, j] - mean[j]
            unbiased[j] += centred[i, j] * centred[i, j]
    for j in range(units):
        inverse_std[j] = 1 / math.sqrt(unbiased[j] / m + VARIANCE_EPSILON)
        scale[j] = gamma[j] * inverse_std[j]
    unbiased /= m - 1
    for i in range(m):
        for j in range(units):
            out[i, j] = centred[i, j] * scale[j] + beta[j]
    return out, centred, factors


@_compiled
def _normalise_backward(
    dZ: Array, centred: Array, factors: Array, dgamma: Array, dbeta: Array
) -> Array:
    m, units = dZ.shape
    inverse_std, scale = factors[0], factors[1]
    out, through_mean, through_variance = np.empty_like(dZ), scale.copy(), scale.copy()
    dgamma[:] = 0
    dbeta[:] = 0
    for i in range(m):
        for j in range(units):
            dbeta[j] += dZ[i, j]
            dgamma[j] += dZ[i, j] * centred[i, j]
    for j in range(units):
        dgamma[j] *= inverse_std[j]
        through_mean[j] = dbeta[j] / m
        through_variance[j] = inverse_std[j] * dgamma[j] / m
    for i in range(m):
        for j in range(units):
            rest = dZ[i, j] - through_mean[j] - centred[i, j] * through_variance[j]
            out[i, j] = rest * scale[j]
    return out


class CompiledBatchNorm(BatchNorm):
    """:class:`~hpsearch.network.layers.BatchNorm`."""

    def forward(self, Z: Array) -> Array:
        out, self.centred, factors = _normalise(
            Z, self.gamma, self.beta, self.batch_mean, self.batch_variance
        )
        self.factors: Array = factors
        return out

    def backward(self, dZ: Array) -> Array:
        return _normalise_backward(dZ, self.centred, self.factors, self.dgamma, self.dbeta)


@_compiled
def _relu(Z: Array) -> Array:
    out, zero = np.empty_like(Z), Z.dtype.type(0)
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            out[i, j] = zero if Z[i, j] <= zero else Z[i, j]  # NaN stays NaN
    return out


@_compiled
def _relu_backward(dA: Array, A: Array) -> Array:
    out, zero = np.empty_like(dA), dA.dtype.type(0)
    for i in range(dA.shape[0]):
        for j in range(dA.shape[1]):
            out[i, j] = dA[i, j] if A[i, j] > zero else zero
    return out


def _activate(activation: Activation) -> Layer:
    if activation is ACTIVATIONS["relu"]:
        return Activate(Activation(_relu, _relu_backward))
    return Activate(activation)


@_compiled
def _cross_entropy(Z: Array, y: Labels) -> tuple[Array, Array]:
    m, classes = Z.shape
    losses, dZ, rows = np.empty(m, Z.dtype), np.empty_like(Z), Z.dtype.type(m)
    for i in range(m):
        largest, total = Z[i].max(), Z.dtype.type(0)
        for j in range(classes):
            dZ[i, j] = math.exp(Z[i, j] - largest)
            total += dZ[i, j]
        losses[i] = math.log(total) - (Z[i, y[i]] - largest)
        for j in range(classes):
            dZ[i, j] /= total * rows
        dZ[i, y[i]] -= 1 / rows
    return losses, dZ


@_compiled
def _adam(w: Array, g: Array, v: Array, s: Array, rates: Array) -> None:
    beta1, beta2, rest1, rest2, alpha, epsilon = rates
    for i in range(w.size):
        v[i] = beta1 * v[i] + rest1 * g[i]
        s[i] = beta2 * s[i] + rest2 * g[i] * g[i]
        w[i] -= alpha * v[i] / (math.sqrt(s[i]) + epsilon)


class CompiledAdam(Adam):
    """:class:`~hpsearch.network.optimizers.Adam`."""

    def step(self, w: Array, g: Array, alpha: float, settings: Settings, /) -> None:
        alpha, epsilon = self.corrected(alpha, settings)
        beta1, beta2 = settings.beta1, settings.beta2
        rates = np.array([beta1, beta2, 1 - beta1, 1 - beta2, alpha, epsilon], w.dtype)
        _adam(w, g, self.moments["v"], self.moments["s"], rates)


NUMBA = Kernels(CompiledBatchNorm, _activate, _cross_entropy, {**OPTIMIZERS, "adam": CompiledAdam})
