"""``hpsearch tell``: the result of a trial that was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hpsearch.cli.options import debug_option, named_run_argument, runs_option
from hpsearch.cli.output import say
from hpsearch.cli.run_lookup import find_search


@click.command(context_settings={"ignore_unknown_options": True})  # -0.5 is a value
@named_run_argument
@click.argument("trial", type=click.IntRange(0))
@click.argument("values", nargs=-1, metavar="VALUE ...")
@click.option("--failed", metavar="WHY", help="Record that the trial failed, and why.")
@runs_option
@debug_option
def tell(run: str, trial: int, values: tuple[str, ...], failed: str | None, root: Path) -> None:
    """Record what a trial that was asked for came to.

    One VALUE, or a curve: one VALUE after each epoch. VALUE may also be one JSON object with a
    number, or a list of numbers, for each metric. A curve counts up to the epoch at which a cut-off
    ends the trial. A trial that is on record already stays as it is.

    \b
    Example:
      hpsearch tell digits 3 0.12
      hpsearch tell digits 3 0.5 0.3 0.12
      hpsearch tell digits 3 '{"dev_error": [0.5, 0.3], "train_error": [0.4, 0.1]}'
      hpsearch tell digits 3 --failed "out of memory"
    """
    from hpsearch.config import load_config
    from hpsearch.library.asking import Search
    from hpsearch.text import number, plural

    if bool(values) == (failed is not None):
        raise click.UsageError("tell a VALUE, or --failed and why there is none")
    folder = find_search(root, run, "tell of")
    config = load_config(folder.resolved_path).config
    told = Search(folder, config).tell(trial, _read(values) if values else None, error=failed)
    came = f": {config.metric.name} {number(told.value)}" if told.value is not None else ""
    took = plural(told.epochs, "epoch")
    say(f"{folder.name}: trial {told.number} {told.state} after {took}{came}")


def _read(values: tuple[str, ...]) -> Any:
    """A number, several, or one object.

    Raises:
        click.UsageError: they are neither.
    """
    import json

    if len(values) == 1 and values[0].lstrip().startswith("{"):
        try:
            return json.loads(values[0])
        except ValueError as e:
            raise click.UsageError(f"VALUE is not a JSON object: {e}") from e
    try:
        return [float(value) for value in values]
    except ValueError as e:
        raise click.UsageError(f"VALUE must be a number, or a JSON object; {e}") from e
