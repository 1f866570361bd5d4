"""The front of a search in a terminal: a scatter of two goals, and the hypervolume so far."""

from __future__ import annotations

from rich.text import Text

from hpsearch.records import Metric
from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.rows import Summary
from hpsearch.report.text.charts import LINE, POINTS, DotChart, framed, margin
from hpsearch.report.text.glyphs import LABEL
from hpsearch.report.text.lines import join, truncate
from hpsearch.text import clean, number, percent

CHART_HEIGHT = 10


def front_lines(summary: Summary, width: int) -> list[Text]:
    """The first goal against each of the others."""
    if summary.front is None or len(summary.ranked) < 2:
        return []
    lines: list[Text] = []
    for goal in summary.metric.further:
        lines += [*([Text()] if lines else []), *_scatter(summary, goal, width)]
    return lines


def _scatter(summary: Summary, goal: Metric, width: int) -> list[Text]:
    rows = [
        (row.value, beside, row.on_front)
        for row in summary.ranked
        if row.value is not None and (beside := row.beside.get(goal.name)) is not None
    ]
    if not rows:
        return []
    up = value_axis([value for value, _, _ in rows], summary.metric.goal)
    across = value_axis([beside for _, beside, _ in rows], goal.goal)
    chart = DotChart(min(width - margin(up), 72), CHART_HEIGHT)
    for value, beside, on_front in rows:
        column, row = chart.column(across.position(beside)), chart.row(up.position(value))
        chart.dot(column, row, LINE if on_front else POINTS)
    names = f"{clean(summary.metric.name)} against {clean(goal.name)}"
    head = join((names, "bold"), ("   ━ on the front", LABEL), ("   · other trials", LABEL))
    ends = number(across.value(0.0)), number(across.value(1.0))
    return [truncate(head, width), *framed(chart, up, *ends)]


def hypervolume_lines(summary: Summary, width: int) -> list[Text]:
    """The hypervolume after a fifth of the trials, two fifths …, and at the end."""
    shares = summary.hypervolumes
    if summary.front is None or len(shares) < 2:
        return []
    places = sorted({max(len(shares) * fifth // 5 - 1, 0) for fifth in range(1, 6)})
    said = "  ".join(f"{summary.trials[p].trial + 1}: {percent(shares[p])}" for p in places)
    return [truncate(join(("hypervolume by trials  ", "bold"), said), width)]
