"""The network's formulas, compiled by numba: one pass over the mini-batches in one function.

What is computed is what the modules ``layers.py``, ``activations.py``, ``losses.py`` and
``optimizers.py`` say, formula by formula, and a test trains every combination of options with both.
All arrays are views of flat vectors, found by their offsets, so that the functions are compiled
once for each type of float, whatever the depth and the widths.

No fast-math: what is not a number stays so. A single double in an inner loop would make the loop a
double's, so every number is turned into the arrays' type first.
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from hpsearch.network.activations import LEAK
from hpsearch.network.arrays import Array
from hpsearch.network.layers import VARIANCE_EPSILON

numba = import_module("numba")  # raises ImportError where the extra is not installed
import_module("scipy.linalg")  # numba finds its matrix product there

Indices = npt.NDArray[np.intp]
F = TypeVar("F")

SGD, MOMENTUM, RMSPROP, ADAM = range(4)
RELU, LEAKY_RELU, TANH, SIGMOID = range(4)
OPTIMIZER_CODES = {"sgd": SGD, "momentum": MOMENTUM, "rmsprop": RMSPROP, "adam": ADAM}
ACTIVATION_CODES = {"relu": RELU, "leaky_relu": LEAKY_RELU, "tanh": TANH, "sigmoid": SIGMOID}


class Layout(NamedTuple):
    """Where each layer's arrays begin in the flat vectors; ``widths`` from features to classes.

    ``scales`` and ``shifts`` are batch norm's γ and β; without it ``shifts`` are the biases. The
    last of ``shifts`` is the last layer's bias.
    """

    widths: Indices
    weights: Indices
    scales: Indices
    shifts: Indices
    means: Indices
    variances: Indices


class Vectors(NamedTuple):
    """The network's flat vectors, and the optimiser's moments (empty where it has none)."""

    parameters: Array
    gradients: Array
    statistics: Array
    averages: Array
    v: Array
    s: Array


class Rates(NamedTuple):
    """The numbers that one epoch is trained with, and which of the formulas."""

    alpha: float
    beta: float
    beta1: float
    beta2: float
    epsilon: float
    l2: float
    dropout: float
    bn_momentum: float
    optimizer: int
    activation: int
    batch_norm: bool
    linear: bool


class Layers(NamedTuple):
    """Each layer's arrays: views of the flat vectors, and room for the largest mini-batch.

    ``W``, ``shift`` and their gradients are there for every layer, the rest for hidden ones;
    ``gamma`` to ``inverse_std`` with batch norm, ``dropped`` with dropout.
    """

    W: list[Array]
    dW: list[Array]  # noqa: N815 - as in the course
    shift: list[Array]
    dshift: list[Array]
    gamma: list[Array]
    dgamma: list[Array]
    mean: list[Array]
    variance: list[Array]
    inverse_std: list[Array]
    Z: list[Array]
    A: list[Array]
    dropped: list[Array]
    dA: list[Array]  # noqa: N815


def _compiled(function: F) -> F:
    """Compiled at its first call; the machine code is kept on disk for the next process."""
    return cast(F, numba.njit(cache=True, error_model="numpy")(function))


@_compiled
def train_batches(
    X: Array, labels: Indices, numbers: Array, order: Indices, bounds: Indices, drawn: Array,
    layout: Layout, vectors: Vectors, rates: Rates, steps: int,
) -> tuple[float, float, int]:  # fmt: skip
    """Forward, loss, backward, step, for each mini-batch; the loss is NaN once it is not finite.

    The answers are ``numbers`` where the output is linear, else ``labels``.
    """
    largest = 0
    for batch in range(bounds.size - 1):
        largest = max(largest, bounds[batch + 1] - bounds[batch])
    layers = _views(largest, layout, vectors, rates)
    inputs = np.empty((largest, X.shape[1]), X.dtype)
    outputs = np.empty((largest, layout.widths[-1]), X.dtype)
    loss, missed, used = 0.0, 0.0, 0
    for batch in range(bounds.size - 1):
        rows = order[bounds[batch] : bounds[batch + 1]]
        A, Z = inputs[: rows.size], outputs[: rows.size]
        for i in range(rows.size):
            A[i] = X[rows[i]]
        masks = drawn[used:]
        used += _forward(A, Z, masks, layers, rates)
        if rates.linear:
            batch_loss, batch_missed = _squared_error(Z, numbers, rows)
        else:
            batch_loss, batch_missed = _softmax_cross_entropy(Z, labels, rows)
        if not math.isfinite(batch_loss):
            return math.nan, missed, steps
        loss += batch_loss
        missed += batch_missed
        _backward(A, Z, masks, layers, rates)
        _add_penalty(layers, rates)
        _move_averages(vectors, rates)
        steps += 1
        _step(vectors, rates, steps)
    return loss, missed, steps


@_compiled
def _views(rows: int, layout: Layout, vectors: Vectors, rates: Rates) -> Layers:
    """All arrays of all layers, for mini-batches of at most so many rows."""
    w, g, statistics, dtype = (
        vectors.parameters, vectors.gradients, vectors.statistics, vectors.parameters.dtype,
    )  # fmt: skip
    widths = layout.widths
    every, hidden = range(layout.weights.size), range(layout.weights.size - 1)
    normalised = range(layout.scales.size)
    masked = range(layout.weights.size - 1 if rates.dropout > 0 else 0)
    return Layers(
        W=[_matrix(w, layout.weights[i], widths[i], widths[i + 1]) for i in every],
        dW=[_matrix(g, layout.weights[i], widths[i], widths[i + 1]) for i in every],
        shift=[w[layout.shifts[i] : layout.shifts[i] + widths[i + 1]] for i in every],
        dshift=[g[layout.shifts[i] : layout.shifts[i] + widths[i + 1]] for i in every],
        gamma=[w[layout.scales[i] : layout.scales[i] + widths[i + 1]] for i in normalised],
        dgamma=[g[layout.scales[i] : layout.scales[i] + widths[i + 1]] for i in normalised],
        mean=[statistics[layout.means[i] : layout.means[i] + widths[i + 1]] for i in normalised],
        variance=[
            statistics[layout.variances[i] : layout.variances[i] + widths[i + 1]]
            for i in normalised
        ],
        inverse_std=[np.empty(widths[i + 1], dtype) for i in normalised],
        Z=[np.empty((rows, widths[i + 1]), dtype) for i in hidden],
        A=[np.empty((rows, widths[i + 1]), dtype) for i in hidden],
        dropped=[np.empty((rows, widths[i + 1]), dtype) for i in masked],
        dA=[np.empty((rows, widths[i + 1]), dtype) for i in hidden],
    )


@_compiled
def _matrix(vector: Array, start: int, rows: int, columns: int) -> Array:
    return vector[start : start + rows * columns].reshape(rows, columns)


@_compiled
def _forward(X: Array, out: Array, masks: Array, layers: Layers, rates: Rates) -> int:
    """The last layer's z in ``out``, shape (m, units); gives how many masks were used."""
    m, used, A = len(X), 0, X
    last = len(layers.W) - 1
    for layer in range(last):
        Z, a = layers.Z[layer][:m], layers.A[layer][:m]
        np.dot(A, layers.W[layer], Z)
        if rates.batch_norm:
            _normalise(
                Z, a, layers.gamma[layer], layers.shift[layer],
                layers.mean[layer], layers.variance[layer], layers.inverse_std[layer],
            )  # fmt: skip
        else:
            _add_row(Z, layers.shift[layer], a)
        _activate(a, rates.activation)
        A = a
        if rates.dropout > 0:
            A = layers.dropped[layer][:m]
            _drop(a, masks[used : used + a.size], rates.dropout, A)
            used += a.size
    np.dot(A, layers.W[last], out)
    _add_row(out, layers.shift[last], out)
    return used


