"""Sections as lines of a terminal, no line wider than it.

A heading would say again what the head of a table says: there is none. Captions stay in the page,
which has room for them. Runs are told apart by colour, and by their numbers beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from hpsearch.report.sections.model import (
    Block,
    Caption,
    Cell,
    Column,
    Listing,
    Look,
    Progress,
    Report,
    Section,
    Strips,
    Table,
)
from hpsearch.report.text import lines as drawn
from hpsearch.report.text.charts import strip
from hpsearch.report.text.glyphs import LABEL, TOP
from hpsearch.report.text.lines import cells, fit, flow, join, words
from hpsearch.report.text.progress import RUN_STYLES, progress_lines

LINES_SHOWN = 8
STRIP_WIDTH = 24
_STYLES = {Look.NAME: "bold", Look.BEST: TOP, Look.ALIKE: LABEL, Look.NOTE: LABEL}


def report_lines(report: Report, width: int) -> list[Text]:
    """The whole screen."""
    head = fit(join((f"hpsearch {report.command}", "bold"), f"   {report.facts[0]}"), width)
    return stacked([[head], *(section_lines(section, width) for section in report.sections)])


def section_lines(section: Section, width: int) -> list[Text]:
    """One section."""
    return [line for block in section.blocks for line in block_lines(block, width)]


def stacked(parts: Iterable[Sequence[Text]]) -> list[Text]:
    """Parts one below the other, a blank line between them; those without a line are left out."""
    lines: list[Text] = []
    for part in parts:
        if part:
            lines += [Text(), *part] if lines else part
    return lines


def block_lines(block: Block, width: int) -> list[Text]:
    """One block of a section."""
    match block:
        case Caption():
            return []
        case Table(columns=columns):
            return drawn.table([c for column in columns for c in _columns(column)], width)
        case Listing():
            return _listing(block, width)
        case Progress(compared=compared):
            return progress_lines(compared, width)


def run_style(place: int) -> str:
    """The colour of a run, by its place."""
    return RUN_STYLES[place % len(RUN_STYLES)]


def _columns(column: Column | Strips) -> list[drawn.Column]:
    """A column as the terminal has it; before one that names runs stand their numbers."""
    if isinstance(column, Strips):
        pictures = [Text() if s is None else strip(s, None, STRIP_WIDTH) for s in column.spans]
        return [drawn.Column("", pictures, drop=column.drop)]
    head = column.head if column.short is None else column.short
    own = [words(cell.text, _style(cell, column)) for cell in column.cells]
    shown = [drawn.Column(head, own, right=column.numbers, drop=column.drop)]
    runs = [cell.run for cell in column.cells if cell.run is not None]
    if runs:
        keys = [Text(f"━ {run + 1}", style=run_style(run)) for run in runs]
        shown.insert(0, drawn.Column("", keys))
    return shown


def _style(cell: Cell, column: Column) -> str:
    if cell.look is Look.UNLIKE:
        return "bold" if column.run is None else run_style(column.run)
    return _STYLES.get(cell.look, "")


def _listing(listing: Listing, width: int) -> list[Text]:
    head = join((f"━ {listing.run + 1} ", run_style(listing.run)), (listing.name, "bold"))
    if not listing.lines:
        return flow([join(head, f"  {listing.told}")], width)
    lines = flow([join(head, (f"  {listing.subject}, {listing.told}:", LABEL))], width)
    lines += [fit(line, width) for line in cells(f"    {s}" for s in listing.lines[:LINES_SHOWN])]
    more = len(listing.lines) - LINES_SHOWN
    return lines + [join((f"    and {more} more", LABEL))] * (more > 0)
