"""The race of a confirmation, with values worked out by hand."""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.records import Goal, Limit, Metric, State, Trial, TrialResult
from hpsearch.search.race import ERROR_RATE, Race, candidates_of, race
from hpsearch.significance import t_tail

METRIC = Metric("loss")


def result(trial: int, value: float | None, unit: float | None = None) -> TrialResult:
    return TrialResult(
        trial=Trial(trial, 0, {"w": 1.0}, (trial / 100 if unit is None else unit,)),
        state=State.DONE if value is not None else State.DIVERGED,
        value=value,
        best_epoch=1,
        epochs=1,
        curves={} if value is None else {"loss": (value,)},
    )


def run(rows: dict[int, Sequence[float | None]], repeats: int, metric: Metric = METRIC) -> Race:
    known = {
        (trial, repeat): result(trial, value)
        for trial, values in rows.items()
        for repeat, value in enumerate(values, start=1)
    }
    return race(list(rows), repeats, known, metric)


def test_of_two_it_is_the_paired_t_test() -> None:
    # Differences 10.1, 9.9, 10.2, 9.8: mean 10, s = sqrt(0.1 / 3), t = 10 / (s / 2) = 109.5.
    rows = {0: [1.0, 2.0, 3.0, 4.0], 1: [11.1, 11.9, 13.2, 13.8]}
    done = run(rows, 4)
    # The level is 5 % / (1 * 3) = 1.7 %. After round 2: differences 10.1, 9.9, s = 0.1414, t = 100
    # with one degree of freedom, p = atan(1 / 100) / pi = 0.3 %: it is out then.
    assert t_tail(100, 1) == pytest.approx(math.atan(1 / 100) / math.pi)
    assert done.winner is not None
    assert done.winner.trial == 0
    assert [one.dropped for one in done.standings] == [None, 2]
    assert done.standings[1].values == (11.1, 11.9), "it is trained no further"
    assert done.tied == ()
    assert done.winner.mean == 2.5
    assert done.winner.error == pytest.approx(stdev(rows[0]) / 2)


def test_who_cannot_be_told_apart_is_tied_and_ordered_by_mean() -> None:
    done = run({7: [1.0, 2.0, 3.0], 3: [1.2, 1.7, 3.0], 5: [50.0, 51.0, 52.0]}, 3)
    assert done.winner is not None
    assert done.winner.trial == 3
    assert [one.trial for one in done.tied] == [7]
    assert done.standing(5).dropped is not None
    assert [one.trial for one in done.standings] == [3, 7, 5]


def test_the_seeds_share_in_the_values_is_taken_out() -> None:
    # Seed 2 is bad for all. The residuals of the two-way table are 0.05 each way: noise 0.1.
    rows = {0: [1.0, 101.0], 1: [3.0, 103.2]}
    done = run(rows, 2)
    assert done.noise == pytest.approx(0.1)
    assert done.standing(1).dropped == 2  # t = 2.1 / 0.1 with one degree of freedom, p = 1.5 %


def test_a_larger_metric_is_better_where_that_is_the_goal() -> None:
    done = run({0: [0.1, 0.2], 1: [10.1, 10.2]}, 2, Metric("score", Goal.MAXIMIZE))
    assert done.winner is not None
    assert done.winner.trial == 1
    assert done.winner.values == (10.1, 10.2), "in the metric's own sense"


def test_a_training_without_a_value_ends_the_race_for_its_candidate() -> None:
    done = run({0: [1.0, None], 1: [3.0, 3.1, 2.9]}, 3)
    assert done.winner is not None
    assert done.winner.trial == 1
    first = done.standing(0)
    assert (first.dropped, first.failure) == (2, "diverged on fresh seed 2")


def test_a_candidate_that_breaks_a_limit_on_a_fresh_seed_is_out() -> None:
    metric = Metric("loss", limits=(Limit("size", max=10.0),))

    def sized(trial: int, value: float, size: float) -> TrialResult:
        curves = {"loss": (value,), "size": (size,)}
        return replace(result(trial, value), curves=curves)

    known = {(0, 1): sized(0, 1.0, 9.0), (0, 2): sized(0, 1.0, 11.0)}
    known |= {(1, 1): sized(1, 5.0, 9.0), (1, 2): sized(1, 5.5, 10.0)}
    done = race([0, 1], 2, known, metric)
    assert done.winner is not None
    assert done.winner.trial == 1
    assert done.standing(0).failure == "outside the limits on fresh seed 2"


