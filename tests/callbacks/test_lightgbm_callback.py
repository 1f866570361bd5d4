"""LightGBM's rounds as epochs, where it is installed."""

from typing import Any

import numpy as np
import pytest

from hpsearch.callbacks.lightgbm import report_epochs
from hpsearch.errors import TrainableError
from tests.callbacks.trials import trial

lightgbm = pytest.importorskip("lightgbm", reason="LightGBM is not installed")

X = np.random.default_rng(0).normal(size=(90, 3))
y = (X[:, 0] > 0).astype(int)
SETTINGS = {
    "objective": "binary",
    "metric": ["binary_logloss", "auc"],
    "num_threads": 1,
    "min_data_in_leaf": 2,
    "verbose": -1,
}
LOSS = "valid_0's binary_logloss"


def train(*callbacks: Any, rounds: int = 5) -> dict[str, Any]:
    history: dict[str, Any] = {}
    data = lightgbm.Dataset(X[:60], y[:60])
    lightgbm.train(
        SETTINGS,
        data,
        rounds,
        valid_sets=[data.create_valid(X[60:], y[60:])],
        callbacks=[report_epochs(), lightgbm.record_evaluation(history), *callbacks],
    )
    return history


def test_each_round_is_an_epoch_by_the_names_that_lightgbm_prints() -> None:
    pushed = trial(train, LOSS)
    assert [m[LOSS] for m in pushed.metrics] == pushed.returned["valid_0"]["binary_logloss"]
    assert [m["valid_0's auc"] for m in pushed.metrics] == pushed.returned["valid_0"]["auc"]
    assert len(pushed.metrics) == 5


def test_a_trial_that_is_over_ends_the_training() -> None:
    pushed = trial(train, LOSS, stop_after=3)
    assert (len(pushed.metrics), pushed.returned) == (3, None)


def test_the_round_in_which_lightgbm_stops_early_is_pushed_too() -> None:
    stop = lightgbm.early_stopping(1, verbose=False)
    pushed = trial(lambda: train(stop, rounds=500), LOSS)
    assert len(pushed.metrics) == len(pushed.returned["valid_0"]["auc"]) < 500


def test_a_metric_that_is_not_there() -> None:
    with pytest.raises(TrainableError, match="valid_0's auc, but the search needs the metric"):
        trial(train, "dev_error")


def test_cross_validation_pushes_the_mean_of_its_folds() -> None:
    def cv() -> Any:
        data = lightgbm.Dataset(X, y)
        return lightgbm.cv(SETTINGS, data, 4, nfold=3, callbacks=[report_epochs()])

    with pytest.raises(TrainableError) as error:
        trial(cv, "loss")
    name = error.value.message.split("gave ")[1].split(", ")[0]
    pushed = trial(cv, name)
    assert [m[name] for m in pushed.metrics] in list(pushed.returned.values())
    assert len(pushed.metrics) == 4


@pytest.mark.filterwarnings("ignore:The argument 'eval_set'")
def test_an_estimator() -> None:
    def fit() -> Any:
        model = lightgbm.LGBMClassifier(n_estimators=4, n_jobs=1, verbose=-1)
        return model.fit(X[:60], y[:60], eval_set=[(X[60:], y[60:])], callbacks=[report_epochs()])

    assert len(trial(fit, LOSS).metrics) == 4
