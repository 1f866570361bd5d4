"""XGBoost's rounds as epochs, where it is installed."""

from typing import Any

import numpy as np
import pytest

from hpsearch.errors import TrainableError
from tests.callbacks.trials import trial

xgboost = pytest.importorskip("xgboost", reason="XGBoost is not installed")
ReportEpochs = pytest.importorskip("hpsearch.callbacks.xgboost").ReportEpochs

X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
SETTINGS = {"objective": "binary:logistic", "nthread": 1, "max_depth": 2}


def train(rounds: int = 5, **more: Any) -> dict[str, Any]:
    history: dict[str, Any] = {}
    data = xgboost.DMatrix(X[:40], y[:40]), xgboost.DMatrix(X[40:], y[40:])
    xgboost.train(
        SETTINGS,
        data[0],
        rounds,
        evals=[(data[0], "train"), (data[1], "dev")],
        evals_result=history,
        callbacks=[ReportEpochs()],
        verbose_eval=False,
        **more,
    )
    return history


def test_each_round_is_an_epoch_by_the_names_that_xgboost_prints() -> None:
    pushed = trial(train, "dev-logloss")
    history = pushed.returned
    assert [m["dev-logloss"] for m in pushed.metrics] == history["dev"]["logloss"]
    assert [m["train-logloss"] for m in pushed.metrics] == history["train"]["logloss"]
    assert len(pushed.metrics) == 5


def test_a_trial_that_is_over_ends_the_training() -> None:
    pushed = trial(train, "dev-logloss", stop_after=3)
    assert (len(pushed.metrics), pushed.returned) == (3, None)


def test_a_metric_that_is_not_there() -> None:
    with pytest.raises(TrainableError, match="gave train-logloss, dev-logloss, but the search"):
        trial(train, "dev_error")


def test_cross_validation_pushes_the_mean_of_its_folds() -> None:
    def cv() -> Any:
        data = xgboost.DMatrix(X, y)
        return xgboost.cv(SETTINGS, data, 4, nfold=3, callbacks=[ReportEpochs()], as_pandas=False)

    pushed = trial(cv, "test-logloss")
    assert [m["test-logloss"] for m in pushed.metrics] == pushed.returned["test-logloss-mean"]
    assert len(pushed.metrics) == 4


def test_an_estimator() -> None:
    def fit() -> Any:
        model = xgboost.XGBClassifier(n_estimators=4, n_jobs=1, callbacks=[ReportEpochs()])
        return model.fit(X[:40], y[:40], eval_set=[(X[40:], y[40:])], verbose=False)

    assert len(trial(fit, "validation_0-logloss").metrics) == 4
