"""The network as a whole: its gradient, its determinism, its state, and numbers that misbehave."""

import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import DataError, TrialDiverged, UsageError
from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.network.model import predict_proba
from hpsearch.network.network import Network
from hpsearch.records import Value

FEATURES, CLASSES = 3, 3
SMALL: dict[str, Value] = {"hidden_units": 4, "layers": 2, "batch_size": 8}


KERNELS = "numpy"


@pytest.fixture(autouse=True, params=["numpy", "numba"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with both makes of the kernels, where numba is installed."""
    if request.param == "numba":
        pytest.importorskip("numba", reason="numba is not installed")
    monkeypatch.setattr(sys.modules[__name__], "KERNELS", request.param)


class LazyRows:
    """Rows that are only ever had by index, as from a file too large for memory."""

    def __init__(self, X: np.ndarray) -> None:
        self._X = X
        self.shape = X.shape

    def __len__(self) -> int:
        return len(self._X)

    def __getitem__(self, rows: Any) -> np.ndarray:
        assert isinstance(rows, slice | np.ndarray)
        return self._X[rows].astype(np.float64)


def data(rows: int = 30, dtype: type = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose class is the position of their largest number."""
    X = np.random.default_rng(1).standard_normal((rows, FEATURES)).astype(dtype)
    return X, X.argmax(axis=1)


def network(hparams: Mapping[str, Value] | None = None, dtype: type = np.float32) -> Network:
    rng = np.random.default_rng(2)
    return Network(FEATURES, CLASSES, {**SMALL, **(hparams or {})}, rng, dtype, kernels=KERNELS)


def train(net: Network, epochs: int, X: Any, y: np.ndarray, first: int = 1) -> dict[str, float]:
    for epoch in range(first, first + epochs):
        metrics = net.train_epoch(X, y, np.random.default_rng(epoch), epoch)
    return metrics


def assert_same(one: Mapping[str, np.ndarray], two: Mapping[str, np.ndarray]) -> None:
    """The same names, types, shapes and bytes."""
    assert list(one) == list(two)
    for name, array in one.items():
        assert (array.dtype, array.shape) == (two[name].dtype, two[name].shape), name
        assert array.tobytes() == two[name].tobytes(), name


# --- the gradient ---------------------------------------------------------------------------


@pytest.mark.parametrize("activation", HYPERPARAMETERS["activation"].choices)
@pytest.mark.parametrize(
    "rest",
    [
        {"batch_norm": True},
        {"batch_norm": False},
        {"batch_norm": True, "l2": 0.3, "dropout": 0.4},
        {"batch_norm": False, "l2": 0.3, "dropout": 0.4, "layers": 3},
        {"layers": 0, "l2": 0.3},
    ],
    ids=" ".join,
)
def test_gradient_of_the_whole_network(activation: str, rest: dict[str, Value]) -> None:
    X, y = data(rows=9, dtype=np.float64)
    hparams = {"optimizer": "sgd", "alpha": 1, "activation": activation, "batch_size": 9, **rest}
    net = network(hparams, np.float64)
    start = net.state()
    # γ = 1 and β = 0 would hide mistakes in how they enter the gradients below them.
    start["weights"] += 0.3 * np.random.default_rng(3).standard_normal(start["weights"].shape)
    l2 = float(rest.get("l2", 0.0))
    in_W = sum(a.size for name, a in net.model().items() if name.startswith("W"))

    def cost(weights: np.ndarray) -> float:
        """J at these weights; the one step on all rows leaves the weights less the gradient."""
        net.load_state(start | {"weights": weights})
        loss = net.train_epoch(X, y, np.random.default_rng(4), 1)["train_loss"]
        return loss + l2 / 2 * float(np.sum(weights[:in_W] ** 2))

    cost(start["weights"])
    gradient = start["weights"] - net.state()["weights"]
    numeric = np.empty_like(gradient)
    h = 1e-6
    for i in range(len(gradient)):
        step = np.zeros_like(gradient)
        step[i] = h
        numeric[i] = (cost(start["weights"] + step) - cost(start["weights"] - step)) / (2 * h)
    np.testing.assert_allclose(gradient, numeric, atol=2e-8)
    assert np.abs(gradient).max() > 0.01


# --- learning -------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", HYPERPARAMETERS["optimizer"].choices)
@pytest.mark.parametrize("batch_norm", [True, False])
def test_it_learns(optimizer: str, batch_norm: bool) -> None:
    X, y = data(rows=300)
    hparams = {"batch_norm": batch_norm, "hidden_units": 16, "batch_size": 32}
    alpha = 0.02 if optimizer in {"adam", "rmsprop"} else 0.3
    net = network({**hparams, "optimizer": optimizer, "alpha": alpha})
    before = net.evaluate(X, y)
    assert train(net, 15, X, y)["train_error"] < 0.15
    after = net.evaluate(X, y)
    assert after["error"] < 0.1 < before["error"]
    assert after["loss"] < before["loss"]


def test_train_metrics_are_means_over_rows_with_a_ragged_last_batch() -> None:
    X, y = data(rows=10)
    net = network({"batch_norm": False, "alpha": 1e-30, "batch_size": 4})  # it does not move
    metrics = train(net, 1, X, y)
    expected = net.evaluate(X, y)
    assert metrics["train_loss"] == pytest.approx(expected["loss"], rel=1e-6)
    assert metrics["train_error"] == expected["error"]
    assert metrics["train_accuracy"] == 1 - expected["error"]


def test_evaluate_agrees_with_predict_proba() -> None:
    X, y = data(rows=1200)  # more than two blocks
    net = network()
    train(net, 2, X, y)
    P = net.predict_proba(X)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    metrics = net.evaluate(X, y)
    assert metrics["loss"] == pytest.approx(-np.log(P[np.arange(len(y)), y]).mean(), rel=1e-5)
    assert metrics["accuracy"] == np.mean(P.argmax(axis=1) == y)
    assert metrics["error"] == pytest.approx(1 - metrics["accuracy"])


def test_the_penalty_shrinks_weights_and_nothing_else() -> None:
    X, y = data()
    plain, penalised = ({**SMALL, "optimizer": "sgd", "alpha": 0.1, "l2": l2} for l2 in (0, 0.5))
    before = network(plain).state()["weights"]
    steps = []
    for hparams in (plain, penalised):
        net = network({**hparams, "batch_size": 30})
        train(net, 1, X, y)
        steps.append(net.state()["weights"] - before)
    in_W = 3 * 4 + 4 * 4 + 4 * 3
    np.testing.assert_allclose((steps[1] - steps[0])[:in_W], -0.05 * before[:in_W], atol=1e-7)
    np.testing.assert_array_equal(steps[1][in_W:], steps[0][in_W:])


def test_no_layers_is_softmax_regression() -> None:
    X, y = data(rows=200)
    net = network({"layers": 0, "alpha": 0.1})
    assert list(net.model()) == ["W1", "b1", "activation"]
    train(net, 20, X, y)
    assert net.evaluate(X, y)["error"] < 0.05


# --- the same bits --------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", HYPERPARAMETERS["optimizer"].choices)
@pytest.mark.parametrize("rest", [{}, {"dropout": 0.3, "l2": 0.01, "decay": "inverse"}])
def test_resumed_is_uninterrupted(optimizer: str, rest: dict[str, Value]) -> None:
    X, y = data(rows=30)
    hparams = {"optimizer": optimizer, **rest}
    straight = network(hparams)
    train(straight, 4, X, y)

    first = network(hparams)
    train(first, 2, X, y)
    saved = first.state()
    train(first, 1, X, y)  # the state is a copy
    resumed = network(hparams)
    resumed.load_state(saved)
    assert_same(resumed.state(), saved)
    train(resumed, 2, X, y, first=3)
    assert_same(resumed.state(), straight.state())
    assert resumed.evaluate(X, y) == straight.evaluate(X, y)


def test_state_can_be_saved_without_pickle(tmp_path: Any) -> None:
    X, y = data()
    net = network()
    train(net, 1, X, y)
    for name, arrays in (("state", net.state()), ("model", net.model())):
        np.savez(tmp_path / name, **arrays)
        with np.load(tmp_path / f"{name}.npz", allow_pickle=False) as file:
            assert_same({key: file[key] for key in file}, arrays)


@pytest.mark.parametrize("kind", ["lazy", "float64", "fortran", "strided"])
def test_what_holds_the_rows_does_not_matter(kind: str) -> None:
    X, y = data(rows=30)
    wide = np.repeat(X, 2, axis=1)
    other = {
        "lazy": LazyRows(X),
        "float64": X.astype(np.float64),
        "fortran": np.asfortranarray(X),
        "strided": wide[:, ::2],
    }[kind]
    nets = network(), network()
    for net, rows in zip(nets, (X, other), strict=True):
        train(net, 3, rows, y.astype(np.uint8))
    assert_same(nets[0].state(), nets[1].state())
    assert nets[0].evaluate(X, y) == nets[1].evaluate(other, y)
    assert nets[0].predict_proba(X).tobytes() == nets[1].predict_proba(other).tobytes()


def test_a_float32_network_starts_where_a_float64_one_does() -> None:
    np.testing.assert_array_equal(
        network().state()["weights"], network(dtype=np.float64).state()["weights"].astype("f4")
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", HYPERPARAMETERS["activation"].choices)
def test_nothing_is_promoted(dtype: type, activation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what the network keeps nor what its optimiser and its layers are handed."""
    seen = []
    X, y = data(dtype=np.float64)
    net = network({"activation": activation, "dropout": 0.2, "l2": 0.1}, dtype)
    step = net.optimizer.step

    def spy(w: np.ndarray, g: np.ndarray, *rest: Any) -> None:
        seen.extend((w.dtype, g.dtype))
        step(w, g, *rest)

    monkeypatch.setattr(net.optimizer, "step", spy)
    train(net, 2, X, y)
    kept = {**net.state(), **net.model()}
    seen += [a.dtype for a in kept.values() if a.dtype.kind == "f"]
    seen.append(net.predict_proba(X).dtype)
    assert set(seen) == {np.dtype(dtype)}


def test_a_plain_reader_can_evaluate_the_model() -> None:
    X, y = data()
    net = network()
    train(net, 3, X, y)
    model, a = net.model(), X
    layers = sum(name.startswith("W") for name in model)
    for layer in range(1, layers):
        a = np.maximum(0, a @ model[f"W{layer}"] + model[f"b{layer}"])
    z = a @ model[f"W{layers}"] + model[f"b{layers}"]
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(p, net.predict_proba(X), rtol=1e-6)
    np.testing.assert_array_equal(predict_proba(model, X), net.predict_proba(X))


def test_the_averages_start_as_if_nothing_had_to_be_normalised() -> None:
    net = network({"layers": 1})
    np.testing.assert_array_equal(net.state()["averages"], [0, 0, 0, 0, 1, 1, 1, 1])


def test_predictions_use_the_running_averages() -> None:
    X, y = data(rows=64, dtype=np.float64)
    net = network({"layers": 1, "bn_momentum": 0.0, "batch_size": 64, "alpha": 1e-12}, np.float64)
    train(net, 1, X, y)  # with momentum 0 the averages are those of the one batch
    Z = X @ net.parameters["W1"]
    mean, variance = Z.mean(axis=0), Z.var(axis=0, ddof=1)
    np.testing.assert_allclose(net.state()["averages"], [*mean, *variance], rtol=1e-9)
    A = np.maximum(0, (Z - mean) / np.sqrt(variance + 1e-5))
    z = A @ net.parameters["W2"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net.predict_proba(X), p, rtol=1e-9)


def test_the_decay_is_what_training_uses() -> None:
    X, y = data()
    decayed = network({"alpha": 0.5, "decay": "inverse", "decay_rate": 1})
    fixed = network({"alpha": 0.5 / 3})  # 0.5/(1 + 1·2) in epoch 2
    for net in (decayed, fixed):
        net.train_epoch(X, y, np.random.default_rng(1), epoch=2)
    assert_same(decayed.state(), fixed.state())


# --- adjusting ------------------------------------------------------------------------------


def test_an_adjustment_is_used_from_the_next_epoch_on() -> None:
    X, y = data()
    net, other = network(), network({"alpha": 0.5})
    net.adjust("alpha", 0.5)
    assert net.alpha_at(1) == 0.5
    train(net, 1, X, y)
    train(other, 1, X, y)
    assert_same(net.state(), other.state())


def test_a_new_optimizer_starts_afresh_and_the_same_one_goes_on() -> None:
    X, y = data()
    net = network()
    train(net, 1, X, y)
    net.adjust("optimizer", "adam")
    assert net.state()["steps"] == 4
    net.adjust("optimizer", "momentum")
    state = net.state()
    assert "adam.v" not in state
    assert state["steps"] == 0
    assert not state["momentum.v"].any()
    train(net, 1, X, y, first=2)


@pytest.mark.parametrize("name", [n for n, each in HYPERPARAMETERS.items() if not each.adjustable])
def test_what_shapes_the_network_is_fixed(name: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} cannot change during training"):
        network().adjust(name, HYPERPARAMETERS[name].default)


@pytest.mark.parametrize("name", [n for n, each in HYPERPARAMETERS.items() if each.adjustable])
def test_everything_else_can_be_adjusted(name: str) -> None:
    X, y = data()
    value = {"float": 0.5, "int": 5, "choice": HYPERPARAMETERS[name].choices[-1:]}
    net = network()
    new = value[HYPERPARAMETERS[name].kind]
    net.adjust(name, new[0] if isinstance(new, tuple) else new)
    train(net, 1, X, y)


def test_a_bad_adjustment_changes_nothing() -> None:
    net = network()
    for name, value in (("alpha", -1), ("batch_size", 1), ("rate", 1)):
        with pytest.raises(UsageError):
            net.adjust(name, value)
    assert net.settings == network().settings


def test_another_networks_state_is_refused() -> None:
    for hparams in ({"hidden_units": 5}, {"optimizer": "momentum"}, {"batch_norm": False}):
        with pytest.raises(UsageError, match=r"it holds {.weights.*this one needs"):
            network().load_state(network(hparams).state())


# --- numbers that misbehave -----------------------------------------------------------------


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("optimizer", HYPERPARAMETERS["optimizer"].choices)
def test_divergence_names_the_epoch_and_a_remedy(optimizer: str, batch_norm: bool) -> None:
    X, y = data()
    net = network({"alpha": 1e37, "batch_norm": batch_norm, "optimizer": optimizer})
    with pytest.raises(TrialDiverged, match=r"in epoch [1-4]: alpha \(1e\+37\) may be too large"):
        train(net, 4, X, y)


def test_statistics_that_overflow_count_as_divergence() -> None:
    X, y = data(rows=8)
    net = network({"layers": 1})
    state = net.state()
    state["weights"][: 3 * 4] = 1e25  # its square is no float32, yet the outputs would be finite
    net.load_state(state)
    with pytest.raises(TrialDiverged, match="in epoch 1"):
        train(net, 1, X, y)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_an_evaluation_that_overflows_is_divergence(batch_norm: bool) -> None:
    X, y = data()
    net = network({"batch_norm": batch_norm})
    net.load_state(net.state() | {"weights": np.full_like(net.state()["weights"], 1e30)})
    with pytest.raises(TrialDiverged):
        net.evaluate(X, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_data_that_are_not_finite_are_not_called_divergence(bad: float) -> None:
    X, y = data(rows=600, dtype=np.float64)
    X[555, 1] = bad
    with pytest.raises(DataError, match="the data hold NaN, infinity"):
        train(network(), 1, X, y)
    with pytest.raises(DataError, match="the data hold NaN, infinity"):
        network().evaluate(X, y)
    with pytest.raises(DataError, match="row 555 "):
        network().predict_proba(X)


def test_constant_features() -> None:
    X, y = data(rows=40)
    X[:, 1] = 0
    X[:, 2] = 7
    net = network()
    train(net, 5, X, y)
    assert np.isfinite(net.predict_proba(X)).all()


@pytest.mark.parametrize("rows", [9, 17])
def test_a_last_batch_of_one_row_joins_the_one_before(rows: int) -> None:
    if KERNELS == "numba":
        pytest.skip("it takes the rows of many batches at a time; compared with NumPy elsewhere")
    X, y = data(rows=rows)
    sizes = []

    class Counted(LazyRows):
        def __getitem__(self, taken: Any) -> np.ndarray:
            sizes.append(len(taken))
            return super().__getitem__(taken)

    train(network(), 1, Counted(X), y)
    assert sizes == [8] * (rows // 8 - 1) + [9]
    sizes.clear()
    train(network({"batch_norm": False}), 1, Counted(X), y)
    assert sizes == [8] * (rows // 8) + [1]


def test_every_row_is_seen_once_in_an_order_of_the_epoch() -> None:
    X, y = data(rows=30)
    seen: list[int] = []

    class Recorded(LazyRows):
        def __getitem__(self, taken: Any) -> np.ndarray:
            seen.extend(taken)
            return super().__getitem__(taken)

    train(network(), 3, Recorded(X), y)
    epochs = [seen[start : start + 30] for start in (0, 30, 60)]
    assert all(sorted(epoch) == list(range(30)) for epoch in epochs)
    assert all(one != two for one, two in pairwise(epochs))


def test_a_class_that_no_row_has() -> None:
    X, y = data()
    y = np.minimum(y, 1)
    net = network({"alpha": 0.05})
    train(net, 20, X, y)
    assert net.predict_proba(X)[:, 2].max() < 0.1
    assert 0 < net.evaluate(X, y)["macro_f1"] <= 1


def test_one_row() -> None:
    X, y = data(rows=1)
    with pytest.raises(UsageError, match="at least 2 rows"):
        train(network(), 1, X, y)
    train(network({"batch_norm": False}), 1, X, y)
    assert network().predict_proba(X).shape == (1, CLASSES)


def test_no_rows() -> None:
    X, y = data(rows=0)
    with pytest.raises(UsageError, match="no rows"):
        train(network(), 1, X, y)
    with pytest.raises(UsageError, match="no rows"):
        network().evaluate(X, y)
    assert network().predict_proba(X).shape == (0, CLASSES)


@pytest.mark.parametrize(("features", "classes"), [(0, 2), (3, 1), (3, 0)])
def test_too_few_features_or_classes(features: int, classes: int) -> None:
    with pytest.raises(UsageError, match="needs at least"):
        Network(features, classes, {}, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((2, 4)), np.zeros(2, int), r"X has shape \(2, 4\).*\(rows, 3\)"),
        (np.zeros(3), np.zeros(3, int), r"X has shape \(3,\)"),
        (np.zeros((2, 3)), np.zeros(3, int), "X has 2 rows, but y has shape"),
        (np.zeros((2, 3)), np.array([0, 3]), "whole numbers from 0 to 2"),
        (np.zeros((2, 3)), np.array([-1, 0]), "whole numbers from 0 to 2"),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), "whole numbers from 0 to 2"),
    ],
)
def test_data_that_do_not_fit(X: np.ndarray, y: np.ndarray, message: str) -> None:
    for call in (network().evaluate, lambda X, y: train(network(), 1, X, y)):
        with pytest.raises(UsageError, match=message):
            call(X, y)


def test_an_alpha_too_small_to_matter_and_a_dead_network_are_not_errors() -> None:
    X, y = data()
    net = network({"alpha": 1e-300})
    train(net, 2, X, y)
    net = network({"batch_norm": False, "epsilon": 1e-30, "batch_size": 30})
    net.load_state(net.state() | {"weights": np.zeros_like(net.state()["weights"])})
    metrics = train(net, 1, X, y)
    assert metrics["train_error"] == np.mean(y != 0)  # a tie is the first class, not right
