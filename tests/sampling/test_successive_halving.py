"""Successive halving by index: cut-offs worked by hand."""

import math

import numpy as np
import pytest

from hpsearch.sampling.history import History
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation
from hpsearch.sampling.successive_halving import rungs, successive_halving
from hpsearch.space import Number, Space

LINE = Space((Number("x", low=0.0, high=1.0),))


def done(*curve: float, stopped: bool = False) -> Observation:
    return Observation((0.5,), curve[-1], curve, stopped)


def cutoffs(eta: int, epochs: int, *observations: Observation) -> dict[int, float]:
    return successive_halving(eta)(History.of(observations, 1, epochs))


@pytest.mark.parametrize(
    ("epochs", "eta", "wanted"),
    [
        (30, 3, [10, 3, 1]),  # 30/3, 10/3, 3/3
        (27, 3, [9, 3, 1]),
        (16, 2, [8, 4, 2, 1]),
        (2, 3, []),
        (1, 2, []),
        (5, 4, [1]),
    ],
)
def test_rungs_divide_the_epochs_by_eta(epochs: int, eta: int, wanted: list[int]) -> None:
    assert rungs(epochs, eta) == wanted


def test_the_best_third_of_all_that_came_to_a_rung_go_on() -> None:
    # 4 epochs, eta 2: rungs after 1 and 2. Losses at rung 1: 5, 3, 9, 7 and those at 2: 4, 1, 6.
    history = [
        done(5, 4, 4, 4),
        done(3, 1, 1, 1),
        done(9, stopped=True),
        done(7, 6, stopped=True),
    ]
    # Rung 1: the fifth to come must be among the best 5 // 2 = 2: no worse than the 2nd, 5.
    # Rung 2: the fourth must be among the best 4 // 2 = 2: no worse than the 2nd, 4.
    assert cutoffs(2, 4, *history) == {1: 5.0, 2: 4.0}
    # With eta 3 there is one rung, 4 // 3 = 1, and the fifth must be the best: 5 // 3 = 1.
    assert cutoffs(3, 4, *history) == {1: 3.0}


def test_the_first_ones_to_come_go_on() -> None:
    assert cutoffs(3, 3) == {}
    assert cutoffs(3, 3, done(2, 2, 2)) == {}  # 2 // 3 = 0
    assert cutoffs(3, 3, done(2, 2, 2), done(1, 1, 1)) == {1: 1.0}  # 3 // 3 = 1


def test_failures_count_at_the_first_rung_as_the_worst() -> None:
    failed = Observation((0.5,), math.inf, (0.1,))
    # Five came to rung 1 with the next one, which must be among the best 5 // 2 = 2 of 4, 7, inf,
    # inf. Two came to rung 2, so that the third must be the best.
    history = [failed, done(4, 3, 3, 3), failed, done(7, 6, 6, 6)]
    assert cutoffs(2, 4, *history) == {1: 7.0, 2: 3.0}
    # Among failures alone everybody is among the best: there is nothing to be worse than.
    assert cutoffs(2, 4, failed, failed, failed) == {}


def test_it_is_a_random_search_whatever_early_stop_says() -> None:
    strategies = [
        make_strategy("successive-halving", LINE, 3, 1, 9, early_stop=rule, eta=3)
        for rule in ("none", "bold")
    ]
    points = make_strategy("random", LINE, 3, 1, 9)
    history: list[Observation] = []
    for index in range(12):
        a, b = (s.propose(index, history, []) for s in strategies)
        assert a == b
        assert a.unit == points.propose(index, history, []).unit
        history.append(Observation(a.unit, index + 1.0, (index + 1.0,) * 9))
    # Losses 1 … 11 are known; the twelfth must be among the best 12 // 3 = 4.
    assert a.cutoffs == {1: 4.0, 3: 4.0}


@pytest.mark.parametrize("eta", [2, 3, 4])
def test_about_one_in_eta_goes_on(eta: int) -> None:
    """Independent losses: after each rung but the last, one in eta of those that came is left."""
    rng = np.random.default_rng(0)
    epochs = eta**2
    strategy = make_strategy("successive-halving", LINE, 0, 8, epochs, eta=eta)
    history: list[Observation] = []
    for index in range(600):
        known = max(0, index - 7)
        pending = [o.unit for o in history[known:]]
        proposal = strategy.propose(index, history[:known], pending)
        curve = np.minimum.accumulate(rng.random(epochs)).tolist()
        end = next((e for e, worst in sorted(proposal.cutoffs.items()) if curve[e - 1] > worst), 0)
        curve = curve[: end or epochs]
        history.append(Observation(proposal.unit, curve[-1], tuple(curve), bool(end)))
    passed = sum(len(o.curve) > 1 for o in history[100:])
    # 500 draws with probability 1 / eta: a standard deviation of at most sqrt(500 / 4) = 11
    assert abs(passed - 500 / eta) < 4 * 11
