"""``hpsearch report`` in the terminal: the rows of a run as lines of text, at any width from 60."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from hpsearch.records import State
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.analysis.sentences import gain_over_first_round, span_text
from hpsearch.report.analysis.stopped import early_stopping
from hpsearch.report.text.charts import POINTS, DotChart, box, framed, margin, spark
from hpsearch.report.text.glyphs import DATA, LABEL, TOP, WRONG, for_console
from hpsearch.report.text.lines import TextColumn, cells, join, piece, table, truncate, wrap
from hpsearch.report.text.parameter_lines import parameter_lines
from hpsearch.space import Number
from hpsearch.space.parameters import numbers_only
from hpsearch.text import (
    SHORT_LABELS,
    clean,
    duration,
    number,
    numbers,
    plural,
    signed,
)

NARROWEST = 60
CHART_HEIGHT = 9
TOP_TRIALS = 8
FAILURES_SHOWN = 4
RANGES_SHOWN = 3
MOST_POINTS = 4000


def print_lines(lines: Sequence[Text], console: Console) -> None:
    """Print finished lines as the console can show them; it wraps and crops nothing."""
    for line in for_console(lines, console):
        console.print(line, overflow="ignore", crop=False, soft_wrap=True)


def report_lines(summary: Summary, width: int) -> list[Text]:
    """The report as lines no wider than ``width``."""
    sections = (
        header_lines(summary, width),
        best_lines(summary, width),
        history_lines(summary, width),
        parameter_lines(summary, width),
        round_lines(summary, width),
        top_lines(summary, summary.ranked[:TOP_TRIALS], width),
        stopped_lines(summary, width),
        failure_lines(summary, width) + _failed_hint(summary),
    )
    lines: list[Text] = []
    for section in sections:
        if section:
            lines += [Text(), *section] if lines else section
    return lines


def report_title(summary: Summary) -> Text:
    """How every view of a run begins."""
    return join(("hpsearch report", "bold"), " · ", (summary.view.name, f"bold {DATA}"))


def header_lines(summary: Summary, width: int) -> list[Text]:
    """The run's name and how its trials ended."""
    facts = [f"{plural(len(summary.trials), 'trial')} in {plural(len(summary.rounds), 'round')}"]
    planned = summary.view.max_trials
    if planned is not None and planned > len(summary.trials):
        facts[0] = f"{len(summary.trials):,} of {plural(planned, 'trial')}"
    ended = (State.FAILED, State.DIVERGED, State.STOPPED)
    facts += [f"{count:,} {state}" for state in ended if (count := summary.count(state))]
    if summary.trials:
        facts.append(f"{duration(summary.seconds)} of training")
    told = [join(fact + "," * (fact != facts[-1])) for fact in facts]
    return wrap([join(report_title(summary), "   ", told[0]), *told[1:]], width, gap=1)


def best_lines(summary: Summary, width: int) -> list[Text]:
    """The best value, whose it is, what it gained, and the point."""
    best = summary.best
    if best is None or best.value is None:
        return [join(("no trial came to a value yet", "bold"))]
    pieces = [
        join((f"best {summary.metric.name} ", "bold"), (number(best.value), TOP)),
        join(f"trial #{best.trial}, round {best.round}" + _epoch(best)),
    ]
    if best.train is not None:
        gap = signed(best.value - best.train)
        pieces.append(join((f"train {number(best.train)}, gap {gap}", LABEL)))
    if gain := gain_over_first_round(summary):
        pieces.append(join((gain, LABEL)))
    if test := summary.view.test:
        again = f" (test split used {int(test['uses'])} times)" if test["uses"] > 1 else ""
        pieces.append(join("test error ", (number(test["error"]), TOP), (again, LABEL)))
    settings = [
        piece(f"{clean(name)}={number(value)}", DATA) for name, value in best.hparams.items()
    ]
    return wrap(pieces, width) + wrap(settings, width)


def _epoch(best: TrialRow) -> str:
    return f", epoch {best.best_epoch}" if best.best_epoch else ""


def history_lines(summary: Summary, width: int) -> list[Text]:
    """The best value so far above all trials, in order of the index."""
    points = [p for p in summary.history if p.value is not None]
    if len(points) < 2:
        return []
    axis = value_axis([p.value for p in points if p.value is not None], summary.metric.goal)
    chart = _history_chart(summary, axis, width - margin(axis))
    head = [("best so far", "bold"), ("   ━ best", LABEL), ("   · every trial", LABEL)]
    head.append(("   ┆ new round" if len(summary.rounds) > 1 else "", LABEL))
    first, last = summary.history[0].trial, summary.history[-1].trial
    return [truncate(join(*head), width), *framed(chart, axis, f"trial {first}", str(last))]


