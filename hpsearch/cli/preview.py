"""``hpsearch preview``: what a config would search, before anything is trained."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import click

from hpsearch.cli.options import config_argument, debug_option, set_option
from hpsearch.cli.output import give_lines, note, warn


@click.command()
@config_argument
@set_option
@click.option(
    "-n",
    "--trials",
    "count",
    type=click.IntRange(0),
    default=8,
    show_default=True,
    metavar="N",
    help="How many of the first trials to show; at most search.lookahead are known beforehand.",
)
@debug_option
def preview(config: Path, overrides: tuple[str, ...], count: int) -> None:
    """Show what CONFIG would search: data, scales and first trials.

    Nothing is trained or written; what is to be trained is set up once, to see that it can be. The
    trials shown are the ones that `hpsearch run` would train.

    \b
    Example:
      hpsearch preview config.yaml --set seed=8
    """
    from hpsearch.config import load_config
    from hpsearch.config.completed import completed
    from hpsearch.data.loading import load
    from hpsearch.engine.pools import pool_of
    from hpsearch.engine.scheduler import StopFlag
    from hpsearch.report.text.preview import preview_lines
    from hpsearch.search.caviar import check_trainable
    from hpsearch.search.proposals import first_trials
    from hpsearch.store.names import usual_runs

    loaded = load_config(config, overrides)
    for warning in loaded.warnings:
        warn(warning)
    loaded.check_data()
    loaded, told = completed(loaded, usual_runs())
    for text in told:
        note(text)
    spec = loaded.config.data
    facts = None if spec is None else load(spec, loaded.config.seed).facts
    for suspect in facts.suspects if facts is not None else ():
        warn(suspect)
    trials = first_trials(loaded.config, count)
    with (
        contextlib.closing(pool_of(loaded.config.run, 1, here=True)) as pool,
        tempfile.TemporaryDirectory(prefix="hpsearch-preview-") as folder,
    ):
        by_epoch = check_trainable(loaded.config, pool, Path(folder), StopFlag())
    advice = loaded.advice(by_epoch)
    if advice is not None:
        warn(advice)
    give_lines(
        lambda width: preview_lines(loaded.config, facts, trials, width, loaded.task), narrowest=1
    )
