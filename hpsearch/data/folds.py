"""Cross-validation: the rows that are not for the test in folds, each of which is dev once."""

from __future__ import annotations

import numpy as np

from hpsearch.data.table import IntArray, Table
from hpsearch.errors import DataError
from hpsearch.seeds import Purpose, stream


def fold_rows(
    table: Table, rows: IntArray, strata: IntArray, *, folds: int, how: str, seed: int
) -> list[IntArray]:
    """``rows`` of a table in so many folds, ascending in each; their sizes differ by one at most.

    ``strata``, (n,), is the class of each row of the table, or what takes its place. With ``how``
    ``stratified`` each class is spread evenly, its rows drawn with the run's seed; with ``order``
    the folds are stretches of the file.

    Raises:
        DataError: there are fewer rows than folds.
    """
    if len(rows) < folds:
        raise DataError(
            f"{table.file}: data.folds: {len(rows)} rows are too few for {folds} folds; "
            f"lower it, or give more rows"
        )
    if how == "order":
        return list(np.array_split(rows, folds))
    shuffled = rows[stream(seed, Purpose.FOLDS).permutation(len(rows))]
    by_class = shuffled[np.argsort(strata[shuffled], kind="stable")]
    # Dealt out like cards, class after class: a class of two or more is never in one fold alone.
    return [np.sort(by_class[fold::folds]) for fold in range(folds)]