def _history_chart(summary: Summary, axis: ValueAxis, width: int) -> DotChart:
    chart = DotChart(width, CHART_HEIGHT)
    first, last = summary.history[0].trial, summary.history[-1].trial
    for round_ in summary.rounds[1:]:
        chart.rule((round_.first - first) / (last - first))
    stride = -(-len(summary.history) // MOST_POINTS)
    for place, point in enumerate(summary.history):
        if point.value is not None and place % stride == 0:
            x = (point.trial - first) / (last - first)
            chart.dot(chart.column(x), chart.row(axis.position(point.value)), POINTS)
    line = [p for p in summary.history if p.best is not None]
    xs = [(p.trial - first) / (last - first) for p in line]
    chart.steps(xs, [axis.position(p.best) for p in line if p.best is not None])
    return chart


def round_lines(summary: Summary, width: int) -> list[Text]:
    """Trials, values and ranges, round by round."""
    rows = summary.rounds
    if len(rows) < 2:
        return []
    values = [v for row in rows if row.quartiles for v in row.quartiles]
    axis = value_axis(values, summary.metric.goal)
    best = summary.best.value if summary.best else None
    columns = [
        TextColumn("round", cells([str(row.round) for row in rows]), right=True),
        TextColumn("trials", cells([f"{row.trials:,}" for row in rows]), right=True),
        TextColumn(
            "best",
            [
                piece(text, TOP if row.best == best else "")
                for text, row in zip(numbers(row.best for row in rows), rows, strict=True)
            ],
            right=True,
        ),
        TextColumn("median", cells(numbers(row.median for row in rows)), right=True, drop=1),
        TextColumn(
            f"{clean(summary.metric.name)} spread",
            [box(row.quartiles, axis, 28) if row.quartiles else Text() for row in rows],
            drop=2,
        ),
    ]
    numeric = [row for row in summary.parameters if isinstance(row.parameter, Number)]
    for place, row in enumerate(numeric[:RANGES_SHOWN]):
        texts = [span_text(round_.spans[row.name], row) for round_ in rows]
        columns.append(TextColumn(clean(row.name), cells(texts), drop=3 + place))
    return table(columns, width)


def top_lines(summary: Summary, rows: Sequence[TrialRow], width: int) -> list[Text]:
    """The best trials with their curves and hyperparameters."""
    if not rows:
        return []
    wide = _top_columns(summary, rows, short=False)
    if sum(c.width + 2 for c in wide) - 2 > width:
        wide = _top_columns(summary, rows, short=True)
    return table(wide, width)


def _top_columns(summary: Summary, rows: Sequence[TrialRow], short: bool) -> list[TextColumn]:
    values = numbers(row.value for row in rows)
    first = summary.best.trial if summary.best else None
    axis = value_axis([v for row in rows for v in row.curve if v is not None], summary.metric.goal)
    epochs = max([row.epochs for row in rows], default=1)
    columns = [
        TextColumn("", cells([str(row.rank) for row in rows], LABEL), right=True, drop=90),
        TextColumn("trial", cells([f"#{row.trial}" for row in rows])),
        TextColumn(
            clean(summary.metric.name),
            [
                piece(text, TOP if row.trial == first else "")
                for text, row in zip(values, rows, strict=True)
            ],
            right=True,
        ),
    ]
    if any(row.train is not None for row in rows):
        columns.append(
            TextColumn("train", cells(numbers((r.train for r in rows), 0)), right=True, drop=20)
        )
    if any(len(row.curve) > 1 for row in rows):
        curves = [spark(row.curve, axis, 14, epochs) for row in rows]
        columns.append(TextColumn("curve", curves, drop=30))
    for place, parameter in enumerate(summary.parameters):
        name = clean(parameter.name)
        columns.append(
            TextColumn(
                SHORT_LABELS.get(name, name) if short else name,
                cells([number(row.hparams.get(parameter.name)) for row in rows]),
                right=numbers_only([row.hparams.get(parameter.name, 0) for row in rows]),
                drop=40 + place,
            )
        )
    columns.append(
        TextColumn("epochs", cells([str(row.epochs) for row in rows]), right=True, drop=100)
    )
    seconds = cells([number(row.seconds) for row in rows])
    columns.append(TextColumn("sec", seconds, right=True, drop=101))
    return columns


def stopped_lines(summary: Summary, width: int) -> list[Text]:
    """What early stopping saved, and what it may have cost."""
    told = " ".join(early_stopping(summary.view))
    return wrap([piece(word) for word in told.split()], width, gap=1)


def failure_lines(summary: Summary, width: int) -> list[Text]:
    """What failed, grouped, with what the trials of a group have in common."""
    lines = []
    for row in summary.failures[:FAILURES_SHOWN]:
        first = f"#{row.trials[0]} " if len(row.trials) == 1 else ""
        pieces = [join((f"{len(row.trials)} {row.state}: ", WRONG), first, row.error)]
        if row.shared:
            pieces.append(join((f"all with {row.shared}", "bold")))
        lines += wrap(pieces, width, gap=3)
    rest = len(summary.failures) - FAILURES_SHOWN
    if rest > 0:
        lines.append(join((f"and {plural(rest, 'more kind')} of failure", LABEL)))
    return lines


def _failed_hint(summary: Summary) -> list[Text]:
    """Where to look further, if anything failed."""
    if not summary.failures:
        return []
    return [join((f"hpsearch report {summary.view.name} --failed lists them", LABEL))]
