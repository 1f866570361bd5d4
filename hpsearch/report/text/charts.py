"""Small pictures out of characters: bars, sparklines, strips and a chart of braille dots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from rich.text import Text

from hpsearch.report.analysis.axis import ValueAxis
from hpsearch.report.analysis.rows import Span
from hpsearch.report.text.glyphs import (
    BEST,
    DATA,
    EIGHTHS,
    GOOD,
    LABEL,
    NONE,
    NOW,
    ROUND,
    SPARKS,
    TOP,
    WHOLE,
)
from hpsearch.report.text.lines import join
from hpsearch.text import number

GOOD_SHARE = 0.25
"""Trials among the best quarter are called good."""

TOP_SHARE = 0.1


def bar(share: float, width: int, style: str = DATA) -> Text:
    """A bar for a share in [0, 1], in steps of an eighth of a character."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    whole, rest = divmod(max(eighths, 1), 8)
    return Text("█" * whole + (EIGHTHS[rest - 1] if rest else ""), style=style)


def spark(
    curve: Sequence[float | None], axis: ValueAxis, width: int, epochs: int | None = None
) -> Text:
    """A learning curve in ``width`` characters; with ``epochs`` it fills its share of them.

    A number that was not finite is a gap.
    """
    if not curve:
        return Text()
    room = width
    if epochs and epochs > len(curve):
        room = max(1, round(width * len(curve) / epochs))
    room = min(room, len(curve)) if epochs is None else room
    line = ""
    for place in range(room):
        value = curve[min(place * len(curve) // room, len(curve) - 1)]
        line += " " if value is None else SPARKS[min(int(axis.position(value) * 8), 7)]
    return Text(line, style=DATA)


def density(marks: Sequence[tuple[float, float]], best: float | None, width: int) -> Text:
    """Where the good trials are, along one axis of ``width`` characters.

    The height is the number of good trials there, the colour the relative rank of the best of them,
    a dot a place without a trial. ``marks`` are (unit, relative rank) pairs.
    """
    counts, ranks = [0] * width, [2.0] * width
    for unit, place in marks:
        cell = min(int(unit * width), width - 1)
        ranks[cell] = min(ranks[cell], place)
        counts[cell] += place <= GOOD_SHARE
    most = max([*counts, 1])
    cells = []
    for cell in range(width):
        if best is not None and cell == min(int(best * width), width - 1):
            cells.append((BEST, TOP))
        elif ranks[cell] > 1:
            cells.append((NONE, LABEL))
        elif counts[cell] == 0:
            cells.append((SPARKS[0], LABEL))
        else:
            height = SPARKS[min(counts[cell] * 8 // (most + 1), 7)]
            cells.append((height, DATA if ranks[cell] <= TOP_SHARE else GOOD))
    return _text(cells)


def _text(cells: Iterable[tuple[str, str]]) -> Text:
    """Characters with a style each; neighbours of one style become one piece."""
    line = Text(no_wrap=True, end="")
    for style, run in groupby(cells, key=lambda cell: cell[1]):
        line.append("".join(character for character, _ in run), style=style)
    return line


def strip(span: Span, best: float | None, width: int) -> Text:
    """The part of an axis now searched, inside the whole, with the best trial on it."""
    first, last = (min(int(unit * width), width - 1) for unit in (span.low, span.high))
    mark = None if best is None else min(int(best * width), width - 1)
    inside = [(NOW, DATA) if first <= cell <= last else (WHOLE, LABEL) for cell in range(width)]
    if mark is not None:
        inside[mark] = (BEST, TOP)
    return _text([("├", LABEL), *inside, ("┤", LABEL)])


def box(quartiles: Sequence[float], axis: ValueAxis, width: int) -> Text:
    """Lowest, quartiles and highest value as a box plot on one line."""
    cells = [min(int(axis.position(v) * width), width - 1) for v in quartiles]
    low, q1, middle, q3, high = cells
    picture = [" "] * low
    for cell in range(low, high + 1):
        inside = NOW if q1 <= cell <= q3 else WHOLE
        picture.append("┃" if cell == middle else inside)
    return Text("".join(picture), style=DATA)


POINTS, LINE = 1, 2
"""The layers of a dot chart, unless it has styles of its own."""

_STYLES = {POINTS: DATA, LINE: TOP}
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass
class DotChart:
    """A canvas of ``width`` x ``height`` characters with 2 x 4 dots in each.

    Coordinates are in [0, 1], from the left and from the bottom.
    """

    width: int
    height: int
    cells: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    rules: set[int] = field(default_factory=set)
    styles: Mapping[int, str] = field(default_factory=lambda: _STYLES)
    merged: bool = False

    def column(self, x: float) -> int:
        """The dot column of a coordinate."""
        return min(int(x * self.width * 2), self.width * 2 - 1)

    def row(self, y: float) -> int:
        """The dot row of a coordinate, from the top."""
        return self.height * 4 - 1 - min(int(y * self.height * 4), self.height * 4 - 1)

    def dot(self, column: int, row: int, layer: int) -> None:
        """Set one dot; a character shows the dots of its highest layer alone, unless merged."""
        cell = (row // 4, column // 2)
        top, bits = self.cells.get(cell, (layer, 0))
        if layer < top and self.merged:
            self.cells[cell] = (top, bits | _BITS[row % 4][column % 2])
        elif layer >= top:
            kept = bits if layer == top or self.merged else 0
            self.cells[cell] = (layer, kept | _BITS[row % 4][column % 2])

    def steps(self, xs: Sequence[float], ys: Sequence[float], layer: int = LINE) -> None:
        """A line that goes right, then straight up or down."""
        columns, rows = [self.column(x) for x in xs], [self.row(y) for y in ys]
        for i, (column, row) in enumerate(zip(columns, rows, strict=True)):
            until = columns[i + 1] if i + 1 < len(columns) else column
            for across in range(column, until + 1):
                self.dot(across, row, layer)
            if i + 1 < len(rows):
                for down in range(min(row, rows[i + 1]), max(row, rows[i + 1]) + 1):
                    self.dot(until, down, layer)

    def curve(self, points: Sequence[tuple[float, float]], layer: int) -> None:
        """Straight lines from point to point."""
        dots = [(self.column(x), self.row(y)) for x, y in points]
        for (x0, y0), (x1, y1) in pairwise(dots):
            count = max(abs(x1 - x0), abs(y1 - y0), 1)
            for i in range(count + 1):
                across, down = round((x1 - x0) * i / count), round((y1 - y0) * i / count)
                self.dot(x0 + across, y0 + down, layer)
        for column, row in dots:
            self.dot(column, row, layer)

    def rule(self, x: float) -> None:
        """A dashed vertical line behind everything."""
        self.rules.add(self.column(x) // 2)

    def lines(self) -> list[Text]:
        """The finished picture, top to bottom."""
        return [
            _text(self._cell(row, column) for column in range(self.width))
            for row in range(self.height)
        ]

    def _cell(self, row: int, column: int) -> tuple[str, str]:
        layer, bits = self.cells.get((row, column), (0, 0))
        if bits:
            return chr(0x2800 + bits), self.styles[layer]
        return ROUND if column in self.rules else " ", LABEL


def margin(axis: ValueAxis) -> int:
    """How many columns :func:`framed` needs left of a chart, its line included."""
    return max(len(label) for label in _labels(axis)) + 2


def _labels(axis: ValueAxis) -> list[str]:
    return [number(axis.value(height)) for height in (1.0, 0.5, 0.0)]


def framed(chart: DotChart, axis: ValueAxis, first: str, last: str) -> list[Text]:
    """A chart with its axes: three values on the left, what its ends mean below."""
    top, middle, bottom = _labels(axis)
    marks = {0: top, (chart.height - 1) // 2: middle, chart.height - 1: bottom}
    width = margin(axis) - 2
    lines = []
    for row, line in enumerate(chart.lines()):
        label = marks.get(row, "")
        lines.append(join((f"{label:>{width}} {'┤' if label else '│'}", LABEL), line))
    lines.append(join((" " * (width + 1) + "└" + "─" * chart.width, LABEL)))
    room = chart.width - len(first) - len(last)
    lines.append(join((" " * (width + 2) + first + " " * room + last, LABEL)))
    for line in lines:
        line.rstrip()
    return lines
