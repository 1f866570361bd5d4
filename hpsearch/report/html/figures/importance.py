"""What mattered: a bar for each parameter, with its interval, beside the tier the user expected."""

from __future__ import annotations

from hpsearch.report.analysis.rows import ParameterRow, Summary
from hpsearch.report.html.figures.svg import Figure, coordinate, tag, text
from hpsearch.report.sections.model import PARAMETERS_DRAWN
from hpsearch.text import percent

WIDTH, ROW = 380, 30
LEFT, BAR = 118, 170


def importance_figure(summary: Summary) -> Figure | None:
    """The figure; empty where nothing could be measured."""
    rows = [row for row in summary.parameters if row.share][:PARAMETERS_DRAWN]
    largest = max((row.share.high for row in rows if row.share), default=0.0)
    if not rows or largest <= 0:
        return None
    tiers = any(row.parameter.tier for row in rows)
    parts = [text("your tier", WIDTH - 4, 10, anchor="end")] if tiers else []
    shares = []
    for place, row in enumerate(rows):
        parts.append(_row(row, 30 + place * ROW, largest))
        shares.append(f"{row.name} {percent(row.share.value) if row.share else ''}")
    return Figure(WIDTH, 30 + len(rows) * ROW, "What mattered: " + ", ".join(shares), tuple(parts))


def _row(row: ParameterRow, y: float, largest: float) -> str:
    assert row.share is not None
    scale = BAR / largest
    width = max(row.share.value * scale, 1.0)
    low, high = max(row.share.low, 0) * scale, row.share.high * scale
    name = row.name if len(row.name) <= 16 else row.name[:15] + "…"
    whisker = f"M{coordinate(LEFT + low)} {coordinate(y)}h{coordinate(high - low)}m0 -4v8"
    if low > 0:
        whisker += f"M{coordinate(LEFT + low)} {coordinate(y - 4)}v8"
    parts = [
        text(name, LEFT - 8, y + 4, "lab", "end"),
        tag("rect", x=LEFT, y=y - 8, width=width, height=16, rx=2, class_="bar"),
        tag("path", d=whisker, class_="whisker"),
        text(percent(row.share.value), LEFT + max(width, high) + 8, y + 4, "val"),
    ]
    if row.parameter.tier:
        parts.append(text(str(row.parameter.tier), WIDTH - 4, y + 4, "val", "end"))
    return "".join(parts)
