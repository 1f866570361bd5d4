"""Views of single trials and longer lists."""

from dataclasses import replace

import pytest
from synthetic_runs import made_up_run, write_run

from hpsearch.errors import UsageError
from hpsearch.records import State
from hpsearch.report.analysis.load import load_run, log_tail
from hpsearch.report.analysis.summary import summarise
from hpsearch.report.sections.trials import failed_report, top_report
from hpsearch.report.text.trial_view import trial_lines
from hpsearch.report.text.writer import report_lines

SUMMARY = summarise(made_up_run(200))
WIDTHS = [60, 80, 120]


def text(lines):
    return "\n".join(line.plain for line in lines)


def first(state):
    return next(row.trial for row in SUMMARY.trials if row.state is state)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_trial_of_any_state_fits(state, width):
    lines = trial_lines(SUMMARY, first(state), width, ["a log [red]line", "x" * 300])
    assert max(line.cell_len for line in lines) <= width
    assert f"trial #{first(state)}" in text(lines)
    assert "a log [red]line" in text(lines)


def test_a_trial_tells_its_point_and_how_to_train_it_again():
    best = SUMMARY.best
    shown = text(trial_lines(SUMMARY, best.trial, 120))
    assert f"rank 1 of {len(SUMMARY.ranked)}" in shown
    assert f"seed {best.trial}" in shown
    assert f"hpsearch retest signs-6 --trial {best.trial}" in shown
    assert "0.00274 – 0.0115" in shown  # the range of alpha when it was proposed
    assert "best #" not in shown
    assert f"best #{best.trial}" in text(trial_lines(SUMMARY, 0, 120))


def test_the_ranges_are_those_of_the_time_of_the_proposal():
    shown = text(trial_lines(SUMMARY, 0, 120))
    assert "sgd, momentum, adam" in shown


def test_a_stopped_trial_says_what_it_missed():
    index = first(State.STOPPED)
    results = [
        replace(r, trial=replace(r.trial, cutoffs={r.epochs: 0.25}))
        if r.trial.index == index
        else r
        for r in SUMMARY.view.results
    ]
    shown = text(trial_lines(summarise(replace(SUMMARY.view, results=results)), index, 200))
    assert "stopped after epoch 10: dev_error" in shown
    assert "0.25 was the worst with which it could go on" in shown
    assert "cut-offs" in shown


def test_a_failed_trial_shows_all_of_its_error():
    index = first(State.FAILED)
    error = "Traceback\n  line 1\nValueError: [bold]x"
    results = [
        replace(r, error=error) if r.trial.index == index else r for r in SUMMARY.view.results
    ]
    shown = text(trial_lines(summarise(replace(SUMMARY.view, results=results)), index, 80))
    assert error in shown


@pytest.mark.parametrize(("count", "told"), [(0, "it has none yet"), (5, "from 0 to 4")])
def test_a_trial_that_is_not_there(count, told):
    with pytest.raises(UsageError, match=told):
        trial_lines(summarise(made_up_run(count)), 7, 80)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_best_trials(width):
    lines = report_lines(top_report(SUMMARY, 25), width)
    assert len(lines) == 2 + 1 + 25
    assert max(line.cell_len for line in lines) <= width
    assert "best 25 of 194 trials" in lines[0].plain
    assert "no trial" in text(report_lines(top_report(summarise(made_up_run(0)), 5), width))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_failed_trials(width):
    lines = report_lines(failed_report(SUMMARY), width)
    assert max(line.cell_len for line in lines) <= width
    shown = text(lines)
    assert "6 trials failed or diverged" in shown
    assert "all with alpha ≥ 0.33" in shown
    for trial in (20, 47, 48, 60, 121, 182):
        assert f"#{trial} " in shown
    none = failed_report(summarise(made_up_run(3)))
    assert "no trial failed" in text(report_lines(none, width))


def test_a_run_folder_becomes_a_view(tmp_path):
    folder = write_run(tmp_path / "signs-6", made_up_run(5))
    view = load_run(folder, {"numpy": "2.4"})
    made = made_up_run(5)
    assert [r.trial for r in view.results] == [r.trial for r in made.results]
    assert (view.name, view.max_trials, view.epochs, view.seed) == ("signs-6", 200, 30, 3)
    assert [p.name for p in view.space.searched] == [p.name for p in made.space.searched]
    assert "max_trials: 200" in view.config
    assert view.command == f"hpsearch run {folder.resolved_path} --fresh"


def test_the_end_of_a_log(tmp_path):
    folder = write_run(tmp_path / "r", made_up_run(1))
    assert log_tail(folder, 0) == []
    path = folder.log_path(0)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(b"line %d\n\n" % i for i in range(20_000)) + b"\xff end")
    lines = log_tail(folder, 0, 3)
    assert lines == ["line 19998", "line 19999", "\N{REPLACEMENT CHARACTER} end"]
