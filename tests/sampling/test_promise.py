"""What points promise where limits, or several goals, decide."""

import math

import numpy as np
import pytest

from hpsearch.pareto import hypervolume, open_boxes
from hpsearch.sampling.history import History
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.promise import (
    Outlook,
    _log_expected_excess,
    expected_growth,
    log_normal_cdf,
)
from hpsearch.sampling.strategy import Observation
from hpsearch.sampling.targets import Excess, FurtherLosses, LossesThatCount
from hpsearch.space import Number, Space

SPACE = Space((Number("x", low=0.0, high=1.0), Number("y", low=0.0, high=1.0)))
NUMBERS = np.array([False, False])


def test_logarithms_far_into_the_tail() -> None:
    x = np.array([-30.0, -8.0, -3.0001, -2.9999, 0.0, 2.0])
    exact = [math.log(0.5 * math.erfc(-v / math.sqrt(2))) for v in x]
    assert log_normal_cdf(x) == pytest.approx(exact, abs=1e-3)
    excess = _log_expected_excess(np.array([-3.0001, -2.9999]))
    assert excess[0] == pytest.approx(excess[1], abs=0.05)
    assert _log_expected_excess(np.array([0.0]))[0] == pytest.approx(math.log(0.3989423))


@pytest.mark.parametrize("goals", [2, 3])
def test_expected_growth_is_the_mean_of_the_growth(goals: int) -> None:
    rng = np.random.default_rng(goals)
    front, reference = rng.random((5, goals)), np.full(goals, 1.1)
    lowest = np.full(goals, -2.0)
    boxes = open_boxes(front, lowest, reference)
    mean, deviation = rng.random((1, goals)), np.full((1, goals), 0.2)
    drawn = mean + deviation * rng.standard_normal((800, goals))
    before = hypervolume(front, reference)
    grown = [hypervolume(np.vstack([front, one]), reference) - before for one in drawn]
    error = 4 * np.std(grown) / math.sqrt(len(grown))
    assert expected_growth(mean, deviation, boxes)[0] == pytest.approx(np.mean(grown), abs=error)


def observed(index: int, unit: tuple[float, ...], kind: str) -> Observation:
    """The loss falls with x, and the limit allows it up to 0.6; each seventh trial diverges."""
    x, y = unit
    if index % 7 == 4:
        return Observation(unit, math.inf)
    loss = 1 - x + (y - 0.4) ** 2
    further = (x + (y - 0.4) ** 2,) if "goals" in kind else ()
    excesses = (x / 0.6 - 1, y - 0.9) if "limits" in kind else ()
    return Observation(unit, loss, (loss,), False, further, excesses)


def proposals(kind: str, count: int, strategy: str = "coarse-to-fine") -> list[Observation]:
    made = strategy_for(kind, strategy)
    history: list[Observation] = []
    for index in range(count):
        known = max(0, index - 3)
        pending = [o.unit for o in history[known:]]
        unit = made.propose(index, history[:known], pending).unit
        if index % 13 == 0:
            fresh = strategy_for(kind, strategy).propose(index, list(history[:known]), pending)
            assert fresh.unit == unit, "a pure function"
        history.append(observed(index, unit, kind))
    return history


def strategy_for(kind: str, strategy: str):
    goals, limits = 1 + ("goals" in kind), 2 * ("limits" in kind)
    return make_strategy(strategy, SPACE, 3, 4, 1, goals=goals, limits=limits)


@pytest.mark.parametrize("kind", ["limits", "goals", "goals and limits"])
def test_proposals_depend_on_the_results_alone(kind: str) -> None:
    history = proposals(kind, 40)
    assert len({o.unit for o in history}) == 40


def test_the_search_ends_at_the_limit() -> None:
    feasible = [o for o in proposals("limits", 40) if o.excesses and max(o.excesses) <= 0]
    best = min(feasible, key=lambda o: o.loss)
    assert best.loss == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("strategy", ["coarse-to-fine", "boxes"])
def test_nothing_feasible_yet_is_looked_for(strategy: str) -> None:
    made = make_strategy(strategy, SPACE, 1, 1, 1, limits=1)
    history: list[Observation] = []
    for index in range(40):
        unit = made.propose(index, list(history), []).unit
        away = abs(unit[0] - 0.93) + abs(unit[1] - 0.07)
        history.append(Observation(unit, unit[0], (unit[0],), False, (), (away / 0.02 - 1,)))
    assert any(o.excesses[0] <= 0 for o in history), "0.04 % of the space"


