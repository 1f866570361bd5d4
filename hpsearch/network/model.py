"""A trained network as plain arrays, and its predictions.

In predictions batch norm is an affine map with fixed numbers, so it is multiplied into the weights
around it. What remains, under these names, is all there is to the model:

    W1, b1 … WL, bL   weights (inputs, units) and biases (units,) of layer 1 … L, the last of which
                      is softmax's, or gives the one number
    activation        the name of g

Five lines of NumPy evaluate it, for ReLU and rows ``a`` standardised as in training:

    layers = sum(name.startswith("W") for name in model)
    for l in range(1, layers):
        a = np.maximum(0, a @ model[f"W{l}"] + model[f"b{l}"])
    z = a @ model[f"W{layers}"] + model[f"b{layers}"]
    p = np.exp(z - z.max(axis=1, keepdims=True)); p /= p.sum(axis=1, keepdims=True)

A network that predicts a number has one unit in its last layer, and z is the prediction, in the
units of the target that it was trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from hpsearch.errors import DataError
from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.arrays import Array, Labels, Rows, take_rows
from hpsearch.network.losses import losses_of, softmax
from hpsearch.network.metrics import macro_f1, number_metrics

BLOCK_ROWS = 512
"""Rows that are predicted at a time: the memory needed does not grow with the data."""

Model = Mapping[str, npt.NDArray[Any]]


def count_layers(model: Model) -> int:
    """L, the number of layers with weights."""
    return sum(name.startswith("W") for name in model)


def count_weights(model: Model) -> int:
    """How many weights and biases a model has."""
    layers = range(1, count_layers(model) + 1)
    return sum(model[f"{kind}{layer}"].size for kind in "Wb" for layer in layers)


def logits(model: Model, A: Array) -> Array:
    """The last layer's z for the rows of ``A``, shape (m, classes), or (m, 1) for a number."""
    last = count_layers(model)
    activation = ACTIVATIONS[str(model["activation"])]
    for layer in range(1, last):
        Z: Array = A @ model[f"W{layer}"]
        Z += model[f"b{layer}"]
        A = activation.value(Z)
    Z = A @ model[f"W{last}"]
    Z += model[f"b{last}"]
    return Z


def row_slices(X: Rows) -> Iterator[slice]:
    """Slices that together cover the rows of ``X``."""
    for start in range(0, len(X), BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, len(X)))


def logits_by_block(model: Model, X: Rows) -> Iterator[tuple[slice, Array]]:
    """Each of the :func:`row_slices` with the logits of its rows."""
    dtype = model["W1"].dtype
    for block in row_slices(X):
        yield block, logits(model, take_rows(X, block, dtype))


def predict_proba(model: Model, X: Rows) -> Array:
    """Each class's probability for each row of ``X``, shape (rows, classes).

    Raises:
        DataError: a row gives numbers that are not finite.
    """
    classes = model[f"b{count_layers(model)}"].shape[0]
    P: Array = np.empty((len(X), classes), model["W1"].dtype)
    for block, Z in _finite_logits(model, X):
        P[block] = softmax(Z)
    return P


def predict_numbers(model: Model, X: Rows) -> Array:
    """What a network with a linear output predicts for each row of ``X``, shape (rows,).

    Raises:
        DataError: a row gives numbers that are not finite.
    """
    numbers: Array = np.empty(len(X), model["W1"].dtype)
    for block, Z in _finite_logits(model, X):
        numbers[block] = Z[:, 0]
    return numbers


def _finite_logits(model: Model, X: Rows) -> Iterator[tuple[slice, Array]]:
    for block in row_slices(X):
        with np.errstate(over="ignore", invalid="ignore"):  # answered below, once a block
            Z = logits(model, take_rows(X, block, model["W1"].dtype))
        finite = np.isfinite(Z).all(axis=1)
        if not finite.all():
            row = block.start + int(finite.argmin())
            raise DataError(f"row {row} (from 0) holds NaN, infinity or too large a number")
        yield block, Z


def evaluate(model: Model, X: Rows, y: Labels) -> dict[str, float]:
    """``loss`` (nats, mean over rows), ``error``, ``accuracy`` and ``macro_f1`` of predictions.

    ``y`` are the right classes of the rows of ``X``. The loss of numbers that overflow is not
    finite, which is for the caller to judge.
    """
    loss = 0.0
    predicted = np.empty_like(y)
    with np.errstate(all="ignore"):
        for block, Z in logits_by_block(model, X):
            loss += float(losses_of(Z, y[block]).sum())
            predicted[block] = Z.argmax(axis=1)
    error = int(np.count_nonzero(predicted != y)) / len(y)
    return {
        "loss": loss / len(y),
        "error": error,
        "accuracy": 1 - error,
        "macro_f1": macro_f1(y, predicted, model[f"b{count_layers(model)}"].shape[0]),
    }


def evaluate_numbers(model: Model, X: Rows, y: npt.NDArray[np.floating[Any]]) -> dict[str, float]:
    """``loss``, ``rmse``, ``mae`` and ``r2`` of what a linear output predicts for ``y``, (rows,).

    All in the units of ``y``; see :func:`~hpsearch.network.metrics.number_metrics`. What overflows
    is not finite, which is for the caller to judge.
    """
    squares, sizes = 0.0, 0.0
    with np.errstate(all="ignore"):
        for block, Z in logits_by_block(model, X):
            errors = Z[:, 0].astype(np.float64) - y[block]
            squares += float(np.square(errors).sum())
            sizes += float(np.abs(errors).sum())
        return number_metrics(squares, sizes, y)
