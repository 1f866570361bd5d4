"""Showing a report from Python: on a terminal, in a notebook's output, in a file."""

from __future__ import annotations

from rich.console import Console

from hpsearch.report.analysis.rows import Summary
from hpsearch.report.sections.model import Report
from hpsearch.report.text.selection import search_lines
from hpsearch.report.text.terminal import NARROWEST, print_lines
from hpsearch.report.text.writer import report_lines


def show(summary: Summary, width: int | None = None) -> None:
    """Print the report to stdout, as ``hpsearch report`` does; ``width`` is in characters."""
    console = Console(highlight=False, width=width)
    print_lines(search_lines(summary, max(console.width, NARROWEST)), console)


def show_report(report: Report, width: int | None = None) -> None:
    """Print a report in sections to stdout; ``width`` is in characters."""
    console = Console(highlight=False, width=width)
    print_lines(report_lines(report, max(console.width, NARROWEST)), console)
