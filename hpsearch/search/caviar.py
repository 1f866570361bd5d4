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
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hpsearch.config import Config, best_config
from hpsearch.data import has_test_split
from hpsearch.engine.pools import Pool, open_pool
from hpsearch.engine.scheduler import Scheduler, StopFlag, result_of
from hpsearch.engine.worker import check, job, tidy, timed_out, train
from hpsearch.errors import RunError, TrainableError
from hpsearch.predict.final_score import (
    FinalScore,
    read_final_score,
    score_test_split,
    write_final_score,
)
from hpsearch.records import Hparams, Metric, Trial, TrialResult, best_result
from hpsearch.sampling import Observation, Strategy
from hpsearch.sampling.strategy import count_known
from hpsearch.search.proposals import as_trial, observation, planned_trials, strategy_of
from hpsearch.seeds import trial_seed
from hpsearch.space import Space
from hpsearch.store.atomic import sweep, write_text
from hpsearch.store.disk import disk_errors
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder
from hpsearch.training.build import trains_by_epoch
from hpsearch.training.network import suspects
from hpsearch.training.prepare import prepare_spec
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
class Tick:
    """Nothing new, but time has passed: a live screen may want to look again."""


Event = TrainableChecked | TrialStarted | TrialFinished | Tick


@dataclass(frozen=True)
class Outcome:
    """How a search ended; ``interrupted`` if trials are left that were not run.

    ``final`` is the best trial's score on the test split: there once the search is complete, if
    the data have such a split.
    """

    results: tuple[TrialResult, ...]
    best: TrialResult | None
    total: int
    interrupted: bool
    final: FinalScore | None = None


@dataclass
class _Search:
    """The state of one search while it runs."""

    folder: RunFolder
    config: Config
    space: Space
    strategy: Strategy
    spec: TrainableSpec
    pool: Pool
    total: int
    observe: Callable[[Event], None]
    results: dict[int, TrialResult]
    metric: Metric
    trials: dict[int, Trial] = field(default_factory=dict)
    best: TrialResult | None = None
    observed: list[Observation] = field(default_factory=list)

    def propose(self, index: int) -> Trial:
        """Trial ``index``: a pure function of the seed and the results it may know."""
        known = count_known(index, self.strategy.lookahead)
        while len(self.observed) < known:
            self.observed.append(observation(self.results[len(self.observed)], self.metric))
        pending = [self.trials[i].unit for i in range(known, index)]
        proposal = self.strategy.propose(index, self.observed[:known], pending)
        self.trials[index] = as_trial(self.config, self.space, index, proposal)
        return self.trials[index]

    def record(self, journal: Journal, new: Sequence[TrialResult]) -> None:
        """Make results durable, then publish the best and clear away what they leave behind."""
        journal.append_all([result.to_record() for result in new])
        before = self.best
        self.best = best_result([*([before] if before else []), *new], self.metric)
        if self.best is not None and self.best is not before:
            self.publish(self.best)
        for number, result in enumerate(new, start=1):
            self.clear(result.trial.index)
            finished = len(self.results) + number
            self.observe(TrialFinished(result, finished, self.total, result is self.best))

    def publish(self, best: TrialResult) -> None:
        """Write ``best.yaml`` and move the best trial's model to ``model.npz``."""
        text = best_config(self.config, best, self.folder.name)
        write_text(self.folder.best_path, text)
        source = self.folder.trial_model_path(best.trial.index)
        with disk_errors(source, "publish the best model"):
            if source.exists():
                source.replace(self.folder.model_path)

    def clear(self, index: int) -> None:
        """Remove what a recorded trial no longer needs: all but a log that says something."""
        folder = self.folder.trial_folder(index)
        if folder.exists():
            shutil.rmtree(self.folder.checkpoint_folder(index), ignore_errors=True)
            with contextlib.suppress(OSError, RunError):  # it is in nobody's way
                self.folder.trial_model_path(index).unlink(missing_ok=True)
                sweep(folder)  # of a worker that was killed while it wrote
            tidy(self.folder, index)


