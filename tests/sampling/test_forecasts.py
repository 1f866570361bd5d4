import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.forecasts import LEAST_FINISHERS, MOST_FINISHERS, forecasts


def until(curve: list[float], epochs: int) -> list[float]:
    return curve[:epochs] + [float("nan")] * (len(curve) - epochs)


def test_a_trial_like_the_finishers_gains_what_they_gained() -> None:
    # From epoch 2 on every finisher still loses 1/4 of its height: a plane through their gains.
    finished = np.array([[4 * f, 2 * f, 1.75 * f, 1.5 * f] for f in np.linspace(1, 2, 12)])
    stopped = np.array([until([6.0, 3.0, 9.0, 9.0], 2)])  # f = 1.5, in their middle
    assert forecasts(finished, stopped) == pytest.approx([2.25], abs=0.01)


def test_of_two_at_the_same_height_the_steeper_one_goes_deeper() -> None:
    # All are at 1 after epoch 4. Who came from higher goes on falling: a gain of a fifth of the
    # fall since epoch 2.
    falls = np.linspace(0.1, 2.0, 20)
    finished = np.array([[3.0, 1 + f, 1 + f / 2, 1.0, 1 - f / 10, 1 - f / 5] for f in falls])
    stopped = np.array([until([3, 1 + f, 1 + f / 2, 1, 9, 9], 4) for f in (0.25, 1.0, 1.75)])
    assert forecasts(finished, stopped) == pytest.approx([0.95, 0.8, 0.65], abs=0.01)


def test_nobody_gains_more_or_less_than_the_finishers_did() -> None:
    finished = np.array([[1 + i / 10, 0.5 + i / 20] for i in range(12)])  # gains of 0.5 … 1.05
    stopped = np.array([[9.0, np.nan], [0.0, np.nan]])
    low, high = 9 - 1.05, 0 - 0.5
    far_behind, far_ahead = forecasts(finished, stopped)
    assert far_behind == pytest.approx(low, abs=0.01)  # the plane would go on to more
    assert far_ahead == pytest.approx(high, abs=0.01)


def test_finishers_that_are_all_alike_say_what_to_expect() -> None:
    finished = np.array([[3.0, 2.0, 1.0]] * LEAST_FINISHERS)
    stopped = np.array([until([4.0, 3.0, 0], 2), until([3.0, 0, 0], 1)])
    assert forecasts(finished, stopped).tolist() == [2.0, 1.0]


def test_while_finishers_are_few_their_order_has_to_do() -> None:
    finished = np.array([[0.5, 0.1], [0.6, 0.4], [0.9, 0.9], [0.8, 0.2]])
    stopped = np.array([[0.55, np.nan], [0.85, np.nan], [2.0, np.nan]])
    # Behind 0.55 were 0.6, 0.8 and 0.9, which came to 0.4, 0.2 and 0.9; behind 0.85 only 0.9.
    assert forecasts(finished, stopped).tolist() == [0.4, 0.9, 0.9]


curves = st.lists(
    st.lists(
        st.sampled_from([0.0, 5e-324, 1e-300, 0.5, 1.0, 1e100, -1e100]) | st.floats(-1, 1),
        min_size=5,
        max_size=5,
    ),
    min_size=1,
    max_size=MOST_FINISHERS + 20,
)


@given(curves, st.lists(st.integers(1, 4), min_size=1, max_size=6), st.data())
def test_forecasts_are_finite_and_within_the_gains_of_the_finishers(
    finished: list[list[float]], ends: list[int], data: st.DataObject
) -> None:
    begun = [until(data.draw(curves)[0], end) for end in ends]
    expected = forecasts(np.array(finished), np.array(begun))
    assert np.isfinite(expected).all()
    if len(finished) >= LEAST_FINISHERS:
        for curve, end, value in zip(begun, ends, expected, strict=True):
            gains = [f[end - 1] - f[-1] for f in finished]
            here = curve[end - 1]
            assert here - max(gains) - 1e-9 * abs(here) <= value
            assert value <= here - min(gains) + 1e-9 * abs(here)


@given(curves, st.integers(1, 4))
def test_a_forecast_does_not_depend_on_who_else_was_stopped(
    finished: list[list[float]], end: int
) -> None:
    one = np.array([until(finished[0], end)])
    two = np.array([until(finished[-1], 1), until(finished[0], end)])
    assert forecasts(np.array(finished), one)[0] == pytest.approx(
        forecasts(np.array(finished), two)[1], rel=1e-9, abs=1e-12
    )
