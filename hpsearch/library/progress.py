"""A search's progress in lines: round starts, new bests, failures, every tenth of the way."""

from __future__ import annotations

from collections.abc import Callable

from hpsearch.config import Config
from hpsearch.panda.run_facts import hyperparameters
from hpsearch.records import Metric, State, TrialResult
from hpsearch.report.analysis.confirmed import trials_named
from hpsearch.report.analysis.weighed import is_infeasible
from hpsearch.search.caviar import Event, Outcome, TrialFinished, TrialStarted
from hpsearch.search.confirm import Confirmed, ConfirmEvent, RepeatFinished
from hpsearch.text import clean, number, plural


class ProgressLines:
    """Says in lines what happens; ``say`` is given one at a time."""

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self._config, self._say = config, say
        self._metric = config.metric_record()
        self._round = 0
        self._tenth = 0
        self._told: set[str] = set()
        self._failed = self._infeasible = 0

    def begin(self, name: str, done: int, total: int, workers: int) -> None:
        """Say what is about to be done in a run of which ``done`` trials are recorded.

        ``total`` is how many there will be, as far as is known.
        """
        if done == total:
            what = f"complete, {plural(done, 'trial')}"
        elif done > total:
            what = f"complete, {trials_of(done, total)}"
        else:
            begun = f"going on after {done:,} of " if done else ""
            how = f"{plural(workers, 'worker')}, seed {self._config.seed}"
            what = f"{begun}{plural(total, 'trial')}, {how}"
        self._say(f"{name}: {what}")

    def observe(self, event: Event) -> None:
        """Take notice of something that happened."""
        if isinstance(event, TrialStarted) and event.trial.round > self._round:
            self._round = event.trial.round
            if self._config.search.strategy in ("coarse-to-fine", "boxes"):
                self._say(f"round {self._round} starts with trial {event.trial.index}")
        if isinstance(event, TrialFinished):
            self._finished(event)
        if isinstance(event, ConfirmEvent):
            for line in confirm_lines(event, self._metric):
                self._say(line)

    def _finished(self, event: TrialFinished) -> None:
        result = event.result
        if result.state in (State.FAILED, State.DIVERGED):
            self._failed += 1
            # The same words again and again would bury the rest; the count goes on below.
            words = result.error_kind or ""
            if words not in self._told:
                self._told.add(words)
                reason = clean(result.error or "it gave no reason")
                self._say(f"trial {result.trial.index} {result.state}: {reason}")
        elif event.best:
            value = number(result.value)
            index = result.trial.index
            self._say(f"best {self._metric.name} {value} (trial {index}): {describe(result)}")
        self._infeasible += is_infeasible(result, self._metric)
        tenth = 10 * event.finished // event.total
        if tenth > self._tenth:
            self._tenth = tenth
            failed = f", {self._failed} failed or diverged" if self._failed else ""
            outside = f", {self._infeasible} infeasible" if self._infeasible else ""
            self._say(f"{trials_of(event.finished, event.total)}{failed}{outside}")


def confirm_lines(event: ConfirmEvent, metric: Metric) -> list[str]:
    """What happens while a search is confirmed, a line each."""
    if isinstance(event, RepeatFinished):
        result, seed = event.repeat.result, event.repeat.repeat
        how = number(result.value) if result.value is not None else result.state
        return [f"confirm: trial {result.trial.index} on fresh seed {seed}: {metric.name} {how}"]
    if isinstance(event, Confirmed):
        return []  # the summary says it
    known = event.confirmation
    lines = []
    if event.repeat == 1:
        named = trials_named(known.wish.candidates)
        lines.append(f"confirm: {named} on up to {plural(known.wish.repeats, 'fresh seed')} each")
    out = [one.trial for one in known.race.standings if one.dropped == event.repeat - 1]
    if out:
        behind = "is behind, and is" if len(out) == 1 else "are behind, and are"
        lines.append(f"confirm: {trials_named(out)} {behind} trained no further")
    return lines


def trials_of(finished: int, total: int) -> str:
    """``24/60 trials``; a run that already has more than it is asked for says so."""
    if finished > total:
        return f"{plural(finished, 'trial')} (search.max_trials is {total})"
    return f"{finished}/{plural(total, 'trial')}"


def ended_words(outcome: Outcome) -> str:
    """Why a search has ended before its last trial, where a limit of its config did."""
    if not outcome.interrupted:
        return f"{outcome.ended}, and so the search is complete"
    done = f"{len(outcome.results):,} of {plural(outcome.total, 'trial')}"
    return (
        f"{outcome.ended}: stopped with {done} recorded; how many there are depends on the clock, "
        f"which ones does not"
    )


def describe(result: TrialResult) -> str:
    """A trial's hyperparameters on one line."""
    return "  ".join(f"{k}={number(v)}" for k, v in hyperparameters(result.trial.hparams).items())