def search(
    folder: RunFolder,
    config: Config,
    *,
    workers: int,
    stop: StopFlag | None = None,
    observe: Callable[[Event], None] = lambda _: None,
) -> Outcome:
    """Run a search to its end, or go on with it, in a run folder that exists.

    The caller holds the folder's lock. At most as many workers are started as the lookahead lets
    train at once.

    Raises:
        DataError, TrainableError: the data or the trainable cannot be used; no trial was run.
        RunError: the run folder is damaged or cannot be written.
    """
    stop = stop or StopFlag()
    space = config.space()
    strategy = strategy_of(config)
    total = planned_trials(config)
    workers = min(workers, strategy.lookahead, max(total, 1))  # more would never have work
    with (
        Journal(folder.trials_path) as journal,
        contextlib.closing(
            open_pool(config.run.engine, workers, config.run.threads, config.run.address)
        ) as pool,
    ):
        results = {result.trial.index: result for result in folder.results()}
        run = _Search(
            folder,
            config,
            space,
            strategy,
            prepare_spec(config),
            pool,
            total,
            observe,
            results,
            config.metric_record(),
            {index: result.trial for index, result in results.items()},
        )
        run.best = best_result(list(results.values()), run.metric)
        if run.best is not None:
            run.publish(run.best)
        for index in results:
            run.clear(index)
        if any(index not in results for index in range(total)):
            by_epoch = check_trainable(config, pool)
            observe(TrainableChecked(by_epoch, _suspects(run.spec, pool)))
        Scheduler(
            propose=run.propose,
            submit=lambda trial: pool.submit(train, job(folder, config, space, run.spec, trial)),
            record=lambda new: run.record(journal, new),
            timed_out=lambda trial: timed_out(folder.log_path(trial.index)),
            total=total,
            lookahead=strategy.lookahead,
            width=workers,
            results=results,
            on_start=lambda trial: observe(TrialStarted(trial)),
            on_tick=lambda: observe(Tick()),
            roomy=config.run.address is not None,
            stop=stop,
        ).run()
        interrupted = any(index not in results for index in range(total))
        final = None if interrupted else _final_score(run)
    ordered = tuple(results[index] for index in sorted(results))
    return Outcome(
        results=ordered,
        best=run.best,
        total=total,
        interrupted=interrupted,
        final=final,
    )


def check_trainable(config: Config, pool: Pool) -> bool:
    """Set a trial's trainable up in a worker, so that a mistake in it is told once.

    Gives whether it is an object that trains epoch after epoch.

    Raises:
        TrainableError: it cannot be used.
        RunError: the worker died.
    """
    space, spec = config.space(), prepare_spec(config)
    hparams: Hparams = space.decode([0.5] * space.dimensions)
    context = Context(
        trial=0,
        seed=trial_seed(config.seed, 0),
        epochs=config.epochs,
        metric=config.metric_record().name,
        hparams=hparams,
        inactive=space.inactive(hparams),
    )
    wrong = result_of(pool.submit(check, spec, context))
    if wrong is not None:
        raise TrainableError(wrong)
    return bool(result_of(pool.submit(trains_by_epoch, spec)))


def _suspects(spec: TrainableSpec, pool: Pool) -> tuple[str, ...]:
    """The suspicious columns of the data, from a worker that has read them already."""
    if spec.data is None:
        return ()
    found: tuple[str, ...] = result_of(pool.submit(suspects, spec.data, spec.data_seed))
    return found


def _final_score(run: _Search) -> FinalScore | None:
    """The best trial's score on the test split, if there are both; taken once for each trial."""
    best, data = run.best, run.spec.data
    if best is None or data is None or not has_test_split(data):
        return None
    known = read_final_score(run.folder)
    if known is not None and known.trial == best.trial.index:
        return known
    model = str(run.folder.model_path.absolute())
    scores = result_of(run.pool.submit(score_test_split, run.spec, model))
    if isinstance(scores, str):
        # Whatever it is, the search is complete and kept; a UsageError would say otherwise.
        raise RunError(
            f"{scores} (all trials are recorded; the same command scores the best again)"
        )
    final = FinalScore(best.trial.index, best.best_epoch or best.epochs, scores).after(known)
    write_final_score(run.folder, final)
    return final
