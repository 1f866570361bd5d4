"""What happens inside a worker process: one trial, from plain data to plain data.

* A worker ignores Ctrl-C and the end of the terminal (the coordinator decides) and ends itself
  when its parent is gone.
* What the trial changes in its process ends with it, see :mod:`hpsearch.engine.desk`; how long it
  may take is told in :mod:`hpsearch.engine.limits`.
* What the user's code raises never leaves :func:`train`; it becomes the trial's state. So an
  exception that the coordinator does see is not the trial's fault, see
  :mod:`hpsearch.engine.failures`.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.config import Config
from hpsearch.engine.desk import MEGABYTE, Log, is_full, look_after_log, redirected, restored
from hpsearch.engine.failures import WorkerUnfit
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.limits import OUT_OF_MEMORY, limited, memory_limit
from hpsearch.engine.replicates import Ended, History, Replicates
from hpsearch.engine.user_errors import as_told, explain, is_of_trainable
from hpsearch.errors import HpsearchError, RunError, TrialDiverged, UsageError
from hpsearch.processes import (
    adopt_orphans,
    end_descendants,
    end_group,
    end_with_parent,
    is_child_of,
    signals,
)
from hpsearch.records import EpochMetrics, Metric, State, Trial, TrialResult, finite
from hpsearch.space import Space
from hpsearch.store.arrays import pack_arrays
from hpsearch.store.curves import CurveHeader, CurveWriter
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import LIMIT_MARK, RunFolder
from hpsearch.training import command
from hpsearch.training.build import build, trains_by_epoch
from hpsearch.training.channel import remove_channels
from hpsearch.training.protocol import Context, Trainable, TrainableSpec, last_epoch
from hpsearch.training.session import begin

PARENT_POLL = 0.2  # seconds between two looks at whether the coordinator still lives
_PACKAGE = Path(__file__).parents[1]
HELD_BACK = signals("SIGINT", "SIGHUP")  # signals that are for the coordinator


@dataclass(frozen=True)
class Job:
    """Everything that a worker needs to train one trial, as plain data.

    ``time_limit`` and ``checkpoint_every`` are seconds, wall clock; ``log_limit`` and
    ``memory_limit`` are in bytes.
    ``repeats`` is how often the trial is trained, and ``average`` what its values make of them.
    """

    folder: str
    trial: Trial
    inactive: tuple[str, ...]
    trainable: TrainableSpec
    metric: Metric
    epochs: int
    time_limit: float | None
    checkpoint_every: float
    log_limit: float = 10 * MEGABYTE
    repeats: int = 1
    average: str = "mean"
    memory_limit: float | None = None


def job(folder: RunFolder, config: Config, space: Space, spec: TrainableSpec, trial: Trial) -> Job:
    """What a worker needs to train a trial in a run's folder."""
    return Job(
        folder=str(folder.path.absolute()),
        trial=trial,
        inactive=space.inactive(trial.hparams),
        trainable=spec,
        metric=config.metric_record(),
        epochs=config.epochs,
        time_limit=config.run.time_limit,
        checkpoint_every=config.run.checkpoint_every,
        log_limit=config.run.log_limit * MEGABYTE,
        repeats=config.search.repeats,
        average=config.search.average,
        memory_limit=memory_limit(config),
    )


