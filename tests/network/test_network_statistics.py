"""Batch norm's statistics at test time over the whole training set."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.network.layers import VARIANCE_EPSILON
from hpsearch.network.model import BLOCK_ROWS
from hpsearch.network.network import Network
from hpsearch.network.statistics import mean_and_variance
from hpsearch.records import Value

ROWS, FEATURES, CLASSES = BLOCK_ROWS + 40, 4, 3  # two blocks


def data() -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(1).normal(3.0, 2.0, (ROWS, FEATURES))
    return X, X.argmax(axis=1) % CLASSES


def trained(
    hparams: Mapping[str, Value], epochs: int = 2, kernels: str = "numpy", dtype: type = np.float64
) -> Network:
    settings = {"hidden_units": 5, "layers": 2, "alpha": 0.05, "batch_size": 64, **hparams}
    net = Network(FEATURES, CLASSES, settings, np.random.default_rng(2), dtype, kernels=kernels)
    X, y = data()
    for epoch in range(1, epochs + 1):
        net.train_epoch(X.astype(dtype), y, np.random.default_rng(epoch), epoch)
    return net


def test_they_are_those_of_every_layers_z_over_all_rows() -> None:
    net, (X, _) = trained({"bn_statistics": "train"}), data()
    A = X
    for layer in (1, 2):
        Z = A @ net.parameters[f"W{layer}"]
        mean, variance = Z.mean(axis=0), Z.var(axis=0, ddof=1)
        np.testing.assert_allclose(net.averages[f"mean{layer}"], mean, rtol=1e-12)
        np.testing.assert_allclose(net.averages[f"variance{layer}"], variance, rtol=1e-12)
        gamma, beta = net.parameters[f"gamma{layer}"], net.parameters[f"beta{layer}"]
        A = np.maximum(0, gamma * (Z - mean) / np.sqrt(variance + VARIANCE_EPSILON) + beta)


def test_training_is_the_same_and_predictions_are_not() -> None:
    running, train = trained({}), trained({"bn_statistics": "train"})
    assert running.state()["weights"].tobytes() == train.state()["weights"].tobytes()
    X, y = data()
    assert running.evaluate(X, y) != train.evaluate(X, y)


def test_the_momentum_does_not_matter() -> None:
    fast, slow = (trained({"bn_statistics": "train", "bn_momentum": m}) for m in (0.1, 0.99))
    np.testing.assert_allclose(fast.state()["averages"], slow.state()["averages"], rtol=1e-9)


def test_dropout_is_left_out_of_them() -> None:
    net, (X, _) = trained({"bn_statistics": "train", "dropout": 0.5}), data()
    Z = X @ net.parameters["W1"]
    np.testing.assert_allclose(net.averages["mean1"], Z.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_kernels_agree(dtype: type) -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    ours, theirs = (
        trained({"bn_statistics": "train"}, kernels=kernels, dtype=dtype).state()
        for kernels in ("numpy", "numba")
    )
    for name, array in ours.items():
        assert theirs[name].dtype == array.dtype, name
        tolerance = 1e-3 if dtype is np.float32 else 1e-10
        np.testing.assert_allclose(theirs[name], array, rtol=tolerance, atol=tolerance)


def test_going_on_from_a_state_gives_the_same_bits() -> None:
    whole = trained({"bn_statistics": "train"}, epochs=3)
    first, second = (trained({"bn_statistics": "train"}, epochs=epochs) for epochs in (2, 1))
    second.load_state(first.state())
    X, y = data()
    second.train_epoch(X, y, np.random.default_rng(3), 3)
    for name, array in whole.state().items():
        assert second.state()[name].tobytes() == array.tobytes(), name


def test_it_can_be_changed_between_two_epochs() -> None:
    net, (X, y) = trained({}, epochs=1), data()
    net.adjust("bn_statistics", "train")
    net.train_epoch(X, y, np.random.default_rng(2), 2)
    expected = trained({"bn_statistics": "train"})
    np.testing.assert_allclose(net.state()["averages"], expected.state()["averages"], rtol=1e-9)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40), st.floats(-1e3, 1e3), st.integers(1, 3)
)
def test_the_mean_and_variance_of_any_numbers(
    values: list[float], around: float, copies: int
) -> None:
    X = np.tile(np.array(values)[:, None], (copies, 1))
    mean, variance = mean_and_variance(lambda A: A, X, np.array([around]))
    np.testing.assert_allclose(mean, X.mean(axis=0), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(variance, X.var(axis=0, ddof=1), rtol=1e-6, atol=1e-6)
