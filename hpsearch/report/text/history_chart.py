"""The best value so far of a search, above all of its trials."""

from __future__ import annotations

from rich.text import Text

from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import Summary
from hpsearch.report.text.charts import POINTS, DotChart, framed, margin
from hpsearch.report.text.glyphs import LABEL
from hpsearch.report.text.lines import join, truncate

CHART_HEIGHT = 9
MOST_POINTS = 4000


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
