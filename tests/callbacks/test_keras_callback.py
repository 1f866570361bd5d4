"""Keras's epochs pushed, where Keras and one of its backends are installed."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import TrainableError
from tests.callbacks.trials import trial

BACKENDS = [name for name in ("jax", "torch", "tensorflow") if importlib.util.find_spec(name)]
if not BACKENDS:
    pytest.skip("no backend of Keras is installed", allow_module_level=True)
os.environ.setdefault("KERAS_BACKEND", BACKENDS[0])
keras = pytest.importorskip("keras", reason="Keras is not installed")
ReportEpochs = pytest.importorskip("hpsearch.callbacks.keras").ReportEpochs

X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)


def fit(*callbacks: Any) -> dict[str, Any]:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    data = {"validation_data": (X[40:], y[40:]), "verbose": 0}
    told = [ReportEpochs(), *callbacks]
    return dict(model.fit(X[:40], y[:40], epochs=4, callbacks=told, **data).history)


def test_each_epoch_is_pushed_with_what_fit_knows() -> None:
    pushed = trial(fit, "val_loss")
    names = {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {*pushed.metrics[0]} == names
    assert {n: [m[n] for m in pushed.metrics] for n in names} == pushed.returned
    assert len(pushed.metrics) == 4


def test_a_trial_that_is_over_ends_fit_after_its_other_callbacks(tmp_path: Path) -> None:
    file = tmp_path / "model.weights.h5"
    save = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: file.write_text(str(epoch))
    )
    pushed = trial(lambda: fit(save), "val_loss", stop_after=2)
    assert (len(pushed.metrics), pushed.returned) == (2, None)
    assert file.read_text() == "1"


def test_a_metric_that_is_not_there() -> None:
    with pytest.raises(TrainableError, match="but the search needs the metric 'dev_error'"):
        trial(fit, "dev_error")
