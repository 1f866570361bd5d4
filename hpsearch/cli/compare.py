"""``hpsearch compare``: several runs on one scale."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import debug_option, runs_argument, runs_option
from hpsearch.cli.output import give_lines, give_text
from hpsearch.cli.run_lookup import find_search


@click.command()
@runs_argument
@click.option(
    "--html",
    "as_page",
    is_flag=True,
    help="Write one self-contained page: compare.html, or --output.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file in place of stdout.",
)
@runs_option
@debug_option
def compare(runs: tuple[str, ...], as_page: bool, output: Path | None, root: Path) -> None:
    """Compare searches that improve the same metric.

    The best so far against trials, epochs and training time on one scale, the best settings side
    by side, the ranges where all searched last, and what differs in the configs. Runs that differ
    in seed alone are a group, with its mean and interval, and a test whether two groups differ.

    \b
    Example:
      hpsearch compare digits digits-2
      hpsearch compare digits digits-2 random --html
    """
    from hpsearch.config import load_config
    from hpsearch.report.analysis.compare import compare as compare_runs
    from hpsearch.report.analysis.load import load_run
    from hpsearch.report.html.writer import report_page
    from hpsearch.report.sections.compare import compare_report
    from hpsearch.report.text.writer import report_lines

    folders = [find_search(root, run, "compare") for run in runs]
    configs = [load_config(folder.resolved_path).config for folder in folders]
    report = compare_report(compare_runs([load_run(folder) for folder in folders], configs))
    if as_page:
        give_text(report_page(report), output or Path("compare.html"))
    else:
        give_lines(lambda width: report_lines(report, width), output)
