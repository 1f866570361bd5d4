"""``hpsearch compare``: the best of several runs, what differed, and where they agree.

All runs are measured by the first one's metric name; runs with another metric or goal cannot be
laid on one scale, and are refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.config import Config, differences
from hpsearch.errors import UsageError
from hpsearch.records import Metric, Value
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import RunView, Span, Summary
from hpsearch.report.analysis.seeds import Seeds, seeds_of
from hpsearch.report.analysis.summary import summarise
from hpsearch.space import Number, Parameter

MEASURES = ("trials", "epochs", "seconds")
"""What a best-so-far curve may be drawn against."""

EARLY = 0.05


@dataclass(frozen=True)
class Progress:
    """The best value so far against one measure: increasing ``spent``, one value for each."""

    spent: tuple[float, ...]
    best: tuple[float, ...]


@dataclass(frozen=True)
class ComparedRun:
    """One run. ``differs`` has a line for each part of its config unlike the first run's."""

    summary: Summary
    progress: dict[str, Progress]
    differs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The run's name."""
        return self.summary.view.name


@dataclass(frozen=True)
class Agreement:
    """The stretch of a parameter's axis that all runs searched last: units, and the two values.

    ``span`` is ``None`` where they searched apart.
    """

    parameter: Parameter
    span: Span | None


@dataclass(frozen=True)
class Compared:
    """All runs, the first one first; ``seeds`` groups those that differ in seed alone."""

    runs: tuple[ComparedRun, ...]
    agreements: tuple[Agreement, ...]
    seeds: Seeds | None = None

    @property
    def metric(self) -> Metric:
        """The number that all of them improve."""
        return self.runs[0].summary.metric

    @property
    def hyperparameters(self) -> list[str]:
        """Every hyperparameter of any best trial, in the order of the runs."""
        bests = [run.summary.best for run in self.runs]
        return list(dict.fromkeys(name for best in bests if best for name in best.hparams))


def compare(views: Sequence[RunView], configs: Sequence[Config]) -> Compared:
    """Compare runs; ``configs`` are theirs, in the same order.

    Raises:
        UsageError: fewer than two runs, or they do not improve the same metric.
    """
    if len(views) < 2:
        raise UsageError("comparing takes at least two runs; hpsearch list shows what there is")
    first = views[0].metric
    for view in views[1:]:
        if (view.metric.name, view.metric.goal) != (first.name, first.goal):
            raise UsageError(
                f"{views[0].name} is to {first.goal} {first.name}, and {view.name} to "
                f"{view.metric.goal} {view.metric.name}: compare runs of one metric"
            )
    runs = []
    for view, config in zip(views, configs, strict=True):
        summary = summarise(view)
        runs.append(ComparedRun(summary, progress(summary), tuple(differences(configs[0], config))))
    summaries = [run.summary for run in runs]
    return Compared(tuple(runs), tuple(_agreements(summaries)), seeds_of(summaries, configs))


def progress(summary: Summary) -> dict[str, Progress]:
    """The best value so far against trials, epochs and seconds of training.

    Trials count in their order. Epochs and seconds are those spent on all trials up to there,
    whoever trained them: what the search cost, not how long it took.
    """
    spent = dict.fromkeys(MEASURES, 0.0)
    points: dict[str, list[tuple[float, float]]] = {measure: [] for measure in MEASURES}
    for row, point in zip(summary.trials, summary.history, strict=True):
        spent["trials"] += 1
        spent["epochs"] += row.epochs
        spent["seconds"] += row.seconds
        if point.best is not None:
            for measure in MEASURES:
                points[measure].append((spent[measure], point.best))
    return {
        measure: Progress(tuple(s for s, _ in pairs), tuple(b for _, b in pairs))
        for measure, pairs in points.items()
    }


def shared_axis(compared: Compared) -> ValueAxis | None:
    """One axis for all best-so-far curves; ``None`` where no run has a value.

    The first trials of a search are so much worse than the rest that they would take most of the
    axis: it begins at the worst value that any run had left after a twentieth of its trials.
    """
    values: list[float] = []
    for run in compared.runs:
        best = run.progress["trials"].best
        values += best[int(len(best) * EARLY) :]
    return value_axis(values, compared.metric.goal) if values else None


def _agreements(summaries: Sequence[Summary]) -> list[Agreement]:
    """For each parameter that all runs searched on one axis, where their last ranges meet."""
    agreements = []
    for row in summaries[0].parameters:
        parameter = row.parameter
        rows = [{r.name: r for r in summary.parameters}.get(row.name) for summary in summaries]
        same = [r for r in rows if r is not None and _same_axis(r.parameter, parameter)]
        if len(same) < len(summaries):
            continue
        if isinstance(parameter, Number):
            agreements.append(Agreement(parameter, _overlap(parameter, [r.last for r in same])))
        else:
            kept = [v for v in same[0].last.values if all(_has(r.last.values, v) for r in same)]
            agreements.append(Agreement(parameter, Span(0, 1, tuple(kept)) if kept else None))
    return agreements


def _same_axis(one: Parameter, other: Parameter) -> bool:
    if isinstance(one, Number) and isinstance(other, Number):
        mine = (one.low, one.high, one.scale.name, one.step)
        return mine == (other.low, other.high, other.scale.name, other.step)
    return (
        type(one) is type(other) and one.levels == other.levels and _choices(one) == _choices(other)
    )


def _choices(parameter: Parameter) -> list[str]:
    levels = parameter.levels or 0
    return [repr(parameter.decode((k + 0.5) / levels)) for k in range(levels)]


def _has(values: Sequence[Value], value: Value) -> bool:
    return repr(value) in map(repr, values)


def _overlap(parameter: Number, spans: Sequence[Span]) -> Span | None:
    low, high = max(s.low for s in spans), min(s.high for s in spans)
    if low > high and not math.isclose(low, high):
        return None
    return Span(low, high, (parameter.decode(low), parameter.decode(high)))
