"""The activation functions a = g(z) of the hidden layers, and their slopes.

Each slope is written in terms of a, which the backward pass has at hand. Source: A. Ng, "Activation
functions" and "Derivatives of activation functions", Deep Learning, course 1.

| name       | g(z)                  | g'(z)                 |
| ---------- | --------------------- | --------------------- |
| relu       | max(0, z)             | 1 if a > 0, else 0    |
| leaky_relu | max(0.01 z, z)        | 1 if a > 0, else 0.01 |
| tanh       | (eᶻ - e⁻ᶻ)/(eᶻ + e⁻ᶻ) | 1 - a²                |
| sigmoid    | 1/(1 + e⁻ᶻ)           | a (1 - a)             |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hpsearch.network.arrays import Array

LEAK = 0.01
"""The slope of leaky ReLU where z < 0."""


@dataclass(frozen=True)
class Activation:
    """``value(Z)`` is g(Z), ``backward(dA, A)`` is dA · g'(Z), both of the shape of ``Z``."""

    value: Callable[[Array], Array]
    backward: Callable[[Array, Array], Array]


def relu(Z: Array) -> Array:
    """The larger of 0 and z. NumPy compares with a row of zeros faster than with the number 0."""
    return np.maximum(Z, np.zeros(Z.shape[1], Z.dtype))


def relu_backward(dA: Array, A: Array) -> Array:
    """The gradient dA where a > 0, else 0: a is never negative, so that the slope is its sign."""
    return dA * np.sign(A)


def leaky_relu(Z: Array) -> Array:
    """The larger of 0.01 z and z."""
    A: Array = np.maximum(LEAK * Z, Z)
    return A


def leaky_relu_backward(dA: Array, A: Array) -> Array:
    """The gradient dA where a > 0, else 0.01 dA."""
    return np.where(A > 0, dA, LEAK * dA)


def tanh(Z: Array) -> Array:
    """The hyperbolic tangent."""
    return np.tanh(Z)


def tanh_backward(dA: Array, A: Array) -> Array:
    """The gradient dA (1 - a²)."""
    return dA * (1 - A * A)


def sigmoid(Z: Array) -> Array:
    """1/(1 + e⁻ᶻ), written as (1 + tanh(z/2))/2, which cannot overflow."""
    A: Array = (1 + np.tanh(Z / 2)) / 2
    return A


def sigmoid_backward(dA: Array, A: Array) -> Array:
    """The gradient dA a (1 - a)."""
    return dA * A * (1 - A)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(relu, relu_backward),
    "leaky_relu": Activation(leaky_relu, leaky_relu_backward),
    "tanh": Activation(tanh, tanh_backward),
    "sigmoid": Activation(sigmoid, sigmoid_backward),
}
