"""The curve of a babysat model: what leads to where it stands, with a mark at every change.

The metric, here and on the training set, are drawn over the epochs, the other branches dim
behind them. A dashed line stands where settings changed, and its label says what became of them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch
from hpsearch.records import train_counterpart
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.lineage_story import change_marks, other_branches
from hpsearch.report.text.charts import DotChart
from hpsearch.report.text.glyphs import DATA, LABEL, ROUND, TOP
from hpsearch.report.text.lines import join, truncate
from hpsearch.space import LINEAR
from hpsearch.text import number

HEIGHT = 12
NARROWEST = 24
MARK = "yellow"
OTHERS, TRAIN, METRIC = 1, 2, 3
_STYLES = {OTHERS: LABEL, TRAIN: DATA, METRIC: TOP}


@dataclass
class CurveChart(DotChart):
    """Curves in three layers, with marks behind them."""

    def curve(self, points: Sequence[tuple[float, float]], layer: int) -> None:
        """Straight lines from point to point."""
        dots = [(self.column(x), self.row(y)) for x, y in points]
        for (x0, y0), (x1, y1) in itertools.pairwise(dots):
            count = max(abs(x1 - x0), abs(y1 - y0), 1)
            for i in range(count + 1):
                self.dot(
                    x0 + round((x1 - x0) * i / count), y0 + round((y1 - y0) * i / count), layer
                )
        for column, row in dots:
            self.dot(column, row, layer)

    def lines(self) -> list[Text]:
        """The finished picture, top to bottom."""
        return [self._line(row) for row in range(self.height)]

    def _line(self, row: int) -> Text:
        line = Text(no_wrap=True, end="")
        cells = (self._glyph(row, column) for column in range(self.width))
        for style, stretch in itertools.groupby(cells, key=lambda cell: cell[1]):
            line.append("".join(glyph for glyph, _ in stretch), style=style)
        return line

    def _glyph(self, row: int, column: int) -> tuple[str, str]:
        layer, bits = self.cells.get((row, column), (0, 0))
        if bits:
            return chr(0x2800 + bits), _STYLES[layer]
        return (ROUND, MARK) if column in self.rules else (" ", "")


def chart_lines(lineage: Lineage, width: int, height: int = HEIGHT) -> list[Text]:
    """The chart, no wider than ``width``; nothing before the first epoch or on a narrow screen."""
    chain, metric = lineage.chain(), lineage.start.metric
    if not chain or width < NARROWEST:
        return []
    train = train_counterpart(metric.name, list(chain[-1].values))
    names = [metric.name] + ([train] if train else [])
    others = other_branches(lineage, chain)
    shown = [e.values.get(name, math.nan) for e in chain for name in names]
    shown += [e.values[metric.name] for line in others for e in line]
    axis = value_axis(shown, metric.goal)
    labels = [number(axis.value(place)) for place in (1.0, 0.5, 0.0)]
    margin = max(map(len, labels)) + 2
    last = max(e.position.epoch for line in (chain, *others) for e in line)
    axes = last, axis
    chart = CurveChart(width - margin - 1, height)
    for line in others:
        _draw(chart, line, metric.name, OTHERS, axes)
    if train:
        _draw(chart, chain, train, TRAIN, axes)
    _draw(chart, chain, metric.name, METRIC, axes)
    marks = change_marks(lineage, chain)
    for epoch, _ in marks:
        chart.rule(_across(epoch, last))
    picture = chart.lines()
    ticks = dict(zip((0, height // 2, height - 1), labels, strict=True))
    body = [
        join(
            (f"{ticks.get(row, ''):>{margin - 1}} ", LABEL),
            ("┤" if row in ticks else "│", LABEL),
            line,
        )
        for row, line in enumerate(picture)
    ]
    return [
        truncate(_title(names, axis, bool(others)), width),
        *([_labels(marks, chart, margin + 1, last)] if marks else []),
        *body,
        _epochs(chart, margin + 1, last),
    ]


def _draw(
    chart: CurveChart, epochs: Sequence[Epoch], name: str, layer: int, axes: tuple[int, ValueAxis]
) -> None:
    last, axis = axes
    stretch: list[tuple[float, float]] = []
    for epoch in epochs:
        value = epoch.values.get(name, math.nan)
        if math.isfinite(value):
            stretch.append((_across(epoch.position.epoch, last), axis.position(value)))
        else:
            chart.curve(stretch, layer)
            stretch = []
    chart.curve(stretch, layer)


def _across(epoch: int, last: int) -> float:
    return (epoch - 1) / (last - 1) if last > 1 else 0.5


def _labels(marks: Sequence[tuple[int, str]], chart: CurveChart, start: int, last: int) -> Text:
    """The labels above their marks; one that has no room is left out (the log has them all)."""
    line = Text(no_wrap=True, end="")
    end = start + chart.width
    for epoch, label in marks:
        place = start + chart.column(_across(epoch, last)) // 2
        place = max(min(place, end - len(label)), start)
        if place >= line.cell_len + (1 if line.cell_len else 0) and len(label) <= chart.width:
            line.append(" " * (place - line.cell_len)).append(label, style=MARK)
    return line


def _title(names: Sequence[str], axis: ValueAxis, others: bool) -> Text:
    scale = "" if axis.scale is LINEAR else f" ({axis.scale.label})"
    parts: list[tuple[str, str]] = [(f" {names[0]}{scale}  ", "")]
    if len(names) > 1:
        parts += [(" ── ", DATA), (names[1], LABEL)]
    parts += [(" ── ", TOP), (names[0], LABEL)]
    if others:
        parts += [(" ── other branches", LABEL)]
    return join(*parts)


def _epochs(chart: CurveChart, start: int, last: int) -> Text:
    """The numbers below the chart: the first epoch, the middle one, and the last."""
    line = Text(" " * (start - 6) + "epoch ", style=LABEL, no_wrap=True, end="")
    middle = (1 + last) // 2
    for epoch in sorted({1, middle, last}):
        label = str(epoch)
        column = (
            start + chart.column(_across(epoch, last)) // 2 - (0 if epoch == 1 else len(label) // 2)
        )
        column = min(column, start + chart.width - len(label))
        if column >= line.cell_len:
            line.append(" " * (column - line.cell_len) + label)
    return line