def test_the_front_is_covered_from_end_to_end() -> None:
    history = [o for o in proposals("goals", 50) if math.isfinite(o.loss)]
    losses = np.array([(o.loss, *o.further) for o in history])
    best = 1.1**2 - 0.5  # above the line from (0, 1) to (1, 0)
    assert hypervolume(losses, np.array([1.1, 1.1])) > 0.85 * best


def test_feasible_trials_come_first_and_then_the_nearest() -> None:
    rows = [
        Observation((0.1, 0.1), 3.0, excesses=(-1.0,)),
        Observation((0.2, 0.1), 1.0, excesses=(2.0,)),
        Observation((0.3, 0.1), 2.0, excesses=(0.0,)),
        Observation((0.4, 0.1), 0.0, excesses=(0.5,)),
        Observation((0.5, 0.1), math.inf),
    ]
    history = History.of(rows, 2, 1, limits=1)
    assert history.feasible.tolist() == [True, False, True, False, False]
    assert history.best_first().tolist() == [2, 0, 3, 1, 4]
    assert history.of_feasible().losses.tolist() == [3.0, 2.0]
    assert history.first(2).best_first().tolist() == [0, 1]


def test_fronts_come_one_after_the_other() -> None:
    rows = [
        Observation((0.1, 0.1), 3.0, further=(3.0,)),
        Observation((0.2, 0.1), 0.0, further=(2.0,)),
        Observation((0.3, 0.1), 1.0, further=(1.0,)),
        Observation((0.4, 0.1), 2.0, further=(0.0,)),
    ]
    history = History.of(rows, 2, 1, further=1)
    assert history.best_first()[3] == 0
    assert set(history.best_first()[:2]) == {1, 3}, "the ends are the most solitary"


def test_targets_by_hand() -> None:
    rows = [
        Observation((0.1 * i, 0.1), loss, further=(9.0 - i,), excesses=(loss - 4.0,))
        for i, loss in enumerate([1.0, 2.0, 3.0, 4.0, 50.0])
    ]
    rows.append(Observation((0.9, 0.9), math.inf))
    history, kept = History.of(rows, 2, 1, further=1, limits=1), np.arange(5)
    assert Excess(0).is_known(history).tolist() == [True] * 5 + [False]
    fitted, doubt = Excess(0).fitted(history, kept)
    assert fitted.tolist() == pytest.approx(
        [-math.log(4), -math.log(3), -math.log(2), 0, math.log(47)]
    )
    assert doubt is None
    assert FurtherLosses(1).fitted(history, kept)[0].tolist() == [9.0, 8.0, 7.0, 6.0, 5.0]
    # All feasible trials are on the front, so that none of their losses is clipped.
    assert LossesThatCount().fitted(history, kept)[0].tolist()[:4] == [1.0, 2.0, 3.0, 4.0]


def test_the_probability_of_feasibility() -> None:
    rng = np.random.default_rng(0)
    units = rng.random((30, 2))
    rows = [Observation((x, y), y, excesses=(x - 0.5,)) for x, y in units.tolist()]
    history = History.of(rows, 2, 1, limits=1)
    outlook = Outlook(NUMBERS, 1, 1)
    chances = [outlook.belief(history, (), (x, 0.5))[2] for x in (0.1, 0.5, 0.9)]
    assert None not in chances
    assert chances[0] > 0.99
    assert chances[1] == pytest.approx(0.5, abs=0.25)
    assert chances[2] < 0.01


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("goals", "limits"), [(1, 1), (2, 0), (3, 2)])
def test_trials_that_all_fail_at_first_and_constants_do_no_harm(goals: int, limits: int) -> None:
    made = make_strategy("coarse-to-fine", SPACE, 1, 2, 1, goals=goals, limits=limits)
    history: list[Observation] = []
    for index in range(16):
        known = max(0, index - 1)
        unit = made.propose(index, history[:known], [o.unit for o in history[known:]]).unit
        beside = (1.0,) * (goals - 1), (2.0 * (index != 14),) * limits
        failed = Observation(unit, math.inf)
        history.append(failed if index < 9 else Observation(unit, 1.0, (1.0,), False, *beside))
    assert len({observation.unit for observation in history}) == 16
