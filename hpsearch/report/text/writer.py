"""Sections as lines of a terminal, no line wider than it.

A heading would say again what the head of a table says: there is none. Captions stay in the page,
which has room for them. Runs are told apart by colour, and by their numbers beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.text import Text

from hpsearch.report.analysis.rows import Summary
from hpsearch.report.sections import model
from hpsearch.report.sections.model import Cell, Column, Look, Report, Section
from hpsearch.report.text import lines as drawn
from hpsearch.report.text.charts import box, spark, strip
from hpsearch.report.text.front_chart import front_lines, hypervolume_lines
from hpsearch.report.text.glyphs import DATA, LABEL, TOP, WRONG
from hpsearch.report.text.history_chart import history_lines
from hpsearch.report.text.lines import cells, join, piece, truncate, wrap
from hpsearch.report.text.panda_chart import chart_lines
from hpsearch.report.text.panda_lines import status_lines
from hpsearch.report.text.parameter_lines import parameter_lines
from hpsearch.report.text.progress import RUN_STYLES, progress_lines
from hpsearch.text import clean, number

LINES_SHOWN = 8
FAILURES_SHOWN = 4
STRIP_WIDTH, BOX_WIDTH = 24, 28
_STYLES = {
    Look.NAME: "bold",
    Look.BEST: TOP,
    Look.ALIKE: LABEL,
    Look.BETTER: DATA,
    Look.WORSE: WRONG,
    Look.NOTE: LABEL,
}


def report_lines(report: Report, width: int) -> list[Text]:
    """The whole screen."""
    head = _head(report, width)
    return stacked([head, *(section_lines(section, width) for section in report.sections)])


def report_title(command: str, title: str) -> Text:
    """How every screen begins."""
    return join((f"hpsearch {command}", "bold"), " · ", (title, f"bold {DATA}"))


def _head(report: Report, width: int) -> list[Text]:
    title = report_title(report.command, report.title)
    if not report.facts:
        return [truncate(title, width)]
    *most, last = report.facts
    first, *rest = [*(piece(f"{fact},") for fact in most), piece(last)]
    together = join(title, "   ", first)
    start = [together] if together.cell_len <= width else [title, first]
    return wrap([*start, *rest], width, gap=1)


def section_lines(section: Section, width: int) -> list[Text]:
    """One section; nothing where a terminal shows none of its blocks."""
    lines = [line for block in section.blocks for line in block_lines(block, width)]
    heading = [truncate(piece(section.short, "bold"), width)] if section.short and lines else []
    return heading + lines


def stacked(parts: Iterable[Sequence[Text]]) -> list[Text]:
    """Parts one below the other, a blank line between them; those without a line are left out."""
    lines: list[Text] = []
    for part in parts:
        if part:
            lines += [Text(), *part] if lines else part
    return lines


def block_lines(block: model.Block, width: int) -> list[Text]:
    """One block of a section; nothing for one that a terminal does not show."""
    draw = _DRAWN.get(type(block))
    return draw(block, width) if draw else []


def run_style(place: int) -> str:
    """The colour of a run, by its place."""
    return RUN_STYLES[place % len(RUN_STYLES)]


def _facts(facts: model.Facts, width: int) -> list[Text]:
    """Each fact with its detail, together where they fit; the settings below them."""
    pieces = []
    for fact in facts.facts:
        best = fact.look is Look.BEST
        label, detail = "bold" if best else LABEL, "" if best else LABEL
        head = join((f"{fact.name} ", label), (fact.value, _STYLES.get(fact.look, "")))
        whole = join(head, (f", {fact.detail}", detail))
        pieces += [whole] if whole.cell_len <= width else [head, piece(fact.detail, detail)]
    settings = [piece(f"{clean(n)}={number(value)}", DATA) for n, value in facts.settings.items()]
    return wrap(pieces, width) + wrap(settings, width)


def _failures(failures: model.Failures, width: int) -> list[Text]:
    lines = []
    for group in failures.groups[:FAILURES_SHOWN]:
        first = f"#{group.trials[0]} " if len(group.trials) == 1 else ""
        pieces = [join((f"{group.head} ", WRONG), first, group.error)]
        if group.shared:
            pieces.append(piece(group.shared, "bold"))
        lines += wrap(pieces, width, gap=3)
    below = [failures.left_out(FAILURES_SHOWN), failures.hint]
    return lines + [truncate(piece(line, LABEL), width) for line in below if line]


def _plot(plot: model.Plot, width: int) -> list[Text]:
    draw = _PLOTS.get(plot.kind)
    return draw(plot.summary, width) if draw else []


def _table(table: model.Table, width: int) -> list[Text]:
    columns = [c for column in table.columns for c in _columns(column)]
    if not drawn.fits(columns, width):
        columns = [c for column in table.columns for c in _columns(column, narrow=True)]
    return drawn.table(columns, width)


def _columns(column: model.AnyColumn, narrow: bool = False) -> list[drawn.TextColumn]:
    """A column as the terminal has it; before one that names runs stand their numbers."""
    if not isinstance(column, Column):
        return [_pictures(column)]
    if column.page_only:
        return []
    head = column.head if column.short is None else column.short
    if narrow and column.narrow is not None:
        head = column.narrow
    own = [
        Text() if cell.look is Look.NOTHING else piece(cell.text, _style(cell, column))
        for cell in column.cells
    ]
    shown = [drawn.TextColumn(head, own, right=column.numbers, drop=column.drop)]
    runs = [cell.run for cell in column.cells if cell.run is not None]
    if runs:
        keys = [Text(f"━ {run + 1}", style=run_style(run)) for run in runs]
        shown.insert(0, drawn.TextColumn("", keys))
    return shown


def _pictures(column: model.Pictures) -> drawn.TextColumn:
    if isinstance(column, model.Strips):
        strips = [Text() if s is None else strip(s, None, STRIP_WIDTH) for s in column.spans]
        return drawn.TextColumn("", strips, drop=column.drop)
    if isinstance(column, model.Boxes):
        boxes = [Text() if q is None else box(q, column.axis, BOX_WIDTH) for q in column.quartiles]
        return drawn.TextColumn(column.head, boxes, drop=column.drop)
    curves = [spark(curve, column.axis, column.width, column.epochs) for curve in column.curves]
    return drawn.TextColumn("curve", curves, drop=column.drop)


def _style(cell: Cell, column: Column) -> str:
    if cell.look is Look.UNLIKE:
        return "bold" if column.run is None else run_style(column.run)
    return _STYLES.get(cell.look, "")


def _listing(listing: model.Listing, width: int) -> list[Text]:
    head = join((f"━ {listing.run + 1} ", run_style(listing.run)), (listing.name, "bold"))
    lines = wrap([join(head, (f"  {listing.text}{':' * bool(listing.lines)}", LABEL))], width)
    lines += [
        truncate(line, width) for line in cells(f"    {s}" for s in listing.lines[:LINES_SHOWN])
    ]
    more = len(listing.lines) - LINES_SHOWN
    return lines + [join((f"    and {more} more", LABEL))] * (more > 0)


_DRAWN: dict[type, Callable[[Any, int], list[Text]]] = {
    model.Sentence: lambda block, width: drawn.sentence(block.text, width, LABEL),
    model.Facts: _facts,
    model.Table: _table,
    model.Failures: _failures,
    model.Plot: _plot,
    model.Listing: _listing,
    model.Progress: lambda block, width: progress_lines(block.compared, width),
    model.Curve: lambda block, width: chart_lines(block.lineage, width),
    model.Status: lambda block, width: status_lines(block.lineage, {}, block.settings, width),
}
"""How each kind of block is shown; the page has a table of its own."""

_PLOTS: dict[model.PlotKind, Callable[[Summary, int], list[Text]]] = {
    model.PlotKind.BEST_SO_FAR: history_lines,
    model.PlotKind.IMPORTANCE: parameter_lines,
    model.PlotKind.FRONT: front_lines,
    model.PlotKind.HYPERVOLUME: hypervolume_lines,
}
"""The figures of a search that a terminal draws."""
