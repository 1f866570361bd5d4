"""The built-in network as a trainable: metrics, resuming, models, kernels."""

import sys
from typing import Any

import numpy as np
import pytest

from hpsearch.data.spec import DataSpec
from hpsearch.errors import UsageError
from hpsearch.network.model import predict_proba
from hpsearch.training.network import NetworkTrainable, shared_dataset
from hpsearch.training.protocol import Context

DIGITS = DataSpec("digits")


def trainable(epochs: int = 4, kernels: str = "numpy", **hparams: Any) -> NetworkTrainable:
    values = {"hidden_units": 16, "dropout": 0.2, "optimizer": "adam"} | hparams
    return NetworkTrainable(Context(0, 5, epochs, "dev_error", values), DIGITS, 7, kernels)


def test_the_metrics_of_an_epoch() -> None:
    values = trainable().train_epoch(1)
    names = ["loss", "error", "accuracy"]
    assert {*values} == {
        *(f"train_{name}" for name in names),
        *(f"dev_{name}" for name in names),
        "dev_macro_f1",
    }
    assert values["dev_error"] == pytest.approx(1 - values["dev_accuracy"])


def test_resumed_equals_uninterrupted_byte_for_byte() -> None:
    whole, first, second = trainable(), trainable(), trainable()
    curve = [dict(whole.train_epoch(e)) for e in (1, 2, 3)]
    first.train_epoch(1)
    second.load(first.save())
    assert [dict(second.train_epoch(e)) for e in (2, 3)] == curve[1:]
    for name, array in whole.save().items():
        assert second.save()[name].tobytes() == array.tobytes(), name


def test_a_model_is_a_copy_and_predicts_what_was_measured() -> None:
    network = trainable()
    values = network.train_epoch(1)
    model = {name: array.copy() for name, array in network.model().items()}
    kept = network.model()
    network.train_epoch(2)
    for name, array in model.items():
        assert kept[name].tobytes() == array.tobytes(), name
    dev = shared_dataset(DIGITS, 7).dev
    error = np.mean(predict_proba(kept, dev.X).argmax(axis=1) != dev.y)
    assert error == pytest.approx(values["dev_error"])


def test_cosine_comes_down_over_the_trials_own_epochs() -> None:
    network = trainable(epochs=4, decay="cosine", alpha=0.5)
    # alpha (1 + cos(pi (e - 1) / 4)) / 2, halfway at epoch 3
    assert network.effective(3, {})["alpha"] == pytest.approx(0.25)
    told = trainable(epochs=4, decay="cosine", alpha=0.5, decay_epochs=2)
    assert told.effective(2, {})["alpha"] == pytest.approx(0.25)


def test_a_schedule_is_asked_about_values_that_are_not_in_force() -> None:
    network = trainable(alpha=0.5)
    before = {name: array.copy() for name, array in network.save().items()}
    # alpha / (1 + rate * epoch) = 0.3 / (1 + 0.5 * 4)
    asked = {"alpha": 0.3, "decay": "inverse", "decay_rate": 0.5}
    assert network.effective(4, asked) == {"alpha": pytest.approx(0.1)}
    assert network.effective(4, {}) == {}
    with pytest.raises(UsageError, match="alpha must be > 0"):
        network.effective(4, {"alpha": 0.0})
    after = network.save()
    assert all(array.tobytes() == after[name].tobytes() for name, array in before.items())


def test_numba_is_asked_for_by_name_and_missed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "hpsearch.network.compiled", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[fast\]'"):
        trainable(kernels="numba")
