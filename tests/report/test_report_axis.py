"""The axis of a metric."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.records import Goal
from hpsearch.report.analysis.axis import value_axis
from hpsearch.space import LINEAR, LOG, ONE_MINUS

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE), st.sampled_from(Goal))
def test_any_values_have_an_axis_and_positions_on_it(values, goal):
    axis = value_axis(values, goal)
    assert axis.low < axis.high
    for value in values:
        assert 0 <= axis.position(value) <= 1


@given(st.lists(FINITE, min_size=2), st.sampled_from(Goal))
def test_the_best_value_is_at_its_end(values, goal):
    axis = value_axis(values, goal)
    best = min(values, key=goal.loss)
    end = 0.0 if goal is Goal.MINIMIZE else 1.0
    if min(values) < max(values) and abs(best) < 1e300:
        assert axis.position(best) == end


def test_which_scale_is_used():
    assert value_axis([0.5, 0.005], Goal.MINIMIZE).scale is LOG
    assert value_axis([0.5, 0.4], Goal.MINIMIZE).scale is LINEAR
    assert value_axis([0.5, 0.0], Goal.MINIMIZE).scale is LINEAR  # no logarithm of 0
    assert value_axis([-25.0, 3.0], Goal.MINIMIZE).scale is LINEAR
    assert value_axis([0.5, 0.99], Goal.MAXIMIZE).scale is ONE_MINUS
    assert value_axis([0.5, 1.0], Goal.MAXIMIZE).scale is LINEAR  # 1 has no logarithmic distance


def test_the_middle_of_a_logarithmic_axis_is_the_geometric_mean():
    axis = value_axis([0.01, 1.0], Goal.MINIMIZE)
    assert axis.position(0.1) == pytest.approx(0.5)
    assert axis.value(0.5) == pytest.approx(0.1)


def test_a_value_far_off_does_not_flatten_the_rest():
    values = [*np.linspace(-1, 1, 99), 1e30]
    axis = value_axis(values, Goal.MINIMIZE)
    assert axis.high == pytest.approx(1.0, abs=0.05)
    assert axis.position(1e30) == 1.0


def test_values_that_are_not_finite_are_left_out():
    axis = value_axis([math.nan, math.inf, 1.0, 2.0], Goal.MINIMIZE)
    assert (axis.low, axis.high) == (1.0, 2.0)
