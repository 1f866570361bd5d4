import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.forecasts import MOST_FINISHERS, Curves, Forecasts

NO_CHOICES = np.zeros(1, dtype=bool)


def until(curve: list[float], epochs: int) -> list[float]:
    return curve[:epochs] + [float("nan")] * (len(curve) - epochs)


def curves(losses: list[list[float]], units: np.ndarray | None = None) -> Curves:
    """Curves, all of them at one point if no other is given."""
    points = np.full(len(losses), 0.5) if units is None else units
    return Curves(np.array(losses), points[:, None])


def expected(finished: list[list[float]], stopped: list[list[float]]) -> np.ndarray:
    return Forecasts(curves(finished), curves(stopped), NO_CHOICES).losses


def test_a_trial_like_the_finishers_gains_what_they_gained() -> None:
    finished = [[4 * f, 2 * f, 1.75 * f, 1.5 * f] for f in np.linspace(1, 2, 12)]
    stopped = [until([6.0, 3.0, 9.0, 9.0], 2)]  # f = 1.5, in their middle
    assert expected(finished, stopped) == pytest.approx([2.25], abs=0.01)


def test_of_two_at_the_same_height_the_steeper_one_goes_deeper() -> None:
    # All are at 1 after epoch 4. Who came from higher goes on falling: a gain of a fifth of the
    # fall since epoch 2.
    falls = np.linspace(0.1, 2.0, 20)
    finished = [[3.0, 1 + f, 1 + f / 2, 1.0, 1 - f / 10, 1 - f / 5] for f in falls]
    stopped = [until([3, 1 + f, 1 + f / 2, 1, 9, 9], 4) for f in (0.25, 1.0, 1.75)]
    assert expected(finished, stopped) == pytest.approx([0.95, 0.8, 0.65], abs=0.02)


def test_of_two_with_the_same_curve_the_point_tells_which_goes_deeper() -> None:
    # All are at 1 after epoch 2; what a trial comes to depends on its point alone.
    units = np.linspace(0, 1, 21)
    finished = curves([[2.0, 1.0, 0.9, 0.8 - 0.6 * x] for x in units], units)
    stopped = curves([until([2.0, 1.0, 9, 9], 2)] * 2, np.array([0.225, 0.775]))
    found = Forecasts(finished, stopped, NO_CHOICES)
    assert found.losses == pytest.approx([0.665, 0.335], abs=0.02)


def test_the_value_of_a_choice_tells_as_a_point_does_and_not_by_its_place() -> None:
    # Of three values the middle one goes deep; a fourth, next to it, is like none of them.
    units = np.tile([0.125, 0.375, 0.625], 8)
    finished = curves([[2.0, 1.0, 0.2 if x == 0.375 else 0.8] for x in units], units)
    stopped = curves([[2.0, 1.0, math.nan]] * 3, np.array([0.375, 0.625, 0.875]))
    found = Forecasts(finished, stopped, np.ones(1, dtype=bool))
    deep, shallow, unknown = found.losses
    assert (deep, shallow) == pytest.approx((0.2, 0.8), abs=0.02)
    assert deep + 0.1 < unknown < shallow - 0.1
    variances = np.diag(found.covariance(np.arange(3)))
    assert variances[2] > 3 * variances[0]


def test_neighbours_err_alike_and_strangers_do_not() -> None:
    rng = np.random.default_rng(0)
    units = rng.random(30)
    finals = 0.5 + 0.3 * np.sin(12 * units)  # nothing in the curve tells
    finished = curves([[2.0, 1.0, y] for y in finals], 3 * units)
    stopped = curves([[2.0, 1.0, math.nan]] * 3, np.array([5.0, 5.01, 9.0]))
    C = Forecasts(finished, stopped, NO_CHOICES).covariance(np.arange(3))
    apart = C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
    assert apart[0, 1] > apart[0, 2] + 0.2
    assert np.allclose(C, C.T)
    # Those asked for, in the order in which they are asked for.
    some = Forecasts(finished, stopped, NO_CHOICES).covariance(np.array([2, 0]))
    assert some == pytest.approx(C[np.ix_([2, 0], [2, 0])])


