"""From results to rows."""

import math
from dataclasses import replace

import pytest
from synthetic_runs import METRIC, SPACE, made_up_run, result

from hpsearch.records import Goal, Metric, State
from hpsearch.report.analysis.rows import RunView, Span
from hpsearch.report.analysis.summary import summarise
from hpsearch.space import LOG, Choice, Number, Space

SMALL = Space((Number("alpha", low=0.01, high=1.0, scale=LOG), Choice("opt", values=("a", "b"))))


def small_run(values, metric=METRIC, **more):
    alphas = [0.01, 0.1, 1.0]
    results = [
        result(i, v, {"alpha": alphas[i % 3], "opt": "ab"[i % 2]}, SMALL)
        for i, v in enumerate(values)
    ]
    return RunView("small", SMALL, metric, results, **more)


def test_trials_are_ranked_and_ties_go_to_the_earlier_one():
    summary = summarise(small_run([0.3, 0.1, 0.1, 0.2]))
    assert [row.rank for row in summary.trials] == [4, 1, 2, 3]
    assert [row.trial for row in summary.ranked] == [1, 2, 3, 0]
    assert summary.best.trial == 1


def test_a_maximised_metric_keeps_its_sign():
    summary = summarise(small_run([0.3, -0.1, 0.9], Metric("score", Goal.MAXIMIZE)))
    assert (summary.best.trial, summary.best.value) == (2, 0.9)
    assert [p.best for p in summary.history] == [0.3, 0.3, 0.9]


def test_the_best_value_so_far_never_gets_worse():
    summary = summarise(made_up_run(100))
    best = [p.best for p in summary.history if p.best is not None]
    assert best == sorted(best, reverse=True)
    assert best[-1] == summary.best.value


def test_results_out_of_order_make_the_same_rows():
    view = made_up_run(40)
    assert summarise(replace(view, results=view.results[::-1])) == replace(
        summarise(view), view=replace(view, results=view.results[::-1])
    )


def test_trials_without_a_value_are_not_ranked():
    view = small_run([None, math.nan, 0.5])
    summary = summarise(view)
    assert [row.rank for row in summary.trials] == [None, None, 1]
    assert summary.trials[1].value is None


def test_the_train_counterpart_is_read_at_the_best_epoch():
    curves = {"dev_error": (0.5, 0.2, 0.3), "train_error": (0.4, 0.1, 0.05)}
    one = result(0, 0.2, {"alpha": 0.1, "opt": "a"}, SMALL, curves=curves, best_epoch=2, epochs=3)
    summary = summarise(RunView("r", SMALL, METRIC, [one]))
    assert summary.train_metric == "train_error"
    assert summary.best.train == 0.1
    assert summarise(small_run([0.2])).train_metric is None


def test_marks_hold_the_trials_in_which_a_parameter_was_active():
    summary = summarise(made_up_run(60))
    row = next(r for r in summary.parameters if r.name == "beta2")
    adam = [t for t in summary.ranked if t.hparams["optimizer"] == "adam"]
    assert len(row.marks) == len(adam) < len(summary.ranked)
    assert [rank for _, rank in row.marks] == sorted(s for _, s in row.marks)


def test_rounds_have_quartiles_that_occurred_and_the_last_ranges():
    summary = summarise(made_up_run(200))
    assert [row.trials for row in summary.rounds] == [50, 50, 50, 50]
    values = {row.value for row in summary.trials}
    for row in summary.rounds:
        assert set(row.quartiles) <= values
        assert list(row.quartiles) == sorted(row.quartiles)
        assert row.best == row.quartiles[0]
    first, last = summary.rounds[0].spans["alpha"], summary.rounds[-1].spans["alpha"]
    assert first == Span(0.0, 1.0, (1e-5, 1.0))
    assert last.high - last.low == pytest.approx(1 / 8)


def test_without_recorded_ranges_the_whole_axis_was_searched():
    summary = summarise(small_run([0.1, 0.2]))
    spans = {row.name: row.last for row in summary.parameters}
    assert spans == {"alpha": Span(0, 1, (0.01, 1.0)), "opt": Span(0, 1, ("a", "b"))}


