"""Tails and intervals against values from printed tables and other programs."""

import doctest

import pytest

from hpsearch import significance
from hpsearch.significance import (
    incomplete_beta,
    mean_interval,
    rate_interval,
    standard_error,
    t_quantile,
    t_tail,
)


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(significance).failed == 0


# Fisher and Yates' table of t: degrees of freedom, one-sided probability, t.
@pytest.mark.parametrize(
    ("freedom", "tail", "t"),
    [(1, 0.05, 6.314), (4, 0.025, 2.776), (4, 0.0005, 8.610), (8, 0.005, 3.355), (30, 0.05, 1.697)],
)
def test_quantiles_of_t_are_those_of_the_tables(freedom: int, tail: float, t: float) -> None:
    assert t_quantile(tail, freedom) == pytest.approx(t, abs=6e-4)
    assert t_tail(t, freedom) == pytest.approx(tail, rel=1e-3)
    assert t_tail(-t, freedom) == pytest.approx(1 - tail, rel=1e-3)


def test_t_of_one_degree_is_cauchys() -> None:
    # P(T > 1) = 1/4 exactly, and P(T > sqrt 3) = 1/6.
    assert t_tail(1.0, 1) == pytest.approx(1 / 4, abs=1e-14)
    assert t_tail(3**0.5, 1) == pytest.approx(1 / 6, abs=1e-14)


def test_the_incomplete_beta_function_of_whole_numbers_is_a_polynomial() -> None:
    # I_x(2, 2) = 3x^2 - 2x^3
    for x in (0.0, 0.1, 0.5, 0.77, 1.0):
        assert incomplete_beta(2, 2, x) == pytest.approx(3 * x**2 - 2 * x**3, abs=1e-14)


# Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, Clopper-Pearson.
@pytest.mark.parametrize(
    ("hits", "rows", "low", "high"),
    [
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_intervals_of_a_rate_are_the_published_ones(
    hits: int, rows: int, low: float, high: float
) -> None:
    assert rate_interval(hits, rows) == pytest.approx((low, high), abs=6e-5)
    mirrored = rate_interval(rows - hits, rows)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=6e-5)


def test_an_interval_of_a_mean_is_students() -> None:
    # mean 2, s = 1, n = 3: 2 ± 4.303 / sqrt(3)
    low, high = mean_interval([1.0, 2.0, 3.0]) or (0, 0)
    assert (low, high) == pytest.approx((2 - 2.4843, 2 + 2.4843), abs=1e-3)
    assert mean_interval([1.0]) is None
    assert standard_error([1.0]) is None
