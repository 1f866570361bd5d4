"""``hpsearch report``: what a run has learnt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import debug_option, run_argument, runs_option

if TYPE_CHECKING:
    from hpsearch.report.rows import Summary

FORMATS = ("table", "csv", "json", "md")


@click.command()
@run_argument
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option(
    "--html", "as_page", is_flag=True,
    help="Write one self-contained page: report.html in the run's folder, or --output.",
)  # fmt: skip
@click.option(
    "--figures", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Write each figure of the page as an SVG file.",
)  # fmt: skip
@click.option("--png", is_flag=True, help="With --figures: write PNG files too.")
@click.option("--no-timing", is_flag=True, help="Leave out durations, so that tables compare.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file in place of stdout.",
)  # fmt: skip
@runs_option
@debug_option
def report(
    run: str | None, style: str, as_page: bool, figures: Path | None, png: bool, no_timing: bool,
    output: Path | None, root: Path,
) -> None:  # fmt: skip
    r"""Show what RUN (default: the one that changed last) has learnt.

    The best trial, its history, what each parameter mattered and where the good trials are,
    rounds, top trials and failures. csv has one row a trial: trial, round, state, epochs, value,
    one column for each hyperparameter, seconds.

    \b
    Example:
      hpsearch report digits
      hpsearch report digits --html
      hpsearch report digits --format csv -o digits.csv
    """
    from rich.console import Console

    from hpsearch.cli.babysit_report import report_babysat
    from hpsearch.launch import recorded_environment
    from hpsearch.panda.opening import is_babysat
    from hpsearch.report.load import load_run
    from hpsearch.report.summary import summarise
    from hpsearch.report.tables import as_csv, as_json, as_markdown
    from hpsearch.report.terminal import print_report
    from hpsearch.store.atomic import write_text
    from hpsearch.store.rundir import find_run

    if png and figures is None:
        raise click.UsageError("--png goes with --figures DIR")
    folder = find_run(root, run)
    if is_babysat(folder):
        if as_page or figures is not None:
            raise click.UsageError(f"{folder.name} is a babysat run: it has no page; leave it out")
        report_babysat(folder, style, not no_timing, output)
        return
    view = load_run(folder, recorded_environment(folder))
    page = (output or folder.path / "report.html") if as_page else None
    if page is not None or figures is not None:
        for path in _pictures(summarise(view), page, figures, png):
            click.echo(f"wrote {path}", err=True)
        return
    writers = {"csv": as_csv, "json": as_json, "md": as_markdown}
    if style in writers:
        text = writers[style](view, timing=not no_timing)
    else:
        console = Console(highlight=False, record=output is not None, quiet=output is not None)
        print_report(summarise(view), console)
        if output is None:
            return
        text = console.export_text()
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
        click.echo(f"wrote {output}", err=True)


def _pictures(summary: Summary, page: Path | None, figures: Path | None, png: bool) -> list[Path]:
    """Write the page and the figures that were asked for; the files."""
    from hpsearch.report.figure_files import write_figures
    from hpsearch.report.html_page import as_html
    from hpsearch.store.atomic import write_text

    written: list[Path] = []
    if page is not None:
        write_text(page, as_html(summary))
        written.append(page)
    if figures is not None:
        written += write_figures(summary, figures, png=png)
    return written
