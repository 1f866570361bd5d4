"""``hpsearch check``: does a trainable keep its promises?"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import debug_option
from hpsearch.cli.output import say, say_json
from hpsearch.cli.streams import stdout_to_stderr
from hpsearch.errors import UsageError

if TYPE_CHECKING:
    from hpsearch.config import Loaded

MARKS = {True: ("ok  ", "green"), False: ("FAIL", "red"), None: ("-   ", "yellow")}


@click.command()
@click.argument("trainable", metavar="TRAINABLE|CONFIG")
@click.option(
    "--set",
    "overrides",
    metavar="NAME=VALUE",
    multiple=True,
    help="A hyperparameter's value; with a CONFIG, any key of it. May be repeated.",
)
@click.option("--metric", metavar="NAME", help="The metric that the trainable gives.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@debug_option
def check(trainable: str, overrides: tuple[str, ...], metric: str | None, as_json: bool) -> int:
    """Check that a trainable repeats itself, resumes, takes changes.

    TRAINABLE is package.module:Object or path/to/file.py:Object; its hyperparameters are given
    with --set. Or name a CONFIG: searched parameters take the middle of their range. A few epochs
    are trained, saved, loaded into new objects and compared bit by bit. For a command, the lines
    that are read are shown, with the number taken from each.

    \b
    Example:
      hpsearch check model.py:Model --set alpha=0.1 --metric dev_loss
      hpsearch check config.yaml
    """
    from hpsearch.panda import conformance
    from hpsearch.panda.opening import declared

    loaded = _loaded(trainable, overrides, metric)
    task = [conformance.Verdict("its task", True, loaded.task)] if loaded.task else []
    broken = 0
    # What the trainable prints must not come between the verdicts.
    with stdout_to_stderr() as out:
        setup = conformance.begun(declared(loaded.config))
        conformance.try_metrics(setup, loaded.config.metric_record())
        promises = conformance.check_promises(setup)
        for verdict in itertools.chain(task, promises):
            broken += verdict.kept is False
            mark, colour = MARKS[verdict.kept]
            if as_json:
                say_json(vars(verdict), out)
            else:
                say(f"  {verdict.promise}: {verdict.seen}", out, label=mark, colour=colour)
    return 1 if broken else 0


def _loaded(trainable: str, overrides: tuple[str, ...], metric: str | None) -> Loaded:
    """The config that is named, or one made around a reference."""
    from hpsearch.config import load_config, load_text
    from hpsearch.config.load import SUFFIXES

    of_metric = [f"metric.name={metric}"] if metric else []
    if trainable.endswith(SUFFIXES):
        return load_config(trainable, [*overrides, *of_metric])
    if not overrides:
        raise UsageError(
            f"say what hyperparameters {trainable} has: hpsearch check {trainable} --set NAME=VALUE"
        )
    values = [text if "." in text.split("=")[0] else f"parameters.{text}" for text in overrides]
    text = f"trainable: {json.dumps(trainable)}\nmetric: {{}}\nparameters: {{}}\nepochs: 10\n"
    return load_text(text, trainable, Path.cwd(), "check", [*values, *of_metric])
