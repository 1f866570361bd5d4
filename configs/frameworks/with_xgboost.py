"""XGBoost: each round of boosting is an epoch, so that a trial without hope ends early."""

import xgboost
from digits_data import digits

from hpsearch.callbacks.xgboost import ReportEpochs


def train(hparams, epochs, seed):
    X, y, X_dev, y_dev = digits()
    xgboost.train(
        {"objective": "multi:softmax", "num_class": 10, "nthread": 1, "seed": seed, **hparams},
        xgboost.DMatrix(X, y),
        num_boost_round=epochs,
        evals=[(xgboost.DMatrix(X_dev, y_dev), "dev")],
        verbose_eval=False,
        callbacks=[ReportEpochs()],
    )
