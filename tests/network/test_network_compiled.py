"""The compiled epoch beside NumPy's: the same numbers up to rounding, whatever the options."""

import hashlib
import itertools
import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed, so there is nothing compiled")
pytest.importorskip("scipy", reason="numba's matrix product needs scipy")

from hpsearch.errors import DataError, TrialDiverged, UsageError
from hpsearch.network import compiled as compiled_module
from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.network import Network
from hpsearch.network.optimizers import OPTIMIZERS
from hpsearch.records import Value

FEATURES, CLASSES, ROWS = 7, 4, 53  # 53 rows in batches of 13 leave one over
TOLERANCE = {np.float32: 3e-4, np.float64: 1e-11}


def data(dtype: type = np.float32, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, FEATURES)).astype(dtype)
    return X, rng.integers(0, CLASSES, rows)


def network(kernels: str, hparams: Mapping[str, Value], dtype: type = np.float32) -> Network:
    settings = {"hidden_units": 5, "batch_size": 13, "alpha": 0.01, "epsilon": 1e-3, **hparams}
    rng = np.random.default_rng(1)
    return Network(FEATURES, CLASSES, settings, rng, dtype, kernels=kernels)


def trained(
    kernels: str, hparams: Mapping[str, Value], X: object, y: np.ndarray, dtype: type = np.float32
) -> tuple[list[dict[str, float]], dict[str, np.ndarray]]:
    net, rng = network(kernels, hparams, dtype), np.random.default_rng(2)
    metrics = [net.train_epoch(X, y, rng, epoch) for epoch in (1, 2)]
    return metrics, net.state()


def assert_alike(hparams: Mapping[str, Value], dtype: type) -> None:
    X, y = data(dtype)
    numpy_metrics, numpy_state = trained("numpy", hparams, X, y, dtype)
    numba_metrics, numba_state = trained("numba", hparams, X, y, dtype)
    for name, array in numpy_state.items():
        assert numba_state[name].dtype == array.dtype, name
        np.testing.assert_allclose(
            numba_state[name], array, atol=TOLERANCE[dtype], err_msg=f"{name} of {hparams}"
        )
    for ours, theirs in zip(numba_metrics, numpy_metrics, strict=True):
        assert ours == pytest.approx(theirs, abs=TOLERANCE[dtype]), hparams


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_combination_of_options(optimizer: str, activation: str) -> None:
    for batch_norm, dropout, l2, layers in itertools.product(
        (True, False), (0.0, 0.3), (0.0, 0.1), (0, 1, 3)
    ):
        hparams: dict[str, Value] = {
            "optimizer": optimizer, "activation": activation, "batch_norm": batch_norm,
            "dropout": dropout, "l2": l2, "layers": layers,
        }  # fmt: skip
        assert_alike(hparams, np.float64)


def test_float32_stays_float32() -> None:
    assert_alike({"dropout": 0.2, "l2": 0.01}, np.float32)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_a_last_row_left_over(batch_norm: bool) -> None:
    """With batch norm it joins the batch before; without, it is a batch of its own."""
    assert ROWS % 13 == 1
    assert_alike({"batch_norm": batch_norm}, np.float64)


class Doubled:
    """Rows that are made when they are asked for."""

    def __init__(self, X: np.ndarray) -> None:
        self.X = X
        self.shape = X.shape

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, rows: object) -> np.ndarray:
        return self.X[rows] * 2


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_same_bits_however_the_rows_are_stored(
    dropout: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_module, "PIECE", 16 * FEATURES)  # a few batches at a time
    X, y = data()
    rows = Doubled(X)
    read_only = rows[:]
    read_only.flags.writeable = False
    stored = (rows, np.float64(1) * rows[:], np.asfortranarray(rows[:]), read_only)
    expected = trained("numba", {"dropout": dropout}, rows[:], y)
    for each in stored:
        metrics, state = trained("numba", {"dropout": dropout}, each, y)
        assert metrics == expected[0]
        for name, array in state.items():
            np.testing.assert_array_equal(array, expected[1][name], err_msg=name)


def test_one_compilation_serves_all_depths_options_and_rows() -> None:
    before = len(compiled_module.train_batches.signatures)
    X, y = data()
    for hparams in ({"layers": 0}, {"layers": 3, "dropout": 0.5}, {"optimizer": "sgd", "l2": 0.1}):
        trained("numba", hparams, X, y)
        trained("numba", hparams, Doubled(X), y)
    assert len(compiled_module.train_batches.signatures) == max(before, 1)


def test_going_on_from_a_state_gives_the_same_bits() -> None:
    X, y = data()
    whole, rng = network("numba", {"dropout": 0.2}), np.random.default_rng
    for epoch in (1, 2, 3):
        whole.train_epoch(X, y, rng(epoch), epoch)
    first, second = network("numba", {"dropout": 0.2}), network("numba", {"dropout": 0.2})
    first.train_epoch(X, y, rng(1), 1)
    second.load_state(first.state())
    for epoch in (2, 3):
        second.train_epoch(X, y, rng(epoch), epoch)
    for name, array in whole.state().items():
        np.testing.assert_array_equal(second.state()[name], array, err_msg=name)


SCRIPT = """
import hashlib
import numpy as np
from tests.network.test_network_compiled import data, trained
X, y = data()
print(hashlib.sha256(trained("numba", {"dropout": 0.2}, X, y)[1]["weights"]).hexdigest())
"""


def test_another_process_gives_the_same_bits() -> None:
    X, y = data()
    ours = hashlib.sha256(trained("numba", {"dropout": 0.2}, X, y)[1]["weights"]).hexdigest()
    theirs = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert theirs.stdout.strip() == ours


def test_numbers_that_overflow_are_a_divergence() -> None:
    X, y = data()
    net = network("numba", {"optimizer": "sgd", "alpha": 1e30, "batch_norm": False})
    with pytest.raises(TrialDiverged, match="alpha"):
        net.train_epoch(X, y, np.random.default_rng(0), 1)


def test_a_row_that_is_not_finite_is_the_datas_fault() -> None:
    X, y = data()
    X[3, 2] = np.nan
    with pytest.raises(DataError, match="NaN"):
        network("numba", {}).train_epoch(X, y, np.random.default_rng(0), 1)


def test_an_optimiser_without_a_compiled_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(compiled_module.OPTIMIZER_CODES, "adam")
    X, y = data()
    with pytest.raises(UsageError, match="numba has no optimizer 'adam'"):
        network("numba", {}).train_epoch(X, y, np.random.default_rng(0), 1)
