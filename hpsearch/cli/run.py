"""``hpsearch run``: the main job."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import (
    config_argument,
    debug_option,
    runs_option,
    runs_words,
    set_option,
)
from hpsearch.cli.output import note, warn
from hpsearch.cli.signals import INTERRUPTED
from hpsearch.engine.table import ENGINES
from hpsearch.portable import join_command

if TYPE_CHECKING:
    from hpsearch.cli.progress import Reporter
    from hpsearch.config import Loaded
    from hpsearch.search.caviar import Event, Outcome

PROGRESS = ("auto", "live", "plain", "none")


@click.command()
@config_argument
@set_option
@click.option(
    "-w",
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Trials that train at once. Default: run.workers, or the number of cores.",
)
@click.option(
    "--timeout", metavar="TIME", help="Stop after 90 (seconds), 2h, 1h30m …; see search.timeout."
)
@click.option("--until", metavar="HH:MM", help="Stop at that time of day; see search.until.")
@click.option(
    "--engine",
    type=click.Choice(list(ENGINES)),
    help="What runs the workers, in place of run.engine.",
)
@click.option("--address", help="Where a cluster of dask or ray answers, in place of run.address.")
@click.option("--name", help="The run's name, in place of the config's.")
@click.option(
    "--fresh", is_flag=True, help="Start another run, even if there is one to go on with."
)
@click.option("--resume", is_flag=True, help="Only go on with a run; refuse to start one.")
@click.option(
    "--accept-code",
    is_flag=True,
    help="Go on with a run though the code that it trains has changed; it is on record.",
)
@click.option(
    "--retry-failed",
    is_flag=True,
    help="First train the run's failed trials again, once their cause is mended.",
)
@click.option(
    "--fork",
    metavar="RUN@EPOCH",
    help="Vary a babysat model: every trial begins as it was at that epoch (12, best, b1@8).",
)
@click.option(
    "--progress",
    type=click.Choice(PROGRESS),
    default="auto",
    show_default=True,
    help="How to show progress, on stderr.",
)
@click.option("-q", "--quiet", is_flag=True, help="The same as --progress none.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print events to stdout, one JSON object a line."
)
@runs_option
@debug_option
def run(
    config: Path,
    overrides: tuple[str, ...],
    workers: int | None,
    timeout: str | None,
    until: str | None,
    engine: str | None,
    address: str | None,
    name: str | None,
    fresh: bool,
    resume: bool,
    accept_code: bool,
    retry_failed: bool,
    progress: str,
    quiet: bool,
    as_json: bool,
    fork: str | None,
    root: Path,
) -> int:
    """Search the space that CONFIG declares.

    The same command again goes on with a run that was interrupted, with a raised
    search.max_trials extends it, and otherwise says that it is complete. Ctrl-C lets the running
    trials finish; a second Ctrl-C stops at once. Nothing recorded is lost either way.

    \b
    Example:
      hpsearch run config.yaml
      hpsearch run config.yaml --set search.max_trials=200 --workers 4
    """
    from hpsearch.cli.progress import make_reporter
    from hpsearch.cli.signals import stopped_by_signals
    from hpsearch.config import Option, load_config
    from hpsearch.engine.pools import planned_workers, workers_on_gpus
    from hpsearch.engine.scheduler import StopFlag
    from hpsearch.search.caviar import search
    from hpsearch.search.open_run import open_run

    if fresh and resume:
        raise click.UsageError("--fresh starts a run and --resume goes on with one; choose one")
    if fresh and retry_failed:
        raise click.UsageError("--fresh starts a run, which has no failed trials; choose one")
    if address == "":
        raise click.UsageError("--address is empty; give the address, or leave it out")
    own = {
        "--engine": ("run", "engine"),
        "--address": ("run", "address"),
        "--name": ("name",),
        "--timeout": ("search", "timeout"),
        "--until": ("search", "until"),
    }
    values = (engine, address, name, timeout, until)
    options = [
        Option(flag, path, value)
        for (flag, path), value in zip(own.items(), values, strict=True)
        if value is not None
    ]
    loaded = load_config(config, [*overrides, *options])
    for warning in loaded.warnings:
        warn(warning)
    if fork is not None:
        from hpsearch.panda.fork import forked

        loaded, notes = forked(loaded, fork, root, named=name is not None)
        for text in notes:
            note(text)
    stop = StopFlag()
    command = join_command(["hpsearch", *sys.argv[1:]])
    with open_run(
        loaded,
        root,
        command,
        fresh=fresh,
        resume=resume,
        accept_code=accept_code,
        retry=retry_failed,
    ) as launch:
        if loaded.task_note is not None and launch.created:
            note(loaded.task_note)
        for text in launch.notes:
            note(text)
        width = planned_workers(launch.config.run, workers)
        if launch.config.run.gpus is not None:
            note(workers_on_gpus(launch.config.run, workers))
        named = launch.folder.name if name is not None or fresh else None
        given = {"--engine": engine, "--address": address, "--timeout": timeout, "--until": until}
        given["--fork"] = fork
        again = resume_command(config, overrides, named, root, given)
        reporter = make_reporter(launch, width, "none" if quiet else progress, as_json, again)
        with stopped_by_signals(stop, reporter.interrupted), reporter:
            observe = _advising(loaded, reporter)
            outcome = search(
                launch.folder,
                launch.config,
                workers=width,
                attempts=launch.attempts,
                stop=stop,
                observe=observe,
            )
        reporter.finish(outcome)
    return exit_code(outcome)


def _advising(loaded: Loaded, reporter: Reporter) -> Callable[[Event], None]:
    """The reporter's eyes, and a warning when the trainable does not fit its number of epochs."""
    from hpsearch.search.caviar import TrainableChecked

    def observe(event: Event) -> None:
        if isinstance(event, TrainableChecked):
            advice = loaded.advice(event.by_epoch)
            if advice is not None:
                reporter.warn(advice)
            for suspect in event.suspects:
                reporter.warn(suspect)
        reporter.observe(event)

    return observe


def exit_code(outcome: Outcome) -> int:
    """130 if it was interrupted, 1 if no trial succeeded, 0 otherwise: a limit is kept to."""
    if outcome.interrupted and outcome.ended is None:
        return INTERRUPTED
    return 0 if outcome.best is not None else 1


def resume_command(
    config: Path,
    overrides: tuple[str, ...],
    name: str | None,
    root: Path,
    given: Mapping[str, str | None],
) -> str:
    """The command that goes on with a run; ``name`` if it is not the config's."""
    words = ["hpsearch", "run", str(config)]
    for override in overrides:
        words += ["--set", override]
    if name is not None:
        words += ["--name", name]
    words += runs_words(root)
    for option, value in given.items():
        words += [option, value] if value is not None else []
    return join_command(words)
