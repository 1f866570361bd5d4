"""Would a trial that early stopping stopped have won? Train some of them to the end and see.

A stopped trial is trained again with its own point and its own seed, and without its cut-offs. Up
to the epoch at which it was stopped its curve has to be the recorded one, bit for bit; from there
on it shows what was given up.

Which trials are taken is drawn with the run's seed: each stopped trial has a random number of its
own, and those with the smallest make up the sample. So a larger sample contains a smaller one, and
the audit can go on. What the trials come to is kept in ``audit.jsonl``; ``trials.jsonl`` and all
else in the run's folder stay as they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hpsearch.config import Config, load_config
from hpsearch.engine.pools import planned_workers, pool_of
from hpsearch.engine.scheduler import Interrupted, StopFlag
from hpsearch.errors import RunError
from hpsearch.records import State, TrialResult
from hpsearch.search.caviar import check_trainable
from hpsearch.search.retest import (
    compared_environment,
    curve_differences,
    folder_for_training,
    train_trials,
)
from hpsearch.seeds import audit_order
from hpsearch.store.atomic import scratch_folder, sweep
from hpsearch.store.journal import Journal
from hpsearch.store.results import results_from
from hpsearch.store.rundir import RunFolder
from hpsearch.training.environment import data_folder
from hpsearch.training.prepare import prepare_spec


@dataclass(frozen=True)
class Audited:
    """A stopped trial as it was recorded, and as it came out when it was trained to the end."""

    recorded: TrialResult
    again: TrialResult

    @property
    def differences(self) -> list[str]:
        """What is not equal, bit for bit, up to where it was stopped; a line for each metric."""
        until = self.recorded.epochs
        again = {name: curve[:until] for name, curve in self.again.curves.items()}
        return curve_differences(self.recorded.curves, again)


@dataclass(frozen=True)
class Audit:
    """What is known of a run's stopped trials.

    ``stopped`` are the numbers of all of them, ``chosen`` those of the sample, in the order in
    which they were drawn. ``audited`` has everyone trained to the end so far, by number, earlier
    audits' included. ``failed`` are trials of this audit that failed: that says nothing of what
    they would have come to, so they are not kept. ``notes`` tell what may explain a difference.
    """

    stopped: tuple[int, ...]
    chosen: tuple[int, ...]
    audited: tuple[Audited, ...] = ()
    failed: tuple[TrialResult, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        """How many of the sample are trained to the end; an earlier audit's may lie outside it."""
        return len(set(self.chosen) & {one.recorded.trial.index for one in self.audited})

    @property
    def left(self) -> int:
        """How many of the sample have not been trained: the audit was interrupted."""
        return len(self.chosen) - self.kept - len(self.failed)


def audit(
    folder: RunFolder,
    count: int | None,
    *,
    workers: int | None = None,
    stop: StopFlag | None = None,
    observe: Callable[[Audited], None] = lambda _: None,
) -> Audit:
    """Train ``count`` of a run's stopped trials (``None``: all) to the end, but for those known.

    ``workers`` is by default the run's, or the number of cores. ``observe`` is told of each trial
    when it is kept. Raising ``stop`` ends the audit early; the same call then goes on with it.

    Raises:
        RunError: a search or another audit is at work on the run, or a file is damaged …
        UsageError: the data or the code have changed since.
        ConfigError, DataError, TrainableError: what the run was started with is gone or wrong.
    """
    if folder.is_locked():
        raise RunError(
            f"{folder.path}: the search is at work; audit it when it has ended "
            f"(hpsearch watch {folder.name} shows it)"
        )
    config = load_config(folder.resolved_path).config
    stopped = {r.trial.index: r for r in folder.results() if r.state is State.STOPPED}
    chosen = audit_order(config.seed, list(stopped))[:count]
    if not chosen:
        return Audit((), ())
    failed: list[TrialResult] = []
    notes: tuple[str, ...] = ()
    with Journal(folder.audit_path) as journal:
        before = results_from(folder.audit_path, journal.records)
        known = {
            result.trial.index: Audited(stopped[result.trial.index], result)
            for result in before
            if result.trial.index in stopped
        }

        def record(results: Sequence[TrialResult]) -> None:
            failed.extend(result for result in results if result.state is State.FAILED)
            whole = [result for result in results if result.state is not State.FAILED]
            journal.append_all([result.to_record() for result in whole])
            for result in whole:
                known[result.trial.index] = Audited(stopped[result.trial.index], result)
                observe(known[result.trial.index])

        todo = [stopped[index] for index in chosen if index not in known]
        if todo:
            notes = compared_environment(folder, config)
            width = min(planned_workers(config.run, workers), len(todo))
            _train_to_the_end(folder, config, todo, width, record=record, stop=stop)
    return Audit(
        stopped=tuple(sorted(stopped)),
        chosen=tuple(chosen),
        audited=tuple(known[index] for index in sorted(known)),
        failed=tuple(failed),
        notes=notes,
    )


def _train_to_the_end(
    folder: RunFolder,
    config: Config,
    todo: Sequence[TrialResult],
    width: int,
    *,
    record: Callable[[Sequence[TrialResult]], None],
    stop: StopFlag | None,
) -> None:
    """Train the trials of some results again, without their cut-offs."""
    trials = [replace(result.trial, cutoffs={}) for result in todo]
    sweep(folder.path)
    spec = prepare_spec(config, data_folder(folder, config))
    with (
        contextlib.closing(pool_of(config.run, width)) as pool,
        # In the run's folder, since the workers of a cluster may see no other.
        scratch_folder(folder.audit_path) as scratch,
    ):
        stop = stop or StopFlag()
        with contextlib.suppress(Interrupted):
            check_trainable(config, pool, scratch, stop, spec)
        beside = folder_for_training(folder, scratch)
        train_trials(beside, config, trials, pool, width=width, record=record, stop=stop, spec=spec)
