import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.network import losses, metrics, statistics
from hpsearch.network.losses import cross_entropy, hard_max, softmax
from hpsearch.network.metrics import confusion_matrix, macro_f1


@pytest.mark.parametrize("module", [losses, metrics, statistics], ids=lambda m: m.__name__)
def test_examples(module: object) -> None:
    failed, tried = doctest.testmod(module, extraglobs={"np": np})
    assert tried
    assert not failed


def test_hard_max_is_one_at_the_largest_and_the_first_wins() -> None:
    Z = np.array([[5.0, 2.0, -1.0, 3.0], [1.0, 7.0, 7.0, 0.0]], np.float32)
    P = hard_max(Z)
    assert P.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]
    assert P.dtype == Z.dtype
    # Softmax of a larger and larger z comes to it, where no two are equal.
    np.testing.assert_allclose(softmax(100 * Z[:1]), P[:1], atol=1e-30)


def test_softmax_by_hand() -> None:
    # e^ln(1), e^ln(2), e^ln(5) sum to 8.
    np.testing.assert_allclose(
        softmax(np.log([[1.0, 2.0, 5.0]])), [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-15
    )


def test_cross_entropy_by_hand() -> None:
    Z = np.log(np.array([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]]))
    losses, dZ = cross_entropy(Z, np.array([1, 2]))
    np.testing.assert_allclose(losses, [np.log(4), np.log(2)], rtol=1e-15)
    # ŷ - y is (1, 2 - 8, 5)/8 and (1, 1, 2 - 4)/4; the mean over two rows halves both.
    np.testing.assert_allclose(dZ, [[1 / 16, -6 / 16, 5 / 16], [1 / 8, 1 / 8, -2 / 8]], rtol=1e-14)


@pytest.mark.parametrize("order", ["C", "F"])
def test_gradient_of_the_cross_entropy(order: str) -> None:
    rng = np.random.default_rng(1)
    Z = np.asarray(rng.standard_normal((5, 4)), order=order)
    y = rng.integers(0, 4, 5)
    _, dZ = cross_entropy(Z, y)
    h = 1e-6
    for index in np.ndindex(Z.shape):
        step = np.zeros_like(Z)
        step[index] = h
        above, below = (cross_entropy(Z + sign * step, y)[0].mean() for sign in (1, -1))
        assert (above - below) / (2 * h) == pytest.approx(dZ[index], abs=1e-9)


def test_two_classes_are_logistic_regression() -> None:
    rng = np.random.default_rng(2)
    Z = rng.standard_normal((20, 2))
    y = rng.integers(0, 2, 20)
    p = 1 / (1 + np.exp(-(Z[:, 1] - Z[:, 0])))
    np.testing.assert_allclose(softmax(Z)[:, 1], p, rtol=1e-14)
    losses, dZ = cross_entropy(Z, y)
    np.testing.assert_allclose(losses, -(y * np.log(p) + (1 - y) * np.log(1 - p)), rtol=1e-13)
    np.testing.assert_allclose(dZ[:, 1], (p - y) / 20, atol=1e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_that_is_as_wrong_as_can_be(dtype: type) -> None:
    losses, dZ = cross_entropy(np.array([[0, 1e30], [1e30, 0]], dtype), np.array([0, 0]))
    np.testing.assert_allclose(losses, [1e30, 0], rtol=1e-6)
    np.testing.assert_allclose(dZ, [[-0.5, 0.5], [0, 0]])
    assert losses.dtype == dZ.dtype == dtype


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=6), st.floats(-1e4, 1e4))
def test_softmax_is_a_distribution_that_a_shift_does_not_change(
    z: list[float], shift: float
) -> None:
    P = softmax(np.array([z]))
    assert P.sum() == pytest.approx(1)
    np.testing.assert_allclose(softmax(np.array([z]) + shift), P, atol=1e-11)


def test_macro_f1_by_hand() -> None:
    y = np.array([0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 0, 1, 1, 2, 2])
    # F1: class 0 2·2/(3+2), class 1 2·1/(2+2), class 2 2·1/(1+2); class 3 is nowhere.
    assert macro_f1(y, predicted, 4) == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)


def test_macro_f1_agrees_with_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    y, predicted = rng.integers(0, 5, (2, 40))
    expected = sklearn.f1_score(y, predicted, average="macro")
    assert macro_f1(y, predicted, 7) == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_confusion_matrix_by_hand(dtype: type) -> None:
    y, predicted = np.array([0, 0, 0, 1, 19], dtype), np.array([0, 0, 1, 1, 0])
    matrix = confusion_matrix(y, predicted, 20)
    assert (matrix[0, 0], matrix[0, 1], matrix[1, 1], matrix[19, 0]) == (2, 1, 1, 1)
    assert matrix.sum() == 5
