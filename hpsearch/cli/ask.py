"""``hpsearch ask``: the next trial, for whoever trains it."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import config_argument, debug_option, runs_option, set_option
from hpsearch.cli.output import note, remark, say_json, warn


@click.command()
@config_argument
@set_option
@click.option("--name", help="The run's name, in place of the config's.")
@click.option(
    "--lost-after",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Give a trial out again that was asked for so long ago and never told. Default: never.",
)
@click.option(
    "--no-wait", is_flag=True, help="Say for how long to wait, with exit code 1, and do not."
)
@runs_option
@debug_option
def ask(
    config: Path,
    overrides: tuple[str, ...],
    name: str | None,
    lost_after: float | None,
    no_wait: bool,
    root: Path,
) -> None:
    """Print the next trial of CONFIG's search, for you to train.

    One JSON object on one line: run, trial, seed, epochs, hparams, cutoffs. Nothing is printed once
    all trials are recorded. hpsearch tell records what came of it. Any number of processes may ask
    and tell at once, also on a shared disk, and the trials are the same whoever asks. With
    "trainable: told" in CONFIG nothing else needs to be said of what is trained.

    \b
    Example:
      hpsearch ask config.yaml --lost-after 3600
      hpsearch tell digits 0 0.12
    """
    import math

    from hpsearch.config import Option, load_config
    from hpsearch.library.asking import Search
    from hpsearch.search.asking import LOCK_WAIT
    from hpsearch.search.open_run import open_run

    named = [Option("--name", ("name",), name)] if name is not None else []
    loaded = load_config(config, [*overrides, *named])
    for warning in loaded.warnings:
        warn(warning)
    with open_run(loaded, root, "hpsearch ask", wait=LOCK_WAIT) as launch:
        for text in launch.notes:
            note(text)
    trial = Search(launch.folder, launch.config, lost_after).ask(0 if no_wait else math.inf)
    if trial is None:
        remark(f"{launch.folder.name}: all trials are recorded")
        return
    say_json(
        {
            "run": str(launch.folder.path),
            "trial": trial.number,
            "seed": trial.seed,
            "epochs": launch.config.epochs,
            "hparams": dict(trial.hparams),
            "cutoffs": {str(epoch): worst for epoch, worst in trial.cutoffs.items()},
        }
    )
