"""What happens inside a worker process: one trial, from plain data to plain data.

* A worker ignores Ctrl-C (the coordinator decides) and ends itself when its parent is gone.
* Before each trial it puts back what user code may have changed: the folder, the environment and
  the global random generators, which are seeded with the trial's own seed.
* What the trial prints, from Python or from C, goes to the trial's log.
* Nothing a trial raises leaves :func:`train`; it becomes the trial's state. So an exception that
  the coordinator does see means that the worker itself died, or, if it is a ``RunError``, that the
  run's folder cannot be written.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import platform
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hpsearch.config import Config
from hpsearch.errors import HpsearchError, RunError, TrialDiverged
from hpsearch.portable import well_formed
from hpsearch.records import EpochMetrics, Metric, State, Trial, TrialResult, finite
from hpsearch.space import Space
from hpsearch.store.arrays import write_arrays
from hpsearch.store.curves import CurveHeader, CurveWriter
from hpsearch.store.rundir import RunFolder
from hpsearch.training import command
from hpsearch.training.build import build
from hpsearch.training.protocol import Context, TrainableSpec, last_epoch
from hpsearch.training.seeding import seed_generators
from hpsearch.training.session import Session, begin

PARENT_POLL = 0.2  # seconds between two looks at whether the coordinator still lives
TIMEOUT_MARK = "Timeout ("  # how faulthandler begins what it writes


@dataclass(frozen=True)
class Job:
    """Everything that a worker needs to train one trial, as plain data.

    ``time_limit`` and ``checkpoint_every`` are seconds, wall clock.
    """

    folder: str
    trial: Trial
    inactive: tuple[str, ...]
    trainable: TrainableSpec
    metric: Metric
    epochs: int
    time_limit: float | None
    checkpoint_every: float


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
    )


@contextlib.contextmanager
def sigint_blocked() -> Iterator[None]:
    """Hold Ctrl-C back while worker processes start.

    They inherit the block, so that a Ctrl-C at the terminal, which is for the whole process group,
    cannot kill a worker before it has come to ignore it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def initialize(
    parent: int, path: Sequence[str], dismissed: Callable[[], bool] = lambda: False
) -> None:
    """Prepare a new worker process.

    It ends when ``parent``, the process id of who started it, is gone, or when it is
    ``dismissed``. ``path`` is where modules are looked for first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # it came blocked, see above
    sys.path[:] = [*path, *(entry for entry in sys.path if entry not in path)]

    def watch() -> None:
        while os.getppid() == parent and not dismissed():
            time.sleep(PARENT_POLL)
        for pid in list(command.running):
            command.end_group(pid)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def check(spec: TrainableSpec, context: Context) -> str | None:
    """Build a trainable without training it; what is wrong with it, or ``None``."""
    try:
        build(spec, context).close()
    except HpsearchError as e:
        return e.message
    except BaseException as e:  # user code may raise anything, SystemExit included
        return f"{_name(spec)} cannot be loaded: {_explain(e)}"
    return None


def train(job: Job) -> TrialResult:
    """Train one trial to its end, or go on with it from its newest checkpoint.

    Raises:
        RunError: the run's folder cannot be read or written: the disk is full, say.
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
    with contextlib.ExitStack() as stack:
        try:
            log = stack.enter_context(_redirected(run.log_path(job.trial.index)))
            stack.enter_context(_restored(job.trial.seed))
            if job.time_limit is not None:
                # In C, so it also ends code that never gives Python its turn.
                faulthandler.dump_traceback_later(job.time_limit, exit=True, file=log)
                stack.callback(faulthandler.cancel_dump_traceback_later)
            _train(job, run, outcome)
        except RunError:
            # The run's folder failed, not the trial: nothing may be recorded against the trial.
            raise
        except TrialDiverged as e:
            outcome.end(State.DIVERGED, e.message)
        except HpsearchError as e:
            outcome.end(State.FAILED, e.message)
        except BaseException as e:  # sys.exit() in user code must not end the worker
            traceback.print_exc()
            outcome.end(State.FAILED, _explain(e))
    # Here and not in the coordinator, which has to serve all the workers.
    tidy(run, job.trial.index)
    return outcome.result(job, time.perf_counter() - started)


