"""Sections as a page that needs nothing else."""

from __future__ import annotations

from string import Template

from hpsearch.report.html.figures.progress import progress_figures, run_style
from hpsearch.report.html.figures.svg import escape, tag
from hpsearch.report.html.page_files import content_hash, page_file, page_style
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
        facts=escape(", ".join(report.facts)),
        sections="".join(map(section_card, report.sections)),
    )


def section_card(section: Section) -> str:
    """One section with its heading."""
    blocks = "".join(map(block_element, section.blocks))
    return tag("section", tag("h2", escape(section.title)), blocks, class_="card c12")


def block_element(block: Block) -> str:
    """One block of a section."""
    match block:
        case Caption(text=text):
            return tag("p", escape(text), class_="cap")
        case Table():
            return _table(block)
        case Listing():
            return _listing(block)
        case Progress(compared=compared):
            return tag("div", *progress_figures(compared), class_="slices")


def _table(table: Table) -> str:
    """The first column has the headings of the rows; pictures are left to the figures."""
    columns = [column for column in table.columns if isinstance(column, Column)]
    head = tag("tr", *(tag("th", _head(column), scope="col") for column in columns))
    body = []
    for first, *rest in zip(*(column.cells for column in columns), strict=True):
        shown = [tag("td", _cell(cell)) for cell in rest]
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
