"""Best so far of several runs on one scale, as charts of dots."""

from __future__ import annotations

from rich.text import Text

from hpsearch.report.analysis.axis import ValueAxis
from hpsearch.report.analysis.compare import MEASURES, Compared, shared_axis
from hpsearch.report.text.charts import DotChart, framed, margin
from hpsearch.report.text.lines import beside, join
from hpsearch.text import duration

CHART_HEIGHT = 8
SIDE_BY_SIDE = 108
RUN_STYLES = ("cyan", "magenta", "yellow", "green", "blue", "red")


def progress_lines(compared: Compared, width: int) -> list[Text]:
    """A chart against trials, epochs and seconds each; side by side where there is room."""
    axis = shared_axis(compared)
    if axis is None:
        return []
    lines: list[Text] = []
    if width >= SIDE_BY_SIDE:
        each = (width - 4) // 3
        for place, measure in enumerate(MEASURES):
            chart = _chart(compared, measure, axis, each)
            lines = beside(lines, chart, place * (each + 2)) if lines else chart
        return lines
    for measure in MEASURES:
        lines += [*([Text()] if lines else []), *_chart(compared, measure, axis, width)]
    return lines


def _chart(compared: Compared, measure: str, axis: ValueAxis, width: int) -> list[Text]:
    runs = len(compared.runs)
    layers = {place + 1: RUN_STYLES[place % len(RUN_STYLES)] for place in range(runs)}
    chart = DotChart(width - margin(axis), CHART_HEIGHT, styles=layers, merged=True)
    most = max((max(r.progress[measure].spent, default=0.0) for r in compared.runs), default=0.0)
    for place, run in enumerate(compared.runs):
        line = run.progress[measure]
        xs = [spent / most if most > 0 else 0.0 for spent in line.spent]
        chart.steps(xs, [axis.position(value) for value in line.best], place + 1)
    end = duration(most) if measure == "seconds" else f"{most:,.0f}"
    name = "training" if measure == "seconds" else measure
    return [join((f"best so far by {name}", "bold")), *framed(chart, axis, "0", end)]
