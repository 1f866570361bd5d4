"""``hpsearch report --html``: one file that needs nothing else.

The frame, the style and the script are files in ``page/``; figures and parts are put into the
frame here. The page asks for nothing from anywhere: its content security policy allows its own
style and script by their hashes, and nothing else.
"""

from __future__ import annotations

import json
from string import Template
from typing import Any

from hpsearch.report.analysis.rows import Summary
from hpsearch.report.html.figures.parallel import axis_facts, heights, metric_axis
from hpsearch.report.html.figures.plot import drawn_trials
from hpsearch.report.html.page_files import page_file
from hpsearch.report.html.page_parts import legend
from hpsearch.report.html.writer import section_card, whole_page
from hpsearch.report.sections.search import search_report


def as_html(summary: Summary) -> str:
    """The whole page."""
    report = search_report(summary, drawn_trials(summary)[::-1])
    lead, *sections = map(section_card, report.sections)
    content = Template(page_file("search.html")).substitute(
        lead=lead,
        legend=legend(summary),
        count=f"{len(summary.ranked):,}",
        sections="".join(sections),
    )
    return whole_page(report, content, page_file("script.js"), _script_data(summary))


def _script_data(summary: Summary) -> str:
    """What the script needs to filter: the axes, and each drawn trial's rank and heights."""
    rows = drawn_trials(summary)
    data: dict[str, Any] = {"ranked": len(summary.ranked), "axes": [], "trials": {}}
    if rows:
        metric = metric_axis(summary)
        data["axes"] = axis_facts(summary)
        for row in rows:
            places = [None if h is None else round(h, 4) for h in heights(row, summary, metric)]
            data["trials"][str(row.trial)] = [row.rank, places]
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