@contextlib.contextmanager
def signals_blocked() -> Iterator[None]:
    """Hold back Ctrl-C, and the end of the terminal, while worker processes start.

    They inherit the block, so that a signal which the terminal sends to the whole process group
    cannot kill a worker before it has come to ignore it.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows: a worker begins to ignore them soon
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def initialize(
    parent: int,
    path: Sequence[str],
    gpus: Gpus | None = None,
    dismissed: Callable[[], bool] = lambda: False,
) -> None:
    """Prepare a new worker process.

    It ends when ``parent``, the process id of who started it, is gone, or when it is
    ``dismissed``. ``path`` is where modules are looked for first. Of ``gpus`` it takes one.
    """
    for number in HELD_BACK:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_BACK)  # they came blocked, see above
    sys.path[:] = [*path, *(entry for entry in sys.path if entry not in path)]
    adopt_orphans()
    end_with_parent()  # also while code runs that never gives Python its turn

    def watch() -> None:
        while is_child_of(parent) and not dismissed():
            look_after_log()
            _look_after_curve()
            time.sleep(PARENT_POLL)
        for pid in list(command.running):
            end_group(pid)
        end_descendants(os.getpid())
        remove_channels()
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
    if gpus is not None:
        gpus.take()


@dataclass(frozen=True)
class Checked:
    """Whether a trainable can be used: what is wrong with it, or ``None``.

    ``by_epoch`` says that it is an object that trains epoch after epoch.
    """

    wrong: str | None
    by_epoch: bool = False


@dataclass(frozen=True)
class SetUp:
    """The limits of checking a trainable, as those of a trial, and the folder it may write to.

    ``time_limit`` is in seconds, ``log_limit`` and ``memory_limit`` in bytes.
    """

    folder: Path
    time_limit: float | None = None
    log_limit: float = 10 * MEGABYTE
    memory_limit: float | None = None

    @property
    def limited(self) -> bool:
        """Whether there is a limit that ends the worker."""
        return self.time_limit is not None or self.memory_limit is not None

    @property
    def mark(self) -> Path:
        """Says, where it is there and not empty, that a limit was passed."""
        return self.folder / LIMIT_MARK

    @property
    def log(self) -> Path:
        """What was printed; there is none if nothing was."""
        return self.folder / "set-up.txt"


def try_build(spec: TrainableSpec, context: Context, place: SetUp) -> Checked:
    """Build a trainable without training it, on a clean desk and within the limits of a trial.

    Raises:
        RunError: the folder cannot be written.
    """
    with (
        redirected(place.log, place.log_limit),
        restored(context.seed),
        limited(place.time_limit, place.mark, place.memory_limit),
    ):
        checked = _build_here(spec, context)
    _remove_if_empty(place.log)
    return checked


def _build_here(spec: TrainableSpec, context: Context) -> Checked:
    try:
        with _ends_by_itself(spec):
            build(spec, context).close()
            return Checked(None, trains_by_epoch(spec))
    except HpsearchError as e:
        return Checked(e.message)
    except BaseException as e:  # user code may raise anything, SystemExit included
        return Checked(f"{_name(spec)} cannot be loaded: {explain(e)}")


def train(job: Job) -> TrialResult:
    """Train one trial to its end, or go on with it from its newest checkpoint.

    Raises:
        RunError: the run's folder cannot be read or written, or what the config names is gone.
        WorkerUnfit: something failed outside the user's code.
    """
    run = RunFolder(Path(job.folder))
    if not run.exists():
        raise RunError(
            f"{run.path}: the run is not there on {platform.node()}: it was moved or removed "
            f"while the search ran, or this machine does not share its disk; put it back and run "
            f"the same command again"
        )
    started = time.perf_counter()
    outcome = _Outcome()
    index = job.trial.index
    try:
        with (
            redirected(run.log_path(index), job.log_limit) as log,
            restored(job.trial.seed),
            _ends_by_itself(job.trainable),
        ):
            afterwards = contextlib.ExitStack()
            with limited(job.time_limit, run.limit_path(index), job.memory_limit):
                limit = job.memory_limit
                _blame_for(lambda: _train(job, run, outcome, afterwards), outcome, log, limit)
            _blame_for(afterwards.close, outcome, log)
    except (RunError, WorkerUnfit):
        raise
    except Exception as e:
        raise WorkerUnfit(explain(e)) from e
    # Here and not in the coordinator, which has to serve all the workers.
    tidy(run, index)
    return outcome.result(job, time.perf_counter() - started)


def _blame_for(
    work: Callable[[], None], outcome: _Outcome, log: Log, memory_limit: float | None = None
) -> None:
    """Do a part of a trial, and find out whose fault it was if that fails.

    Under a limit, memory that is refused is the trial's, wherever it was asked for.
    """
    try:
        work()
    except RunError:
        # The run's folder failed, not the trial: nothing may be recorded against the trial.
        raise
    except TrialDiverged as e:
        outcome.end(State.DIVERGED, e.message)
    except HpsearchError as e:
        outcome.end(State.FAILED, e.message)
    except BaseException as e:  # sys.exit() in user code must not end the worker
        refused = memory_limit is not None and isinstance(e, MemoryError)
        if not refused and not is_of_trainable(e):
            raise WorkerUnfit(explain(e)) from e
        with contextlib.suppress(Exception):  # what cannot even be told must not hide the error
            log.write(as_told(e))
        if is_full(e):
            log.probe()
        outcome.end(State.FAILED, f"{OUT_OF_MEMORY}: {explain(e)}" if refused else explain(e))


@contextlib.contextmanager
def _ends_by_itself(spec: TrainableSpec) -> Iterator[None]:
    """Where a command trains, let the worker live on after its parent, to end what that started.

    It then has nothing to do but wait for the command, so its own thread gets its turn.
    """
    if spec.kind == "command":
        end_with_parent(False)
    try:
        yield
    finally:
        end_with_parent()


class _Outcome:
    """What is known of a trial so far, so that an exception at any point loses none of it."""

    def __init__(self) -> None:
        self.state = State.DONE
        self.error: str | None = None
        self.notes: list[str] = []
        self.history: list[EpochMetrics] = []
        self.replicates: Replicates | None = None

    def end(self, state: State, error: str) -> None:
        self.state, self.error = state, error

    def result(self, job: Job, seconds: float) -> TrialResult:
        names = dict.fromkeys(name for metrics in self.history for name in metrics.values)
        curves = {name: tuple(finite(m.values.get(name)) for m in self.history) for name in names}
        value = best_epoch = None
        if self.state in (State.DONE, State.STOPPED):
            values = [metrics.values[job.metric.name] for metrics in self.history]
            value = job.metric.values_so_far(values)[-1]
            best_epoch = job.metric.best_epoch(values)
        repeats: tuple[float, ...] = ()
        if self.replicates is not None and best_epoch is not None:
            repeats = self.replicates.values_at(best_epoch)
        return TrialResult(
            trial=job.trial,
            state=self.state,
            value=value,
            best_epoch=best_epoch,
            epochs=len(self.history),
            curves=curves,
            error=self.error,
            seconds=seconds,
            notes=tuple(self.notes),
            repeats=repeats,
        )


def _train(job: Job, run: RunFolder, outcome: _Outcome, afterwards: contextlib.ExitStack) -> None:
    """Train as often as the job says; what goes to ``afterwards`` is done without a time limit."""
    index = job.trial.index
    path = run.replicates_path(index)
    trained = Replicates(job.repeats, job.average, job.metric, path, job.trainable.folds)
    outcome.replicates = trained
    while trained.next is not None and not _cut_off(job, trained):
        _train_once(job, run, outcome, trained, afterwards)
    outcome.history = trained.averaged()
    if _cut_off(job, trained):
        outcome.state = State.STOPPED


def _train_once(
    job: Job,
    run: RunFolder,
    outcome: _Outcome,
    trained: Replicates,
    afterwards: contextlib.ExitStack,
) -> None:
    """Train the next replicate, or go on with it from its newest checkpoint."""
    trial, number = job.trial, trained.next or 0
    context = Context(
        trial.index,
        trained.seed(trial.seed),
        job.epochs,
        job.metric.name,
        trial.hparams,
        job.inactive,
        job.metric.needed[1:],
        trained.fold,
        trained.folds,
    )
    checkpoints = run.checkpoint_folder(trial.index)
    session = begin(
        lambda: _build(job, context),
        job.metric,
        checkpoints=checkpoints / str(number) if number else checkpoints,
        every=job.checkpoint_every,
        rehearse=trial.index == 0 and number == 0,
    )
    with contextlib.ExitStack() as closing:
        closing.callback(session.trainable.close)
        outcome.history = session.history
        said = _say(session.remarks)
        header = CurveHeader(trial.index, trial.hparams, job.epochs, job.metric.name)
        with _curve(CurveWriter(run.curve_path(trial.index), header, session.history)) as curve:

            def seen(metrics: EpochMetrics) -> bool:
                curve.append(metrics)
                return not _cut_off(job, trained, session.history)

            # A trial that was cut short right at its cut-off must not go past it now.
            if not _cut_off(job, trained, session.history):
                session.train(last_epoch(job.trainable.kind, job.epochs), seen)
        session.rehearse_load()
        notes = session.all_notes()
        _say([*session.remarks[said:], *notes])
        outcome.notes = list(dict.fromkeys([*_notes(trained), *notes]))
        if not session.history:
            raise HpsearchError("training ended before its first epoch; yield one metric an epoch")
        assert session.value is not None
        if session.best_model is not None and trained.is_best(session.value):
            # Not forced to the disk: the coordinator does so with those that are the best so far.
            path = run.trial_model_path(trial.index)
            with disk_errors(path, "write the trial's model"):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(pack_arrays(session.best_model))
        trained.end(Ended(session.history, session.value, tuple(notes)))
        # In the first trial alone, since it costs the time of an epoch, which is not the trial's.
        look = getattr(session.trainable, "look_further", None)
        last = trained.next is None
        if look is not None and trial.index == 0 and last and session.epoch == job.epochs:
            afterwards.push(closing.pop_all())
            afterwards.callback(_look_further, look, job.time_limit, outcome)


_curves: list[CurveWriter] = []  # that of the trial which trains in this process, if one does


@contextlib.contextmanager
def _curve(writer: CurveWriter) -> Iterator[CurveWriter]:
    """The curve of the trial that trains now, for the thread that watches to see."""
    _curves.append(writer)
    try:
        with writer:
            yield writer
    finally:
        _curves.clear()


def _look_after_curve() -> None:
    """Make the file of a curve when it is time, while an epoch lasts; for a thread that watches."""
    for writer in _curves:
        with contextlib.suppress(RunError):  # the next epoch meets it as well
            writer.look()


def _look_further(
    look: Callable[[float | None], str | None], seconds: float | None, outcome: _Outcome
) -> None:
    """Have a trainable look whether it would go on after the last epoch, and note it."""
    note = look(seconds)
    if note is not None:
        _say([note])
        outcome.notes.append(note)


def _say(notes: Sequence[str]) -> int:
    """Write notes to the trial's log, which is where a worker prints; how many there were."""
    for note in notes:
        print(f"hpsearch: {note}")  # noqa: T201
    return len(notes)


