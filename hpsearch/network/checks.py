"""Whether data fit a network: each refusal is one line that says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hpsearch.errors import UsageError
from hpsearch.network.arrays import Labels, Rows, take_rows
from hpsearch.network.model import row_slices


def check_width(X: Rows, n_features: int) -> None:
    """Refuse rows that do not have ``n_features`` numbers each.

    Raises:
        UsageError: they do not.
    """
    if len(X.shape) != 2 or X.shape[1] != n_features:
        raise UsageError(f"X has shape {tuple(X.shape)}; the network needs (rows, {n_features})")


def checked_labels(X: Rows, y: Labels, n_features: int, n_classes: int) -> npt.NDArray[np.intp]:
    """``y`` as indices, once it is known to fit ``X`` and the network.

    Raises:
        UsageError: it does not, or there are no rows.
    """
    y = np.asarray(y)
    _check_rows(X, y, n_features)
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= n_classes:
        raise UsageError(f"labels must be whole numbers from 0 to {n_classes - 1}")
    return y.astype(np.intp)


def checked_numbers(X: Rows, y: npt.NDArray[Any], n_features: int) -> npt.NDArray[np.floating[Any]]:
    """``y`` as floats, once they are known to fit ``X`` and the network.

    Raises:
        UsageError: they do not, or there are no rows.
    """
    y = np.asarray(y)
    _check_rows(X, y, n_features)
    if y.dtype.kind not in "iuf" or not np.isfinite(y).all():
        raise UsageError("what a network with a linear output learns must be finite numbers")
    return y if y.dtype.kind == "f" else y.astype(np.float64)


def _check_rows(X: Rows, y: npt.NDArray[Any], n_features: int) -> None:
    check_width(X, n_features)
    if len(X) == 0:
        raise UsageError("there are no rows to train on or to evaluate")
    if y.shape != (len(X),):
        raise UsageError(f"X has {len(X)} rows, but y has shape {y.shape}: one answer a row")


def rows_are_finite(X: Rows, dtype: npt.DTypeLike) -> bool:
    """Whether all numbers of ``X`` are finite in a type."""
    with np.errstate(over="ignore"):
        return all(np.isfinite(take_rows(X, block, dtype)).all() for block in row_slices(X))
