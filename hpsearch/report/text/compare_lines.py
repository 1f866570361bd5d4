"""A comparison of runs in the terminal."""

from __future__ import annotations

from rich.text import Text

from hpsearch.report.analysis.axis import ValueAxis
from hpsearch.report.analysis.compare import MEASURES, Compared, ComparedRun, shared_axis
from hpsearch.report.text.charts import DotChart, framed, margin, strip
from hpsearch.report.text.glyphs import LABEL, TOP
from hpsearch.report.text.lines import Column, beside, cells, fit, flow, join, table, words
from hpsearch.space import Number
from hpsearch.text import clean, duration, number, numbers, plural, span

CHART_HEIGHT = 8
SIDE_BY_SIDE = 108
STYLES = ("cyan", "magenta", "yellow", "green", "blue", "red")
"""Runs are told apart by colour, and in the list by the same colour beside their number."""

DIFFERENCES_SHOWN = 8


def compare_lines(compared: Compared, width: int) -> list[Text]:
    """The whole comparison, no line wider than ``width``."""
    sections = [
        [fit(join(("hpsearch compare", "bold"), f"   {plural(len(compared.runs), 'run')}"), width)],
        _runs(compared, width),
        _charts(compared, width),
        _settings(compared, width),
        _agreement(compared, width),
        _differences(compared, width),
    ]
    lines: list[Text] = []
    for section in sections:
        if section:
            lines += [Text(), *section] if lines else section
    return lines


def style(number_: int) -> str:
    """The colour of a run, by its place."""
    return STYLES[number_ % len(STYLES)]


def _runs(compared: Compared, width: int) -> list[Text]:
    runs = compared.runs
    bests = [run.summary.best for run in runs]
    values = numbers(best.value if best else None for best in bests)
    winner = _winner(compared)
    columns = [
        Column("", [Text(f"━ {place + 1}", style=style(place)) for place in range(len(runs))]),
        Column("run", cells([run.name for run in runs], "bold")),
        Column(
            f"best {clean(compared.metric.name)}",
            [words(v, TOP if place == winner else "") for place, v in enumerate(values)],
            right=True,
        ),
        Column("at trial", cells([f"#{b.trial}" if b else "-" for b in bests]), right=True, drop=2),
        Column("trials", cells([f"{len(run.summary.trials):,}" for run in runs]), right=True),
        Column("epochs", cells([f"{_epochs(run):,}" for run in runs]), right=True, drop=3),
        Column("training", cells([duration(run.summary.seconds) for run in runs]), drop=1),
    ]
    return table(columns, width)


def _epochs(run: ComparedRun) -> int:
    return sum(row.epochs for row in run.summary.trials)


def _winner(compared: Compared) -> int | None:
    found = [
        (compared.metric.goal.loss(run.summary.best.value), place)
        for place, run in enumerate(compared.runs)
        if run.summary.best is not None and run.summary.best.value is not None
    ]
    return min(found)[1] if found else None


def _charts(compared: Compared, width: int) -> list[Text]:
    """Best so far against trials, epochs and seconds, on one scale."""
    axis = shared_axis(compared)
    if axis is None:
        return []
    if width >= SIDE_BY_SIDE:
        each = (width - 4) // 3
        lines: list[Text] = []
        for place, measure in enumerate(MEASURES):
            chart = _chart(compared, measure, axis, each)
            lines = beside(lines, chart, place * (each + 2)) if lines else chart
        return lines
    blocks = [_chart(compared, measure, axis, width) for measure in MEASURES]
    return [
        line
        for number_, block in enumerate(blocks)
        for line in ([Text()] if number_ else []) + block
    ]


def _chart(compared: Compared, measure: str, axis: ValueAxis, width: int) -> list[Text]:
    layers = {place + 1: style(place) for place in range(len(compared.runs))}
    chart = DotChart(width - margin(axis), CHART_HEIGHT, styles=layers, merged=True)
    most = max((max(r.progress[measure].spent, default=0.0) for r in compared.runs), default=0.0)
    for place, run in enumerate(compared.runs):
        line = run.progress[measure]
        xs = [spent / most if most > 0 else 0.0 for spent in line.spent]
        chart.steps(xs, [axis.position(value) for value in line.best], place + 1)
    end = duration(most) if measure == "seconds" else f"{most:,.0f}"
    name = "training" if measure == "seconds" else measure
    return [join((f"best so far by {name}", "bold")), *framed(chart, axis, "0", end)]


def _settings(compared: Compared, width: int) -> list[Text]:
    """The best settings side by side."""
    names = compared.hyperparameters
    if not names:
        return []
    columns = [Column("best setting", cells(names, "bold"))]
    for place, run in enumerate(compared.runs):
        best = run.summary.best
        point = best.hparams if best else {}
        texts = [number(point.get(name)) for name in names]
        differ = [len(set(_values(compared, name))) > 1 for name in names]
        columns.append(
            Column(
                clean(run.name),
                [
                    words(t, style(place) if d else LABEL)
                    for t, d in zip(texts, differ, strict=True)
                ],
                right=True,
                drop=place,
            )
        )
    return table(columns, width)


def _values(compared: Compared, name: str) -> list[str]:
    bests = [run.summary.best for run in compared.runs]
    return [repr(best.hparams.get(name)) for best in bests if best]


def _agreement(compared: Compared, width: int) -> list[Text]:
    """The ranges that all runs searched last."""
    if not compared.agreements:
        return []
    strips, told = [], []
    for agreement in compared.agreements:
        if agreement.span is None:
            strips.append(Text())
            told.append("apart")
        elif isinstance(agreement.parameter, Number):
            strips.append(strip(agreement.span, None, 24))
            told.append(span(agreement.span.values[0], agreement.span.values[-1]))
        else:
            strips.append(Text())
            told.append(", ".join(number(value) for value in agreement.span.values))
    names = [agreement.parameter.name for agreement in compared.agreements]
    return table(
        [
            Column("searched last by all", cells(names, "bold")),
            Column("", strips, drop=1),
            Column("", cells(told)),
        ],
        width,
    )


def _differences(compared: Compared, width: int) -> list[Text]:
    """What in the configs was not as in the first run's."""
    lines: list[Text] = []
    first = compared.runs[0].name
    for place, run in enumerate(compared.runs[1:], start=1):
        head = join((f"━ {place + 1} ", style(place)), (run.name, "bold"))
        if not run.differs:
            lines += flow([join(head, f"  same config as {first}")], width)
            continue
        lines += flow([join(head, (f"  config, unlike {first}:", LABEL))], width)
        lines += [fit(words(f"    {line}"), width) for line in run.differs[:DIFFERENCES_SHOWN]]
        more = len(run.differs) - DIFFERENCES_SHOWN
        lines += [join((f"    and {more} more", LABEL))] if more > 0 else []
    return lines