@_compiled
def _backward(X: Array, dZ: Array, masks: Array, layers: Layers, rates: Rates) -> None:
    """Leave all gradients, from the one by the last layer's z."""
    m, used = len(X), 0
    last = len(layers.W) - 1
    for layer in range(last):
        used += m * layers.A[layer].shape[1]
    _sum_rows(dZ, layers.dshift[last])
    for layer in range(last, 0, -1):
        A, dA = layers.A[layer - 1][:m], layers.dA[layer - 1][:m]
        given = layers.dropped[layer - 1][:m] if rates.dropout > 0 else A
        np.dot(given.T, dZ, layers.dW[layer])
        np.dot(dZ, layers.W[layer].T, dA)
        if rates.dropout > 0:
            used -= A.size
            _drop(dA, masks[used : used + A.size], rates.dropout, dA)
        _activate_backward(dA, A, rates.activation)
        if rates.batch_norm:
            _normalise_backward(
                dA, layers.Z[layer - 1][:m], layers.gamma[layer - 1], layers.dgamma[layer - 1],
                layers.dshift[layer - 1], layers.inverse_std[layer - 1],
            )  # fmt: skip
        else:
            _sum_rows(dA, layers.dshift[layer - 1])
        dZ = dA
    np.dot(X.T, dZ, layers.dW[0])