class _Outcome:
    """What is known of a trial so far, so that an exception at any point loses none of it."""

    def __init__(self) -> None:
        self.state = State.DONE
        self.error: str | None = None
        self.notes: list[str] = []
        self.history: list[EpochMetrics] = []

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
        )


def _train(job: Job, run: RunFolder, outcome: _Outcome) -> None:
    trial = job.trial
    context = Context(
        trial.index, trial.seed, job.epochs, job.metric.name, trial.hparams, job.inactive
    )
    session = begin(
        lambda: build(job.trainable, context),
        job.metric,
        checkpoints=run.checkpoint_folder(trial.index),
        every=job.checkpoint_every,
        rehearse=trial.index == 0,
    )
    with contextlib.closing(session.trainable):
        outcome.history = session.history
        for note in session.notes:
            print(f"hpsearch: {note}")  # noqa: T201 - this is the trial's log
        header = CurveHeader(trial.index, trial.hparams, job.epochs, job.metric.name)
        with CurveWriter(run.curve_path(trial.index), header, session.history) as curve:
            # A trial that was cut short right at its cut-off must not go past it now.
            if not _cut_off(job, session):
                for metrics in session.run(last_epoch(job.trainable.kind, job.epochs)):
                    curve.append(metrics)
                    if _cut_off(job, session):
                        break
        session.rehearse_load()
        outcome.notes = session.all_notes()
        for note in outcome.notes:
            print(f"hpsearch: {note}")  # noqa: T201 - this is the trial's log
        if not session.history:
            raise HpsearchError("training ended before its first epoch; yield one metric an epoch")
        if _cut_off(job, session):
            outcome.state = State.STOPPED
        if session.best_model is not None:
            write_arrays(run.trial_model_path(trial.index), session.best_model)


def _cut_off(job: Job, session: Session) -> bool:
    """Whether the trial's value so far is worse than the one with which it may go on."""
    worst = job.trial.cutoffs.get(session.epoch)
    if worst is None:
        return False
    loss = job.metric.goal.loss
    return loss(job.metric.values_so_far(session.values())[-1]) > loss(worst)


def _name(spec: TrainableSpec) -> str:
    """What messages call a trainable: ``trainable u.py:f``."""
    return f"trainable {Path(spec.reference).name}" if spec.kind == "object" else spec.kind


def _explain(error: BaseException) -> str:
    """One line for the journal: the kind, the message, and where in the user's code."""
    name = type(error).__name__
    # The message of a SyntaxError has its place in it, in words.
    said = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    where = _place(error)
    told = f"{name}{f': {said[:300]}' if said else ''}{f' ({where})' if where else ''}"
    return str(well_formed(told))


def _place(error: BaseException) -> str:
    """The file and line of the user's code where an error was raised; empty if it was not there."""
    if isinstance(error, SyntaxError) and not (error.filename or "<").startswith("<"):
        return f"{Path(str(error.filename)).name}:{error.lineno}"
    ours = (str(Path(__file__).parents[1]), "<frozen ")
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(ours)]
    return f"{Path(theirs[-1].filename).name}:{theirs[-1].lineno}" if theirs else ""


@contextlib.contextmanager
def _redirected(path: Path) -> Iterator[IO[str]]:
    """Send what this process prints, from Python and from C, to the end of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", errors="replace") as log:
        sys.stdout.flush()
        sys.stderr.flush()
        saved = os.dup(1), os.dup(2)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield log
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def _restored(seed: int) -> Iterator[None]:
    """Seed the global generators; put the folder and the environment back afterwards."""
    folder, environment = Path.cwd(), dict(os.environ)
    seed_generators(seed)
    try:
        yield
    finally:
        os.chdir(folder)
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)


def tidy(run: RunFolder, index: int) -> None:
    """Remove a trial's curve, which its result holds too, and a log that says nothing."""
    with contextlib.suppress(OSError):
        run.curve_path(index).unlink(missing_ok=True)
        log = run.log_path(index)
        if log.exists() and not log.stat().st_size:
            log.unlink()
        run.trial_folder(index).rmdir()  # only if nothing is left in it


def timed_out(log: Path) -> bool:
    """Whether the worker's last words in a trial's log are those of the time limit."""
    try:
        tail: Any = log.read_bytes()[-20_000:]
    except OSError:
        return False
    return TIMEOUT_MARK.encode() in tail