def test_errors_from_different_epochs_are_independent() -> None:
    finished = curves([[2.0 + x, 1 + x, x**2] for x in np.linspace(0, 1, 12)])
    stopped = curves([[2.5, 1.5, math.nan], [2.5, math.nan, math.nan]])
    C = Forecasts(finished, stopped, NO_CHOICES).covariance(np.arange(2))
    assert C[0, 1] == 0
    assert (np.diag(C) > 0).all()


def test_a_forecast_is_as_sure_as_it_is_right() -> None:
    # What comes after epoch 1 is chance: the forecasts' deviation is that of the finishers.
    rng = np.random.default_rng(1)
    units = rng.random(60)
    finals = 1 + 0.1 * rng.standard_normal(60)
    finished = curves([[2.0, y] for y in finals], units)
    stopped = curves([[2.0, math.nan]] * 20, rng.random(20))
    found = Forecasts(finished, stopped, NO_CHOICES)
    deviations = np.sqrt(np.diag(found.covariance(np.arange(20))))
    assert np.median(deviations) == pytest.approx(0.1, rel=0.3)
    assert found.losses == pytest.approx(np.ones(20), abs=0.1)


def test_finishers_that_are_all_alike_say_what_to_expect() -> None:
    stopped = [until([4.0, 3.0, 0], 2), until([3.0, 0, 0], 1)]
    assert expected([[3.0, 2.0, 1.0]] * 8, stopped)[1] == pytest.approx(1.0)


def test_one_finisher_is_enough() -> None:
    assert expected([[2.0, 1.0]], [[2.0, math.nan]]) == pytest.approx([1.0])


finite = st.sampled_from([0.0, 5e-324, 1e-300, 0.5, 1.0, 1e100, -1e100]) | st.floats(-1, 1)
any_curve = st.lists(finite, min_size=5, max_size=5)


@given(
    st.lists(any_curve, min_size=1, max_size=MOST_FINISHERS + 20),
    st.lists(st.integers(1, 4), min_size=1, max_size=6),
    st.data(),
)
def test_forecasts_are_finite_and_no_lower_than_any_loss_less_half_the_span(
    finished: list[list[float]], ends: list[int], data: st.DataObject
) -> None:
    begun = [until(data.draw(any_curve), end) for end in ends]
    found = Forecasts(curves(finished), curves(begun), NO_CHOICES)
    assert np.isfinite(found.losses).all()
    C = found.covariance(np.arange(len(ends)))
    assert np.isfinite(C).all()
    assert (np.diag(C) >= 0).all()
    lowest = min(np.min(finished), np.nanmin(begun))
    span = max(float(np.median(np.array(finished)[:, -1])) - lowest, 1e-9 * abs(lowest), 1e-200)
    assert (found.losses >= lowest - 0.5 * span - 1e-9 * abs(lowest)).all()


def test_the_unit_of_the_loss_and_its_zero_are_of_no_account() -> None:
    rng = np.random.default_rng(2)
    units = rng.random(20)
    losses = np.cumsum(rng.random((20, 4)), axis=1)[:, ::-1]
    begun = losses[:3].copy()
    begun[:, 2:] = math.nan

    def found(unit: float, zero: float) -> Forecasts:
        finished = Curves(unit * losses + zero, units[:, None])
        return Forecasts(finished, Curves(unit * begun + zero, units[:3, None]), NO_CHOICES)

    one, other = found(1.0, 0.0), found(1e-3, -7.0)
    assert other.losses == pytest.approx(1e-3 * one.losses - 7, abs=1e-9)
    rows = np.arange(3)
    assert other.covariance(rows) == pytest.approx(1e-6 * one.covariance(rows), rel=1e-6)
