"""One trial in the terminal: its point, its curves, why it ended, and how to train it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text

from hpsearch.records import State, TrialResult
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.ranges import span_of
from hpsearch.report.analysis.rows import Curve, ParameterRow, Span, Summary, TrialRow
from hpsearch.report.analysis.sentences import span_text
from hpsearch.report.text.charts import LINE, POINTS, DotChart, framed, margin, strip
from hpsearch.report.text.glyphs import DATA, LABEL, TOP, WRONG
from hpsearch.report.text.lines import (
    TextColumn,
    cells,
    join,
    piece,
    sentence,
    table,
    truncate,
    wrap,
)
from hpsearch.report.text.parameter_lines import choice_text
from hpsearch.report.text.why_lines import why_lines
from hpsearch.report.text.writer import report_title, stacked
from hpsearch.search.proposals import Reasons
from hpsearch.space import Derived, Number
from hpsearch.text import clean, duration, number, plural

CHART_HEIGHT = 8
ERROR_LINES = 30
CUTOFFS = 3

_STYLES = {POINTS: DATA, LINE: TOP, CUTOFFS: "yellow"}


def trial_lines(
    summary: Summary,
    index: int,
    width: int,
    log: Sequence[str] = (),
    why: Reasons | None = None,
) -> list[Text]:
    """Everything about trial ``index``; ``log`` is the end of what it printed.

    ``why`` adds the reasons for its point.

    Raises:
        UsageError: there is no such trial, or it is not recorded yet.
    """
    result = summary.view.result(index)
    row = next(row for row in summary.trials if row.trial == index)
    sections: list[list[Text]] = [
        _head(summary, result, row, width),
        _point(summary, result, row, width),
        [] if why is None else why_lines(summary, result, why, width),
        _curves(summary, result, row, width),
        _ending(summary, result, width),
        [truncate(piece(line), width) for line in (result.error or "").splitlines()[-ERROR_LINES:]],
        [line for note in result.notes for line in sentence(f"note: {clean(note)}", width)],
        [join(("the end of its log", "bold"))] * bool(log)
        + [truncate(piece(line), width) for line in log],
        _again(summary, result),
    ]
    return stacked(sections)


def _head(summary: Summary, result: TrialResult, row: TrialRow, width: int) -> list[Text]:
    style = WRONG if row.rank is None else ""
    pieces = [
        join(report_title("report", summary.view.name), " · ", (f"trial #{row.trial}", "bold")),
        join((str(row.state), style)),
        join(f"round {row.round}"),
    ]
    if row.outside:
        pieces.append(join(("infeasible", WRONG)))
    if row.rank is not None:
        pieces.append(join(f"rank {row.rank:,} of {len(summary.ranked):,}"))
    values = []
    if row.value is not None:
        at = f" at epoch {row.best_epoch}" if row.best_epoch else ""
        values.append(join((f"{summary.metric.name} ", "bold"), (number(row.value), TOP), at))
    elif result.value is not None:
        values.append(join((f"{summary.metric.name} ", "bold"), number(result.value)))
    if row.outside:
        values.append(join(row.outside))
    else:
        values += [piece(f"{clean(n)} {number(v)}") for n, v in row.beside.items()]
    if row.train is not None:
        values.append(join((f"{summary.train_metric} {number(row.train)} there", LABEL)))
    values.append(join((f"{plural(row.epochs, 'epoch')} in {duration(row.seconds)}", LABEL)))
    values.append(join((f"proposed by {result.trial.origin}", LABEL)))
    values.append(join((f"seed {result.trial.seed}", LABEL)))
    return [*wrap(pieces, width, gap=3), *wrap(values, width)]


def _point(summary: Summary, result: TrialResult, row: TrialRow, width: int) -> list[Text]:
    """Its values inside the ranges that were searched when it was proposed, beside the best."""
    best = summary.best
    strip_width = 32 if width >= 100 else 20
    shown, now, ends = [], [], []
    for parameter in summary.parameters:
        recorded = result.trial.ranges.get(parameter.name, ())
        searched = span_of(parameter.parameter, recorded)
        active = parameter.name in row.hparams
        if isinstance(parameter.parameter, Number):
            unit = row.unit[parameter.column] if active else None
            shown.append(strip(searched, unit, strip_width))
            ends.append((number(parameter.parameter.low), number(parameter.parameter.high)))
        else:
            mine = _with_value(parameter, row, searched)
            shown.append(choice_text(mine, strip_width + 2))
            ends.append(("", ""))
        now.append(span_text(searched, parameter))
    names = [parameter.name for parameter in summary.parameters]
    columns = [
        TextColumn("parameter", cells(names, "bold")),
        TextColumn("value", cells([number(row.hparams.get(n)) for n in names], TOP), right=True),
        TextColumn("", cells([low for low, _ in ends], LABEL), right=True, drop=3),
        TextColumn("in what was searched then", shown, drop=1),
        TextColumn("", cells([high for _, high in ends], LABEL), drop=3),
        TextColumn("range then", cells(now), drop=2),
    ]
    if best is not None and best.trial != row.trial:
        values = [number(best.hparams.get(n)) for n in names]
        columns.append(TextColumn(f"best #{best.trial}", cells(values, LABEL), right=True, drop=4))
    lines = table(columns, width) if names else []
    return [*lines, *_derived(summary, row, width)]


def _derived(summary: Summary, row: TrialRow, width: int) -> list[Text]:
    """What was computed of its values, and how."""
    derived = [p for p in summary.view.space.parameters if isinstance(p, Derived)]
    return [
        truncate(
            join((clean(p.name), "bold"), " ", (number(value), TOP), f" = {p.expression}"), width
        )
        for p in derived
        if (value := row.hparams.get(p.name)) is not None
    ]


def _with_value(parameter: ParameterRow, row: TrialRow, searched: Span) -> ParameterRow:
    active = parameter.name in row.hparams
    return replace(
        parameter,
        last=searched,
        best=row.hparams.get(parameter.name),
        best_unit=row.unit[parameter.column] if active else None,
    )


def _curves(summary: Summary, result: TrialResult, row: TrialRow, width: int) -> list[Text]:
    if len(row.curve) < 2:
        return []
    cutoffs = {e: v for e, v in result.trial.cutoffs.items() if 1 <= e <= len(row.curve)}
    values = [v for curve in (row.curve, row.train_curve) for v in curve if v is not None]
    axis = value_axis([*values, *cutoffs.values()], summary.metric.goal)
    chart = DotChart(width - margin(axis), CHART_HEIGHT, styles=_STYLES)
    last = len(row.curve) - 1
    for curve, layer in ((row.train_curve, POINTS), (row.curve, LINE)):
        for stretch in _pieces(curve, axis, last):
            chart.curve(stretch, layer)
    for epoch, value in cutoffs.items():
        chart.dot(chart.column((epoch - 1) / last), chart.row(axis.position(value)), CUTOFFS)
    head = [("curve", "bold"), (f"   ━ {summary.metric.name}", TOP)]
    if summary.train_metric and any(v is not None for v in row.train_curve):
        head.append((f"   ━ {summary.train_metric}", DATA))
    if cutoffs:
        head.append(("   · cut-offs", "yellow"))
    return [truncate(join(*head), width), *framed(chart, axis, "epoch 1", str(len(row.curve)))]


def _pieces(curve: Curve, axis: ValueAxis, last: int) -> list[list[tuple[float, float]]]:
    """The points of a curve, in pieces where a number was not finite."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for epoch, value in enumerate(curve):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((epoch / last, axis.position(value)))
    return [piece for piece in pieces if piece]


def _ending(summary: Summary, result: TrialResult, width: int) -> list[Text]:
    """Why it was stopped, if it was."""
    if result.state is not State.STOPPED or result.value is None:
        return []
    cutoff = result.trial.cutoffs.get(result.epochs)
    if cutoff is None:
        return []
    text = (
        f"stopped after epoch {result.epochs}: {summary.metric.name} {number(result.value)} so "
        f"far, and {number(cutoff)} was the worst with which it could go on"
    )
    return sentence(text, width)


def _again(summary: Summary, result: TrialResult) -> list[Text]:
    """The command that trains it alone; the same point and seed give the same curve."""
    command = f"hpsearch retest {summary.view.name} --trial {result.trial.index}"
    lines = [join(("train it again, alone: ", LABEL), command)]
    if summary.view.folder:
        path = f"{summary.view.folder}/trials.jsonl"
        lines.append(join(("recorded in ", LABEL), path))
    return lines
