"""Folds of cross-validation: each row is dev once, and a class is spread evenly."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.folds import fold_rows
from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table
from hpsearch.errors import DataError

TABLE = Table(Path("rows.csv"), (), np.empty((0, 0)), (), {}, None)


def dealt(y: list[int], folds: int, how: str = "stratified", seed: int = 3) -> list[np.ndarray]:
    strata = np.array(y)
    return fold_rows(TABLE, np.arange(len(y)), strata, folds=folds, how=how, seed=seed)


@given(st.lists(st.integers(0, 4), min_size=7, max_size=80), st.integers(2, 7))
def test_each_row_is_in_one_fold_and_each_class_in_all_alike(y: list[int], folds: int) -> None:
    found = dealt(y, folds)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(y)))
    sizes = [len(fold) for fold in found]
    assert max(sizes) - min(sizes) <= 1
    for number in set(y):
        shares = [int((np.array(y)[fold] == number).sum()) for fold in found]
        assert max(shares) - min(shares) <= 1
    assert all((np.diff(fold) > 0).all() for fold in found)


def test_the_seed_draws_them_and_order_does_not(tmp_path: Path) -> None:
    y = [0, 1] * 20
    assert [f.tolist() for f in dealt(y, 4)] == [f.tolist() for f in dealt(y, 4)]
    assert [f.tolist() for f in dealt(y, 4)] != [f.tolist() for f in dealt(y, 4, seed=4)]
    in_order = dealt(y, 4, "order")
    assert [fold.tolist() for fold in in_order] == [list(range(k, k + 10)) for k in (0, 10, 20, 30)]


def csv(folder: Path, rows: int = 60) -> str:
    lines = [f"{i},{i * i % 17},{'ab'[i % 2]}" for i in range(rows)]
    path = folder / "rows.csv"
    path.write_text("\n".join(["x,z,label", *lines]) + "\n")
    return str(path)


def test_a_data_set_for_each_fold_with_its_own_preprocessing_and_one_test_split(
    tmp_path: Path,
) -> None:
    spec = DataSpec(csv(tmp_path), target="label", test=0.2, folds=4)
    sets = [load(spec, 7, fold) for fold in range(4)]
    assert [len(s.dev) for s in sets] == [12] * 4
    assert [len(s.train) for s in sets] == [36] * 4
    columns = []
    for one in sets:
        assert one.test is not None
        # Back to the numbers in the file, whatever each fold standardised by.
        mean, scale = one.preprocessing.mean, one.preprocessing.scale
        columns.append([np.round(part.X * scale + mean)[:, 0] for part in (one.dev, one.test)])
        assert np.allclose(np.asarray(one.train.X).mean(axis=0), 0, atol=1e-5)
    devs = np.concatenate([dev for dev, _ in columns])
    assert len(set(devs.tolist())) == 48, "each row is dev once"
    assert all(np.array_equal(test, columns[0][1]) for _, test in columns)
    assert not set(devs.tolist()) & set(columns[0][1].tolist())
    plain = load(DataSpec(csv(tmp_path), target="label", test=0.2), 7)
    assert len(plain.dev) == 12, "without folds dev is a fifth of all rows"


def test_what_cannot_be_folded_is_told(tmp_path: Path) -> None:
    spec = DataSpec(csv(tmp_path, rows=6), target="label", folds=7)
    with pytest.raises(DataError, match=r"6 rows are too few for 7 folds"):
        load(spec, 1)
    with pytest.raises(DataError, match=r"data.folds: must be a whole number of at least 2, not 1"):
        load(DataSpec(csv(tmp_path), target="label", folds=1), 1)
    with pytest.raises(DataError, match=r"folds take the place of a dev file"):
        load(DataSpec(csv(tmp_path), target="label", dev="dev.csv", folds=3), 1)
