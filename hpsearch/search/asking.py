"""Ask and tell: a search whose trials somebody else trains, a process or many on one folder.

Whoever asks gets the next trial that the lookahead allows, with its point, seed and cut-offs; who
told its result makes it known. A trial is proposed from the results that it may know, as in
:mod:`hpsearch.search.caviar`, so the trials are the same whoever asks and whenever.

``asked.jsonl`` has a line for each time that a trial was given out: the trial, and when. Each ask
and each tell holds the run's lock while it reads what there is and writes its one line. A process
that is killed within has given out nothing, told nothing, or all of it; a trial that was asked for
and never told is given out again, after as long as whoever asks finds right.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hpsearch.config import Config, best_config
from hpsearch.errors import UsageError
from hpsearch.portable import join_command
from hpsearch.records import Metric, State, Trial, TrialResult, best_result, finite
from hpsearch.search.ending import EndRule
from hpsearch.search.front import front_of
from hpsearch.search.proposals import planned_trials
from hpsearch.search.proposer import Proposer
from hpsearch.search.publish import publish_front
from hpsearch.search.retries import Attempts, read_attempts
from hpsearch.store.atomic import write_text
from hpsearch.store.journal import Journal, read_journal
from hpsearch.store.rundir import RunFolder
from hpsearch.training.protocol import last_epoch

LOCK_WAIT = 60.0
"""Seconds for which an ask or a tell waits for the others: each holds the lock for milliseconds."""

USUAL_WAIT = 5.0
"""Seconds after which to ask again, where nothing tells how long a trial takes."""

Curves = Mapping[str, Sequence[float]]
"""For each metric its number after each epoch."""


@dataclass(frozen=True)
class Wait:
    """No trial can be given out now; ask again in ``seconds``. ``open`` are those still untold."""

    seconds: float
    open: tuple[int, ...]


def ask(folder: RunFolder, config: Config, lost_after: float | None = None) -> Trial | Wait | None:
    """The next trial to train; ``None`` if every trial is recorded.

    ``lost_after`` is the number of seconds after which a trial that was asked for and not told is
    given out again, the lowest number first; ``None`` for never.

    Raises:
        RunError: the folder is damaged, cannot be written, or another coordinator is at work.
    """
    with _at_work(folder):
        asked = _Asked.read(folder)
        attempts = read_attempts(folder)
        results = attempts.settled()
        rule = EndRule.of(config)
        end, total = rule.end(results), planned_trials(config)
        total = total if end is None else min(total, end.trials)
        open_trials = [i for i in [*asked.trials, *attempts.waiting()] if i not in results]
        now = time.time()
        lost = [
            i
            for i in open_trials
            if asked.counts[i] <= len(attempts.results.get(i, ()))  # to be trained again
            or (lost_after is not None and now - asked.times[i] >= lost_after)
        ]
        if lost:
            index = min(lost)
            trial = asked.trials.get(index) or attempts.results[index][0].trial
        else:
            front = next(i for i in range(total + 1) if i not in results)
            index = next(i for i in range(total + 1) if i not in results and i not in open_trials)
            if front == total:
                return None
            allowed = index < min(total, front + config.search.lookahead)
            if not allowed or not rule.may_start(index, results):
                return Wait(_wait(asked, results, open_trials, now, lost_after), (*open_trials,))
            trial = _propose(config, attempts, asked, index)
        with Journal(folder.asked_path) as journal:
            journal.append({**_unended(trial).to_record(), "asked": now})
        return trial


def tell(
    folder: RunFolder, config: Config, index: int, curves: Curves, error: str | None = None
) -> TrialResult:
    """Record what a trial came to; its result, as it is on record.

    A trial that is recorded already stays as it is: two may have trained it, where one was thought
    to be lost. ``error`` says why it failed.

    Raises:
        UsageError: nobody asked for the trial, or the curves lack the metric.
        RunError: the folder is damaged, cannot be written, or another coordinator is at work.
    """
    with _at_work(folder):
        attempts = read_attempts(folder)
        settled = attempts.settled()
        if index in settled:
            return settled[index]
        asked = _Asked.read(folder)
        if index not in asked.trials:
            raise UsageError(
                f"{folder.name}: nobody has asked for trial {index}; ask first, and tell the "
                f"number that is given"
            )
        epochs = last_epoch(config.trainable.kind, config.epochs)
        result = replace(
            result_of(asked.trials[index], curves, config.metric_record(), epochs, error),
            seconds=max(0.0, time.time() - asked.times[index]),
            attempt=1 + len(attempts.results.get(index, ())),
        )
        with Journal(folder.trials_path) as journal:
            journal.append(result.to_record())
        best = best_result([*settled.values(), result], config.metric_record())
        if best is result:
            write_text(folder.best_path, best_config(config, best, folder.name))
        if config.further:
            front = front_of([*settled.values(), result], config.metric_record())
            if index in front.indices:
                publish_front(folder, config, front)
        return result


def result_of(
    trial: Trial, curves: Curves, metric: Metric, epochs: float, error: str | None = None
) -> TrialResult:
    """What a trial comes to by what it was told: as in a worker, epoch by epoch.

    It ends at its first cut-off that it does not meet, at a number that is not finite, and after
    ``epochs`` epochs, whatever was told beyond.

    Raises:
        UsageError: the curves lack the metric, or differ in length.
    """
    told = curves.get(metric.name, ())
    missing = [name for name in metric.needed if not curves.get(name)]
    if error is None and missing:
        given = ", ".join(curves) or "nothing"
        raise UsageError(f"trial {trial.index} was told {given}, and not {' and '.join(missing)}")
    if any(len(curve) != len(told) for curve in curves.values()):
        lengths = ", ".join(f"{name} {len(curve)}" for name, curve in curves.items())
        raise UsageError(f"trial {trial.index}: one number an epoch for each metric; not {lengths}")
    so_far = metric.values_so_far(told)
    state, ended = State.DONE if error is None else State.FAILED, 0
    for epoch in range(len(told)):
        if ended >= epochs:
            break
        ended += 1
        wrong = _not_finite(curves, metric, epoch)
        if wrong is not None:
            state, error = State.DIVERGED, f"{wrong} at epoch {ended}"
            break
        if error is None and trial.is_cut_off(ended, so_far[ended - 1], metric.goal):
            state = State.STOPPED
            break
    kept = [float(value) for value in told[:ended]]
    has_value = state in (State.DONE, State.STOPPED)
    return TrialResult(
        trial=trial,
        state=state,
        value=so_far[ended - 1] if has_value else None,
        best_epoch=metric.best_epoch(kept) if has_value else None,
        epochs=ended,
        curves={name: tuple(map(finite, curve[:ended])) for name, curve in curves.items()},
        error=error,
    )


def _not_finite(curves: Curves, metric: Metric, epoch: int) -> str | None:
    """Which of the metrics that are needed is no finite number there, and what it is."""
    for name in metric.needed:
        value = curves[name][epoch] if name in curves else 0.0
        if not math.isfinite(value):
            return f"{name} is {value}"
    return None


@contextlib.contextmanager
def _at_work(folder: RunFolder) -> Iterator[None]:
    with folder.lock(join_command(["ask and tell", *sys.argv[:1]]), LOCK_WAIT):
        yield


@dataclass(frozen=True)
class _Asked:
    """The trials that were given out, and of each when the last time, since 1970, and how often."""

    trials: Mapping[int, Trial]
    times: Mapping[int, float]
    counts: Counter[int]

    @classmethod
    def read(cls, folder: RunFolder) -> _Asked:
        trials: dict[int, Trial] = {}
        times: dict[int, float] = {}
        counts: Counter[int] = Counter()
        for record in read_journal(folder.asked_path):
            trial = TrialResult.from_record(record).trial
            trials[trial.index], times[trial.index] = trial, float(record["asked"])
            counts[trial.index] += 1
        return cls(trials, times, counts)


def _unended(trial: Trial) -> TrialResult:
    """A trial in the form in which results are recorded, with nothing of a result in it."""
    return TrialResult(trial, State.DONE, None, None, 0, {})


def _propose(config: Config, attempts: Attempts, asked: _Asked, index: int) -> Trial:
    proposer = Proposer.of(config, attempts)
    proposer.trials.update(asked.trials)
    return proposer.propose(index)


def _wait(
    asked: _Asked,
    results: Mapping[int, Any],
    open_trials: Sequence[int],
    now: float,
    lost_after: float | None,
) -> float:
    """How long a trial usually takes, but not past the moment at which one counts as lost."""
    took = sorted(result.seconds for result in results.values() if result.seconds > 0)
    wait = took[len(took) // 2] if took else USUAL_WAIT
    if lost_after is not None:
        since = min(asked.times[i] for i in open_trials)
        wait = min(wait, since + lost_after - now)
    return max(wait, 0.1)
