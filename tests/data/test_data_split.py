"""Splits: every row in one part, every class in proportion, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hpsearch.data.split import share_out, split_rows
from hpsearch.data.table import Table
from hpsearch.errors import DataError


def split(
    y: list[int] | np.ndarray, seed: int = 0, how: str = "stratified", **fractions: float
) -> dict[str, np.ndarray]:
    y = np.asarray(y, dtype=np.intp)
    table = Table(Path("rows"), ("x",), np.zeros((len(y), 1)), ("x",), {}, None)
    classes = [str(c) for c in range(int(y.max()) + 1)]
    return split_rows(table, y, classes, fractions=fractions, how=how, seed=seed)


labels = st.lists(st.integers(2, 40), min_size=2, max_size=6).flatmap(
    lambda counts: st.permutations([c for c, count in enumerate(counts) for _ in range(count)])
)
fractions = st.floats(0.05, 0.45)


@settings(max_examples=60)
@given(labels, fractions, fractions, st.integers(0, 2**32))
def test_every_row_is_in_one_part_and_every_class_in_train(
    y: list[int], dev: float, test: float, seed: int
) -> None:
    n = len(y)
    assume(round(n * dev) and round(n * test) and round(n * dev) + round(n * test) < n)
    parts = split(y, seed, dev=dev, test=test)
    together = np.concatenate(list(parts.values()))
    assert np.array_equal(np.sort(together), np.arange(n))
    counts = np.bincount(y)
    labels_of = {
        part: np.bincount(np.array(y)[rows], minlength=len(counts)) for part, rows in parts.items()
    }
    assert labels_of["train"].min() >= 1
    for part, fraction in (("dev", dev), ("test", test)):
        # at most one row above its class's share; below it only to leave train a row
        exact = counts * round(n * fraction) / n
        assert (labels_of[part] < exact + 1).all()
        assert ((labels_of[part] > exact - 1) | (labels_of["train"] == 1)).all()
        assert (np.diff(parts[part]) > 0).all()


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=10), st.data())
def test_shares_add_up_and_are_within_one_row_of_exact(
    counts: list[int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(counts)))
    share = share_out(np.array(counts, dtype=np.intp), total)
    assert share.sum() == total
    exact = np.array(counts) * total / sum(counts)
    assert (np.abs(share - exact) < 1).all()
    assert (share <= counts).all()


def test_the_seed_alone_decides() -> None:
    y = np.arange(200) % 5
    first, again, other = split(y, 1, dev=0.2), split(y, 1, dev=0.2), split(y, 2, dev=0.2)
    assert np.array_equal(first["dev"], again["dev"])
    assert not np.array_equal(first["dev"], other["dev"])
    assert len(other["dev"]) == 40


def test_a_split_never_changes_between_versions() -> None:
    # A run is continued by a later version; its dev rows must be the same ones.
    assert split(np.arange(20) % 2, 7, dev=0.25)["dev"].tolist() == [3, 11, 12, 14, 16]


def test_dev_rows_are_drawn_evenly_from_the_whole_class() -> None:
    y = np.zeros(10, dtype=np.intp)
    y[5:] = 1
    seen = np.zeros(10)
    for seed in range(500):
        seen[split(y, seed, dev=0.2)["dev"]] += 1
    # each row with probability 1/5: 100 of 500, standard deviation 9
    assert seen.min() > 60
    assert seen.max() < 140


def test_by_order_train_comes_first_and_test_last() -> None:
    parts = split([0, 1] * 5, how="order", dev=0.2, test=0.3)
    assert {part: rows.tolist() for part, rows in parts.items()} == {
        "train": [0, 1, 2, 3, 4],
        "dev": [5, 6],
        "test": [7, 8, 9],
    }


def test_small_classes_give_up_dev_before_test() -> None:
    # 2 of class 1: a quarter of 8 rows each for dev and test would be half a row of it each.
    y = [0] * 6 + [1] * 2
    parts = split(y, dev=0.25, test=0.25)
    assert 1 in np.array(y)[parts["train"]]


def test_without_fractions_all_rows_are_train() -> None:
    assert split([0, 1, 1])["train"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("y", "settings", "message"),
    [
        ([0, 1] * 5, {"dev": 0.01}, "0.01 of 10 rows is none"),
        ([0, 1] * 5, {"dev": 0.99}, "10 rows leave none to train on"),
        ([0, 0, 0, 1], {"dev": 0.5}, "row 3 .*class '1' has this one row only"),
        ([0, 0, 0, 1, 2], {"dev": 0.5}, "and 1 more classes too"),
        ([0, 0, 0, 1, 1], {"dev": 0.4, "how": "order"}, "row 3 .*class '1' comes only after the 3"),
    ],
)
def test_what_cannot_be_split(y: list[int], settings: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        split(y, **settings)
