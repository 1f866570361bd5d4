"""The analysis of variance, on functions whose shares are known."""

import numpy as np
import pytest
from synthetic_runs import METRIC, SPACE, made_up_run, result

from hpsearch.records import Goal, Metric, State
from hpsearch.report.analysis import fanova
from hpsearch.report.analysis.fanova import Grid, _Integral, decompose
from hpsearch.report.analysis.importance import measure_importance
from hpsearch.space import LOG, Choice, Condition, Number, Space

PLAIN = Space((Number("a"), Number("b"), Number("c"), Choice("d", values=("x", "y", "z"))))


def trials(function, count=300, space=PLAIN, seed=0):
    rng = np.random.default_rng(seed)
    results = []
    for index in range(count):
        point = space.decode(space.canonical(rng.random(space.dimensions)))
        results.append(result(index, float(function(point)), point, space))
    return results


def shares_of(results, space=PLAIN):
    importance = measure_importance(space, METRIC, results, seed=1)
    assert importance.shares is not None, importance.note
    return importance


def test_integral_of_a_tree_worked_by_hand():
    # One tree on two axes of two halves: 0 for a < 1/2, else 4 for b < 1/2 and 8 above.
    # mean = 4/4 + 8/4 = 3; mean square = 16/4 + 64/4 = 20; variance = 11.
    # a alone: 0 or 6, variance 9. b alone: 2 or 4, variance 1. Together: 11 - 10 = 1.
    volumes = np.full((2, 2), 0.5)
    integral = _Integral(volumes, trees=1)
    region = np.array([[[1, 0], [1, 1]], [[0, 1], [1, 0]], [[0, 1], [0, 1]]], dtype=bool)
    integral.add(np.zeros(3, dtype=np.intp), region, np.array([0.0, 4.0, 8.0]))
    assert integral.mean == pytest.approx([3])
    assert integral.shares()[0] == pytest.approx([9 / 11, 1 / 11])


def test_the_deepest_nodes_are_leaves(monkeypatch):
    # One split is allowed, and both of its children count: a step of a then is all there is.
    monkeypatch.setattr(fanova, "MOST_LEVELS", 1)
    importance = shares_of(trials(lambda p: float(p["a"] > 0.5) + 0.1 * p["b"]))
    assert importance.shares["a"].value == pytest.approx(1, abs=1e-9)


def test_the_parameter_that_does_everything_has_nearly_all():
    importance = shares_of(trials(lambda p: p["a"]))
    assert importance.shares["a"].value > 0.9
    assert max(importance.shares[n].value for n in "bcd") < 0.03


def test_shares_of_a_sum_follow_the_variances():
    # var(3a) = 9/12, var(b) = 1/12: 90 % and 10 % without interplay. 10 keeps the axis linear.
    importance = shares_of(trials(lambda p: 10 + 3 * p["a"] + p["b"], 1000))
    assert importance.shares["a"].value == pytest.approx(0.9, abs=0.06)
    assert importance.shares["b"].value == pytest.approx(0.1, abs=0.04)
    assert importance.interplay.value < 0.08


def test_a_choice_without_an_order_counts():
    effect = {"x": 0.0, "y": 1.0, "z": 0.0}
    importance = shares_of(trials(lambda p: effect[p["d"]] + 0.01 * p["a"]))
    assert importance.shares["d"].value > 0.9


def test_what_only_works_together_is_interplay():
    together = trials(lambda p: float((p["a"] > 0.5) == (p["b"] > 0.5)), 1000)
    importance = shares_of(together)
    assert importance.interplay.value > 0.7


def test_an_inactive_parameter_does_not_take_its_parents_share():
    space = Space(
        (
            Choice("opt", values=("sgd", "adam")),
            Number("beta2", when=(Condition("opt", ("adam",)),)),
            Number("c"),
        )
    )
    importance = shares_of(trials(lambda p: float(p["opt"] == "adam"), 300, space), space)
    assert importance.shares["opt"].value > 0.9
    assert importance.shares["beta2"].value < 0.03


def test_the_scale_of_the_space_is_the_axis():
    # ln a has the same share on a log axis as b on a linear one.
    space = Space((Number("a", low=1e-4, high=1.0, scale=LOG), Number("b")))
    flat = trials(lambda p: np.log(p["a"]) / np.log(1e-4) + p["b"], 1000, space)
    importance = shares_of(flat, space)
    assert importance.shares["a"].value == pytest.approx(importance.shares["b"].value, abs=0.08)


