import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.cutoffs import LEAST_FINISHED, RULES, bold, cautious, none
from hpsearch.sampling.history import History
from hpsearch.sampling.strategy import Observation


def history(curves: list[list[float]], epochs: int) -> History:
    trials = [Observation((0.5,), min(c), tuple(c), stopped=len(c) < epochs) for c in curves]
    return History.of(trials, 1, epochs)


def test_cut_offs_worked_by_hand() -> None:
    # 13 trials that end at 0.0, 0.1 … 1.2 (median 0.6). The largest improvements: the first
    # trial gains 2 from epoch 1 on and 1 from epoch 2 on, the others less.
    curves = [[2.0, 1.0, 0.0]] + [[i / 10 + 0.5, i / 10 + 0.2, i / 10] for i in range(1, 13)]
    assert cautious(history(curves, 3)) == {1: pytest.approx(2.6), 2: pytest.approx(1.6)}


def test_nothing_is_judged_before_there_are_enough_finishers() -> None:
    curves = [[1.0, 0.5]] * (LEAST_FINISHED - 1)
    assert bold(history(curves, 2)) == {}
    assert cautious(history(curves, 2)) == {}
    assert cautious(history([*curves, [1.0]], 2)) == {}  # a stopped trial is no finisher
    assert cautious(history([*curves, [1.0, 0.5]], 2)) == {1: 1.0}


def test_trials_are_judged_at_a_few_epochs_and_never_at_the_last_one() -> None:
    curves = [[1.0] * 40] * LEAST_FINISHED
    for rule in (cautious, bold):
        assert set(rule(history(curves, 40))) == {4, 5, 8, 11, 15, 20, 27, 33}
        assert set(rule(history([[1.0] * 5] * LEAST_FINISHED, 5))) == {1, 2, 3, 4}
    assert cautious(history([[1.0]] * LEAST_FINISHED, 1)) == {}


def test_a_curve_that_gets_worse_moves_no_cut_off_below_the_median() -> None:
    curves = [[0.1, 0.5]] * LEAST_FINISHED
    assert cautious(history(curves, 2)) == {1: 0.5}


def test_none_stops_nothing() -> None:
    assert none(history([[1.0, 0.5]] * 50, 2)) == {}
    assert set(RULES) == {"none", "cautious", "bold"}


def test_bold_cut_offs_worked_by_hand() -> None:
    # Of 40 finishers the best ten end at 0.0 … 0.9 and had 1.0 … 1.9 after epoch 1; the others
    # were ahead of them then. Middle 1.45, last 1.9: 1.9 + 0.45 / 2.
    good = [[1 + i / 10, i / 10] for i in range(10)]
    curves = [*good, *([[0.99, 0.95]] * 30)]
    assert bold(history(curves, 2)) == {1: pytest.approx(2.125)}
    # Of 12 finishers a quarter would be three; eight are taken, and the eighth had 1.7.
    assert bold(history([*good, [5.0, 1.0], [5.0, 1.0]], 2))[1] == pytest.approx(1.7 + 0.35 / 2)


curve = st.lists(st.floats(0, 1), min_size=4, max_size=4).map(
    lambda values: np.minimum.accumulate(values).tolist()
)


@given(st.lists(curve, min_size=LEAST_FINISHED, max_size=30))
def test_bold_stops_no_trial_like_the_good_ones(curves: list[list[float]]) -> None:
    cutoffs = bold(history(curves, 4))
    for c in sorted(curves, key=lambda c: c[-1])[:8]:
        assert all(c[epoch - 1] <= worst for epoch, worst in cutoffs.items())


@given(st.lists(curve, min_size=LEAST_FINISHED, max_size=30))
def test_no_trial_of_the_better_half_would_have_been_stopped(curves: list[list[float]]) -> None:
    cutoffs = cautious(history(curves, 4))
    assert cutoffs
    median = float(np.median([c[-1] for c in curves]))
    for c in curves:
        if c[-1] <= median:
            assert all(c[epoch - 1] <= worst + 1e-12 for epoch, worst in cutoffs.items())
