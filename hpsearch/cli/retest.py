"""``hpsearch retest``: one trial once more. Its ``--audit`` is ``hpsearch audit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.audit import USUAL, Count, audit_run
from hpsearch.cli.options import TRIAL_NUMBER, debug_option, named_run_argument, runs_option
from hpsearch.cli.outcomes import OTHERWISE, outcome
from hpsearch.cli.output import note, remark, say
from hpsearch.cli.run_lookup import find_search
from hpsearch.text import number

if TYPE_CHECKING:
    from hpsearch.records import Metric, TrialResult
    from hpsearch.search.retest import Retest
    from hpsearch.store.rundir import RunFolder

SHOWN_DIFFERENCES = 10


@click.command()
@named_run_argument
@click.option(
    "--trial", "index", type=TRIAL_NUMBER, metavar="N", help="Train trial N again and compare."
)
@click.option(
    "--audit",
    "count",
    type=Count(hint=" (RUN comes first: hpsearch retest RUN --audit)"),
    is_flag=False,
    flag_value=USUAL,
    metavar="[N]",
    hidden=True,
    help="The same as hpsearch audit RUN.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep its model and log in this folder.",
)
@click.option(
    "-w",
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    hidden=True,
    help="With --audit: how many train at once.",
)
@runs_option
@debug_option
def retest(
    run: str,
    index: int | None,
    count: int | None,
    output: Path | None,
    workers: int | None,
    root: Path,
) -> int:
    """Train one trial again, and compare.

    The point and the seed of each trial are in RUN's record, so every number of every epoch has to
    come out the same, and so has the model where the run keeps this trial's. Exit code: 0 if all
    is equal, 1 if not. To train stopped trials to the end: hpsearch audit RUN.

    \b
    Example:
      hpsearch retest digits --trial 12
      hpsearch retest digits --trial 12 -o trial-12    keeps its model, which the run does not
    """
    if (index is None) == (count is None):
        raise click.UsageError(
            "choose one: --trial N trains trial N again; hpsearch audit RUN trains stopped trials "
            "to the end"
        )
    folder = find_search(root, run, "train again")
    if count is not None:
        if output is not None:
            raise click.UsageError("-o keeps the files of one trial; it goes with --trial N")
        return audit_run(folder, count or None, workers)
    if workers is not None:
        raise click.UsageError("one trial trains on one worker; -w goes with --audit")
    assert index is not None
    return _train_again(folder, index, output)


def _train_again(folder: RunFolder, index: int, output: Path | None) -> int:
    from hpsearch.config import load_config
    from hpsearch.search.retest import recorded_result
    from hpsearch.search.retest import retest as train_again

    metric = load_config(folder.resolved_path).config.metric_record()
    recorded = recorded_result(folder, index)
    remark(f"training trial {index} of {folder.name} again: {_point(recorded)}")
    done = train_again(folder, index, output)
    for text in done.notes:
        note(text)
    for line in retest_lines(done, metric):
        say(line)
    if output is not None and not done.kept:
        note("nothing to keep: the trial printed nothing and has no model")
    return 0 if done.equal else 1


def retest_lines(done: Retest, metric: Metric) -> list[str]:
    """What was recorded, what came out now, and how they compare."""
    lines = [
        f"recorded  {outcome(done.recorded, metric)}",
        f"again     {outcome(done.again, metric)}",
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
        lines.append(OTHERWISE)
    return lines + [f"wrote {path}" for path in done.kept]


def _point(result: TrialResult) -> str:
    from hpsearch.panda.run_facts import hyperparameters

    own = hyperparameters(result.trial.hparams)
    values = [f"{name}={number(value)}" for name, value in own.items()]
    return "  ".join([*values, f"seed {result.trial.seed}"])
