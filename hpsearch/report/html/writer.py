"""Sections as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from string import Template
from typing import Any

from hpsearch.report.html.figures.progress import progress_figures, run_style
from hpsearch.report.html.figures.svg import escape, tag
from hpsearch.report.html.page_files import content_hash, page_file, page_style
from hpsearch.report.html.page_parts import both_sizes, chips, pairs
from hpsearch.report.html.panda_figure import TIGHT, lineage_figure
from hpsearch.report.html.panda_tables import branch_table, log_table
from hpsearch.report.sections.model import (
    Block,
    Branches,
    Caption,
    Cell,
    Column,
    Curve,
    Ledger,
    Listing,
    Look,
    Progress,
    Repeat,
    Report,
    Section,
    Settings,
    Table,
)


def report_page(report: Report, *styles: str) -> str:
    """The whole page; ``styles`` are files of its own."""
    style = page_style(*styles)
    policy = (
        f"default-src 'none'; style-src 'sha256-{content_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(page_file("plain.html")).substitute(
        command=report.command,
        policy=policy,
        style=style,
        title=escape(report.title),
        facts=escape(report.facts),
        sections="".join(map(section_card, report.sections)),
    )


def section_card(section: Section) -> str:
    """One section with its heading; nothing where a page shows none of its blocks."""
    blocks = "".join(map(block_element, section.blocks))
    if not blocks:
        return ""
    return tag("section", tag("h2", escape(section.title)), blocks, class_="card c12")


def block_element(block: Block) -> str:
    """One block of a section; empty for one that a page does not show."""
    draw = _ELEMENTS.get(type(block))
    return draw(block) if draw else ""


def _caption(caption: Caption) -> str:
    return tag("p", escape(caption.text), class_="cap")


def _progress(progress: Progress) -> str:
    return tag("div", *progress_figures(progress.compared), class_="slices")


def _curve(curve: Curve) -> str:
    tight = lineage_figure(curve.lineage, TIGHT)
    return both_sizes(lineage_figure(curve.lineage), [tight])


def _repeat(repeat: Repeat) -> str:
    command = tag("pre", tag("code", escape(repeat.command)), tabindex="0")
    return command + pairs(repeat.facts)


def _table(table: Table) -> str:
    """The first column has the headings of the rows; pictures are left to the figures."""
    columns = [column for column in table.columns if isinstance(column, Column)]
    kinds = ["t" if place == 0 or not c.numbers else None for place, c in enumerate(columns)]
    heads = [
        tag("th", _head(column), scope="col", class_=kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    head = tag("tr", *heads)
    body = []
    for first, *rest in zip(*(column.cells for column in columns), strict=True):
        shown = [
            tag("td", _cell(cell), class_=kind) for cell, kind in zip(rest, kinds[1:], strict=True)
        ]
        body.append(tag("tr", tag("th", _cell(first), scope="row"), *shown))
    caption = escape(table.caption)
    element = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    label = table.caption
    return tag("div", element, class_="wide plain", tabindex="0", role="region", aria_label=label)


def _head(column: Column) -> str:
    key = "" if column.run is None else f"{_key(column.run)} "
    return f"{key}{escape(column.head)}"


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.run is not None:
        return f"{_key(cell.run)} {text}"
    return tag("b", text) if cell.look is Look.UNLIKE else text


def _key(run: int) -> str:
    """A short stroke in a run's colour and pattern."""
    line = tag("path", d="M0 5H26", class_=f"run {run_style(run)}")
    return tag("svg", line, viewBox="0 0 26 10", class_="key", aria_hidden="true")


def _listing(listing: Listing) -> str:
    name, told = tag("b", escape(listing.name)), escape(listing.told)
    if not listing.lines:
        return tag("p", name, f": {told}")
    lines = tag("ul", *(tag("li", tag("code", escape(line))) for line in listing.lines))
    return tag("p", name, f", {told}:") + lines


_ELEMENTS: dict[type, Callable[[Any], str]] = {
    Caption: _caption,
    Table: _table,
    Listing: _listing,
    Progress: _progress,
    Curve: _curve,
    Branches: lambda block: _table(branch_table(block.lineage)),
    Ledger: lambda block: _table(log_table(block.lineage)),
    Settings: lambda block: chips(block.values),
    Repeat: _repeat,
}
"""How each kind of block is shown; the terminal has a table of its own."""