def _build(job: Job, context: Context) -> Trainable:
    """The trainable, which could be built when the search began.

    Raises:
        RunError: what the config names, a file most often, is not there any more.
        Exception: whatever the user's own code raises.
    """
    try:
        return build(job.trainable, context)
    except UsageError as e:
        raise RunError(
            f"{e.message} (it was there when the search began; nothing is recorded against trial "
            f"{job.trial.index}: put it back, and go on with the same command)"
        ) from e


def _notes(trained: Replicates) -> list[str]:
    return [note for one in trained.ended for note in one.notes]


def _cut_off(job: Job, trained: Replicates, current: History = ()) -> bool:
    """Whether the trial's value so far is worse than the one with which it may go on."""
    if trained.epoch(current) not in job.trial.cutoffs:
        return False
    value = trained.value(current)
    epoch = trained.epoch(current)
    return value is not None and job.trial.is_cut_off(epoch, value, job.metric.goal)


def _name(spec: TrainableSpec) -> str:
    """What messages call a trainable: ``trainable u.py:f``."""
    return f"trainable {Path(spec.reference).name}" if spec.kind == "object" else spec.kind


def tidy(run: RunFolder, index: int) -> None:
    """Remove a trial's curve, which its result holds too, and a log that says nothing."""
    with contextlib.suppress(OSError):
        run.curve_path(index).unlink(missing_ok=True)
        _remove_if_empty(run.log_path(index))
        run.trial_folder(index).rmdir()  # only if nothing is left in it


def _remove_if_empty(log: Path) -> None:
    with contextlib.suppress(OSError):
        if not log.stat().st_size:
            log.unlink()
