"""``hpsearch report``: what a run has learnt."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import TRIAL_NUMBER, debug_option, run_argument, runs_option
from hpsearch.cli.output import give_lines, give_text, wrote

if TYPE_CHECKING:
    from hpsearch.report.analysis.rows import RunView, Summary
    from hpsearch.search.proposals import Reasons
    from hpsearch.store.rundir import RunFolder

FORMATS = ("table", "csv", "json", "md")


@click.command()
@run_argument
@click.option("--failed", is_flag=True, help="Only the trials that failed or diverged.")
@click.option("--top", type=click.IntRange(1), metavar="N", help="Only the N best trials.")
@click.option("--trial", type=TRIAL_NUMBER, metavar="N", help="Only trial N, with its log.")
@click.option("--why", is_flag=True, help="With --trial: the reasons for its point.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option(
    "--html",
    "as_page",
    is_flag=True,
    help="Write one self-contained page: report.html in the run's folder, or --output.",
)
@click.option(
    "--figures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write each figure of the page as an SVG file.",
)
@click.option("--png", is_flag=True, help="With --figures: write PNG files too.")
@click.option("--no-timing", is_flag=True, help="Leave out durations, so that tables compare.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file in place of stdout.",
)
@runs_option
@debug_option
def report(
    run: str | None,
    failed: bool,
    top: int | None,
    trial: int | None,
    why: bool,
    style: str,
    as_page: bool,
    figures: Path | None,
    png: bool,
    no_timing: bool,
    output: Path | None,
    root: Path,
) -> None:
    """Show what RUN (default: the one that changed last) has learnt.

    The best trial, its history, what each parameter mattered and where the good trials are,
    rounds, top trials and failures. csv has one row a trial: trial, round, state, epochs, value,
    one column for each hyperparameter, seconds. --failed, --top and --trial choose trials, in any
    format. Whether early stopping cost the best model: hpsearch audit RUN.

    \b
    Example:
      hpsearch report digits
      hpsearch report digits --trial 12 --why
      hpsearch report digits --html
      hpsearch report digits --format csv -o digits.csv
    """
    from hpsearch.cli.babysit_report import report_babysat, write_page
    from hpsearch.report.analysis.load import load_run, log_tail
    from hpsearch.report.analysis.summary import summarise
    from hpsearch.report.export.tables import as_csv, as_json, as_markdown
    from hpsearch.report.text.selection import Selection
    from hpsearch.store.rundir import find_run
    from hpsearch.training.environment import recorded_environment

    chosen = Selection(failed, top, trial)
    pictures = as_page or figures is not None
    if pictures and not chosen.is_all:
        raise click.UsageError(
            "--html and --figures show all trials; leave out --failed, --top and --trial"
        )
    if png and figures is None:
        raise click.UsageError("--png goes with --figures DIR")
    if why and (trial is None or style != "table"):
        raise click.UsageError("--why goes with --trial N, and without --format")
    folder = find_run(root, run)
    if folder.is_babysat:
        if figures is not None or not chosen.is_all:
            raise click.UsageError(
                f"{folder.name} is a babysat run: it has no trials to choose "
                "and one figure, in its page (--html)"
            )
        if as_page:
            write_page(folder, output)
        else:
            report_babysat(folder, style, not no_timing, output)
        return
    view = load_run(folder, recorded_environment(folder))
    writers = {"csv": as_csv, "json": as_json, "md": as_markdown}
    if pictures:
        page = (output or folder.path / "report.html") if as_page else None
        for path in _pictures(summarise(view), page, figures, png):
            wrote(path)
    elif style in writers:
        give_text(writers[style](chosen.of(view), timing=not no_timing), output)
    else:
        reasons = _reasons(folder, view, chosen.of(view)) if why else None
        summary = summarise(view)
        log = partial(log_tail, folder)
        give_lines(lambda width: chosen.lines(summary, width, log, reasons), output)


def _reasons(folder: RunFolder, view: RunView, chosen: RunView) -> Reasons:
    """Why the one trial that was chosen of a run's got its point."""
    from hpsearch.config import load_config
    from hpsearch.search.proposals import reasons
    from hpsearch.search.retries import read_attempts

    [only] = chosen.results
    index, attempts = only.trial.index, read_attempts(folder)
    results = {r.trial.index: attempts.known_to(index, r.trial.index) for r in view.results}
    return reasons(load_config(folder.resolved_path).config, results, index)


def _pictures(summary: Summary, page: Path | None, figures: Path | None, png: bool) -> list[Path]:
    """Write the page and the figures that were asked for; the files."""
    from hpsearch.report.html.figure_files import write_figures
    from hpsearch.report.html.html_page import as_html
    from hpsearch.store.atomic import write_text

    written: list[Path] = []
    if page is not None:
        write_text(page, as_html(summary))
        written.append(page)
    if figures is not None:
        written += write_figures(summary, figures, png=png)
    return written
