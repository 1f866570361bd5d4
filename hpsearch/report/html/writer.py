"""Sections as a page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from string import Template
from typing import Any

from hpsearch.report.html.figures.progress import progress_figures, run_style
from hpsearch.report.html.figures.svg import escape, tag
from hpsearch.report.html.page_files import content_hash, page_file, page_style
from hpsearch.report.html.page_parts import both_sizes, chips, pairs
from hpsearch.report.html.panda_figure import TIGHT, lineage_figure
from hpsearch.report.html.search_plots import plot_element
from hpsearch.report.sections import model
from hpsearch.report.sections.model import Caption, Cell, Column, Look, Report, Section

FAILED_LISTED = 100
KINDS_LISTED = 50
KINDS_OPEN = 4
_ELEMENT_OF = {Look.UNLIKE: "b", Look.BEST: "strong"}
LONGEST_ERROR = 300
SHOW_ALL = tag("button", "show all", type="button", id="all", class_="js")
"""The script shows the first trials of the table alone, until this is pressed."""


def report_page(report: Report) -> str:
    """The whole page: a card for each section."""
    cards = "".join(map(section_card, report.sections))
    return whole_page(report, tag("div", cards, class_="cards again"))


def whole_page(report: Report, content: str, script: str = "", data: str = "") -> str:
    """A page with its heading; ``script`` finds ``data``, which is JSON, in the element data."""
    style, scripts, allowed = page_style(), "", ""
    if script:
        allowed = f"script-src 'sha256-{content_hash(script)}'; "
        scripts = f'<script type="application/json" id="data">{data}</script>\n'
        scripts += f"<script>{script}</script>"
    return Template(page_file("frame.html")).substitute(
        policy=f"default-src 'none'; style-src 'sha256-{content_hash(style)}'; {allowed}"
        "base-uri 'none'; form-action 'none'",
        command=report.command,
        title=escape(report.title),
        facts=escape(" · ".join(report.facts)),
        style=style,
        content=content,
        scripts=scripts,
    )


def section_card(section: Section) -> str:
    """One section with its heading; nothing where a page shows none of its blocks.

    A section without a title is not in a card.
    """
    blocks = [(block, block_element(block)) for block in section.blocks]
    if not any(element for block, element in blocks if not isinstance(block, Caption)):
        return ""
    content = "".join(element for _, element in blocks)
    if not section.title:
        return content
    head = tag("h2", escape(section.title))
    return tag("section", head, content, class_=f"card c{section.width}")


def block_element(block: model.Block) -> str:
    """One block of a section; empty for one that a page does not show."""
    draw = _ELEMENTS.get(type(block))
    return draw(block) if draw else ""


def _caption(caption: Caption) -> str:
    return tag("p", escape(caption.text), class_="cap")


def _progress(progress: model.Progress) -> str:
    return tag("div", *progress_figures(progress.compared), class_="slices")


def _curve(curve: model.Curve) -> str:
    tight = lineage_figure(curve.lineage, TIGHT)
    return both_sizes(lineage_figure(curve.lineage), [tight])


def _facts(facts: model.Facts) -> str:
    """A card for each fact, and one for the settings."""
    cards = [_card(fact) for fact in facts.facts]
    if facts.settings:
        yaml = "".join(f"{name}: {json.dumps(value)}\n" for name, value in facts.settings.items())
        copy = tag("button", "copy as YAML", type="button", id="copy", data_yaml=yaml, class_="js")
        inside = tag("p", "best setting", copy) + chips(facts.settings)
        cards.append(tag("div", inside, class_="kpi setting"))
    return tag("div", *cards, class_="kpis")


def _card(fact: model.Fact) -> str:
    inside = tag("p", escape(fact.name)) + tag("strong", escape(fact.value))
    kind = "kpi hero" if fact.look is Look.BEST else "kpi"
    return tag("div", inside, tag("span", escape(fact.detail)), class_=kind)


def _failures(failures: model.Failures) -> str:
    items = [_failure_group(group) for group in failures.groups[:KINDS_LISTED]]
    if more := failures.left_out(KINDS_LISTED):
        items.append(tag("li", more))
    listed = tag("ul", *items, class_="failures")
    few = "open" if len(failures.groups) <= KINDS_OPEN else None
    return tag("details", tag("summary", escape(failures.title)), listed, open=few)


def _failure_group(group: model.FailureGroup) -> str:
    shared = tag("strong", f" {escape(group.shared)}") if group.shared else ""
    trials = ", ".join(f"#{trial}" for trial in group.trials[:FAILED_LISTED])
    more = len(group.trials) - FAILED_LISTED
    trials += f" and {more:,} more" if more > 0 else ""
    head = tag("b", f"{escape(group.head)} ", class_="bad")
    error = tag("code", escape(group.error[:LONGEST_ERROR]))
    return tag("li", head, error, shared, tag("div", trials, class_="cap"))


def _repeat(repeat: model.Repeat) -> str:
    parts = []
    if repeat.command:
        parts.append(tag("pre", tag("code", escape(repeat.command)), tabindex="0"))
    parts.append(pairs(repeat.facts))
    if repeat.config:
        text = f'<pre tabindex="0"><code>{_literal(repeat.config)}</code></pre>'
        parts.append(tag("details", tag("summary", "config") + text))
    return "".join(parts)


def _literal(text: str) -> str:
    """Text with its lines and spaces as they are."""
    visible = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table(table: model.Table) -> str:
    """The first column has the headings of the rows; pictures are left to the figures."""
    columns = [column for column in table.columns if isinstance(column, Column)]
    kinds = ["t" if place == 0 or not c.numbers else None for place, c in enumerate(columns)]
    heads = [
        tag("th", _head(column), scope="col", class_=kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    body = []
    rows = list(zip(*(column.cells for column in columns), strict=True))
    for (first, *rest), trial in zip(rows, table.trials or [None] * len(rows), strict=True):
        shown = [
            tag("td", _cell(cell), class_=kind) for cell, kind in zip(rest, kinds[1:], strict=True)
        ]
        body.append(tag("tr", tag("th", _cell(first), scope="row"), *shown, data_t=trial))
    element = tag(
        "table",
        tag("caption", escape(table.caption)),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
        id="trials" if table.trials else None,
    )
    kind, label = "wide" if table.trials else "wide plain", table.caption
    scrolled = tag("div", element, class_=kind, tabindex="0", role="region", aria_label=label)
    return scrolled + SHOW_ALL * bool(table.trials)


def _head(column: Column) -> str:
    key = "" if column.run is None else f"{_key(column.run)} "
    return f"{key}{escape(column.head)}"


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.run is not None:
        return f"{_key(cell.run)} {text}"
    element = _ELEMENT_OF.get(cell.look)
    return tag(element, text) if element else text


def _key(run: int) -> str:
    """A short stroke in a run's colour and pattern."""
    line = tag("path", d="M0 5H26", class_=f"run {run_style(run)}")
    return tag("svg", line, viewBox="0 0 26 10", class_="key", aria_hidden="true")


def _listing(listing: model.Listing) -> str:
    head = tag("b", escape(listing.name)) + f", {escape(listing.text)}"
    if not listing.lines:
        return tag("p", head)
    lines = tag("ul", *(tag("li", tag("code", escape(line))) for line in listing.lines))
    return tag("p", head, ":") + lines


_ELEMENTS: dict[type, Callable[[Any], str]] = {
    model.Sentence: lambda block: tag("p", escape(block.text), class_="cap"),
    Caption: _caption,
    model.Facts: _facts,
    model.Table: _table,
    model.Failures: _failures,
    model.Plot: plot_element,
    model.Listing: _listing,
    model.Progress: _progress,
    model.Curve: _curve,
    model.Settings: lambda block: chips(block.values),
    model.Repeat: _repeat,
}
"""How each kind of block is shown; the terminal has a table of its own."""
