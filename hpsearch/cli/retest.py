"""``hpsearch retest``: one trial once more, or stopped ones to the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.finding import find_search
from hpsearch.cli.options import debug_option, named_run_argument, runs_option
from hpsearch.cli.output import at_once, note, remark, say
from hpsearch.text import duration, number, plural

if TYPE_CHECKING:
    from hpsearch.records import Metric, TrialResult
    from hpsearch.search.audit import Audit, Audited
    from hpsearch.search.retest import Retest
    from hpsearch.store.rundir import RunFolder

SHOWN_DIFFERENCES = 10
USUAL_AUDIT = "10"
OTHERWISE = (
    "the point and the seed were the same; code of your own that draws random numbers has "
    "to take them from that seed, and another machine or version may round differently"
)
STOPPING = "letting the running trials finish; press Ctrl-C again to stop now"
STOPPED = "stopping now; what was audited is kept"

if TYPE_CHECKING:
    _CountType = click.ParamType[int]
else:
    _CountType = click.ParamType  # it takes no type at run time before click 8.4


class _Count(_CountType):
    """How many trials: a number from 1, or ``all``, which becomes 0."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "all":
            return 0
        try:
            count = int(value)
        except ValueError:
            self.fail(
                f"{value!r} is neither a number nor 'all' (RUN comes first: hpsearch retest "
                "RUN --audit)",
                param,
                ctx,
            )
        if count < 1:
            self.fail("audit 1 trial or more, or 'all'", param, ctx)
        return count


@click.command()
@named_run_argument
@click.option(
    "--trial", "index", type=click.IntRange(0), metavar="N", help="Train trial N again and compare."
)
@click.option(
    "--audit",
    "count",
    type=_Count(),
    is_flag=False,
    flag_value=USUAL_AUDIT,
    metavar="[N]",
    help=f"Train N (default: {USUAL_AUDIT}) or 'all' of the trials that early stopping stopped "
    "to the end.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --trial: keep its model and log in this folder.",
)
@click.option(
    "-w",
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="With --audit: trials that train at once. Default: as the run's config says.",
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
    """Train one trial again, or stopped ones to the end.

    The point and the seed of each trial are in RUN's record, so with --trial every number of every
    epoch has to come out the same, and so has the model where the run keeps this trial's. Exit
    code: 0 if all is equal, 1 if not.

    With --audit: would a trial that early stopping stopped have won? A random sample of them is
    trained to the end, and kept in the run's audit.jsonl: the same command goes on where it was
    interrupted, and a larger N adds to it. Nothing else in the run's folder changes.

    \b
    Example:
      hpsearch retest digits --trial 12
      hpsearch retest digits --trial 12 -o trial-12    keeps its model, which the run does not
      hpsearch retest digits --audit                   did early stopping cost the best model?
    """
    if (index is None) == (count is None):
        raise click.UsageError(
            "choose one: --trial N trains trial N again, --audit trains stopped trials to the end"
        )
    folder = find_search(root, run, "train again")
    if count is not None:
        if output is not None:
            raise click.UsageError("-o keeps the files of one trial; it goes with --trial N")
        return _audit(folder, count or None, workers)
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


def _audit(folder: RunFolder, count: int | None, workers: int | None) -> int:
    """Train stopped trials to the end; 1 if one did not repeat itself, 130 if some are left."""
    from hpsearch.cli.signals import stopped_by_signals
    from hpsearch.config import load_config
    from hpsearch.engine.scheduler import StopFlag
    from hpsearch.report.analysis.stopped import stopped_facts, stopped_sentences
    from hpsearch.search.audit import audit

    config = load_config(folder.resolved_path).config
    metric = config.metric_record()
    stop = StopFlag()

    def interrupted(level: int) -> None:
        at_once(STOPPING if level < StopFlag.NOW else STOPPED)

    def tell(one: Audited) -> None:
        remark(f"trial {one.again.trial.index}: {_outcome(one.again, metric)}")

    with stopped_by_signals(stop, interrupted):
        done = audit(folder, count, workers=workers, stop=stop, observe=tell)
    results = folder.results()
    facts = stopped_facts(results, metric, [one.again for one in done.audited], config.seed)
    if facts is None:
        recorded = plural(len(results), "trial")
        say(f"early stopping stopped none of the {recorded} of {folder.name}")
        return 0
    for line in [*audit_lines(done, metric), *stopped_sentences(facts)]:
        say(line)
    for text in done.notes:
        note(text)
    if done.left:
        remark(f"interrupted with {done.kept} of {len(done.chosen)} kept; the same command goes on")
        return 130
    return 1 if done.failed or any(one.differences for one in done.audited) else 0


def audit_lines(done: Audit, metric: Metric) -> list[str]:
    """A line for each trial that was trained to the end, and what went otherwise than recorded."""
    lines = []
    for one in done.audited:
        then, again = one.recorded, one.again
        lines.append(
            f"trial {then.trial.index}: stopped after {plural(then.epochs, 'epoch')} "
            f"at {_value(then, metric)}; to the end {_value(again, metric)}"
        )
        lines += [f"  not as recorded: {line}" for line in one.differences[:1]]
    for result in done.failed:
        lines.append(f"trial {result.trial.index}: failed, so it is not kept: {result.error}")
    if any(one.differences for one in done.audited):
        lines.append(OTHERWISE)
    elif done.audited:
        lines.append(
            "up to where each was stopped, every number of every epoch is the recorded one"
        )
    return lines


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
        lines.append(OTHERWISE)
    return lines + [f"wrote {path}" for path in done.kept]


def _point(result: TrialResult) -> str:
    from hpsearch.panda.run_facts import hyperparameters

    own = hyperparameters(result.trial.hparams)
    values = [f"{name}={number(value)}" for name, value in own.items()]
    return "  ".join([*values, f"seed {result.trial.seed}"])


def _outcome(result: TrialResult, metric: Metric) -> str:
    took = f"{plural(result.epochs, 'epoch')} in {duration(result.seconds)}"
    if result.value is None:
        return f"{result.state} after {took}: {result.error}"
    value = f"{metric.name} {number(result.value)} at epoch {result.best_epoch}"
    return f"{result.state} after {took}: {value}"


def _value(result: TrialResult, metric: Metric) -> str:
    if result.value is None:
        return f"it {result.state}"
    return f"{metric.name} {number(result.value)}"
