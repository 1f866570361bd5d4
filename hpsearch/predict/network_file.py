"""The best network of a run, read from ``model.npz``: what it says of rows, and how good it is.

The file holds the arrays of :mod:`hpsearch.network.model` and those of
:class:`~hpsearch.data.Preprocessing`: plain numbers and strings, so that NumPy alone can use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.rows import RowsLike
from hpsearch.errors import DataError, RunError
from hpsearch.network.model import evaluate, predict_proba
from hpsearch.store.arrays import read_arrays
from hpsearch.training.protocol import Arrays


@dataclass(frozen=True)
class Scores:
    """How good predictions are: ``loss`` in nats, mean over rows; the rest fractions in [0, 1]."""

    rows: int
    loss: float
    error: float
    accuracy: float
    macro_f1: float


@dataclass(frozen=True)
class TrainedNetwork:
    """A network that only predicts, with what has to be done to its inputs."""

    arrays: Arrays
    preprocessing: Preprocessing

    @classmethod
    def read(cls, path: Path) -> TrainedNetwork:
        """The network in a ``model.npz``.

        Raises:
            RunError: the file is missing, damaged, or not one of ours.
        """
        arrays = read_arrays(path)
        try:
            preprocessing = Preprocessing.from_arrays(arrays)
            network = cls(arrays, preprocessing)
            network.probabilities(np.zeros((1, len(preprocessing.mean)), np.float32))
        except (KeyError, ValueError) as e:
            raise RunError(f"{path}: is not a model that hpsearch wrote ({e})") from e
        return network

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        return self.preprocessing.classes

    def probabilities(self, X: RowsLike) -> NDArray[np.floating[Any]]:
        """Each class's probability for each row of ``X``, (n, classes).

        Raises:
            DataError: a row gives numbers that are not finite.
        """
        return predict_proba(self.arrays, X)

    def scores(self, X: RowsLike, y: NDArray[np.integer[Any]]) -> Scores:
        """How good the predictions for ``X`` are, given the right classes ``y``, (n,).

        Raises:
            DataError: a row gives numbers that are not finite.
        """
        values = evaluate(self.arrays, X, y)
        if not np.isfinite(values["loss"]):
            raise DataError(
                "the loss is not finite: look for values out of all proportion to the training "
                "data's"
            )
        return Scores(rows=len(y), **values)
