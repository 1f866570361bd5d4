"""Train the built-in network at every point of a grid, once, for search.py to read.

    python tests/bench/tabulate_network.py                       network_digits.npz
    python tests/bench/tabulate_network.py letter-recognition.csv    network_letters.npz

Each table lies beside this file and holds the dev loss after each epoch: one axis for each
hyperparameter of the grid below, in its order, and one for the epochs; NaN from the epoch on at
which it diverged.
"""

from __future__ import annotations

import argparse
import itertools
import math
from pathlib import Path

import numpy as np

from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.errors import TrialDiverged
from hpsearch.network.network import Network
from hpsearch.records import Value
from hpsearch.seeds import Purpose, stream

DIGITS = {
    "alpha": np.geomspace(1e-3, 1.0, 8).tolist(),
    "beta": [0.0, 0.9, 0.97, 0.99],
    "batch_size": [32, 128, 512],
    "hidden_units": [8, 24, 72],
    "dropout": [0.0, 0.25, 0.5],
}
LETTERS = {
    "alpha": np.geomspace(1e-3, 1.0, 8).tolist(),
    "beta": [0.0, 0.9, 0.97, 0.99],
    "batch_size": [64, 256],
    "hidden_units": [16, 48, 144],
    "layers": [1, 2],
}
FIXED = {
    "digits": {"optimizer": "momentum", "layers": 2, "batch_norm": False},
    "letters": {"optimizer": "momentum"},
}
EPOCHS = 30


def tabulate(name: str, spec: DataSpec, grid: dict[str, list[Value]]) -> None:
    """Train every point and write the table."""
    data = load(spec, 0)
    features, classes = data.train.X.shape[1], len(data.classes)
    shape = (*(len(values) for values in grid.values()), EPOCHS)
    losses = np.full(shape, np.nan, dtype=np.float32)
    for cell in itertools.product(*map(range, shape[:-1])):
        hparams = {key: grid[key][i] for key, i in zip(grid, cell, strict=True)}
        hparams |= FIXED[name]
        seed = int(np.ravel_multi_index(cell, shape[:-1]))
        network = Network(features, classes, hparams, stream(seed, Purpose.INIT))
        for epoch in range(1, EPOCHS + 1):
            try:
                network.train_epoch(
                    data.train.X, data.train.y, stream(seed, Purpose.EPOCH, epoch), epoch
                )
                loss = network.evaluate(data.dev.X, data.dev.y)["loss"]
            except TrialDiverged:
                break
            if not math.isfinite(loss):
                break
            losses[cell][epoch - 1] = loss
    np.savez_compressed(Path(__file__).parent / f"network_{name}.npz", dev_loss=losses)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("letters", nargs="?", type=Path)
    letters = parser.parse_args().letters
    if letters is None:
        tabulate("digits", DataSpec(path="digits"), DIGITS)
    else:
        tabulate("letters", DataSpec(path=str(letters), target="Letter", dev=0.2), LETTERS)


if __name__ == "__main__":
    main()
