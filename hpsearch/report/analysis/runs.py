"""What runs there are, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.errors import HpsearchError
from hpsearch.panda.opening import read_lineage
from hpsearch.records import best_result
from hpsearch.report.analysis.load import load_run
from hpsearch.store.rundir import RunFolder


@dataclass(frozen=True)
class RunRow:
    """One run. ``state`` is running, complete, unfinished, babysat or damaged.

    A babysat run has no trials, and is complete when its person says so. ``age`` is in seconds.
    """

    name: str
    state: str
    trials: int
    max_trials: int | None
    metric: str
    best: float | None
    age: float
    problem: str | None = None


def run_rows(folders: Sequence[RunFolder], now: float) -> list[RunRow]:
    """One row for each folder, in their order; ``now`` is in seconds since 1970."""
    return [run_row(folder, now) for folder in folders]


def run_row(folder: RunFolder, now: float) -> RunRow:
    """What there is to say of a run; one that cannot be read says why."""
    age = 0.0
    try:
        age = max(now - folder.changed_at(), 0.0)
        running = folder.is_locked()
        if folder.is_babysat:
            return _babysat_row(folder, age, running=running)
        view = load_run(folder)
    except HpsearchError as error:
        return RunRow(folder.name, "damaged", 0, None, "", None, age, error.message)
    best = best_result(view.results, view.metric)
    done = view.max_trials is not None and len(view.results) >= view.max_trials
    return RunRow(
        name=view.name,
        state="running" if running else "complete" if done else "unfinished",
        trials=len(view.results),
        max_trials=view.max_trials,
        metric=view.metric.name,
        best=best.value if best else None,
        age=age,
    )


def _babysat_row(folder: RunFolder, age: float, *, running: bool) -> RunRow:
    lineage = read_lineage(folder)
    metric, best = lineage.start.metric.name, lineage.best()
    value = best.values[metric] if best else None
    return RunRow(folder.name, "running" if running else "babysat", 0, None, metric, value, age)
