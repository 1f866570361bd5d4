"""LightGBM: each round of boosting is an epoch, so that a trial without hope ends early."""

import lightgbm
from digits_data import digits

from hpsearch.callbacks.lightgbm import report_epochs


def train(hparams, epochs, seed):
    X, y, X_dev, y_dev = digits()
    data = lightgbm.Dataset(X, y)
    fixed = {"objective": "multiclass", "num_class": 10, "num_threads": 1, "verbose": -1}
    lightgbm.train(
        {**fixed, "seed": seed, "deterministic": True, **hparams},
        data,
        num_boost_round=epochs,
        valid_sets=[data.create_valid(X_dev, y_dev)],
        valid_names=["dev"],
        callbacks=[report_epochs()],
    )
