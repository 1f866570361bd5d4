"""Worker processes on this machine, through joblib's loky executor: the engine to start with."""

from __future__ import annotations

import contextlib
import multiprocessing.resource_tracker
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from joblib.externals.loky import BrokenProcessPool, get_reusable_executor
from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import ShutdownExecutorError, TerminatedWorkerError

from hpsearch.engine.failures import WorkerDied, blame_for
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.worker import initialize, signals_blocked
from hpsearch.errors import RunError
from hpsearch.threads import thread_environment

TRIES = 3  # to start a call while workers die
_FEWER = "the machine may be short of memory or processes: try fewer workers (--workers 1)"


class LokyPool:
    """``workers`` processes, each with ``threads`` BLAS threads.

    Each takes one of the GPUs, if there are any. One that dies is replaced, and every future in
    flight raises.
    """

    def __init__(self, workers: int, threads: int = 1, gpus: Gpus | None = None) -> None:
        self._gpus = gpus
        self._executor: Any = None
        self._workers: list[Any] = []
        self._settings: dict[str, Any] = {
            "max_workers": workers,
            "timeout": None,  # an idle worker keeps its data set
            "env": thread_environment(threads),
            "initializer": initialize,
            "initargs": (os.getpid(), [entry or os.getcwd() for entry in sys.path], gpus),  # noqa: PTH109
        }

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        try:
            sent = self._send(function, arguments)
        except OSError as e:
            raise RunError(f"cannot start a worker process: {e.strerror}; {_FEWER}") from e
        answer: Future[Any] = Future()

        def deliver(sent: Future[Any]) -> None:
            error = sent.exception()
            if error is None:
                answer.set_result(sent.result())
            else:
                answer.set_exception(self._blame(error))

        sent.add_done_callback(deliver)
        return answer

    def _send(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
        # Started here, since starting them unblocks SIGINT: Python's own does, which newer
        # versions of joblib start too, and in some versions joblib's.
        with _quiet_trackers(), signals_blocked():
            multiprocessing.resource_tracker.ensure_running()
            resource_tracker.ensure_running()
        for _ in range(TRIES):
            with signals_blocked(), contextlib.suppress(BrokenProcessPool, ShutdownExecutorError):
                # Gives the same executor again, or a new one in place of a broken one.
                self._executor = get_reusable_executor(**self._settings)
                future: Future[Any] = self._executor.submit(function, *arguments)
                self._workers = list(self._executor._processes.values())
                return future
        raise RunError(f"worker processes end as soon as they are started; {_FEWER}")

    def _blame(self, error: BaseException) -> BaseException:
        """What loky says, as one of ours. It calls this before it ends the other workers itself."""
        if isinstance(error, TerminatedWorkerError):
            codes = [worker.exitcode for worker in self._workers]
            ended = [code for code in codes if code is not None]
            return WorkerDied(ended[0] if ended else None)
        if isinstance(error, BrokenProcessPool | ShutdownExecutorError):
            return WorkerDied()
        return blame_for(error)

    def renew(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)

    def close(self) -> None:
        self.renew()
        if self._gpus is not None:
            self._gpus.tidy()


@contextlib.contextmanager
def _quiet_trackers() -> Iterator[None]:
    """Let the processes that tidy up after us do it without a word.

    Where a semaphore is released at the very moment at which we end, or where we are killed, they
    would write a warning on the terminal that nobody can do anything about.
    """
    before = os.environ.get("PYTHONWARNINGS")
    quiet = "ignore:resource_tracker"
    os.environ["PYTHONWARNINGS"] = quiet if not before else f"{before},{quiet}"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before