@pytest.mark.parametrize("goal", Goal)
def test_diverged_trials_count_as_the_worst(goal):
    # Badness is b where a < 0.8, else 1. Mean 0.6, mean square 0.8/3 + 0.2, variance 0.1067.
    # Average effect of a: 0.5 or 1, variance 0.25 * 0.16 = 0.04, that is 37.5 %.
    space = Space((Number("a"), Number("b")))
    rng = np.random.default_rng(0)
    results = []
    for index in range(200):
        a, b = rng.random(2)
        bad = a > 0.8
        value = goal.loss(0.1 + 0.01 * b)
        results.append(
            result(
                index,
                None if bad else value,
                {"a": a, "b": b},
                space,
                state=State.DIVERGED if bad else State.DONE,
            )
        )
    importance = measure_importance(space, Metric("score", goal), results, seed=1)
    assert importance.shares["a"].value == pytest.approx(0.375, abs=0.05)


def test_one_split_parts_the_values_of_a_choice_in_any_way(monkeypatch):
    # Of four values, the first and the third are bad: no single cut parts them in their order.
    monkeypatch.setattr(fanova, "MOST_LEVELS", 1)
    rng = np.random.default_rng(0)
    bins = rng.integers(0, 4, (100, 1))
    bad = (bins[:, 0] % 2 == 0).astype(float)
    explained = {}
    for unordered in (True, False):
        grid = Grid(np.full((1, 4), 0.25), bins, np.array([unordered]))
        active = np.ones((100, 1), dtype=bool)
        found = decompose(grid, active, bad, resamples=10, trees_each=1, rng=rng)
        explained[unordered] = found.explained
    assert explained[True] == pytest.approx(1)
    assert explained[False] < 0.6


def test_intervals_hold_the_share_and_narrow_with_more_trials():
    few, many = (shares_of(trials(lambda p: p["a"] + p["b"], n)).shares["a"] for n in (40, 1000))
    for share in (few, many):
        assert 0 <= share.low <= share.value <= share.high <= 1
    assert many.high - many.low < few.high - few.low


def test_the_same_trials_give_the_same_shares():
    results = trials(lambda p: p["a"], 60)
    assert measure_importance(PLAIN, METRIC, results, 5) == measure_importance(
        PLAIN, METRIC, results, 5
    )


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "not enough trials: 0"),
        (trials(lambda p: p["a"], 19), "not enough trials: 19 have a value, 20 are needed"),
        (trials(lambda p: 0.5, 40), "the same value"),
        (trials(lambda p: np.random.default_rng(round(p["a"] * 1e9)).random(), 60), "do not show"),
    ],
)
def test_when_there_is_nothing_to_say(results, words):
    importance = measure_importance(PLAIN, METRIC, results, 0)
    assert importance.shares is None
    assert words in importance.note


def test_nothing_searched():
    assert measure_importance(Space(()), METRIC, [], 0).note == "nothing was searched"


def test_the_note_counts_the_trials_from_narrowed_rounds():
    view = made_up_run(200)
    note = measure_importance(view.space, view.metric, view.results, 0).note
    assert "the 150 drawn from a narrowed part" in note
    assert "narrowed" not in shares_of(trials(lambda p: p["a"])).note


def test_a_zoomed_search_still_shows_what_mattered():
    importance = measure_importance(SPACE, METRIC, made_up_run(400).results, 0)
    assert max(importance.shares, key=lambda n: importance.shares[n].value) == "alpha"


def test_thousands_of_trials_are_thinned():
    importance = measure_importance(SPACE, METRIC, made_up_run(1200, epochs=9).results, 0)
    assert importance.trials > 1100
    assert importance.shares is not None


def test_unseen_trials_measure_what_is_explained():
    rng = np.random.default_rng(0)
    units = rng.random((100, 2))
    grid = Grid(np.full((2, 8), 1 / 8), (units * 8).astype(np.intp), np.zeros(2, dtype=bool))
    active = np.ones((100, 2), dtype=bool)
    signal = decompose(grid, active, units[:, 0], resamples=10, trees_each=3, rng=rng)
    noise = decompose(grid, active, rng.random(100), resamples=10, trees_each=3, rng=rng)
    assert signal.explained > 0.9
    assert noise.explained < 0.1
