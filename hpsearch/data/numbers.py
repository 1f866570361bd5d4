"""Numbers to predict: from the words in a file to floats, and to what a network learns and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.labels import labels_of
from hpsearch.data.notation import NOTATIONS, Notation, differ, fitting
from hpsearch.data.scan import LARGEST
from hpsearch.data.table import Table, TextColumn
from hpsearch.data.wording import quoted
from hpsearch.errors import DataError
from hpsearch.text import in_full


@dataclass(frozen=True)
class TargetScale:
    """y' = (y - μ) / σ for numbers to predict: the mean and standard deviation over train."""

    mean: float
    scale: float

    def standardise(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers in the target's units, (n,), as the network learns them."""
        return (y - self.mean) / self.scale

    def in_units(self, y: NDArray[Any]) -> NDArray[np.float64]:
        """What the network predicts, (n,), in the target's units."""
        return np.asarray(y, np.float64) * self.scale + self.mean


def fit_target(table: Table, y: NDArray[np.float64]) -> TargetScale:
    """The mean and standard deviation of the numbers to predict, (n,), of the train rows.

    Raises:
        DataError: all of them are the same.
    """
    mean = float(y.mean())
    scale = float(np.sqrt(np.square(y - mean).mean()))
    if y.min() == y.max() or not scale:
        raise DataError(
            f"{table.file}: the target is {in_full(float(y[0]))} in all of the {len(y)} train "
            f"rows, so there is nothing to predict; name another column in data.target"
        )
    return TargetScale(mean, scale)


def quantities(table: Table, decimal: str | None) -> NDArray[np.float64]:
    """Each row's number to predict, (n,). ``decimal`` is the mark that the config gives.

    Raises:
        DataError: one is missing, no number, infinite or absurdly large.
    """
    labels = labels_of(table)
    notation = _notation(table, labels, decimal)
    values = np.array([notation.number(name) for name in labels.names])
    huge = np.flatnonzero(np.abs(values) > LARGEST)
    if len(huge):
        row = int(np.flatnonzero(labels.codes == huge[0])[0])
        raise DataError(
            f"{table.where(row)}: the target is {in_full(float(values[huge[0]]))}, which no "
            f"network can learn; if it stands for a missing value, remove the row"
        )
    found: NDArray[np.float64] = values[labels.codes]
    return found


def _notation(table: Table, labels: TextColumn, decimal: str | None) -> Notation:
    """The one way to write numbers that all of a target is in."""
    fits = fitting(labels.names, decimal)
    if not fits:
        among = [n for n in NOTATIONS if decimal in (None, n.decimal)]
        nearest = max(among, key=lambda n: sum(map(n.fits, labels.names)))
        code = next(c for c, name in enumerate(labels.names) if not nearest.fits(name))
        row = int(np.flatnonzero(labels.codes == code)[0])
        raise DataError(
            f"{table.where(row)}: the target {quoted(labels.names[code])} is not "
            f"{nearest.name}; correct it, or set data.task: classification if these are classes"
        )
    for other in fits[1:]:
        word = differ(fits[0], other, labels.names)
        if word is not None:
            raise DataError(
                f"{table.file}: the target {quoted(word)} is {in_full(fits[0].number(word))} "
                f"or {in_full(other.number(word))}; set data.decimal to the file's decimal mark"
            )
    return fits[0]
