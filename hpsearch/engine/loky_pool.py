"""Worker processes on this machine, through joblib's loky executor: the engine to start with."""

from __future__ import annotations

import contextlib
import multiprocessing.resource_tracker
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.backend import resource_tracker

from hpsearch.engine.worker import initialize, sigint_blocked
from hpsearch.errors import RunError
from hpsearch.threads import thread_environment


class LokyPool:
    """``workers`` processes, each with ``threads`` BLAS threads.

    One that dies is replaced, and every future in flight raises.
    """

    def __init__(self, workers: int, threads: int = 1) -> None:
        self._executor: Any = None
        self._settings: dict[str, Any] = {
            "max_workers": workers,
            "timeout": None,  # an idle worker keeps its data set
            "env": thread_environment(threads),
            "initializer": initialize,
            "initargs": (os.getpid(), [entry or os.getcwd() for entry in sys.path]),  # noqa: PTH109
        }

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        try:
            # Started here, since starting them unblocks SIGINT: Python's own does, which newer
            # versions of joblib start too, and in some versions joblib's.
            with _quiet_trackers():
                multiprocessing.resource_tracker.ensure_running()
                resource_tracker.ensure_running()
            with sigint_blocked():
                # Gives the same executor again, or a new one in place of a broken one.
                self._executor = get_reusable_executor(**self._settings)
                future: Future[Any] = self._executor.submit(function, *arguments)
        except OSError as e:
            raise RunError(f"cannot start a worker process: {e.strerror}; try --workers 1") from e
        return future

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)


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
