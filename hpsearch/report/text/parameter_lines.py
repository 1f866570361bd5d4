"""The parameters of a run in the terminal: what each mattered, and where it is good."""

from __future__ import annotations

from rich.text import Text

from hpsearch.report.analysis.rows import ParameterRow, Summary
from hpsearch.report.analysis.sentences import span_text
from hpsearch.report.text.charts import bar, density
from hpsearch.report.text.glyphs import BEST, DASH, DATA, DROPPED, LABEL, TOP
from hpsearch.report.text.lines import TextColumn, cells, join, piece, table, truncate
from hpsearch.space import Number
from hpsearch.text import number, percent


def parameter_lines(summary: Summary, width: int) -> list[Text]:
    """What mattered, where the good trials are, and what was searched last."""
    rows = summary.parameters
    strip_width = 32 if width >= 112 else 24 if width >= 96 else 16
    largest = max([row.share.value for row in rows if row.share], default=0.0) or 1.0
    columns = [
        TextColumn("parameter", cells([row.name for row in rows], "bold")),
        TextColumn("matters", [_share_cell(row, largest) for row in rows], drop=2),
        TextColumn("from–to", cells([_interval(row) for row in rows], LABEL), drop=5),
        TextColumn("", cells([_end(row, 0) for row in rows], LABEL), right=True, drop=4),
        TextColumn(
            "where the good trials are" if strip_width > 24 else "good trials",
            [_where(row, strip_width) for row in rows],
            drop=1,
        ),
        TextColumn("", cells([_end(row, 1) for row in rows], LABEL), drop=4),
        TextColumn("last range", cells([span_text(row.last, row) for row in rows]), drop=3),
        TextColumn("best", cells([number(row.best) for row in rows], TOP), right=True),
        TextColumn("scale", cells([row.parameter.scale_label for row in rows], LABEL), drop=6),
    ]
    if any(row.parameter.tier for row in rows):
        tiers = [str(row.parameter.tier or "") for row in rows]
        columns.append(TextColumn("tier", cells(tiers, LABEL), right=True, drop=7))
    if summary.importance.shares is None:
        del columns[1:3]
    return table(columns, width)


def _share_cell(row: ParameterRow, largest: float) -> Text:
    if row.share is None:
        return Text()
    return join(bar(row.share.value / largest, 8), (f" {percent(row.share.value)}", DATA))


def _interval(row: ParameterRow) -> str:
    if row.share is None:
        return ""
    low, high = (f"{100 * max(v, 0):.0f}" for v in (row.share.low, row.share.high))
    return f"{low}{DASH}{high}%"


def _end(row: ParameterRow, end: int) -> str:
    if not isinstance(row.parameter, Number):
        return ""
    return number(row.parameter.high if end else row.parameter.low)


def _where(row: ParameterRow, width: int) -> Text:
    if isinstance(row.parameter, Number):
        return density(row.marks, row.best_unit, width)
    return choice_text(row, width)


def choice_text(row: ParameterRow, width: int) -> Text:
    """Every choice on one line: the dropped ones struck out, the best one marked."""
    levels = row.parameter.levels or 0
    kept = {repr(value) for value in row.last.values}
    best = repr(row.best) if row.best_unit is not None else None
    line = Text(no_wrap=True)
    for level in range(levels):
        value = row.parameter.decode((level + 0.5) / levels)
        if level:
            line.append(" ")
        if repr(value) == best:
            line.append_text(piece(BEST + number(value), TOP))
        else:
            line.append_text(piece(number(value), DATA if repr(value) in kept else DROPPED))
    return truncate(line, width)
