"""What is learnt from train rows alone, and done to all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hpsearch.data.preprocessing import Preprocessing, fit
from hpsearch.data.rows import StoredRows
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table, TextColumn
from hpsearch.errors import DataError


def table_of(numbers: Any, words: dict[str, list[str | None]] | None = None) -> Table:
    numbers = np.asarray(numbers)
    names = tuple(f"n{i}" for i in range(numbers.shape[1]))
    text = {}
    for name, cells in (words or {}).items():
        found = tuple(dict.fromkeys(cell for cell in cells if cell is not None))
        codes = [-1 if cell is None else found.index(cell) for cell in cells]
        text[name] = TextColumn(np.array(codes, dtype=np.intp), found)
    return Table(Path("rows"), (*names, *text), numbers, names, text, None, named=True)


def learnt(table: Table, rows: Any = None, **settings: Any) -> Preprocessing:
    rows = np.arange(len(table)) if rows is None else np.asarray(rows)
    return fit(table, rows, DataSpec("rows", **settings), ("a", "b"))


def inputs(preprocessing: Preprocessing, table: Table) -> np.ndarray:
    return preprocessing.standardise(preprocessing.matrix(table)[0])


def test_standardising_worked_by_hand() -> None:
    # Train rows 1, 3, 5, 7: mean 4, variance (9 + 1 + 1 + 9)/4 = 5. The last row is not train.
    table = table_of([[1.0], [3.0], [5.0], [7.0], [9.0]])
    x = inputs(learnt(table, range(4)), table)
    assert x.dtype == np.float32
    assert x[:, 0] == pytest.approx(np.array([-3, -1, 1, 3, 5]) / np.sqrt(5), rel=1e-7)


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int64, np.float32, np.float64]),
        st.tuples(st.integers(2, 50), st.integers(1, 5)),
        elements=st.integers(0, 200),
    )
)
def test_train_has_mean_0_and_variance_1_or_is_0(numbers: np.ndarray) -> None:
    table = table_of(numbers)
    x = inputs(learnt(table), table).astype(np.float64)
    constant = (numbers == numbers[0]).all(axis=0)
    assert x.mean(axis=0) == pytest.approx(np.zeros(x.shape[1]), abs=1e-5)
    assert (x[:, constant] == 0).all()
    assert x[:, ~constant].std(axis=0) == pytest.approx(np.ones((~constant).sum()), abs=1e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_two_lines_of_numpy_give_the_same_bits(dtype: str) -> None:
    x = np.random.default_rng(0).normal(5, 3, (200, 4)).astype(dtype)
    table = table_of(x)
    arrays = learnt(table).to_arrays()
    by_hand = ((x - arrays["mean"]) / arrays["scale"]).astype(np.float32)
    assert inputs(learnt(table), table).tobytes() == by_hand.tobytes()


def test_a_feature_that_is_constant_in_train_is_0_everywhere() -> None:
    # 0.1 summed three times and divided by 3 is not 0.1 in float64
    table = table_of([[0.1], [0.1], [0.1], [5.0]])
    preprocessing = learnt(table, range(3))
    assert inputs(preprocessing, table).tolist() == [[0]] * 4
    assert np.isinf(preprocessing.scale).tolist() == [True]


def test_digits_far_from_zero_survive() -> None:
    table = table_of(1.6e9 + np.arange(4.0)[:, None])
    assert learnt(table).mean.dtype == np.float64
    assert inputs(learnt(table), table)[:, 0] == pytest.approx(
        np.array([-1.5, -0.5, 0.5, 1.5]) / np.sqrt(1.25), rel=1e-6
    )


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("u1", "f4"),
        ("i2", "f4"),
        ("f2", "f4"),
        (">f4", "f4"),
        ("i4", "f8"),
        (">f8", "f8"),
        ("?", "f4"),
    ],
)
def test_the_subtraction_is_done_in_a_type_that_holds_the_numbers(
    stored: str, computed: str
) -> None:
    preprocessing = learnt(table_of(np.array([[0], [1]]).astype(stored)))
    assert preprocessing.mean.dtype == preprocessing.scale.dtype == np.dtype(computed)


def test_without_standardising_the_numbers_stay() -> None:
    numbers = np.array([[0.1, 7.0], [3.0, 7.0]])
    table = table_of(numbers)
    assert np.array_equal(
        inputs(learnt(table, standardize=False), table), numbers.astype(np.float32)
    )


def test_words_become_one_feature_each_in_the_order_of_names() -> None:
    table = table_of([[0.0], [2.0], [0.0]], {"w": ["q", "p", "q"]})
    preprocessing = learnt(table)
    assert preprocessing.features == ("n0", "w=p", "w=q")
    assert inputs(preprocessing, table)[:, 1:].tolist() == [[0, 1], [1, 0], [0, 1]]


def test_a_word_that_train_lacks_leaves_its_features_0_and_is_counted() -> None:
    table = table_of([[0], [1], [2], [3]], {"w": ["p", "q", "r", "s"]})
    preprocessing = learnt(table, [0, 1])
    matrix, unknown = preprocessing.matrix(table)
    assert matrix[2:, 1:].tolist() == [[0, 0], [0, 0]]
    assert unknown == {"w": 2}


def test_missing_cells_take_the_mean_or_the_most_frequent_word_of_train() -> None:
    table = table_of([[1.0], [3.0], [np.nan], [np.nan], [100.0]], {"w": ["p", "q", "q", None, "p"]})
    preprocessing = learnt(table, [0, 1, 2], missing="impute", standardize=False)
    x = inputs(preprocessing, table)
    assert x[:, 0].tolist() == [1, 3, 2, 2, 100]
    assert x[3, 1:].tolist() == [0, 1]
    standardised = inputs(learnt(table, [0, 1, 2], missing="impute"), table)
    assert standardised[2:4, 0].tolist() == [0, 0]


def test_columns_are_matched_by_name_and_numbers_can_be_words() -> None:
    train = table_of([[1.0], [2.0]], {"w": ["7", "x"]})
    other = Table(Path("o"), ("w", "n0"), np.array([[7.0, 5.0]]), ("w", "n0"), {}, None, named=True)
    matrix, unknown = learnt(train).matrix(other)
    assert matrix.tolist() == [[5, 1, 0]]
    assert unknown == {}


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int32, np.float32, np.float64]),
        st.tuples(st.integers(4, 40), st.integers(1, 5)),
        elements=st.integers(0, 250),
    ),
    st.data(),
)
def test_rows_by_batch_are_the_array_bit_for_bit(numbers: np.ndarray, data: st.DataObject) -> None:
    table = table_of(numbers)
    preprocessing = learnt(table)
    index = st.integers(0, len(numbers) - 1)
    rows = np.array(data.draw(st.lists(index, min_size=3, max_size=30)))
    array = preprocessing.standardise(table.numbers)[rows]
    stored = StoredRows(table.numbers, rows, preprocessing)
    assert stored.shape == array.shape
    assert len(stored) == len(array)
    assert stored.dtype == array.dtype == stored[:1].dtype
    batch = np.array([2, 0, 2])
    assert stored[batch].tobytes() == array[batch].tobytes()
    assert stored[:].tobytes() == array.tobytes()
    assert stored[1:3].tobytes() == array[1:3].tobytes()


@pytest.mark.parametrize("missing", ["refuse", "impute"])
def test_plain_arrays_keep_everything(missing: str) -> None:
    table = table_of([[1.0, 0.1], [3.0, 0.2]], {"w": ["p", "é"], "v": ["1", "2"]})
    preprocessing = learnt(table, missing=missing)
    stream = io.BytesIO()
    np.savez(stream, **preprocessing.to_arrays())
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as arrays:
        again = Preprocessing.from_arrays(arrays)
    assert inputs(again, table).tobytes() == inputs(preprocessing, table).tobytes()
    for name in ("columns", "named", "categories", "most_frequent", "classes", "features"):
        assert getattr(again, name) == getattr(preprocessing, name)
    assert (again.fill is None) == (missing == "refuse")


def test_numbers_alone_keep_everything_too() -> None:
    preprocessing = learnt(table_of([[1], [3]]))
    again = Preprocessing.from_arrays(preprocessing.to_arrays())
    assert again.categories == {}
    assert again.features == ("n0",)


@pytest.mark.parametrize(
    ("words", "rows", "allowed"),
    [(100, 300, True), (101, 300, False), (10, 12, True), (11, 12, False)],
)
def test_how_many_words_are_too_many(words: int, rows: int, allowed: bool) -> None:
    table = table_of(np.arange(rows)[:, None], {"w": [f"w{i % words}" for i in range(rows)]})
    if allowed:
        assert len(learnt(table).features) == words + 1
    else:
        with pytest.raises(DataError, match=f"'w' is text with {words} different values"):
            learnt(table)


def test_numbers_out_of_proportion_are_refused() -> None:
    table = table_of(np.array([[0.0], [1e-20]]))
    preprocessing = learnt(table)
    preprocessing.check_reach(table, {"n0": 1e-20})
    with pytest.raises(DataError, match="column 'n0' holds a number of size 1e25"):
        preprocessing.check_reach(table, {"n0": 1e25})


def test_numbers_too_small_for_float32_are_constant_not_nan() -> None:
    table = table_of(np.array([[0], [1e-45]], dtype=np.float32))
    assert np.isfinite(inputs(learnt(table), table)).all()
