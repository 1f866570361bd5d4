"""Pools of worker processes, as ``submit -> concurrent.futures.Future``.

A pool starts workers that are initialised by :func:`hpsearch.engine.worker.initialize`, and
replaces them when one dies. A dead worker makes every future in flight raise; which trial killed
it is the scheduler's business.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, Protocol

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.backend import resource_tracker

from hpsearch.engine.worker import initialize
from hpsearch.errors import RunError
from hpsearch.threads import thread_environment

ENGINES = ("loky",)


class Pool(Protocol):
    """Worker processes that train trials."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start a call in a worker; both sides exchange plain data only."""

    def close(self) -> None:
        """End the workers now, whatever they are doing."""


class LokyPool:
    """Processes on this machine, through joblib's loky executor.

    ``threads`` is the number of BLAS threads of each worker.
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
            # Started here, since in some versions of joblib starting it unblocks SIGINT.
            resource_tracker.ensure_running()
            with _sigint_blocked():
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
def _sigint_blocked() -> Iterator[None]:
    """Hold Ctrl-C back while worker processes start.

    They inherit the block, so that a Ctrl-C at the terminal, which is for the whole process group,
    cannot kill a worker before it has come to ignore it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def available_cores() -> int:
    """How many cores this process may use: affinity and container limits counted."""
    return int(joblib.cpu_count())


def open_pool(engine: str, workers: int, threads: int) -> Pool:
    """The pool of an engine's name, which the config has checked."""
    assert engine in ENGINES
    return LokyPool(workers, threads)
