"""Every layer's backward pass against central differences, in float64.

The upstream gradients are random: all ones sent through batch norm give 0 for right and wrong
formulas alike.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from hpsearch.network.activations import ACTIVATIONS, Activation
from hpsearch.network.layers import (
    VARIANCE_EPSILON,
    Activate,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    affine_map,
)

M, INPUTS, UNITS = 7, 5, 4


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def numeric_gradient(f: Callable[[], float], at: np.ndarray, h: float = 1e-6) -> np.ndarray:
    """df/d(at), one element at a time; the error of a central difference is of order h²."""
    gradient = np.empty_like(at)
    for index in np.ndindex(at.shape):
        centre = at[index]
        at[index] = centre + h
        above = f()
        at[index] = centre - h
        below = f()
        at[index] = centre
        gradient[index] = (above - below) / (2 * h)
    return gradient


def check_layer(layer: Layer, A: np.ndarray, parameters: dict[str, np.ndarray]) -> None:
    """The gradients by the input and by each parameter; those are in ``layer.d<name>``."""
    upstream = np.random.default_rng(2).standard_normal(layer.forward(A).shape)

    def f() -> float:
        return float(np.sum(upstream * layer.forward(A)))

    layer.forward(A)
    dA = layer.backward(upstream)
    expected = {name: np.array(getattr(layer, f"d{name}")) for name in parameters}
    np.testing.assert_allclose(dA, numeric_gradient(f, A), atol=1e-8)
    for name, array in parameters.items():
        np.testing.assert_allclose(expected[name], numeric_gradient(f, array), atol=1e-8)


def batch_norm(units: int, rng: np.random.Generator, dtype: type = np.float64) -> BatchNorm:
    gamma, beta = (rng.standard_normal(units).astype(dtype) for _ in range(2))
    empty: Iterator[np.ndarray] = (np.empty(units, dtype) for _ in range(4))
    return BatchNorm(
        gamma=gamma,
        beta=beta,
        dgamma=next(empty),
        dbeta=next(empty),
        batch_mean=next(empty),
        batch_variance=next(empty),
    )


def test_dense_with_a_bias(rng: np.random.Generator) -> None:
    W, b = rng.standard_normal((INPUTS, UNITS)), rng.standard_normal(UNITS)
    layer = Dense(W, np.empty_like(W), b, np.empty_like(b))
    check_layer(layer, rng.standard_normal((M, INPUTS)), {"W": W, "b": b})


def test_dense_without_a_bias(rng: np.random.Generator) -> None:
    W = rng.standard_normal((INPUTS, UNITS))
    check_layer(Dense(W, np.empty_like(W)), rng.standard_normal((M, INPUTS)), {"W": W})


@pytest.mark.parametrize("rows", [2, 3, M])
def test_batch_norm(rng: np.random.Generator, rows: int) -> None:
    layer = batch_norm(UNITS, rng)
    Z = 3 + 2 * rng.standard_normal((rows, UNITS))
    check_layer(layer, Z, {"gamma": layer.gamma, "beta": layer.beta})


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(rng: np.random.Generator, name: str) -> None:
    Z = rng.standard_normal((M, UNITS))
    assert np.abs(Z).min() > 1e-4  # no element is moved across ReLU's kink
    check_layer(Activate(ACTIVATIONS[name]), Z, {})


def test_dropout(rng: np.random.Generator) -> None:
    class SameMask:
        """A generator that draws the same numbers every time, as a gradient check needs."""

        def random(self, size: tuple[int, ...], dtype: type) -> np.ndarray:
            return np.random.default_rng(3).random(size, dtype=dtype)

    check_layer(Dropout(0.4, SameMask()), rng.standard_normal((M, UNITS)), {})


def test_batch_norm_normalises_to_gamma_and_beta(rng: np.random.Generator) -> None:
    layer = batch_norm(UNITS, rng)
    out = layer.forward(100 * rng.standard_normal((50, UNITS)) - 30)
    np.testing.assert_allclose(out.mean(axis=0), layer.beta, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), np.abs(layer.gamma), rtol=1e-6)  # ε's share


def test_batch_norm_is_the_identity_with_the_right_gamma_and_beta(
    rng: np.random.Generator,
) -> None:
    layer = batch_norm(UNITS, rng)
    Z = rng.standard_normal((M, UNITS)) * 5 + 2
    layer.gamma[:] = np.sqrt(Z.var(axis=0) + VARIANCE_EPSILON)
    layer.beta[:] = Z.mean(axis=0)
    np.testing.assert_allclose(layer.forward(Z), Z, rtol=1e-13)


def test_batch_norm_by_hand(rng: np.random.Generator) -> None:
    layer = batch_norm(1, rng)
    layer.gamma[:], layer.beta[:] = 2, 10
    # The mean of 1, 3, 8 is 4; the squares of -3, -1, 4 sum to 26: σ² = 26/3, unbiased 13.
    out = layer.forward(np.array([[1.0], [3.0], [8.0]]))
    std = np.sqrt(26 / 3 + 1e-5)
    np.testing.assert_allclose(out[:, 0], [10 - 6 / std, 10 - 2 / std, 10 + 8 / std], rtol=1e-14)
    np.testing.assert_allclose([layer.batch_mean[0], layer.batch_variance[0]], [4, 13], rtol=1e-14)


def test_batch_norm_of_a_constant_gives_beta(rng: np.random.Generator) -> None:
    layer = batch_norm(UNITS, rng)
    out = layer.forward(np.full((M, UNITS), 0.1))
    np.testing.assert_allclose(out, np.broadcast_to(layer.beta, out.shape), atol=1e-13)
    assert np.isfinite(layer.backward(rng.standard_normal((M, UNITS)))).all()


def test_the_affine_map_normalises_with_the_averages(rng: np.random.Generator) -> None:
    gamma, beta, mean, z = rng.standard_normal((4, UNITS))
    variance = rng.random(UNITS)
    scale, shift = affine_map(gamma, beta, mean, variance)
    expected = gamma * (z - mean) / np.sqrt(variance + VARIANCE_EPSILON) + beta
    np.testing.assert_allclose(scale * z + shift, expected, rtol=1e-12)


def test_dropout_keeps_the_expectation() -> None:
    layer = Dropout(0.25, np.random.default_rng(4))
    out = layer.forward(np.ones((200, 500)))
    assert set(np.unique(out)) == {0, 1 / 0.75}
    # 100,000 draws of standard deviation √(0.25/0.75) = 0.58: six sigma are 0.011.
    assert abs(out.mean() - 1) < 0.011


def test_dropout_draws_the_same_mask_for_both_types() -> None:
    masks = [
        Dropout(0.5, np.random.default_rng(5)).forward(np.ones((20, 30), dtype)) > 0
        for dtype in (np.float32, np.float64)
    ]
    np.testing.assert_array_equal(*masks)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_layer_keeps_the_type(rng: np.random.Generator, dtype: type) -> None:
    W, b = np.ones((UNITS, UNITS), dtype), np.ones(UNITS, dtype)
    layers: list[Layer] = [
        Dense(W, W.copy(), b, b.copy()),
        batch_norm(UNITS, rng, dtype),
        *(Activate(activation) for activation in ACTIVATIONS.values()),
        Dropout(0.5, rng),
    ]
    A = rng.standard_normal((M, UNITS)).astype(dtype)
    for layer in layers:
        assert layer.forward(A).dtype == dtype, layer
        assert layer.backward(A).dtype == dtype, layer


@pytest.mark.parametrize(
    ("name", "a"),
    [
        ("relu", [0, 0, 2]),
        ("leaky_relu", [-0.01, 0, 2]),
        ("tanh", [-0.7615941559557649, 0, 0.9640275800758169]),
        ("sigmoid", [0.2689414213699951, 0.5, 0.8807970779778825]),  # 1/(1+e), 1/2, 1/(1+e⁻²)
    ],
)
def test_values_of_the_activations(name: str, a: list[float]) -> None:
    Z = np.array([[-1.0, 0.0, 2.0]])
    np.testing.assert_allclose(ACTIVATIONS[name].value(Z), [a], rtol=1e-15)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_no_activation_overflows(activation: Activation) -> None:
    Z = np.array([[-3e38, -1e4, 1e4, 3e38]], np.float32)
    A = activation.value(Z)
    assert np.isfinite(A).all()
    assert np.isfinite(activation.backward(np.ones_like(Z), A)).all()
