"""The live screen: what is read from a run's folder, and how it fits a terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from synthetic_runs import made_up_run, record, start_trial, write_run

from hpsearch.errors import RunError
from hpsearch.records import State
from hpsearch.report.live import live, snapshot
from hpsearch.report.live.live import LiveScreen, LiveView
from hpsearch.report.live.live_lines import Heights, live_lines, share_rows
from hpsearch.report.live.snapshot import LiveRun
from hpsearch.store.rundir import RunFolder

WHOLE = made_up_run(200)


def part(count):
    return replace(WHOLE, results=WHOLE.results[:count])


@pytest.fixture
def folder(tmp_path):
    return write_run(tmp_path / "signs-6", part(100), running=8)


def test_a_snapshot_counts_and_ranks(folder):
    seen = LiveRun(folder).snapshot()
    assert (seen.recorded, seen.max_trials, seen.round) == (100, 200, 2)
    assert sum(seen.counts.values()) == 100
    values = [r.value for r in WHOLE.results[:100] if r.value is not None]
    assert len(values) > 40
    assert [row.value for row in seen.best] == sorted(values)[:40]
    failed = [r for r in WHOLE.results[:100] if r.state in (State.FAILED, State.DIVERGED)]
    assert seen.last_failure.trial == failed[-1].trial.index
    assert seen.spans["alpha"].high - seen.spans["alpha"].low == pytest.approx(0.5)


def test_a_snapshot_shows_what_is_under_way(folder):
    running = LiveRun(folder).snapshot().running
    assert [(t.trial, len(t.curve), t.epochs) for t in running[:3]] == [
        (100, 25, 30),
        (101, 26, 30),
        (102, 17, 30),
    ]
    assert running[0].value == min(running[0].curve)
    assert (running[7].curve, running[7].value) == ((), None)


def test_snapshots_follow_the_run(folder):
    run = LiveRun(folder)
    assert run.snapshot().recorded == 100
    record(folder, WHOLE.results[100:103])
    start_trial(folder, WHOLE.results[110], 1)
    seen = run.snapshot()
    assert seen.recorded == 103
    assert [t.trial for t in seen.running] == [103, 104, 105, 106, 107, 110]


def test_results_may_come_out_of_order(tmp_path):
    run = write_run(tmp_path / "r", part(0))
    record(run, [WHOLE.results[i] for i in (2, 0, 5)])
    start_trial(run, WHOLE.results[1], 3)
    seen = LiveRun(run).snapshot()
    assert (seen.recorded, seen.last_trial) == (3, 5)
    assert [t.trial for t in seen.running] == [1]


def test_a_curve_with_numbers_that_are_not_finite(tmp_path):
    run = write_run(tmp_path / "r", part(0))
    diverged = next(r for r in WHOLE.results if r.state is State.DIVERGED)
    first = replace(diverged, trial=replace(diverged.trial, index=0))
    start_trial(run, first, diverged.epochs)
    (trial,) = LiveRun(run).snapshot().running
    assert trial.curve[-1] is None
    assert live_lines(LiveRun(run).snapshot(), 80, 24, 2)


def test_no_eta_before_a_trial_ended_and_then_from_the_rate(folder, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(snapshot.time, "monotonic", lambda: clock[0])
    run = LiveRun(folder)
    assert run.snapshot().eta is None
    clock[0] += 10
    assert run.snapshot().eta is None
    # 10 trials more in 20 s, and 5 epochs of the next one. What was under way counts as trained.
    before = sum(len(t.curve) for t in LiveRun(folder).snapshot().running)
    record(folder, WHOLE.results[100:110])
    start_trial(folder, WHOLE.results[110], 5)
    clock[0] += 10
    seen = run.snapshot()
    trained = sum(r.epochs for r in WHOLE.results[100:110]) + 5 - before
    typical = sum(r.epochs for r in WHOLE.results[60:110]) / 50
    assert seen.eta == pytest.approx((90 * typical - 5) * 20 / trained)


def test_a_finished_run_has_no_time_left(tmp_path):
    assert LiveRun(write_run(tmp_path / "r", WHOLE)).snapshot().eta == 0


def test_damage_is_told(folder):
    run = LiveRun(folder)
    with folder.trials_path.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(RunError, match=":101:"):
        run.snapshot()
    assert run.snapshot


@pytest.mark.parametrize("count", [0, 1, 3, 50, 200])
@pytest.mark.parametrize("running", [0, 1, 8])
def test_never_more_than_one_screen(tmp_path, count, running):
    seen = LiveRun(write_run(tmp_path / "r", part(count), running)).snapshot()
    for width in (60, 80, 100, 110, 120, 200):
        for height in (3, 8, 12, 24, 50):
            lines = live_lines(seen, width, height, 8, "a message")
            assert len(lines) <= height
            assert height < 8 or lines[-1].plain == "a message"
            assert max(line.cell_len for line in lines) <= width


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_the_counts_the_time_and_the_best_are_always_there(folder, width):
    seen = replace(LiveRun(folder).snapshot(), eta=140.0)
    text = "\n".join(line.plain for line in live_lines(seen, width, 24, 8))
    best = seen.best[0]
    for words in ("100/200", "eta 0:02:20", f"#{best.trial}", "diverged 3", "failed 1", "done 8"):
        assert words in text
    assert "search ranges" in text
    assert "running" in text


def test_tables_stand_side_by_side_only_where_there_is_room(folder):
    seen = LiveRun(folder).snapshot()
    heads = {
        width: [s.plain for s in live_lines(seen, width, 30, 8) if "running epoch" in s.plain]
        for width in (100, 120)
    }
    assert "best" not in heads[100][0]
    assert "best" in heads[120][0]


def test_rows_that_are_not_shown_are_counted(folder):
    lines = [line.plain for line in live_lines(LiveRun(folder).snapshot(), 80, 20, 8)]
    shown = sum(line.startswith("#1") for line in lines)
    assert f"+{8 - shown} more" in lines


def test_parts_share_the_room(folder):
    seen = LiveRun(folder).snapshot()
    for room in range(40):
        for wide in (True, False):
            heights = share_rows(seen, room, wide=wide)
            assert min(heights.running, heights.best, heights.ranges) >= 0
    # 60 lines, less 7 ranges below a blank and a heading, and those above both tables: 47.
    assert share_rows(seen, 60, wide=False) == Heights(8, 39, 7)


def test_ascii_where_the_encoding_has_no_more(folder):
    view = LiveView(8)
    view.snapshot = LiveRun(folder).snapshot()
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(file=file, width=100, height=30).print(view)
    file.flush()
    assert "hpsearch run . signs-6" in file.buffer.getvalue().decode("ascii")


class Terminal:
    """A console that believes to be a terminal, and what was written to it since the last read."""

    def __init__(self):
        self.file = io.StringIO()
        self.console = Console(file=self.file, force_terminal=True, width=100, height=30)

    def read(self):
        text = self.file.getvalue()
        self.file.seek(0)
        self.file.truncate()
        return text


@pytest.fixture
def terminal():
    return Terminal()


def test_the_screen_comes_and_goes(folder, terminal):
    screen = LiveScreen(folder, 8, terminal.console)
    screen.start()
    text = terminal.read()
    assert "\x1b[?1049h" in text
    assert "signs-6" in text
    screen.stop()
    screen.stop()
    assert terminal.read().count("\x1b[?1049l") == 1


def test_redraws_at_most_four_times_a_second(folder, terminal, monkeypatch):
    clock = [50.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    screen = LiveScreen(folder, 8, terminal.console)
    screen.start()
    terminal.read()
    drawn = 0
    for _ in range(200):  # two seconds in steps of 10 ms
        clock[0] += 0.01
        screen.refresh()
        drawn += "signs-6" in terminal.read()
    screen.stop()
    assert 7 <= drawn <= 8


def test_an_expensive_redraw_makes_the_next_one_wait(folder, terminal, monkeypatch):
    clock = [50.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    screen = LiveScreen(folder, 8, terminal.console)
    read = screen._run.snapshot

    def slow():
        clock[0] += 0.1
        return read()

    monkeypatch.setattr(screen._run, "snapshot", slow)
    screen.start()
    terminal.read()
    start, drawn = clock[0] - 0.1, []
    for _ in range(500):
        clock[0] += 0.01
        screen.refresh()
        if "signs-6" in terminal.read():
            drawn.append(clock[0] - start)
    screen.stop()
    # A redraw of 0.1 s is a fortieth of 4 s, and the first of them began at 0.
    assert drawn[0] == pytest.approx(4.1, abs=0.03)


def test_only_the_clock_is_no_reason_to_redraw_often(folder, terminal, monkeypatch):
    clock = [50.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    screen = LiveScreen(folder, 8, terminal.console)
    screen.start()
    terminal.read()
    drawn = 0
    for _ in range(45):
        clock[0] += 0.05
        screen.refresh(urgent=False)
        drawn += "signs-6" in terminal.read()
    screen.stop()
    assert drawn == 2


def test_a_resized_terminal_is_drawn_at_its_new_size(folder, terminal, monkeypatch):
    clock = [50.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    screen = LiveScreen(folder, 8, terminal.console)
    screen.start()
    terminal.read()
    terminal.console.size = (60, 20)
    clock[0] += 1
    screen.refresh()
    text = terminal.read()
    screen.stop()
    assert text.count("\n") <= 20


def test_a_message_and_damage_are_shown_and_end_nothing(folder, terminal, monkeypatch):
    clock = [50.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    screen = LiveScreen(folder, 8, terminal.console)
    screen.start()
    screen.say("stopping now")
    clock[0] += 1
    screen.refresh(urgent=False)
    assert "stopping now" in terminal.read()
    with folder.trials_path.open("ab") as file:
        file.write(b"{}\n")
    clock[0] += 2
    screen.refresh()
    assert ":101:" in terminal.read()
    screen.stop()


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(Exception, match="the file is missing"):
        LiveScreen(RunFolder(tmp_path), 2)