def test_nobody_wins_where_nobody_has_a_value() -> None:
    done = run({0: [None], 1: [None]}, 5)
    assert done.over
    assert done.winner is None
    assert done.standings[0].mean is None


def test_what_is_due_is_one_round_of_those_in_the_race() -> None:
    assert run({0: [], 1: []}, 3).due == ((0, 1), (1, 1))
    assert run({0: [1.0], 1: []}, 3).due == ((1, 1),)
    assert run({0: [1.0, 1.1], 1: [90.0, 90.05]}, 3).due == ((0, 3),)
    assert run({0: [1.0, 1.1], 1: [90.0, 90.05]}, 3).winner is None


def test_a_trainable_without_noise_is_known_after_two_rounds() -> None:
    done = run({0: [1.0, 1.0], 1: [1.0, 1.0], 2: [2.0, 2.0]}, 5)
    assert done.over
    assert done.seedless
    assert [one.trial for one in done.tied] == [1]
    assert done.standing(2).dropped == 2


def test_values_that_repeat_by_chance_drop_nobody() -> None:
    """2 of 100 rows wrong, and again 2: what lies beneath has changed, as another curve tells."""

    def other(trial: int, value: float, inner: float) -> TrialResult:
        return replace(result(trial, value), curves={"loss": (value,), "train_loss": (inner,)})

    known = {(t, r): other(t, 2.0 + t, t + r / 7) for t in (0, 1) for r in (1, 2)}
    done = race([0, 1], 2, known, METRIC)
    assert done.noise == 0
    assert not done.seedless
    assert [one.trial for one in done.tied] == [1]
    # So it is where the fresh seeds agree by chance, and the search had another value.
    known = {(t, r): result(t, 2.0 + t) for t in (0, 1) for r in (1, 2)}
    before = {t: replace(result(t, 1.0), curves={"loss": (1.0,)}) for t in (0, 1)}
    assert race([0, 1], 2, known, METRIC).seedless
    assert not race([0, 1], 2, known, METRIC, before).seedless


def test_one_candidate_runs_alone() -> None:
    done = run({4: [1.0, 3.0]}, 2)
    assert done.winner is not None
    assert done.noise == pytest.approx(math.sqrt(2))
    assert done.tied == ()


def test_candidates_are_the_best_points_once_each() -> None:
    results = [
        result(0, 3.0, unit=0.1),
        result(1, 1.0, unit=0.2),
        result(2, 2.0, unit=0.2),
        result(3, None, unit=0.3),
        result(4, 3.0, unit=0.4),
    ]
    assert candidates_of(results, METRIC, 3) == (1, 0, 4)
    assert candidates_of(results, METRIC, 9) == (1, 0, 4)
    assert candidates_of([], METRIC, 5) == ()


@pytest.mark.parametrize("spread", [1.0, 4.0])
def test_the_best_is_dropped_as_rarely_as_is_said(spread: float) -> None:
    """With five candidates of which none is worse, by 400 races; one may be noisier."""
    rng = np.random.default_rng(5)
    dropped = 0
    for _ in range(400):
        values = rng.normal(size=(5, 5)) * np.array([1, 1, 1, 1, spread])[:, None]
        done = run(dict(enumerate(values.tolist())), 5)
        dropped += done.standing(0).dropped is not None
    assert dropped <= 400 * ERROR_RATE


finite_floats = st.floats(-1e3, 1e3)


@given(st.lists(st.lists(finite_floats, min_size=4, max_size=4), min_size=1, max_size=5))
def test_a_race_ends_with_a_winner_whatever_the_values(rows: list[list[float]]) -> None:
    done = run(dict(enumerate(rows)), 4)
    assert done.over
    assert done.winner is not None
    left = [one for one in done.standings if one.dropped is None]
    assert done.winner.mean == min(one.mean for one in left if one.mean is not None)


@given(st.lists(st.lists(finite_floats, min_size=4, max_size=4), min_size=2, max_size=5))
def test_a_race_asks_for_no_more_than_it_then_looks_at(rows: list[list[float]]) -> None:
    """Told round by round, it comes to what it comes to when all is known."""
    known: dict[tuple[int, int], TrialResult] = {}
    trials = list(range(len(rows)))
    while (due := race(trials, 4, known, METRIC).due) != ():
        known |= {(t, r): result(t, rows[t][r - 1]) for t, r in due}
    assert race(trials, 4, known, METRIC) == run(dict(enumerate(rows)), 4)
