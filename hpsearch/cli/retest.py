"""``hpsearch retest``: one trial once more, and whether it came out the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.finding import find_search
from hpsearch.cli.options import debug_option, named_run_argument, runs_option

if TYPE_CHECKING:
    from hpsearch.records import Metric, TrialResult
    from hpsearch.retest import Retest

SHOWN_DIFFERENCES = 10


@click.command()
@named_run_argument
@click.option("--trial", "index", type=click.IntRange(0), required=True, metavar="N",
              help="The trial's number.")  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Keep the trial's model and log in this folder.",
)  # fmt: skip
@runs_option
@debug_option
def retest(run: str, index: int, output: Path | None, root: Path) -> int:
    """Train one trial again: is every bit the same?

    The point and the seed of trial N are in RUN's record, so every number of every epoch has to
    come out the same, and so has the model where the run keeps this trial's. Nothing in the run's
    folder changes. Exit code: 0 if all is equal, 1 if not.

    \b
    Example:
      hpsearch retest digits --trial 12
      hpsearch retest digits --trial 12 -o trial-12    keeps its model, which the run does not
    """
    from hpsearch.config import load_config
    from hpsearch.retest import recorded_result
    from hpsearch.retest import retest as train_again

    folder = find_search(root, run, "train again")
    metric = load_config(folder.resolved_path).config.metric_record()
    recorded = recorded_result(folder, index)
    click.echo(f"training trial {index} of {folder.name} again: {_point(recorded)}", err=True)
    done = train_again(folder, index, output)
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    for line in retest_lines(done, metric):
        click.echo(line)
    if output is not None and not done.kept:
        click.echo("note: nothing to keep: the trial printed nothing and has no model", err=True)
    return 0 if done.equal else 1


def retest_lines(done: Retest, metric: Metric) -> list[str]:
    """What was recorded, what came out now, and how they compare."""
    lines = [
        f"recorded  {_outcome(done.recorded, metric)}",
        f"again     {_outcome(done.again, metric)}",
    ]
    if done.equal:
        model = ", and model.npz byte for byte" if done.model_equal else ""
        lines.append(f"equal: the state, the value and every number of every epoch{model}")
    else:
        lines.append("not equal:")
        lines += [f"  {line}" for line in done.differences[:SHOWN_DIFFERENCES]]
        more = len(done.differences) - SHOWN_DIFFERENCES
        lines += [f"  and {more} more"] if more > 0 else []
        lines += ["  model.npz: other bytes"] if done.model_equal is False else []
        lines.append(
            "the point and the seed were the same; code of your own that draws random numbers has "
            "to take them from that seed, and another machine or version may round differently"
        )
    return lines + [f"wrote {path}" for path in done.kept]


def _point(result: TrialResult) -> str:
    from hpsearch.space import format_value

    values = [f"{name}={format_value(value)}" for name, value in result.trial.hparams.items()]
    return "  ".join([*values, f"seed {result.trial.seed}"])


def _outcome(result: TrialResult, metric: Metric) -> str:
    from hpsearch.space import format_value

    took = f"{result.epochs} epoch{'s' * (result.epochs != 1)} in {result.seconds:.3g} s"
    if result.value is None:
        return f"{result.state} after {took}: {result.error}"
    value = f"{metric.name} {format_value(result.value)} at epoch {result.best_epoch}"
    return f"{result.state} after {took}: {value}"
