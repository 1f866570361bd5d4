"""Which rows are for training, which for choosing (dev), and which for the last word (test)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.table import IntArray, Table
from hpsearch.data.wording import quoted
from hpsearch.errors import DataError
from hpsearch.seeds import Purpose, stream


def split_rows(
    table: Table,
    y: IntArray,
    classes: Sequence[str],
    *,
    fractions: dict[str, float],
    how: str,
    seed: int,
) -> dict[str, IntArray]:
    """Row numbers, ascending, of ``train`` and of each part in ``fractions``.

    A part's fraction is of all rows. ``how`` is ``stratified`` or ``order``.

    Raises:
        DataError: a part would be empty, or a class would have no row to learn from.
    """
    n = len(y)
    totals = {part: round(n * fraction) for part, fraction in fractions.items()}
    if not totals:
        return {"train": np.arange(n)}
    for part, total in totals.items():
        if not total:
            raise DataError(
                f"{table.file}: data.{part}: {fractions[part]} of {n} rows is none; "
                f"raise the fraction, or give more rows"
            )
    if sum(totals.values()) >= n:
        raise DataError(
            f"{table.file}: {n} rows leave none to train on beside "
            f"{' and '.join(totals)}; lower the fraction, or give more rows"
        )
    if how == "order":
        return _by_order(table, y, classes, totals)
    return _stratified(table, y, classes, totals, seed)


def _by_order(
    table: Table, y: IntArray, classes: Sequence[str], totals: dict[str, int]
) -> dict[str, IntArray]:
    ends = np.cumsum([len(y) - sum(totals.values()), *totals.values()])
    parts = np.split(np.arange(len(y)), ends[:-1])
    found = dict(zip(["train", *totals], parts, strict=True))
    absent = np.setdiff1d(np.arange(len(classes)), y[found["train"]])
    if len(absent):
        row = int(np.flatnonzero(y == absent[0])[0])
        raise DataError(
            f"{table.where(row)}: class {quoted(classes[absent[0]])} comes only after the "
            f"{len(found['train'])} rows that data.split: order leaves for training; use "
            f"data.split: stratified, or mix the rows"
        )
    return found


def _stratified(
    table: Table, y: IntArray, classes: Sequence[str], totals: dict[str, int], seed: int
) -> dict[str, IntArray]:
    counts = np.bincount(y, minlength=len(classes))
    single = np.flatnonzero(counts == 1)
    if len(single):
        row = int(np.flatnonzero(y == single[0])[0])
        others = f", and {len(single) - 1} more classes too" if len(single) > 1 else ""
        raise DataError(
            f"{table.where(row)}: class {quoted(classes[single[0]])} has this one row only"
            f"{others}; a class needs two to be in train and dev; is it a slip, or the header "
            f"(data.header)?"
        )
    shares = {part: share_out(counts, total) for part, total in totals.items()}
    excess = np.maximum(sum(shares.values()) - (counts - 1), 0)
    for part, share in shares.items():  # dev gives up first, so that train has a row of the class
        given_up = np.minimum(excess, share)
        shares[part], excess = share - given_up, excess - given_up
    shuffled = stream(seed, Purpose.SPLIT).permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]  # class by class, shuffled within
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(y)) - starts[y[by_class]]  # a row's place among the rows of its class
    found, taken = {}, np.zeros_like(counts)
    for part, share in shares.items():
        classes_of_rows = y[by_class]
        mine = (rank >= taken[classes_of_rows]) & (rank < (taken + share)[classes_of_rows])
        found[part] = np.sort(by_class[mine])
        taken = taken + share
    train = np.sort(by_class[rank >= taken[y[by_class]]])
    return {"train": train, **found}


def tenths(values: NDArray[np.float64], how: str) -> tuple[IntArray, tuple[str, ...]]:
    """What takes the place of classes where numbers, (n,), are to be predicted, and their names.

    For ``stratified``: the tenth of the numbers in their order to which each row belongs, so that
    every part has low ones and high ones. One piece where rows are few, or cut by ``order``.

    >>> tenths(np.arange(40.0)[::-1], "stratified")[0][:5].tolist()
    [9, 9, 9, 9, 8]
    """
    pieces = 10 if how == "stratified" and len(values) >= 2 * 10 else 1
    rank = np.empty(len(values), np.intp)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank * pieces // len(values), tuple(f"tenth {piece + 1}" for piece in range(pieces))


def share_out(counts: IntArray, total: int) -> IntArray:
    """``total`` rows taken from classes of ``counts`` rows, in proportion, by largest remainder.

    >>> share_out(np.array([50, 30, 20]), 9).tolist()   # 4.5, 2.7 and 1.8 of them
    [4, 3, 2]
    """
    share, remainder = np.divmod(counts * total, counts.sum())
    largest = np.argsort(-remainder, kind="stable")
    share[largest[: total - share.sum()]] += 1
    return np.asarray(share, dtype=np.intp)
