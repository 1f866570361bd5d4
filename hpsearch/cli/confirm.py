"""``hpsearch confirm``: the best few trials again, on fresh seeds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import debug_option, named_run_argument, runs_option, workers_option
from hpsearch.cli.output import at_once, give_lines, note, remark, say
from hpsearch.cli.run_lookup import find_search
from hpsearch.cli.signals import INTERRUPTED, STOPPED, TRIALS_FINISH, stopped_by_signals
from hpsearch.portable import join_command
from hpsearch.records import what_none_has

if TYPE_CHECKING:
    from hpsearch.search.confirm import ConfirmEvent
    from hpsearch.search.confirm_run import ConfirmedRun
    from hpsearch.store.rundir import RunFolder


@click.command()
@named_run_argument
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    help="How many of the best trials. Default: as the run's config says, or 5.",
)
@click.option(
    "--repeats",
    type=click.IntRange(2),
    metavar="N",
    help="On how many fresh seeds each, at most. Default: as the run's config says, or 5.",
)
@workers_option
@runs_option
@debug_option
def confirm(run: str, top: int | None, repeats: int | None, workers: int | None, root: Path) -> int:
    """Train RUN's best trials again on fresh seeds: who has won?

    What won a search is partly luck. The best few are trained to the end on seeds that the search
    has not used, the same ones for each, and whoever is clearly behind no further. The winner is
    named by its mean with the standard error, with those that cannot be told from it; best.yaml,
    model.npz and the test score are its own from then on. All is kept in the run's confirm.jsonl:
    the same command goes on where it was interrupted. Exit code: 0, or 1 if no candidate came to a
    value.

    \b
    Example:
      hpsearch confirm digits
      hpsearch confirm digits --top 10 --repeats 8 -w 4
    """
    from hpsearch.config import load_config
    from hpsearch.engine.scheduler import StopFlag
    from hpsearch.library.progress import confirm_lines
    from hpsearch.search.confirm_run import confirm_run

    folder = find_search(root, run, "confirm")
    metric = load_config(folder.resolved_path).config.metric_record()
    stop = StopFlag()

    def interrupted(level: int) -> None:
        at_once(TRIALS_FINISH if level < StopFlag.NOW else STOPPED)

    def tell(event: ConfirmEvent) -> None:
        for line in confirm_lines(event, metric):
            remark(line)

    command = join_command(["hpsearch", *sys.argv[1:]])
    with stopped_by_signals(stop, interrupted):
        done = confirm_run(
            folder, command, top=top, repeats=repeats, workers=workers, stop=stop, observe=tell
        )
    return _show(folder, done)


def _show(folder: RunFolder, done: ConfirmedRun) -> int:
    """Print what is known; the exit code."""
    from hpsearch.cli.progress import final_line
    from hpsearch.report.analysis.load import load_run
    from hpsearch.report.analysis.summary import summarise
    from hpsearch.report.sections.confirmed import confirm_report
    from hpsearch.report.text.writer import report_lines

    for text in done.notes:
        note(text)
    if done.interrupted:
        remark("interrupted with everything saved; the same command goes on")
        return INTERRUPTED
    if done.confirmation is None:
        lacks = what_none_has(folder.results())
        say(f"no trial of {folder.name} {lacks}: there is nothing to confirm")
        return 1
    report = confirm_report(summarise(load_run(folder)))
    give_lines(lambda width: report_lines(report, width))
    if done.final is not None:
        say(final_line(done.final))
    if done.confirmation.winner is None:
        return 1
    for path in (folder.confirm_path, folder.best_path, folder.model_path):
        if path.exists():
            say(f"wrote {path}")
    return 0
