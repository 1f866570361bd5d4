"""Caviar: raise many models in parallel and keep the best.

:func:`search` ties the parts together and prints nothing. A strategy proposes trial ``i`` from
the results of trials 0 … i - lookahead, the scheduler starts it on a worker, the journal records
its result, and the best model so far is published as ``model.npz`` and ``best.yaml``. Whoever
wants to show the search is told of :class:`Event` objects.

What is in the journal is the truth. Everything else in the run folder can be derived from it
again, and is put right whenever a search starts or ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.config import Config
from hpsearch.data.dataset import Facts
from hpsearch.data.loading import has_test_split
from hpsearch.engine.desk import MEGABYTE
from hpsearch.engine.failures import WorkerDied
from hpsearch.engine.limits import OUT_OF_MEMORY, TrialLimits, forget, kind_of, memory_limit, passed
from hpsearch.engine.pools import Pool, pool_of
from hpsearch.engine.scheduler import Interrupted, Scheduler, StopFlag, answer_of
from hpsearch.engine.worker import Checked, SetUp, job, train, try_build
from hpsearch.errors import RunError, TrainableError
from hpsearch.predict.final_score import (
    FinalScore,
    read_final_score,
    score_test_split,
    write_final_score,
)
from hpsearch.records import Hparams, Metric, Trial, TrialResult, best_result
from hpsearch.sampling.redraw import middle
from hpsearch.search.breaker import Breaker
from hpsearch.search.confirm import ConfirmEvent, confirm
from hpsearch.search.confirmations import (
    Confirmation,
    Winner,
    confirmed_winner,
    read_confirmation,
    winner_of,
)
from hpsearch.search.deadline import Deadline
from hpsearch.search.ending import EndRule, expected_trials
from hpsearch.search.front import Front, front_of
from hpsearch.search.proposals import (
    failures_allowed,
    planned_trials,
)
from hpsearch.search.proposer import Proposer
from hpsearch.search.publish import (
    clear,
    keep_model,
    publish_confirmed,
    publish_front,
    publish_observed,
    withdraw_confirmed,
)
from hpsearch.search.retries import Attempts, read_attempts
from hpsearch.search.tries import Tries
from hpsearch.seeds import trial_seed
from hpsearch.space import Space
from hpsearch.store.disk import disk_errors
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder
from hpsearch.text import size
from hpsearch.training.environment import data_folder, record_dev_rows
from hpsearch.training.network import data_facts
from hpsearch.training.prepare import folds_of, prepare_spec
from hpsearch.training.protocol import Context, TrainableSpec


@dataclass(frozen=True)
class TrainableChecked:
    """The trainable can be used. ``by_epoch`` if it is an object that trains epoch after epoch.

    ``suspects`` are columns of the network's data that are probably not meant, a sentence each.
    """

    by_epoch: bool
    suspects: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrialStarted:
    """A trial was given to a worker."""

    trial: Trial


@dataclass(frozen=True)
class TrialFinished:
    """A trial is recorded. ``best`` says whether it is the best so far."""

    result: TrialResult
    finished: int
    total: int
    best: bool


@dataclass(frozen=True)
class TimePassed:
    """Nothing new, but time has passed: a live screen may want to look again."""


Event = TrainableChecked | TrialStarted | TrialFinished | TimePassed | ConfirmEvent


@dataclass(frozen=True)
class Outcome:
    """How a search ended; ``interrupted`` if trials, or confirming them, are left.

    ``best`` is the confirmed winner where there is one, else the best observed trial. ``final`` is
    its score on the test split: there once all is complete, if the data have such a split.
    ``ended`` says why it ended before its ``search.max_trials``, where a limit of the config has
    ended it.
    """

    results: tuple[TrialResult, ...]
    winner: Winner | None
    total: int
    interrupted: bool
    final: FinalScore | None = None
    confirmation: Confirmation | None = None
    ended: str | None = None

    @property
    def best(self) -> TrialResult | None:
        """What the search recorded of the winner."""
        return None if self.winner is None else self.winner.result


@dataclass
class _Search:
    """The state of one search while it runs."""

    folder: RunFolder
    config: Config
    space: Space
    proposer: Proposer
    spec: TrainableSpec
    pool: Pool
    total: int
    observe: Callable[[Event], None]
    attempts: Attempts
    results: dict[int, TrialResult]
    metric: Metric
    breaker: Breaker
    end_rule: EndRule
    tries: Tries
    best: TrialResult | None = None
    front: Front | None = None

    @property
    def complete(self) -> bool:
        """Whether every trial is recorded."""
        return all(index in self.results for index in range(self.expected))

    @property
    def expected(self) -> int:
        """How many trials there will be, as far as it is known."""
        end = self.end_rule.end(self.results)
        return self.total if end is None else min(self.total, end.trials)

    @property
    def ended(self) -> str | None:
        """Why there are fewer trials than there might be; ``None`` where there are not."""
        end = self.end_rule.end(self.results)
        return None if end is None or end.trials >= self.total else end.why

    def may_start(self, index: int) -> bool:
        """Whether the search is sure to come to a trial."""
        return self.breaker.may_start(index, self.results) and self.end_rule.may_start(
            index, self.results
        )

    def record(self, journal: Journal, done: Sequence[TrialResult]) -> None:
        """Make results durable, then publish the best and clear away what they leave behind."""
        made = self.attempts.results
        new = [
            replace(self.tries.noted(r), attempt=1 + len(made.get(r.trial.index, ()))) for r in done
        ]
        before = self.best
        best = best_result([*([before] if before else []), *new], self.metric)
        if best is not None and best is not before:
            # What is recorded as the best has its model, whatever happens next.
            keep_model(self.folder, best.trial.index)
        for result in new:
            self.attempts.add(result)
        journal.append_all([result.to_record() for result in new])
        self.best = best
        if best is not None and best is not before:
            publish_observed(self.folder, self.config, best)
        self.follow_front(new)
        for number, result in enumerate(new, start=1):
            clear(self.folder, result.trial.index)
            finished = len(self.results) + number
            self.observe(TrialFinished(result, finished, self.expected, result is self.best))

    def follow_front(self, new: Sequence[TrialResult]) -> None:
        """Show the front of a search with several goals, where new results have changed it."""
        if not self.metric.further:
            return
        before = self.front.indices if self.front is not None else ()
        known = self.front.trials if self.front is not None else ()
        self.front = front_of([*known, *new], self.metric)
        if self.front.indices != before:
            publish_front(self.folder, self.config, self.front)

    def check_breaker(self) -> None:
        """Refuse to go on where everything fails alike.

        Raises:
            RunError: says what failed.
        """
        why = None if self.complete else self.breaker.tripped(self.results)
        if why is not None:
            raise RunError(why)


def search(
    folder: RunFolder,
    config: Config,
    *,
    workers: int,
    attempts: Attempts | None = None,
    stop: StopFlag | None = None,
    observe: Callable[[Event], None] = lambda _: None,
) -> Outcome:
    """Run a search to its end, or go on with it, in a run folder that exists.

    The caller holds the folder's lock, and gives the ``attempts`` on record if they were read
    under it. At most as many workers are started as the lookahead lets
    train at once.

    Raises:
        DataError, TrainableError: the data or the trainable cannot be used; no trial was run.
        UsageError: ``search.until`` is past.
        RunError: the run folder is damaged or cannot be written, the cluster is gone, or the
            trials all fail alike.
    """
    stop, deadline = stop or StopFlag(), Deadline.of(config.search)
    space = config.space()
    total = planned_trials(config)
    workers = min(workers, config.search.lookahead, max(total, 1))  # more would never have work
    with (
        Journal(folder.trials_path) as journal,
        deadline.watched(stop),
        contextlib.closing(pool_of(config.run, workers)) as pool,
    ):
        attempts = read_attempts(folder) if attempts is None else attempts
        results = attempts.settled()
        run = _Search(
            folder=folder,
            config=config,
            space=space,
            proposer=Proposer.of(config, attempts),
            spec=prepare_spec(config, data_folder(folder, config)),
            pool=pool,
            total=total,
            observe=observe,
            attempts=attempts,
            results=results,
            metric=config.metric_record(),
            breaker=Breaker(failures_allowed(config)),
            end_rule=EndRule.of(config),
            tries=Tries.of(folder, config, attempts),
        )
        run.best = best_result(list(results.values()), run.metric)
        known = read_confirmation(folder, list(results.values()), run.metric)
        if run.best is not None and not (run.complete and confirmed_winner(known)):
            withdraw_confirmed(folder)
            publish_observed(folder, config, run.best)
        run.follow_front(list(results.values()))
        for index in folder.trials_left():
            if index in results:
                clear(folder, index)
        final = None
        interrupted = True
        with contextlib.suppress(Interrupted):
            if not run.complete:
                run.check_breaker()
                by_epoch = check_trainable(config, pool, folder.path, stop, run.spec)
                observe(
                    TrainableChecked(by_epoch, look_at_data(folder, config, run.spec, pool, stop))
                )
                _train_all(run, journal, workers, stop)
                if stop.level == 0 or deadline.hit:
                    run.check_breaker()
            if run.complete:
                known = _confirm(run, workers, stop)
                final = score_winner(
                    folder,
                    run.spec,
                    pool,
                    winner_of(list(results.values()), run.metric, known),
                    stop,
                )
                interrupted = False
    ordered = tuple(attempts.results[index][-1] for index in sorted(results))  # as recorded
    return Outcome(
        results=ordered,
        winner=winner_of(ordered, run.metric, known if run.complete else None),
        total=expected_trials(config, results),
        interrupted=interrupted,
        final=final,
        confirmation=known if run.complete else None,
        ended=deadline.hit if interrupted else run.ended,
    )


def _confirm(run: _Search, workers: int, stop: StopFlag) -> Confirmation | None:
    """Confirm the best trials of a complete search, if its config asks for it; what is known.

    Raises:
        Interrupted: some of it is left.
    """
    results, wanted = list(run.results.values()), run.config.search.confirm
    if wanted is None:
        known = read_confirmation(run.folder, results, run.metric)
    else:
        known = confirm(
            run.folder,
            run.config,
            results,
            top=wanted.top,
            repeats=wanted.repeats,
            pool=run.pool,
            width=workers,
            spec=run.spec,
            stop=stop,
            observe=run.observe,
        )
        if known is not None and not known.race.over:
            raise Interrupted
    winner = confirmed_winner(known)
    if winner is not None:
        publish_confirmed(run.folder, run.config, winner)
    return known


def _train_all(run: _Search, journal: Journal, workers: int, stop: StopFlag) -> None:
    """Train what is not on record yet, or as much of it as the stop flag lets."""
    config, limits = run.config, TrialLimits.of(run.folder, run.config)

    def submit(trial: Trial) -> Future[TrialResult]:
        limits.forget(trial)
        return run.pool.submit(train, job(run.folder, config, run.space, run.spec, trial))

    Scheduler(
        propose=run.proposer.propose,
        submit=submit,
        record=lambda new: run.record(journal, new),
        over_limit=limits.passed,
        indices=range(run.total),
        lookahead=run.proposer.strategy.lookahead,
        width=workers,
        results=run.results,
        renew=run.pool.renew,
        may_start=run.may_start,
        again=run.tries.again,
        on_start=lambda trial: run.observe(TrialStarted(trial)),
        on_tick=lambda: run.observe(TimePassed()),
        roomy=config.run.address is not None,
        stop=stop,
    ).run()


def check_trainable(
    config: Config, pool: Pool, folder: Path, stop: StopFlag, spec: TrainableSpec | None = None
) -> bool:
    """Set a trial's trainable up in a worker, so that a mistake in it is told once.

    Gives whether it is an object that trains epoch after epoch. ``folder`` is where the worker says
    that it ran into the time limit, and keeps what the trainable prints (see ``SetUp``). ``spec``
    is the trainable's, where it is prepared already.

    Raises:
        TrainableError: it cannot be used.
        RunError: the worker died.
        Interrupted: the stop flag was raised meanwhile.
    """
    space, spec = config.space(), spec or prepare_spec(config)
    hparams: Hparams = space.decode(middle(space))
    context = Context(
        trial=0,
        seed=trial_seed(config.seed, 0),
        epochs=config.epochs,
        metric=config.metric_record().name,
        hparams=hparams,
        inactive=space.inactive(hparams),
        fold=0 if spec.folds else None,
        folds=spec.folds,
        beside=config.metric_record().needed[1:],
    )
    memory = memory_limit(config)
    place = SetUp(folder.absolute(), config.run.time_limit, config.run.log_limit * MEGABYTE, memory)
    forget(place.mark)
    with disk_errors(place.log, "remove the file"):
        place.log.unlink(missing_ok=True)
    try:
        checked: Checked = answer_of(
            lambda: pool.submit(try_build, spec, context, place),
            "the trainable's set-up",
            stop=stop,
            until=StopFlag.DRAIN,
            renew=pool.renew,
        )
    except WorkerDied as e:
        text = passed(place.mark) if place.limited else None
        if text is not None:
            place.mark.unlink(missing_ok=True)
            raise TrainableError(_over_limit(text, config)) from e
        raise RunError(f"a worker process {e} while the trainable was set up") from e
    if checked.wrong is not None:
        raise TrainableError(checked.wrong)
    return checked.by_epoch


def _over_limit(text: str, config: Config) -> str:
    """What is told where the set-up of a trainable ran into the limit that ``text`` tells of."""
    seconds, memory = config.run.time_limit, memory_limit(config)
    if kind_of(text) == OUT_OF_MEMORY and memory is not None:
        what = f"used more memory than run.memory_limit ({size(memory)})"
    else:
        what = f"took longer than run.time_limit ({seconds:g} seconds)"
    return f"the trainable {what} to be set up"


def look_at_data(
    folder: RunFolder, config: Config, spec: TrainableSpec, pool: Pool, stop: StopFlag
) -> tuple[str, ...]:
    """Record what of the data a report needs; gives their suspicious columns.

    A worker looks, which has read them already.

    Raises:
        Interrupted: the stop flag was raised meanwhile.
    """
    data = spec.data
    if data is None:
        return ()
    facts: Facts = answer_of(
        lambda: pool.submit(data_facts, data, spec.data_seed, spec.data_folder),
        "the data's columns",
        stop=stop,
        until=StopFlag.DRAIN,
        renew=pool.renew,
    )
    judged = ("train", "dev") if folds_of(config) else ("dev",)  # each row is in a fold once
    record_dev_rows(folder, config, sum(facts.rows[part] for part in judged))
    return facts.suspects


def score_winner(
    folder: RunFolder, spec: TrainableSpec, pool: Pool, winner: Winner | None, stop: StopFlag
) -> FinalScore | None:
    """The published model's score on the test split, if there are both; taken once for each.

    Raises:
        RunError: the test split cannot be scored.
        Interrupted: the stop flag says to stop now.
    """
    if winner is None or spec.data is None or not has_test_split(spec.data):
        return None
    if spec.kind != "network":
        return None  # no other model is kept
    known = read_final_score(folder)
    if known is not None and (known.trial, known.repeat) == (winner.trial, winner.repeat):
        return known
    model = str(folder.model_path.absolute())
    try:
        scores = answer_of(
            lambda: pool.submit(score_test_split, spec, model),
            "the test split",
            stop=stop,
            until=StopFlag.NOW,
            renew=pool.renew,
        )
    except WorkerDied as e:
        scores = f"a worker process {e} while it scored the test split"
    if isinstance(scores, str):
        # Whatever it is, the search is complete and kept; a UsageError would say otherwise.
        raise RunError(
            f"{scores} (all trials are recorded; the same command scores the best again)"
        )
    final = FinalScore(winner.trial, winner.epoch, scores, repeat=winner.repeat).after(known)
    write_final_score(folder, final)
    return final
