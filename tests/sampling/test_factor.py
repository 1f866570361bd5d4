import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.sampling.factor import JITTER, GrowingFactor, inverse_of_lower
from hpsearch.sampling.kernel import Kernel, KernelHyperparameters

CHOICES = np.array([False, False, True])
KERNEL = Kernel(KernelHyperparameters(np.array([0.4, 0.7, 0.9]), 0.05, 0.2), CHOICES)


def points(count: int, seed: int = 0) -> np.ndarray:
    X = np.random.default_rng(seed).random((count, 3))
    X[:, 2] = (np.floor(X[:, 2] * 3) + 0.5) / 3
    return X


def test_the_factor_gives_the_inverse_of_the_covariance() -> None:
    X = points(70)
    F = GrowingFactor(KERNEL, X[:20]).of(X)
    noisy = KERNEL(X, X) + (0.05 + JITTER) * np.eye(70)
    assert F.T @ F @ noisy == pytest.approx(np.eye(70), abs=1e-10)
    assert (np.tril(F) == F).all()


@given(st.integers(1, 60), st.lists(st.integers(1, 90), min_size=1, max_size=6), st.integers(0, 99))
@settings(max_examples=30)
def test_rows_are_the_same_bit_for_bit_however_many_are_added_at_a_time(
    basis: int, steps: list[int], seed: int
) -> None:
    X = points(basis + sum(steps), seed)
    factor, count = GrowingFactor(KERNEL, X[:basis]), basis
    for step in steps:
        count += step
        factor.of(X[:count])
    assert factor.of(X).tobytes() == GrowingFactor(KERNEL, X[:basis]).of(X).tobytes()
    assert (factor.of(X[:basis]) == factor.of(X)[:basis, :basis]).all()


def test_a_factor_fits_the_points_it_has_and_what_goes_on_from_them() -> None:
    X = points(30)
    factor = GrowingFactor(KERNEL, X[:10])
    factor.of(X[:20])
    assert factor.fits(X)
    assert factor.fits(X[:15])
    other = X.copy()
    other[12] += 0.01
    assert not factor.fits(other)


def test_equal_points_can_be_added() -> None:
    X = np.repeat(points(1), 40, axis=0)
    assert np.isfinite(GrowingFactor(KERNEL, X[:3]).of(X)).all()


@pytest.mark.parametrize("n", [1, 2, 48, 49, 97, 200])
def test_the_inverse_of_a_triangle(n: int) -> None:
    rng = np.random.default_rng(n)
    L = np.tril(rng.random((n, n))) / n + np.eye(n)
    assert inverse_of_lower(L) @ L == pytest.approx(np.eye(n), abs=1e-12)
