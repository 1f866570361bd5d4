"""Trials in a table, and what failed in groups: in a search's report, and alone where asked for."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.records import State
from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.failures import FAILED, first_line
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.sections.model import (
    AnyColumn,
    Cell,
    Column,
    FailureGroup,
    Failures,
    Look,
    Report,
    Section,
    Sentence,
    Sparklines,
    Table,
    texts,
)
from hpsearch.space.parameters import numbers_only
from hpsearch.text import clean, number, numbers, plural, short_label

TOLD_APART = 15
"""So many values at the head of the table get the digits that tell them apart."""

NO_VALUE = "no trial has a value yet"

_SHAPES = {State.DONE: "●", State.STOPPED: "○", State.DIVERGED: "×", State.FAILED: "×"}


def top_report(summary: Summary, count: int) -> Report:
    """The best ``count`` trials."""
    rows = summary.ranked[:count]
    shown = f"best {len(rows):,} of {plural(len(summary.ranked), 'trial')}"
    table = (Section("", (trial_table(summary, rows),)),) if rows else ()
    return Report("report", summary.view.name, (shown if rows else NO_VALUE,), table)


def failed_report(summary: Summary) -> Report:
    """Every trial that failed or diverged, after what they have in common."""
    rows = [row for row in summary.trials if row.state in FAILED]
    if not rows:
        return Report("report", summary.view.name, ("no trial failed",), ())
    failed = failures(summary)
    sections = [Section("", (failed,)), Section("", (_failed_table(summary, rows),))]
    if summary.view.folder:
        logs = f"logs: {summary.view.folder}/trials/NNNN/log.txt"
        sections.append(Section("", (Sentence(logs),)))
    return Report("report", summary.view.name, (failed.title,), tuple(sections))


def trial_table(summary: Summary, rows: Sequence[TrialRow]) -> Table:
    """Ranked trials, the best first: their values, curves and hyperparameters."""
    values = numbers((row.value for row in rows), apart=TOLD_APART)
    looks = [Look.BEST if row.rank == 1 else Look.PLAIN for row in rows]
    ranks = texts((str(row.rank) for row in rows), Look.NOTE)
    states = texts(f"{_SHAPES[row.state]} {row.state}" for row in rows)
    columns: list[AnyColumn] = [
        Column("rank", ranks, numbers=True, drop=90, short=""),
        Column("trial", texts(f"#{row.trial}" for row in rows)),
        Column("round", texts(str(row.round) for row in rows), numbers=True, page_only=True),
        Column("state", states, page_only=True),
        Column(clean(summary.metric.name), tuple(map(Cell, values, looks)), numbers=True),
    ]
    if any(row.repeats for row in rows):
        spreads = texts(number(row.standard_error, 2) for row in rows)
        columns.append(Column("±", spreads, numbers=True, drop=30))
    columns += beside_columns(summary, rows)
    if any(row.train is not None for row in rows):
        trains = texts(numbers((row.train for row in rows), apart=0))
        columns.append(Column("train", trains, numbers=True, drop=20))
    if any(len(row.curve) > 1 for row in rows):
        columns.append(_curves(summary, rows))
    columns += hyperparameter_columns(summary, rows, drop=40)
    epochs, seconds = (row.epochs for row in rows), (row.seconds for row in rows)
    columns.append(Column("epochs", texts(map(str, epochs)), numbers=True, drop=100))
    columns.append(Column("sec", texts(map(number, seconds)), numbers=True, drop=101))
    caption = f"Trials, best {clean(summary.metric.name)} first"
    return Table(caption, tuple(columns), tuple(row.trial for row in rows))


def beside_columns(summary: Summary, rows: Sequence[TrialRow]) -> list[Column]:
    """A column for each number that is weighed beside the metric."""
    columns = []
    for name in summary.metric.needed[1:]:
        figures = texts(numbers((row.beside.get(name) for row in rows), apart=0))
        columns.append(Column(clean(name), figures, numbers=True, drop=15))
    return columns


def front_table(summary: Summary, rows: Sequence[TrialRow]) -> Table:
    """Trials of the front, the best in the first goal first, and which is the best in what."""
    front = summary.front
    assert front is not None
    ends = [(name, result.trial.index) for name, result in front.ends.items()]
    knee = front.knee.trial.index if front.knee is not None else None
    notes = []
    for row in rows:
        best_in = [f"best {clean(name)}" for name, index in ends if index == row.trial]
        notes.append(", ".join([*best_in, *(["knee"] if row.trial == knee else [])]))
    columns: list[AnyColumn] = [Column("front", texts(f"#{row.trial}" for row in rows))]
    columns.append(Column("", texts(notes, Look.BEST)))
    values = [numbers(row.value for row in rows)]
    values += [numbers(row.beside.get(goal.name) for row in rows) for goal in front.metric.further]
    for goal, column in zip(front.metric.goals, values, strict=True):
        columns.append(Column(clean(goal.name), texts(column), numbers=True))
    columns += hyperparameter_columns(summary, rows, drop=40)
    return Table("The front", tuple(columns))


def _curves(summary: Summary, rows: Sequence[TrialRow]) -> Sparklines:
    axis = value_axis([v for row in rows for v in row.curve if v is not None], summary.metric.goal)
    curves = tuple(row.curve for row in rows)
    return Sparklines(curves, axis, max(row.epochs for row in rows), drop=30)


def hyperparameter_columns(
    summary: Summary, rows: Sequence[TrialRow], drop: int = 10
) -> list[Column]:
    """A column for each that was searched or derived; the least important leaves first."""
    columns = []
    derived = [p.name for p in summary.view.space.parameters if p.needs]
    for place, asked in enumerate([*(p.name for p in summary.parameters), *derived]):
        name = clean(asked)
        values = [row.hparams.get(asked) for row in rows]
        columns.append(
            Column(
                name,
                texts(number(value) for value in values),
                numbers=numbers_only([value for value in values if value is not None]),
                drop=drop + place,
                narrow=short_label(name),
            )
        )
    return columns


def _failed_table(summary: Summary, rows: Sequence[TrialRow]) -> Table:
    columns = (
        Column("trial", texts(f"#{row.trial}" for row in rows)),
        Column("round", texts(str(row.round) for row in rows), numbers=True, drop=50),
        Column("state", texts((str(row.state) for row in rows), Look.WORSE)),
        Column("epochs", texts(str(row.epochs) for row in rows), numbers=True, drop=60),
        *hyperparameter_columns(summary, rows),
        Column("error", texts(first_line(row) for row in rows)),
    )
    return Table("Failed and diverged trials", columns)


def failures(summary: Summary, hint: str = "") -> Failures:
    """What failed, grouped, with what the trials of a group have in common."""
    groups = tuple(
        FailureGroup(
            head=f"{len(row.trials):,} {row.state}:",
            error=row.error,
            shared=f"all with {row.shared}" if row.shared else "",
            trials=row.trials,
        )
        for row in summary.failures
    )
    total = sum(len(row.trials) for row in summary.failures)
    return Failures(f"{plural(total, 'trial')} failed or diverged", groups, hint)
