"""Sections as lines of a terminal, no line wider than it.

A heading would say again what the head of a table says: there is none. Captions stay in the page,
which has room for them. Runs are told apart by colour, and by their numbers beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.text import Text

from hpsearch.report.sections.model import (
    Block,
    Branches,
    Cell,
    Column,
    Curve,
    Ledger,
    Listing,
    Look,
    Progress,
    Report,
    Section,
    Standing,
    Strips,
    Table,
)
from hpsearch.report.text import lines as drawn
from hpsearch.report.text.charts import strip
from hpsearch.report.text.glyphs import DATA, LABEL, TOP, WRONG
from hpsearch.report.text.lines import cells, join, piece, truncate, wrap
from hpsearch.report.text.panda_chart import chart_lines
from hpsearch.report.text.panda_lines import log_lines, status_lines, tree_lines
from hpsearch.report.text.progress import RUN_STYLES, progress_lines

LINES_SHOWN = 8
STRIP_WIDTH = 24
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
    head = truncate(join((f"hpsearch {report.command}", "bold"), report.brief), width)
    return stacked([[head], *(section_lines(section, width) for section in report.sections)])


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


def block_lines(block: Block, width: int) -> list[Text]:
    """One block of a section; nothing for one that a terminal does not show."""
    draw = _DRAWN.get(type(block))
    return draw(block, width) if draw else []


def run_style(place: int) -> str:
    """The colour of a run, by its place."""
    return RUN_STYLES[place % len(RUN_STYLES)]


def _table(table: Table, width: int) -> list[Text]:
    return drawn.table([c for column in table.columns for c in _columns(column)], width)


def _columns(column: Column | Strips) -> list[drawn.TextColumn]:
    """A column as the terminal has it; before one that names runs stand their numbers."""
    if isinstance(column, Strips):
        pictures = [Text() if s is None else strip(s, None, STRIP_WIDTH) for s in column.spans]
        return [drawn.TextColumn("", pictures, drop=column.drop)]
    head = column.head if column.short is None else column.short
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


def _style(cell: Cell, column: Column) -> str:
    if cell.look is Look.UNLIKE:
        return "bold" if column.run is None else run_style(column.run)
    return _STYLES.get(cell.look, "")


def _listing(listing: Listing, width: int) -> list[Text]:
    head = join((f"━ {listing.run + 1} ", run_style(listing.run)), (listing.name, "bold"))
    if not listing.lines:
        return wrap([join(head, f"  {listing.told}")], width)
    lines = wrap([join(head, (f"  {listing.subject}, {listing.told}:", LABEL))], width)
    lines += [
        truncate(line, width) for line in cells(f"    {s}" for s in listing.lines[:LINES_SHOWN])
    ]
    more = len(listing.lines) - LINES_SHOWN
    return lines + [join((f"    and {more} more", LABEL))] * (more > 0)


def _branches(block: Branches, width: int) -> list[Text]:
    return tree_lines(block.lineage, width) if any(block.lineage.all_epochs()) else []


_DRAWN: dict[type, Callable[[Any, int], list[Text]]] = {
    Table: _table,
    Listing: _listing,
    Progress: lambda block, width: progress_lines(block.compared, width),
    Curve: lambda block, width: chart_lines(block.lineage, width),
    Standing: lambda block, width: status_lines(block.lineage, {}, block.settings, width),
    Branches: _branches,
    Ledger: lambda block, width: log_lines(block.lineage, width),
}
"""How each kind of block is shown; the page has a table of its own."""
