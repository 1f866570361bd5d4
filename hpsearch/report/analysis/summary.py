"""From the results of a run to the rows that are shown. Nothing here draws."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from hpsearch.panda.run_facts import hyperparameters
from hpsearch.records import Metric, TrialResult, finite, ranked_results, train_counterpart
from hpsearch.report.analysis.failures import group_failures
from hpsearch.report.analysis.importance import measure_importance
from hpsearch.report.analysis.ranges import last_spans
from hpsearch.report.analysis.rows import (
    HistoryPoint,
    Importance,
    ParameterRow,
    Quartiles,
    RoundRow,
    RunView,
    Span,
    Summary,
    TrialRow,
)
from hpsearch.report.analysis.weighed import beside, is_infeasible, outside
from hpsearch.search.front import front_of, hypervolumes
from hpsearch.space import Space


def summarise(view: RunView, importance: Importance | None = None) -> Summary:
    """All rows of a run; what mattered is measured, unless it is given."""
    results = sorted(view.results, key=lambda r: r.trial.index)
    train_metric = train_counterpart(view.metric.name, {name for r in results for name in r.curves})
    front = front_of(results, view.metric) if view.metric.further else None
    trials = trial_rows(results, view.metric, train_metric, front.indices if front else ())
    ranked = tuple(sorted((t for t in trials if t.rank is not None), key=lambda t: t.rank or 0))
    if importance is None:
        importance = measure_importance(view.space, view.metric, results, view.seed or 0)
    return Summary(
        view=view,
        trials=trials,
        ranked=ranked,
        history=history(trials, view.metric),
        parameters=parameter_rows(view.space, ranked, importance, last_spans(view.space, results)),
        rounds=round_rows(view.space, view.metric, results),
        failures=group_failures(view.space, trials),
        importance=importance,
        train_metric=train_metric,
        front=front,
        hypervolumes=tuple(hypervolumes(results, view.metric)) if front else (),
    )


def trial_rows(
    results: Sequence[TrialResult],
    metric: Metric,
    train_metric: str | None,
    on_front: Collection[int] = (),
) -> tuple[TrialRow, ...]:
    """One row for each result, in their order."""
    ranked = ranked_results(results, metric)
    ranks = {r.trial.index: rank for rank, r in enumerate(ranked, start=1)}
    rows = (trial_row(r, ranks.get(r.trial.index), metric, train_metric) for r in results)
    return tuple(replace(row, on_front=True) if row.trial in on_front else row for row in rows)


def trial_row(
    result: TrialResult, rank: int | None, metric: Metric, train_metric: str | None
) -> TrialRow:
    """The row of one result; ``rank`` is ``None`` for one without a value."""
    return TrialRow(
        trial=result.trial.index,
        round=result.trial.round,
        state=result.state,
        rank=rank,
        value=result.value if rank is not None else None,
        best_epoch=result.best_epoch,
        epochs=result.epochs,
        seconds=result.seconds,
        hparams=hyperparameters(result.trial.hparams),
        unit=result.trial.unit,
        curves=result.curves,
        metric=metric.name,
        train_metric=train_metric,
        error=result.error,
        repeats=result.repeats,
        beside=beside(result, metric),
        outside=outside(result, metric),
    )


def history(trials: Sequence[TrialRow], metric: Metric) -> tuple[HistoryPoint, ...]:
    """The best value so far, trial by trial."""
    best: float | None = None
    points = []
    for row in trials:
        value = row.value
        if value is not None and (best is None or metric.goal.loss(value) < metric.goal.loss(best)):
            best = value
        points.append(HistoryPoint(row.trial, row.round, row.state, value, best))
    return tuple(points)


def parameter_rows(
    space: Space,
    ranked: Sequence[TrialRow],
    importance: Importance,
    spans: dict[str, Span],
) -> tuple[ParameterRow, ...]:
    """One row for each searched parameter, what mattered most first."""
    best = ranked[0] if ranked else None
    rows = []
    for column, parameter in enumerate(space.searched):
        worst = max(len(ranked) - 1, 1)
        marks = tuple(
            (row.unit[column], place / worst)
            for place, row in enumerate(ranked)
            if parameter.name in row.hparams
        )
        active = best is not None and parameter.name in best.hparams
        rows.append(
            ParameterRow(
                parameter=parameter,
                column=column,
                share=(importance.shares or {}).get(parameter.name),
                marks=marks,
                last=spans[parameter.name],
                best=best.hparams[parameter.name] if best and active else None,
                best_unit=best.unit[column] if best and active else None,
            )
        )
    rows.sort(key=lambda row: -row.share.value if row.share else 0.0)  # stable without shares
    return tuple(rows)


def round_rows(
    space: Space, metric: Metric, results: Sequence[TrialResult]
) -> tuple[RoundRow, ...]:
    """One row for each round."""
    by_round = sorted(results, key=lambda r: (r.trial.round, r.trial.index))
    rows = []
    for number, group in groupby(by_round, key=lambda r: r.trial.round):
        members = list(group)
        counted = [r for r in members if not is_infeasible(r, metric)]
        values = [v for r in counted if (v := finite(r.value)) is not None]
        rows.append(
            RoundRow(
                round=number,
                trials=len(members),
                first=members[0].trial.index,
                last=members[-1].trial.index,
                best=min(values, key=metric.goal.loss) if values else None,
                quartiles=_quartiles(values),
                spans=last_spans(space, members),
            )
        )
    return tuple(rows)


def _quartiles(values: Sequence[float]) -> Quartiles | None:
    if not values:
        return None
    # The values themselves, not points between them: no overflow, and each one occurred.
    low, q1, middle, q3, high = np.quantile(
        np.asarray(values), (0, 0.25, 0.5, 0.75, 1), method="lower"
    )
    return float(low), float(q1), float(middle), float(q3), float(high)
