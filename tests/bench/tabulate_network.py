"""Train the built-in network on digits at every point of a grid, once, for search.py to read.

    python tests/bench/tabulate_network.py        writes network_digits.npz beside this file

The table holds the dev loss after each epoch: shape (8, 4, 3, 3, 3, 30) for alpha, beta,
batch_size, hidden_units, dropout and the epochs; NaN from the epoch on at which it diverged.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np

from hpsearch.data import DataSpec, load
from hpsearch.errors import TrialDiverged
from hpsearch.network.network import Network
from hpsearch.seeds import Purpose, stream

GRID = {
    "alpha": np.geomspace(1e-3, 1.0, 8).tolist(),
    "beta": [0.0, 0.9, 0.97, 0.99],
    "batch_size": [32, 128, 512],
    "hidden_units": [8, 24, 72],
    "dropout": [0.0, 0.25, 0.5],
}
EPOCHS = 30
TABLE = Path(__file__).parent / "network_digits.npz"


def main() -> None:
    data = load(DataSpec(path="digits"), 0)
    features, classes = data.train.X.shape[1], len(data.classes)
    shape = (*(len(values) for values in GRID.values()), EPOCHS)
    losses = np.full(shape, np.nan, dtype=np.float32)
    for cell in itertools.product(*map(range, shape[:-1])):
        hparams = {name: GRID[name][i] for name, i in zip(GRID, cell, strict=True)}
        hparams |= {"optimizer": "momentum", "layers": 2, "batch_norm": False}
        seed = int(np.ravel_multi_index(cell, shape[:-1]))
        network = Network(features, classes, hparams, stream(seed, Purpose.INIT))
        for epoch in range(1, EPOCHS + 1):
            try:
                network.train_epoch(
                    data.train.X, data.train.y, stream(seed, Purpose.EPOCH, epoch), epoch
                )
            except TrialDiverged:
                break
            loss = network.evaluate(data.dev.X, data.dev.y)["loss"]
            if not math.isfinite(loss):
                break
            losses[cell][epoch - 1] = loss
    np.savez_compressed(TABLE, dev_loss=losses)


if __name__ == "__main__":
    main()
