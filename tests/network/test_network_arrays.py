from typing import Any

import numpy as np
import pytest

from hpsearch.network.arrays import Packed, sum_rows, take_rows

X = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([2, 0])])
@pytest.mark.parametrize("source", [X, np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2]])
def test_rows_lie_one_after_the_other_in_the_type_asked_for(source: np.ndarray, rows: Any) -> None:
    taken = take_rows(source, rows, np.float32)
    np.testing.assert_array_equal(taken, X[rows])
    assert taken.flags.c_contiguous
    assert taken.dtype == np.float32


def test_packed_arrays_share_one_vector() -> None:
    packed = Packed({"W": (2, 3), "b": (3,), "none": (0, 4)}, np.float32)
    packed["W"][1, 2] = 5
    packed.vector[6] = 7
    np.testing.assert_array_equal(packed.vector, [0, 0, 0, 0, 0, 5, 7, 0, 0])
    np.testing.assert_array_equal(packed["b"], [7, 0, 0])
    assert packed["none"].shape == (0, 4)
    assert {array.dtype for array in packed.values()} == {np.dtype(np.float32)}


def test_sum_rows() -> None:
    A = np.arange(6.0).reshape(3, 2)
    out = np.empty(2)
    assert sum_rows(A, out=out) is out
    np.testing.assert_array_equal(out, [6, 9])
    assert sum_rows(A.astype(np.float32)).dtype == np.float32
