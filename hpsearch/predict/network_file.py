"""The best network of a run, read from ``model.npz``: what it says of rows, and how good it is.

The file holds the arrays of :mod:`hpsearch.network.model` and those of
:class:`~hpsearch.data.Preprocessing`: plain numbers and strings, so that NumPy alone can use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.rows import RowsLike
from hpsearch.errors import DataError, RunError
from hpsearch.network.metrics import in_units
from hpsearch.network.model import evaluate, evaluate_numbers, predict_numbers, predict_proba
from hpsearch.store.arrays import read_arrays
from hpsearch.training.protocol import Arrays


@dataclass(frozen=True)
class Scores:
    """How good labels are: ``loss`` in nats, mean over rows; the rest fractions in [0, 1]."""

    headline: ClassVar[str] = "error"

    rows: int
    loss: float
    error: float
    accuracy: float
    macro_f1: float

    def shown(self) -> dict[str, float]:
        """By the names that people know, the most telling first."""
        return {
            "error": self.error,
            "accuracy": self.accuracy,
            "macro-F1": self.macro_f1,
            "loss": self.loss,
        }


@dataclass(frozen=True)
class NumberScores:
    """How good predicted numbers are: ``rmse`` and ``mae`` in the target's units.

    ``r2`` is at most 1; ``loss`` is the mean squared error of the standardised target.
    """

    headline: ClassVar[str] = "rmse"

    rows: int
    loss: float
    rmse: float
    mae: float
    r2: float

    def shown(self) -> dict[str, float]:
        """By the names that people know, the most telling first."""
        return {"RMSE": self.rmse, "MAE": self.mae, "R2": self.r2, "loss": self.loss}


AnyScores = Scores | NumberScores


def scores_from(record: Mapping[str, Any]) -> AnyScores:
    """Scores from the record of their fields.

    Raises:
        TypeError: it is no such record.
    """
    return NumberScores(**record) if NumberScores.headline in record else Scores(**record)


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
            row = np.zeros((1, len(preprocessing.mean)), np.float32)
            network.numbers(row) if preprocessing.target else network.probabilities(row)
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

    def numbers(self, X: RowsLike) -> NDArray[np.float64]:
        """The number predicted for each row of ``X``, (n,), in the target's units.

        Raises:
            DataError: a row gives numbers that are not finite.
        """
        target = self.preprocessing.target
        assert target is not None
        return target.in_units(predict_numbers(self.arrays, X))

    def scores(self, X: RowsLike, y: NDArray[Any]) -> AnyScores:
        """How good the predictions for ``X`` are, given the right answers ``y``, (n,).

        The answers are class numbers, or numbers to predict, standardised.

        Raises:
            DataError: a row gives numbers that are not finite.
        """
        target = self.preprocessing.target
        if target is None:
            values = evaluate(self.arrays, X, y)
        else:
            values = in_units(evaluate_numbers(self.arrays, X, y), target.scale)
        if not np.isfinite(values["loss"]):
            raise DataError(
                "the loss is not finite: look for values out of all proportion to the training "
                "data's"
            )
        return scores_from({"rows": len(y), **values})
