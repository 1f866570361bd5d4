"""Following a run from outside: what is said of it, and when it is over."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from synthetic_runs import made_up_run, record, write_run

from hpsearch.errors import RunError
from hpsearch.records import State
from hpsearch.report.live import live
from hpsearch.report.live.watch import (
    News,
    WatchedRun,
    condition,
    seconds_at_work,
    watch_live,
    watch_plain,
)

WHOLE = made_up_run(200)


@pytest.fixture
def folder(tmp_path):
    return write_run(tmp_path / "signs-6", replace(WHOLE, results=WHOLE.results[:100]))


def test_the_clock_is_that_of_the_process_at_work(folder):
    assert seconds_at_work(folder) is None
    assert WatchedRun(folder).snapshot().elapsed is None
    with folder.lock("hpsearch run config.yaml"):
        assert 0 <= seconds_at_work(folder) < 60
        assert WatchedRun(folder).snapshot().elapsed < 60
        folder.lock_path.write_text("")  # it has the lock, and has not yet said who it is
        assert seconds_at_work(folder) == 0


def test_an_interrupt_in_the_first_drawing_gives_the_terminal_back(folder, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(live, "live_lines", interrupted)
    output = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        watch_live(folder, Console(file=output, force_terminal=True), lambda seconds: True)
    assert output.getvalue().startswith("\x1b[?1049h")
    assert "\x1b[?1049l" in output.getvalue()


def test_why_nothing_moves(folder):
    run = WatchedRun(folder)
    assert "no process is at work" in condition(run.snapshot())
    with folder.lock("hpsearch run config.yaml"):
        assert not condition(run.snapshot())
    record(folder, WHOLE.results[100:])
    assert condition(run.snapshot()) == "the run is complete"


def test_the_first_look_sums_up_and_the_next_tells_what_is_new(folder):
    news = News(WatchedRun(folder))
    first, best = news.opening()
    assert first == "signs-6: 100/200 trials"
    valued = [r for r in WHOLE.results[:100] if r.value is not None]
    leader = min(valued, key=lambda r: r.value)
    assert best.startswith("best dev_error ")
    assert f"(trial {leader.trial.index})" in best
    assert news.lines() == []

    new = WHOLE.results[100:120]
    record(folder, new)
    lines = news.lines()
    assert lines[-1] == "120/200 trials"
    failed = [r for r in new if r.state in (State.FAILED, State.DIVERGED)]
    assert sum("diverged" in line or "failed" in line for line in lines) == len(failed)
    better = leader.value
    records = 0
    for result in new:
        if result.value is not None and result.value < better:
            better, records = result.value, records + 1
    assert sum(line.startswith("best ") for line in lines) == records


def test_a_new_round_and_a_failure_are_lines(folder):
    news = News(WatchedRun(folder))
    news.opening()
    later = [r for r in WHOLE.results if r.trial.index >= 100]
    record(folder, later)
    lines = news.lines()
    assert [line for line in lines if line.startswith("round")] == [
        "round 3 has its first result",
        "round 4 has its first result",
    ]
    assert any("[red]MemoryError[/red] <script>" in line for line in lines)
    assert [line for line in lines if line.endswith("/200 trials")] == [
        f"{count}/200 trials" for count in (120, 140, 160, 180, 200)
    ]


def test_lines_end_when_the_lock_is_free(folder):
    lines, pauses = [], []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            record(folder, WHOLE.results[100:])
        if len(pauses) == 3:
            lock.__exit__(None, None, None)

    lock = folder.lock("hpsearch run config.yaml")
    lock.__enter__()
    watch_plain(folder, lines.append, pause)
    assert len(pauses) == 3
    assert lines[0].endswith("signs-6: 100/200 trials")
    assert lines[-1] == "200/200 trials; the run is complete"


def test_damage_ends_the_watch_with_its_line(folder):
    with folder.trials_path.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(RunError, match=":101:"):
        watch_plain(folder, lambda _: None)
