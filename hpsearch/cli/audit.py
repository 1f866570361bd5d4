"""``hpsearch audit``: stopped trials trained to their end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.options import debug_option, named_run_argument, runs_option, workers_option
from hpsearch.cli.outcomes import OTHERWISE, outcome, value
from hpsearch.cli.output import at_once, note, remark, say
from hpsearch.cli.run_lookup import find_search
from hpsearch.cli.signals import INTERRUPTED, STOPPED, TRIALS_FINISH
from hpsearch.text import plural

if TYPE_CHECKING:
    from hpsearch.records import Metric
    from hpsearch.search.audit import Audit, Audited
    from hpsearch.store.rundir import RunFolder

USUAL = "10"

if TYPE_CHECKING:
    _CountType = click.ParamType[int]
else:
    _CountType = click.ParamType  # it takes no type at run time before click 8.4


class Count(_CountType):
    """How many trials: a number from 1, or ``all``, which becomes 0."""

    name = "count"

    def __init__(self, hint: str = "") -> None:
        self._hint = hint

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "all":
            return 0
        try:
            count = int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor 'all'{self._hint}", param, ctx)
        if count < 1:
            self.fail("audit 1 trial or more, or 'all'", param, ctx)
        return count


@click.command()
@named_run_argument
@click.option(
    "-n",
    "--trials",
    "count",
    type=Count(),
    default=USUAL,
    show_default=True,
    metavar="N",
    help="Train N of the stopped trials, or 'all'.",
)
@workers_option
@runs_option
@debug_option
def audit(run: str, count: int, workers: int | None, root: Path) -> int:
    """Train stopped trials to the end: would one have won?

    A random sample of the trials that early stopping stopped is trained to the end, and kept in
    the run's audit.jsonl: the same command goes on where it was interrupted, and a larger N adds
    to it. Nothing else in the run's folder changes. Exit code: 0 if every number up to where a
    trial was stopped is the recorded one, 1 if not.

    \b
    Example:
      hpsearch audit digits
      hpsearch audit digits -n all -w 4
    """
    return audit_run(find_search(root, run, "audit"), count or None, workers)


def audit_run(folder: RunFolder, count: int | None, workers: int | None) -> int:
    """Train stopped trials to the end; 1 if one did not repeat itself, 130 if some are left."""
    from hpsearch.cli.signals import stopped_by_signals
    from hpsearch.config import load_config
    from hpsearch.engine.scheduler import StopFlag
    from hpsearch.report.analysis.stopped import stopped_facts, stopped_sentences
    from hpsearch.search.audit import audit as train_to_the_end

    config = load_config(folder.resolved_path).config
    metric = config.metric_record()
    stop = StopFlag()

    def interrupted(level: int) -> None:
        at_once(TRIALS_FINISH if level < StopFlag.NOW else f"{STOPPED}; what was audited is kept")

    def tell(one: Audited) -> None:
        remark(f"trial {one.again.trial.index}: {outcome(one.again, metric)}")

    with stopped_by_signals(stop, interrupted):
        done = train_to_the_end(folder, count, workers=workers, stop=stop, observe=tell)
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
        return INTERRUPTED
    return 1 if done.failed or any(one.differences for one in done.audited) else 0


def audit_lines(done: Audit, metric: Metric) -> list[str]:
    """A line for each trial that was trained to the end, and what went otherwise than recorded."""
    lines = []
    for one in done.audited:
        then, again = one.recorded, one.again
        lines.append(
            f"trial {then.trial.index}: stopped after {plural(then.epochs, 'epoch')} "
            f"at {value(then, metric)}; to the end {value(again, metric)}"
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
