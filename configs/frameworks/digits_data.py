"""The digits that come with hpsearch: 1437 images of 8 x 8 to train on, 360 to judge by."""

from importlib.resources import files

import numpy as np


def digits():
    with np.load(files("hpsearch.data") / "digits.npz") as data:
        X, y = data["X"].astype(np.float32) / 16, data["y"].astype(np.int64)
    order = np.random.default_rng(0).permutation(len(X))
    train, dev = order[:1437], order[1437:]
    return X[train], y[train], X[dev], y[dev]