@_compiled
def _add_row(Z: Array, b: Array, out: Array) -> None:
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            out[i, j] = Z[i, j] + b[j]


@_compiled
def _normalise(
    Z: Array, out: Array, gamma: Array, beta: Array, mean: Array, variance: Array, inverse: Array
) -> None:
    """Batch norm; ``Z`` is left centred, ``inverse`` as 1/√(σ² + ε), ``variance`` unbiased."""
    m, units = Z.shape
    one, rows, epsilon = Z.dtype.type(1), Z.dtype.type(m), Z.dtype.type(VARIANCE_EPSILON)
    _sum_rows(Z, mean)
    for j in range(units):
        mean[j] /= rows
    variance[:] = 0
    for i in range(m):
        for j in range(units):
            centred = Z[i, j] - mean[j]
            Z[i, j] = centred
            variance[j] += centred * centred
    scale = np.empty(units, Z.dtype)
    for j in range(units):
        inverse[j] = one / math.sqrt(variance[j] / rows + epsilon)
        variance[j] /= rows - one
        scale[j] = gamma[j] * inverse[j]
    for i in range(m):
        for j in range(units):
            out[i, j] = Z[i, j] * scale[j] + beta[j]


@_compiled
def _normalise_backward(
    dZ: Array, centred: Array, gamma: Array, dgamma: Array, dbeta: Array, inverse: Array
) -> None:
    """Batch norm's gradients; ``dZ`` becomes the gradient by its input."""
    m, units = dZ.shape
    rows = dZ.dtype.type(m)
    dgamma[:] = 0
    dbeta[:] = 0
    for i in range(m):
        for j in range(units):
            dbeta[j] += dZ[i, j]
            dgamma[j] += dZ[i, j] * centred[i, j]
    factors = np.empty((3, units), dZ.dtype)
    through_mean, through_variance, scale = factors[0], factors[1], factors[2]
    for j in range(units):
        dgamma[j] *= inverse[j]
        through_mean[j] = dbeta[j] / rows
        through_variance[j] = inverse[j] * dgamma[j] / rows
        scale[j] = gamma[j] * inverse[j]
    for i in range(m):
        for j in range(units):
            rest = dZ[i, j] - through_mean[j] - centred[i, j] * through_variance[j]
            dZ[i, j] = rest * scale[j]


@_compiled
def _activate(A: Array, activation: int) -> None:
    """The activation g of every element, in place."""
    flat, number = A.reshape(A.size), A.dtype.type
    zero, one, two, leak = number(0), number(1), number(2), number(LEAK)
    if activation == RELU:
        for i in range(flat.size):
            flat[i] = zero if flat[i] <= zero else flat[i]  # NaN stays NaN
    elif activation == LEAKY_RELU:
        for i in range(flat.size):
            flat[i] = leak * flat[i] if flat[i] <= zero else flat[i]
    elif activation == TANH:
        for i in range(flat.size):
            flat[i] = math.tanh(flat[i])
    else:
        for i in range(flat.size):
            flat[i] = (one + math.tanh(flat[i] / two)) / two


@_compiled
def _activate_backward(dA: Array, A: Array, activation: int) -> None:
    """The gradient dA · g'(z), in place, by a = g(z)."""
    slope, a, number = dA.reshape(dA.size), A.reshape(A.size), dA.dtype.type
    zero, one, leak = number(0), number(1), number(LEAK)
    if activation == RELU:
        for i in range(a.size):
            slope[i] = slope[i] if a[i] > zero else zero
    elif activation == LEAKY_RELU:
        for i in range(a.size):
            slope[i] = slope[i] if a[i] > zero else leak * slope[i]
    elif activation == TANH:
        for i in range(a.size):
            slope[i] *= one - a[i] * a[i]
    else:
        for i in range(a.size):
            slope[i] *= a[i] * (one - a[i])


