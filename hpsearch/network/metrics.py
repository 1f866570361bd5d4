"""Metrics of predictions.

Of classes: fractions in [0, 1]. Of numbers, with ŷ predicted for y and ȳ the mean of y:

    rmse = √(mean of (ŷ - y)²)      mae = mean of |ŷ - y|      r2 = 1 - Σ(ŷ - y)² / Σ(y - ȳ)²

rmse and mae are in the units of y. r2 is 1 for perfect predictions, 0 for those that are ȳ
throughout, and below 0 for worse ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from hpsearch.network.arrays import Labels


def macro_f1(y: Labels, predicted: Labels, classes: int) -> float:
    """The mean over classes of F1 = 2 · hits / (rows of the class + rows predicted as it).

    F1 is the harmonic mean of precision and recall; every class counts the same, however rare.
    A class that is neither there nor predicted is left out.

    >>> macro_f1(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]), 3)  # (6/7 + 0) / 2
    0.42857142857142855
    """
    there = np.bincount(y, minlength=classes) + np.bincount(predicted, minlength=classes)
    hits = np.bincount(y[y == predicted], minlength=classes)
    return float(np.mean(2 * hits[there > 0] / there[there > 0]))


def confusion_matrix(y: Labels, predicted: Labels, classes: int) -> npt.NDArray[np.intp]:
    """How many rows of class r (row) were taken for class c (column), (classes, classes).

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    pairs = np.bincount(y.astype(np.intp) * classes + predicted, minlength=classes * classes)
    return pairs.reshape(classes, classes)


def number_metrics(
    squares: float, sizes: float, y: npt.NDArray[np.floating[Any]]
) -> dict[str, float]:
    """``loss``, ``rmse``, ``mae`` and ``r2`` of predictions for ``y``, (n,).

    ``squares`` is Σ(ŷ - y)² and ``sizes`` Σ|ŷ - y|. ``loss`` is the mean squared error. Where all
    of ``y`` are the same r2 has no denominator: it is 1 for perfect predictions, else 0, as
    scikit-learn has it.

    >>> number_metrics(2.0, 2.0, np.array([1.0, 3.0, 5.0, 7.0]))["r2"]  # 1 - 2 / 20
    0.9
    """
    spread = float(np.square(y - y.mean(dtype=np.float64)).sum(dtype=np.float64))
    r2 = 1 - squares / spread if spread > 0 else float(squares == 0)
    loss = squares / len(y)
    return {"loss": loss, "rmse": math.sqrt(loss), "mae": sizes / len(y), "r2": r2}


def in_units(values: Mapping[str, float], scale: float) -> dict[str, float]:
    """Metrics of a standardised target in its own units, of which 1 is ``scale``.

    The loss stays as it was minimised: 1 is what the mean of all has.

    >>> in_units({"train_loss": 0.25, "train_rmse": 0.5, "train_r2": 0.75}, 10.0)
    {'train_loss': 0.25, 'train_rmse': 5.0, 'train_r2': 0.75}
    """
    return {
        name: value * scale if name.removeprefix("train_") in ("rmse", "mae") else value
        for name, value in values.items()
    }
