"""Growing columns, names, and the numbers that a pass over them gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hpsearch.data.builders import MatrixBuilder, TextBuilder
from hpsearch.data.names import as_names, find_column, in_order, plain_name
from hpsearch.data.scan import moments, row_blocks, scan
from hpsearch.data.table import Table
from hpsearch.errors import DataError

finite = st.floats(-1e30, 1e30)


def numbers_only(numbers: np.ndarray) -> Table:
    names = tuple(f"x{i}" for i in range(numbers.shape[1]))
    return Table(Path("rows"), names, numbers, names, {}, None)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0, 255], np.uint8),
        ([0, 256], np.float32),
        ([-1, 0], np.float32),
        ([0, 0.5], np.float32),
        ([0, np.nan], np.float32),
        ([0, 0.1], np.float64),
        ([0, 2**24 + 1], np.float64),  # the first whole number that float32 does not have
        ([0, 1e300], np.float64),
    ],
)
def test_numbers_are_kept_in_the_narrowest_type_that_holds_them(
    values: list[float], dtype: type
) -> None:
    builder = MatrixBuilder(1)
    for value in values:
        builder.add(np.array([[value]]))
    matrix = builder.build()
    assert matrix.dtype == dtype
    assert np.array_equal(matrix[:, 0], values, equal_nan=True)


@given(st.lists(hnp.arrays(np.float64, (3, 2), elements=st.floats()), max_size=5))
def test_no_number_is_changed(parts: list[np.ndarray]) -> None:
    builder = MatrixBuilder(2)
    for part in parts:
        builder.add(part)
    matrix = builder.build()
    assert np.array_equal(matrix, np.vstack([np.empty((0, 2)), *parts]), equal_nan=True)


def test_words_are_coded_in_order_of_appearance() -> None:
    builder = TextBuilder()
    builder.add(["q", None, "p"])
    builder.add(["p", "q"])
    column = builder.build()
    assert column.codes.tolist() == [0, -1, 1, 1, 0]
    assert column.names == ("q", "p")


def test_numbers_as_names() -> None:
    column = as_names(np.array([3.0, np.nan, -1.5, 3.0]))
    assert column.names == ("-1.5", "3")
    assert column.codes.tolist() == [1, -1, 0, 1]


@pytest.mark.parametrize(
    ("word", "name"),
    [("3.0", "3"), ("-3.00", "-3"), ("3", "3"), ("03", "03"), ("1e3", "1e3"), ("2.5", "2.5")],
)
def test_a_whole_number_with_decimals_loses_them(word: str, name: str) -> None:
    assert plain_name(word) == name


def test_names_are_in_the_order_of_their_values_only_if_all_are_numbers() -> None:
    assert in_order(["10", "9", "-1"]) == ("-1", "9", "10")
    assert in_order(["10", "9", "b"]) == ("10", "9", "b")


def test_a_column_that_is_not_there_gets_the_nearest_first() -> None:
    with pytest.raises(DataError, match=r"did you mean 'Letter'\?; the columns are Letter, age"):
        find_column("leter", ["age", "Letter"], Path("f.csv"), "data.target")


def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(DataError, match="2 columns are called 'a'"):
        find_column("a", ["a", "a"], Path("f.csv"), "data.target")


def test_blocks_are_all_rows_in_order() -> None:
    matrix = np.arange(3 * 2**18).reshape(-1, 3)
    parts = list(row_blocks(matrix))
    assert len(parts) > 1
    assert np.array_equal(np.vstack(parts), matrix)
    rows = np.array([5, 1, 7])
    assert np.array_equal(np.vstack(list(row_blocks(matrix, rows))), matrix[rows])


def test_moments_worked_by_hand() -> None:
    # Column 0: 1, 3, 8 -> mean 4, squares 9 + 1 + 16 = 26, variance 26/3.
    # Column 1: 2, empty, 4 -> mean 3; the empty cell counts as 3: variance (1 + 0 + 1)/3.
    matrix = np.array([[1, 2], [3, np.nan], [8, 4], [99, 99]])
    found = moments(matrix, np.array([0, 1, 2]))
    assert found.mean.tolist() == [4, 3]
    assert found.std == pytest.approx([np.sqrt(26 / 3), np.sqrt(2 / 3)], rel=1e-15)
    assert found.low.tolist() == [1, 2]
    assert found.high.tolist() == [8, 4]


def test_moments_keep_their_digits_far_from_zero() -> None:
    # 1e9 + {0, 1, 2}: variance 2/3. The sum of squares minus m mean² would lose all of it.
    found = moments(np.array([[1e9], [1e9 + 1], [1e9 + 2]]), np.arange(3))
    assert found.std[0] == pytest.approx(np.sqrt(2 / 3), rel=1e-12)


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int16, np.float32, np.float64]),
        st.tuples(st.integers(2, 30), st.integers(1, 4)),
        elements=st.integers(0, 100),
    )
)
def test_moments_are_those_of_numpy(matrix: np.ndarray) -> None:
    found = moments(matrix, np.arange(len(matrix)))
    assert found.mean == pytest.approx(matrix.mean(axis=0, dtype=np.float64), abs=1e-12)
    assert found.std == pytest.approx(matrix.std(axis=0, dtype=np.float64), abs=1e-12)


def test_a_scan_counts_empty_cells_and_finds_the_largest() -> None:
    found = scan(numbers_only(np.array([[1.0, np.nan], [-7.0, np.nan], [2.0, 5.0]])))
    assert found.missing == {"x1": 2}
    assert found.largest == {"x0": 7.0, "x1": 5.0}


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e31])
def test_a_scan_refuses_numbers_beyond_use(value: float) -> None:
    matrix = np.zeros((2**18, 2))
    matrix[200_000, 1] = value  # in the second block
    with pytest.raises(DataError, match=r"row 200000 \(counted from 0\): column 'x1' holds"):
        scan(numbers_only(matrix))