def test_the_last_trial_says_what_is_searched_now():
    results = [
        result(i, 0.1, {"alpha": 0.1, "opt": "a"}, SMALL, ranges=ranges)
        for i, ranges in enumerate([{"alpha": (0.01, 0.1)}, {"alpha": (0.1, 1.0)}, {}])
    ]
    (round_,) = summarise(RunView("r", SMALL, METRIC, results)).rounds
    assert round_.spans["alpha"] == Span(0.5, 1.0, (0.1, 1.0))


def test_a_range_may_end_between_the_steps_of_an_integer():
    one = result(
        0, 0.1, {**SPACE.decode([0.5] * 7)}, ranges={"layers": (1.4, 3.2), "hidden_units": (0, 9e9)}
    )
    rows = {r.name: r.last for r in summarise(RunView("r", SPACE, METRIC, [one])).parameters}
    assert (rows["layers"].low, rows["layers"].high) == pytest.approx((0.1, 0.5))
    assert rows["hidden_units"].high <= 1


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_trial(count):
    summary = summarise(made_up_run(count))
    assert len(summary.trials) == count
    assert (summary.best is None) == (count == 0)
    assert summary.importance.shares is None


def test_failures_are_grouped_by_words_and_say_what_they_share():
    summary = summarise(made_up_run(200))
    diverged, failed = summary.failures
    assert diverged.error == "nan loss at epoch … (alpha too large?)"
    assert diverged.state is State.DIVERGED
    lowest = min(summary.trials[i].hparams["alpha"] for i in diverged.trials)
    assert diverged.shared.startswith("alpha ≥ 0.3")
    assert float(diverged.shared.split()[-1]) == pytest.approx(lowest, rel=0.01)
    assert failed.error == "[red]MemoryError[/red] <script>"


def test_two_failures_share_nothing():
    bad = {"state": State.FAILED, "error": "boom"}
    results = [
        result(
            i,
            None if i < 2 else 0.1,
            {"alpha": [1.0, 0.9, 0.01, 0.02][i], "opt": "a"},
            SMALL,
            **(bad if i < 2 else {}),
        )
        for i in range(4)
    ]
    (row,) = summarise(RunView("r", SMALL, METRIC, results)).failures
    assert (row.trials, row.shared, row.error) == ((0, 1), None, "boom")


@pytest.mark.parametrize(("others_inside", "shared"), [(0, True), (2, True), (3, False)])
def test_a_range_is_shared_if_few_others_lie_in_it(others_inside, shared):
    # Three fail with alpha >= 0.5. Of ten others, up to a quarter may lie there too.
    alphas = [0.5, 0.7, 0.9] + [0.8] * others_inside + [0.02] * (10 - others_inside)
    results = [
        result(
            i,
            None if i < 3 else 0.1,
            {"alpha": a, "opt": "ab"[i % 2]},
            SMALL,
            state=State.FAILED if i < 3 else State.DONE,
        )
        for i, a in enumerate(alphas)
    ]
    (row,) = summarise(RunView("r", SMALL, METRIC, results)).failures
    assert row.shared == ("alpha ≥ 0.5" if shared else None)


def test_failures_that_share_a_choice():
    results = [
        result(
            i,
            None if i < 3 else 0.1,
            {"alpha": 0.02 * (i + 1), "opt": "a" if i < 3 else "b"},
            SMALL,
            state=State.FAILED if i < 3 else State.DONE,
        )
        for i in range(3)
    ] + [result(i, 0.1, {"alpha": 0.01 * i, "opt": "b"}, SMALL) for i in range(3, 9)]
    (row,) = summarise(RunView("r", SMALL, METRIC, results)).failures
    assert row.shared == "opt = a"
    assert row.error == "failed"  # nothing was said, so the state is


def test_all_failed():
    view = made_up_run(30)
    results = [
        replace(r, state=State.FAILED, value=None, best_epoch=None, error="no", curves={})
        for r in view.results
    ]
    summary = summarise(replace(view, results=results))
    assert summary.best is None
    assert summary.failures[0].shared is None
    assert [row.best for row in summary.rounds] == [None] * 4


def test_only_the_numbers_that_differ_are_left_out_of_a_groups_message():
    failed = [
        replace(r, state=State.FAILED, value=None, error=f"conv2d: {i} rows, 3 columns (m.py:7)")
        for i, r in enumerate(made_up_run(3).results)
    ]
    (group,) = summarise(replace(made_up_run(3), results=failed)).failures
    assert group.error == "conv2d: … rows, 3 columns (m.py:7)"
