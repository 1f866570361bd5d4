"""Metrics of predictions: fractions in [0, 1]."""

from __future__ import annotations

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
