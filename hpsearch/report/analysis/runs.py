"""What runs there are, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.config import load_config
from hpsearch.errors import HpsearchError
from hpsearch.panda.reading import read_lineage
from hpsearch.records import Metric
from hpsearch.report.analysis.consistency import check_dimensions
from hpsearch.search.confirmations import read_confirmation
from hpsearch.search.ending import Valued, counted_value, expected_trials
from hpsearch.store.rundir import RunFolder


@dataclass(frozen=True)
class RunRow:
    """One run. ``state`` is running, complete, unfinished, babysat or damaged.

    A babysat run has no trials, and is complete when its person says so. ``age`` is in seconds.
    ``best`` is a mean over fresh seeds where the run is ``confirmed``, else the best observed.
    """

    name: str
    state: str
    trials: int
    max_trials: int | None
    metric: str
    best: float | None
    age: float
    problem: str | None = None
    confirmed: bool = False


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
        return _search_row(folder, age, running=running)
    except HpsearchError as error:
        return RunRow(folder.name, "damaged", 0, None, "", None, age, error.message)


def _search_row(folder: RunFolder, age: float, *, running: bool) -> RunRow:
    config = load_config(folder.resolved_path).config
    endings = sorted(folder.endings().values(), key=lambda ending: ending.index)
    check_dimensions(folder, config, ((e.index, e.dimensions) for e in endings))
    metric = config.metric_record()
    known: dict[int, Valued] = {ending.index: ending for ending in endings}
    if metric.limits:  # how a trial ended does not say whether it keeps them
        known = {result.trial.index: result for result in folder.results()}
    most = expected_trials(config, known)
    values = (counted_value(result, metric) for result in known.values())
    best = min((v for v in values if v is not None), key=metric.goal.loss, default=None)
    done = len(endings) >= most
    mean = _confirmed_mean(folder, metric)
    return RunRow(
        name=folder.name,
        state="running" if running else "complete" if done else "unfinished",
        trials=len(endings),
        max_trials=most,
        metric=metric.name,
        best=best if mean is None else mean,
        age=age,
        confirmed=mean is not None,
    )


def _confirmed_mean(folder: RunFolder, metric: Metric) -> float | None:
    """The confirmed winner's mean; the results are read of those runs alone that have one."""
    if not folder.confirm_path.exists():
        return None
    known = read_confirmation(folder, folder.results(), metric)
    return known.winner.mean if known is not None and known.winner is not None else None


def _babysat_row(folder: RunFolder, age: float, *, running: bool) -> RunRow:
    lineage = read_lineage(folder)
    metric, best = lineage.start.metric.name, lineage.best()
    value = best.values[metric] if best else None
    return RunRow(folder.name, "running" if running else "babysat", 0, None, metric, value, age)
