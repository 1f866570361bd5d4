"""Following a run that another process works on, or that has ended; nothing is written.

Who is at work is told by the run's lock, which ends with its holder, so a run that was killed is
seen to have stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from rich.console import Console

from hpsearch.records import Metric, State, TrialResult, finite
from hpsearch.report.analysis.summary import trial_row
from hpsearch.report.live.live import LiveScreen
from hpsearch.report.live.snapshot import LiveRun, Snapshot
from hpsearch.store.journal import JournalTail
from hpsearch.store.lock import read_holder
from hpsearch.store.results import results_from
from hpsearch.store.rundir import RunFolder
from hpsearch.text import assignments, clean, clock, number

PAUSE = 0.5  # seconds between two looks at a run that is at work
LONG_PAUSE = 1.0  # and at one that is not


class WatchedRun(LiveRun):
    """A run with the clock of the process that is at work on it, and no clock without one."""

    def snapshot(self) -> Snapshot:
        seen = super().snapshot()
        seconds = seconds_at_work(self.folder)
        return replace(seen, elapsed=seconds, eta=None if seconds is None else seen.eta)


def seconds_at_work(folder: RunFolder) -> float | None:
    """For how long the process that is at work now has been; ``None`` if there is none."""
    if not folder.is_locked():
        return None
    holder = read_holder(folder.lock_path)
    if holder is None:  # it has the lock, and has not yet said who it is
        return 0.0
    with suppress(ValueError):
        return max(time.time() - datetime.fromisoformat(holder.started).timestamp(), 0.0)
    return 0.0


def condition(snapshot: Snapshot) -> str:
    """Why nothing moves; empty while a process is at work."""
    if snapshot.elapsed is not None:
        return ""
    if snapshot.recorded >= snapshot.max_trials:
        return "the run is complete"
    return "no process is at work on this run; the command that started it goes on with it"


def watch_live(folder: RunFolder, console: Console, leave: Callable[[float], bool]) -> None:
    """Draw the live screen until ``leave(seconds)``, which waits for so long, says to stop.

    Raises:
        RunError, ConfigError: the folder cannot be read at the start.
    """
    run = WatchedRun(folder)
    screen = LiveScreen(folder, None, console, title="hpsearch watch", run=run)
    try:
        screen.start()
        shown, left = "", False
        while not left:
            reason = condition(screen.snapshot)
            if reason != shown:
                screen.say(f"{reason}; q leaves" if reason else "")
                shown = reason
            screen.refresh()
            left = leave(LONG_PAUSE if reason else PAUSE)
    finally:
        screen.stop()


def watch_plain(
    folder: RunFolder, write: Callable[[str], None], pause: Callable[[float], object] = time.sleep
) -> None:
    """Write what happens, a line each, until no process is at work on the run.

    Raises:
        RunError, ConfigError: the folder cannot be read, or is damaged.
    """
    news = News(WatchedRun(folder))
    for line in news.opening():
        write(line)
    while seconds_at_work(folder) is not None:
        for line in news.lines():
            write(line)
        pause(PAUSE)
    for line in (*news.lines(), news.closing()):
        write(line)


class News:
    """What happens in a run, in lines: new rounds, new bests, failures, every tenth of the way.

    The first look sums up what has happened so far.
    """

    def __init__(self, run: LiveRun) -> None:
        self._run = run
        self._metric: Metric = run.metric
        self._tail = JournalTail(run.folder.trials_path)
        self._recorded = 0
        self._round = 1
        self._best: TrialResult | None = None

    def opening(self) -> list[str]:
        """How far the run is, and its best so far."""
        for result in self._new():
            self._take(result)
        lines = [self._timed(f"{self._run.folder.name}: {self._counted()}")]
        return lines + ([self._timed(self._best_so_far())] if self._best else [])

    def lines(self) -> list[str]:
        """What is new since the last look."""
        return [self._timed(text) for result in self._new() for text in self._take(result)]

    def closing(self) -> str:
        """How the run stands now that nobody is at work on it."""
        return self._timed(f"{self._counted()}; {condition(self._run.snapshot())}")

    def _new(self) -> list[TrialResult]:
        return results_from(self._tail.path, self._tail.poll())

    def _take(self, result: TrialResult) -> list[str]:
        lines = []
        self._recorded += result.attempt == 1
        if result.trial.round > self._round:
            self._round = result.trial.round
            lines.append(f"round {self._round} has its first result")
        if result.state in (State.FAILED, State.DIVERGED):
            reason = clean(result.error or "it gave no reason")
            lines.append(f"trial {result.trial.index} {result.state}: {reason}")
        elif self._is_better(result):
            self._best = result
            lines.append(self._best_so_far())
        total = self._run.max_trials
        if 10 * self._recorded // total > 10 * (self._recorded - 1) // total:
            lines.append(self._counted())
        return lines

    def _is_better(self, result: TrialResult) -> bool:
        value = finite(result.value)
        if value is None:
            return False
        loss = self._metric.goal.loss
        before = self._best.value if self._best else None
        return before is None or loss(value) < loss(before)

    def _best_so_far(self) -> str:
        assert self._best is not None
        row = trial_row(self._best, 1, self._metric, None)
        point = "  ".join(assignments(list(row.hparams.items())))
        return f"best {clean(self._metric.name)} {number(row.value)} (trial {row.trial}): {point}"

    def _counted(self) -> str:
        return f"{self._recorded}/{max(self._run.max_trials, self._recorded)} trials"

    def _timed(self, text: str) -> str:
        seconds = seconds_at_work(self._run.folder)
        return text if seconds is None else f"{clock(seconds)}  {text}"
