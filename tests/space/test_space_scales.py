import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space import LINEAR, LOG, ONE_MINUS, SCALES


def test_scales_are_found_by_their_names_in_the_config() -> None:
    assert SCALES == {"linear": LINEAR, "log": LOG, "1-beta": ONE_MINUS}


def test_values_worked_by_hand() -> None:
    assert LINEAR.warp(3.5) == LINEAR.unwarp(3.5) == 3.5
    assert LOG.warp(1.0) == 0.0
    assert LOG.unwarp(0.0) == 1.0
    # 1 - 0.9 = 1/10, and -ln(1/10) = ln 10
    assert ONE_MINUS.warp(0.9) == pytest.approx(math.log(10), rel=1e-15)
    assert ONE_MINUS.unwarp(math.log(1000)) == pytest.approx(0.999, rel=1e-15)
    assert ONE_MINUS.warp(0.0) == 0.0


@given(st.floats(-1e6, 1e6))
def test_linear_is_exact(x: float) -> None:
    assert LINEAR.unwarp(LINEAR.warp(x)) == x


@given(st.floats(1e-300, 1e300))
def test_log_comes_back(x: float) -> None:
    # An error of half a unit in the last place of ln x, up to 690, grows by that factor.
    assert LOG.unwarp(LOG.warp(x)) == pytest.approx(x, rel=5e-13)


@given(st.floats(1e-12, 1.0))
def test_one_minus_keeps_the_digits_of_the_rest(rest: float) -> None:
    beta = 1.0 - rest
    if beta < 1.0:
        back = ONE_MINUS.unwarp(ONE_MINUS.warp(beta))
        assert 1.0 - back == pytest.approx(1.0 - beta, rel=1e-12, abs=2e-16)


@given(st.floats(1e-18, 1e-9))
def test_one_minus_keeps_the_digits_of_small_values(x: float) -> None:
    # -ln(1 - x) written with log would give 0 for every x below 1e-16.
    assert ONE_MINUS.warp(x) == pytest.approx(x, rel=1e-8)
    assert ONE_MINUS.unwarp(ONE_MINUS.warp(x)) == pytest.approx(x, rel=1e-14)


@pytest.mark.parametrize(
    ("scale", "low", "high"),
    [(LINEAR, -5.0, 5.0), (LOG, 1e-6, 1e6), (ONE_MINUS, -3.0, 0.99999)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_order_is_kept(scale: object, low: float, high: float) -> None:
    values = np.linspace(low, high, 2001)
    assert (np.diff(scale.warp(values)) > 0).all()  # type: ignore[attr-defined]


def test_scales_know_where_they_are_defined() -> None:
    assert LINEAR.holds(-1e300)
    assert LOG.holds(1e-300)
    assert not LOG.holds(0.0)
    assert not LOG.holds(-1.0)
    assert ONE_MINUS.holds(0.9999)
    assert ONE_MINUS.holds(-7.0)
    assert not ONE_MINUS.holds(1.0)
    assert not LINEAR.holds(math.nan)
    assert not LINEAR.holds(math.inf)