@_compiled
def _drop(A: Array, drawn: Array, rate: float, out: Array) -> None:
    """``A`` with each element 0 where its number is below ``rate``, else divided by 1 - rate."""
    bound, zero = np.float32(rate), A.dtype.type(0)
    factor = A.dtype.type(1) / A.dtype.type(1 - rate)
    units = A.shape[1]
    for i in range(A.shape[0]):
        for j in range(units):
            out[i, j] = A[i, j] * (factor if drawn[i * units + j] >= bound else zero)


@_compiled
def _sum_rows(A: Array, out: Array) -> None:
    out[:] = 0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            out[j] += A[i, j]


@_compiled
def _squared_error(Z: Array, y: Array, rows: Indices) -> tuple[float, float]:
    """The sums of the losses and of the errors' sizes; ``Z`` becomes the gradient 2(ŷ - y)/m."""
    m = Z.shape[0]
    factor = Z.dtype.type(2 / m)
    loss, size = 0.0, 0.0
    for i in range(m):
        error = Z[i, 0] - y[rows[i]]
        loss += error * error
        size += abs(error)
        Z[i, 0] = error * factor
    return loss, size


@_compiled
def _softmax_cross_entropy(Z: Array, y: Indices, rows: Indices) -> tuple[float, float]:
    """The sum of the losses, and how many were wrong; ``Z`` becomes the gradient (ŷ - y)/m."""
    m, classes = Z.shape
    one, count = Z.dtype.type(1), Z.dtype.type(m)
    loss, wrong = 0.0, 0.0
    for i in range(m):
        label, best = y[rows[i]], 0
        for j in range(1, classes):
            if Z[i, j] > Z[i, best]:
                best = j
        largest, own, total = Z[i, best], Z[i, label], Z.dtype.type(0)
        for j in range(classes):
            Z[i, j] = math.exp(Z[i, j] - largest)
            total += Z[i, j]
        loss += math.log(total) - (own - largest)
        wrong += 1.0 if best != label else 0.0
        share = one / (total * count)
        for j in range(classes):
            Z[i, j] *= share
        Z[i, label] -= one / count
    return loss, wrong


@_compiled
def _add_penalty(layers: Layers, rates: Rates) -> None:
    """The gradient of l2/2 · Σ W² is l2 · W."""
    if rates.l2 > 0:
        for layer in range(len(layers.W)):
            W, dW = layers.W[layer], layers.dW[layer]
            dW[:] = dW + W.dtype.type(rates.l2) * W


@_compiled
def _move_averages(vectors: Vectors, rates: Rates) -> None:
    averages, statistics = vectors.averages, vectors.statistics
    rest = averages.dtype.type(1 - rates.bn_momentum)
    for i in range(averages.size):
        averages[i] += rest * (statistics[i] - averages[i])


@_compiled
def _step(vectors: Vectors, rates: Rates, steps: int) -> None:
    """The optimisers' steps, as ``optimizers.py`` has them; ``steps`` counts this one."""
    w, g, v, s = vectors.parameters, vectors.gradients, vectors.v, vectors.s
    number = w.dtype.type
    alpha, epsilon = number(rates.alpha), number(rates.epsilon)
    beta2, rest2 = number(rates.beta2), number(1 - rates.beta2)
    if rates.optimizer == SGD:
        for i in range(w.size):
            w[i] -= alpha * g[i]
    elif rates.optimizer == MOMENTUM:
        beta, rest = number(rates.beta), number(1 - rates.beta)
        for i in range(w.size):
            v[i] = beta * v[i] + rest * g[i]
            w[i] -= alpha * v[i]
    elif rates.optimizer == RMSPROP:
        for i in range(w.size):
            s[i] = beta2 * s[i] + rest2 * (g[i] * g[i])
            w[i] -= alpha * (g[i] / (math.sqrt(s[i]) + epsilon))
    else:
        beta1, rest1 = number(rates.beta1), number(1 - rates.beta1)
        root = math.sqrt(1 - rates.beta2**steps)
        alpha = number(rates.alpha * root / (1 - rates.beta1**steps))
        epsilon = number(rates.epsilon * root)
        for i in range(w.size):
            v[i] = beta1 * v[i] + rest1 * g[i]
            s[i] = beta2 * s[i] + rest2 * (g[i] * g[i])
            w[i] -= alpha * (v[i] / (math.sqrt(s[i]) + epsilon))
