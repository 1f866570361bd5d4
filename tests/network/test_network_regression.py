"""A network that predicts a number: its loss, gradient, metrics, kernels and refusals."""

import itertools
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import DataError, TrialDiverged, UsageError
from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.losses import squared_error
from hpsearch.network.metrics import in_units, number_metrics
from hpsearch.network.model import evaluate_numbers, predict_numbers
from hpsearch.network.network import Network
from hpsearch.network.optimizers import OPTIMIZERS
from hpsearch.records import Value

FEATURES, ROWS = 5, 53  # 53 rows in batches of 13 leave one over
TOLERANCE = {np.float32: 3e-4, np.float64: 1e-11}


def data(rows: int = ROWS, dtype: type = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Numbers that depend on the features, and not linearly."""
    X = np.random.default_rng(1).standard_normal((rows, FEATURES)).astype(dtype)
    return X, (X[:, 0] * X[:, 1] + X[:, 2]).astype(np.float64)


def network(
    hparams: Mapping[str, Value], kernels: str = "numpy", dtype: type = np.float32
) -> Network:
    settings = {"hidden_units": 6, "batch_size": 13, "alpha": 0.01, "epsilon": 1e-3, **hparams}
    rng = np.random.default_rng(2)
    return Network(FEATURES, None, settings, rng, dtype, kernels=kernels)


# --- the loss and the metrics ---------------------------------------------------------------


def test_the_squared_error_by_hand() -> None:
    losses, dZ = squared_error(np.array([[1.0], [5.0]]), np.array([3.0, 4.5]))
    np.testing.assert_allclose(losses, [4.0, 0.25])
    np.testing.assert_allclose(dZ, [[-2.0], [0.5]])  # 2(ŷ - y)/2


def test_the_metrics_by_hand() -> None:
    # Predictions 2, 2, 8 for 1, 3, 5: errors 1, -1, 3; the mean is 3, the spread 4 + 0 + 4.
    found = number_metrics(1 + 1 + 9, 1 + 1 + 3, np.array([1.0, 3.0, 5.0]))
    assert found == pytest.approx(
        {"loss": 11 / 3, "rmse": (11 / 3) ** 0.5, "mae": 5 / 3, "r2": 1 - 11 / 8}
    )


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=9))
def test_the_metrics_agree_with_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    y, predicted = (np.array(side) for side in zip(*pairs, strict=True))
    if np.var(y) < 1e-9:  # where both divide by next to nothing
        return
    errors = predicted - y
    found = number_metrics(float(errors @ errors), float(np.abs(errors).sum()), y)
    assert found["r2"] == pytest.approx(metrics.r2_score(y, predicted))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(y, predicted))


def test_r2_where_all_answers_are_the_same() -> None:
    same = np.array([2.0, 2.0])
    assert number_metrics(0.0, 0.0, same)["r2"] == 1
    assert number_metrics(1.0, 1.0, same)["r2"] == 0


def test_units_multiply_what_has_units() -> None:
    values = {"loss": 4.0, "rmse": 2.0, "mae": 1.5, "r2": 0.5, "train_rmse": 3.0, "train_r2": 0.25}
    assert in_units(values, 10.0) == {
        "loss": 4.0,
        "rmse": 20.0,
        "mae": 15.0,
        "r2": 0.5,
        "train_rmse": 30.0,
        "train_r2": 0.25,
    }


# --- training -------------------------------------------------------------------------------


@pytest.fixture(params=["numpy", "numba"])
def kernels(request: pytest.FixtureRequest) -> str:
    """Both makes of the kernels, where numba is installed."""
    name: str = request.param
    if name == "numba":
        pytest.importorskip("numba", reason="numba is not installed")
        pytest.importorskip("scipy", reason="numba's matrix product needs scipy")
    return name


@pytest.mark.parametrize("batch_norm", [True, False])
def test_the_gradient_of_the_whole_network(kernels: str, batch_norm: bool) -> None:
    X, y = data(9, np.float64)
    hparams: dict[str, Value] = {
        "optimizer": "sgd",
        "alpha": 1,
        "activation": "tanh",
        "batch_size": 9,
        "batch_norm": batch_norm,
    }
    net = network(hparams, kernels, np.float64)
    start = net.state()

    def loss(weights: np.ndarray) -> float:
        """The loss at these weights; the one step leaves the weights less the gradient."""
        net.load_state(start | {"weights": weights})
        return net.train_epoch(X, y, np.random.default_rng(4), 1)["train_loss"]

    loss(start["weights"])
    gradient = start["weights"] - net.state()["weights"]
    numeric = np.empty_like(gradient)
    h = 1e-6
    for i in range(len(gradient)):
        step = np.zeros_like(gradient)
        step[i] = h
        numeric[i] = (loss(start["weights"] + step) - loss(start["weights"] - step)) / (2 * h)
    np.testing.assert_allclose(gradient, numeric, atol=2e-8)
    assert np.abs(gradient).max() > 0.01


def test_without_hidden_layers_it_comes_to_the_least_squares(kernels: str) -> None:
    X, y = data(200, np.float64)
    ones = np.column_stack([X, np.ones(len(X))])
    best, *_ = np.linalg.lstsq(ones, y)
    hparams: dict[str, Value] = {
        "layers": 0,
        "optimizer": "sgd",
        "alpha": 0.1,
        "batch_size": len(y),
        "batch_norm": False,
    }
    net = network(hparams, kernels, np.float64)
    for epoch in range(1, 200):
        net.train_epoch(X, y, np.random.default_rng(epoch), epoch)
    np.testing.assert_allclose(net.parameters["W1"][:, 0], best[:-1], atol=1e-8)
    np.testing.assert_allclose(net.parameters["b1"], best[-1:], atol=1e-8)


def test_what_is_evaluated_is_what_the_model_predicts(kernels: str) -> None:
    X, y = data()
    net = network({}, kernels)
    net.train_epoch(X, y, np.random.default_rng(3), 1)
    found, model = net.evaluate(X, y), net.model()
    errors = predict_numbers(model, X).astype(np.float64) - y
    assert found["loss"] == pytest.approx(np.mean(errors**2))
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert found["mae"] == pytest.approx(np.mean(np.abs(errors)))
    assert found == evaluate_numbers(model, X, y)


def test_train_metrics_are_of_the_batches_as_they_came() -> None:
    """One batch of all rows is judged before its step: by the first weights, which are known."""
    X, y = data()
    net = network({"batch_size": ROWS, "layers": 0}, dtype=np.float64)
    errors = X.astype(np.float64) @ net.parameters["W1"][:, 0] - y
    found = net.train_epoch(X, y, np.random.default_rng(3), 1)
    assert set(found) == {"train_loss", "train_rmse", "train_mae", "train_r2"}
    assert found["train_loss"] == pytest.approx(np.mean(errors**2))
    assert found["train_mae"] == pytest.approx(np.mean(np.abs(errors)))
    assert found["train_r2"] == pytest.approx(1 - np.sum(errors**2) / np.sum((y - y.mean()) ** 2))


def test_going_on_from_a_state_gives_the_same_bits(kernels: str) -> None:
    X, y = data()
    whole, first, second = (network({"dropout": 0.2}, kernels) for _ in range(3))
    for epoch in (1, 2):
        whole.train_epoch(X, y, np.random.default_rng(epoch), epoch)
    first.train_epoch(X, y, np.random.default_rng(1), 1)
    second.load_state(first.state())
    second.train_epoch(X, y, np.random.default_rng(2), 2)
    for name, array in whole.state().items():
        assert second.state()[name].tobytes() == array.tobytes(), name


# --- both kernels ---------------------------------------------------------------------------


def assert_alike(hparams: Mapping[str, Value], dtype: type) -> None:
    X, y = data(dtype=dtype)
    found = []
    for kernels in ("numpy", "numba"):
        net, rng = network(hparams, kernels, dtype), np.random.default_rng(2)
        metrics = [net.train_epoch(X, y, rng, epoch) for epoch in (1, 2)]
        found.append((metrics, net.state()))
    (numpy_metrics, numpy_state), (numba_metrics, numba_state) = found
    for name, array in numpy_state.items():
        assert numba_state[name].dtype == array.dtype, name
        np.testing.assert_allclose(
            numba_state[name], array, atol=TOLERANCE[dtype], err_msg=f"{name} of {hparams}"
        )
    for ours, theirs in zip(numba_metrics, numpy_metrics, strict=True):
        assert ours == pytest.approx(theirs, abs=TOLERANCE[dtype]), hparams


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_both_kernels_agree_whatever_the_options(optimizer: str, activation: str) -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    for batch_norm, dropout, l2, layers in itertools.product(
        (True, False), (0.0, 0.3), (0.0, 0.1), (0, 1, 3)
    ):
        hparams: dict[str, Value] = {
            "optimizer": optimizer,
            "activation": activation,
            "batch_norm": batch_norm,
            "dropout": dropout,
            "l2": l2,
            "layers": layers,
        }
        assert_alike(hparams, np.float64)


def test_float32_stays_float32() -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    assert_alike({"dropout": 0.2, "l2": 0.01}, np.float32)


def test_one_compilation_serves_classes_and_numbers() -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    from hpsearch.network.compiled import train_batches  # noqa: PLC0415 - numba is optional

    X, y = data()
    network({}, "numba").train_epoch(X, y, np.random.default_rng(0), 1)
    before = len(train_batches.signatures)
    labels = Network(FEATURES, 3, {}, np.random.default_rng(0), kernels="numba")
    labels.train_epoch(X, X.argmax(axis=1) % 3, np.random.default_rng(0), 1)
    assert len(train_batches.signatures) == before


# --- PyTorch --------------------------------------------------------------------------------


def test_the_loss_is_pytorchs_mean_squared_error() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    z, y = np.array([[0.5], [2.0], [-1.0]]), np.array([1.0, 1.0, 1.0])
    prediction = torch.tensor(z, requires_grad=True)
    loss = torch.nn.MSELoss()(prediction[:, 0], torch.tensor(y))
    loss.backward()
    losses, dZ = squared_error(z, y)
    assert losses.mean() == pytest.approx(loss.item())
    np.testing.assert_allclose(dZ, prediction.grad.numpy())


# --- what cannot be -------------------------------------------------------------------------


def test_numbers_that_overflow_are_a_divergence(kernels: str) -> None:
    X, y = data()
    net = network({"optimizer": "sgd", "alpha": 1e30, "batch_norm": False}, kernels)
    with pytest.raises(TrialDiverged, match="alpha"):
        net.train_epoch(X, y, np.random.default_rng(0), 1)


def test_answers_that_no_network_can_learn() -> None:
    X, y = data()
    y[3] = np.nan
    with pytest.raises(UsageError, match="must be finite numbers"):
        network({}).train_epoch(X, y, np.random.default_rng(0), 1)
    with pytest.raises(UsageError, match="one answer a row"):
        network({}).train_epoch(X, y[1:], np.random.default_rng(0), 1)


def test_a_row_that_overflows_is_named() -> None:
    X, _ = data()
    net = network({"batch_norm": False})
    X[7] = np.finfo(np.float32).max
    with pytest.raises(DataError, match="row 7 "):
        predict_numbers(net.model(), X)
