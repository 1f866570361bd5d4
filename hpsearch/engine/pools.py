"""The engines, as ``submit -> concurrent.futures.Future``: what a pool of workers is.

A pool starts workers that are initialised by :func:`hpsearch.engine.worker.initialize`, and
replaces them when one dies. A dead worker makes futures raise, its own and perhaps others; which
trial killed it is the scheduler's business. What a future may raise is told in
:mod:`hpsearch.engine.failures`. Whatever the engine, the trials are the same.
"""

from __future__ import annotations

import importlib
import multiprocessing
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says what open_pool finds out
    import joblib

from hpsearch.config.model import RunConfig
from hpsearch.engine.gpus import Gpus, gpus_line
from hpsearch.engine.table import ENGINES, ON_THIS_MACHINE
from hpsearch.errors import UsageError
from hpsearch.processes import WINDOWS
from hpsearch.text import plural


class Pool(Protocol):
    """Worker processes that train trials."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start a call in a worker; both sides exchange plain data only.

        Raises:
            RunError: no worker can be started.
        """

    def renew(self) -> None:
        """Replace the workers, since one is not fit any more; what they do may raise."""

    def close(self) -> None:
        """End the workers now, whatever they are doing."""


def available_cores() -> int:
    """How many cores this process may use: affinity and container limits counted."""
    return int(joblib.cpu_count())


def planned_workers(run: RunConfig, asked: int | None = None) -> int:
    """How many trials train at once: as ``asked``, as the config says, or as there is room for.

    Raises:
        UsageError: the GPUs cannot be found, or have no room for so many.
    """
    gpus = Gpus.of(run)
    wanted = asked or run.workers
    if gpus is None or (run.address is not None and gpus.devices is None):
        return wanted or available_cores()
    room = gpus.per_gpu * len(gpus.devices) if gpus.devices and run.address else gpus.slots()
    if wanted is not None and wanted > room and run.address is None:
        raise UsageError(
            f"run.gpus: {gpus_line(run)}: room for {plural(room, 'trial')} at once, and {wanted} "
            f"workers are asked for; raise run.trials_per_gpu, or write --workers {room}"
        )
    return wanted or room


def workers_on_gpus(run: RunConfig, asked: int | None = None) -> str:
    """A line that says what trains on which GPUs.

    Raises:
        UsageError: as for :func:`planned_workers`.
    """
    return f"{plural(planned_workers(run, asked), 'worker')} on {gpus_line(run)}"


def pool_of(run: RunConfig, workers: int, *, here: bool = False) -> Pool:
    """The pool that a config asks for; if ``here``, on this machine whatever its engine is.

    Raises:
        UsageError, RunError: as for :func:`open_pool`.
    """
    gpus = Gpus.of(run)
    if here:
        return open_pool(ON_THIS_MACHINE, workers, run.threads, gpus=gpus)
    return open_pool(run.engine, workers, run.threads, run.address, gpus)


def open_pool(
    engine: str,
    workers: int,
    threads: int,
    address: str | None = None,
    gpus: Gpus | None = None,
) -> Pool:
    """The pool of an engine's name, which the config has checked.

    ``address`` is where a cluster of dask or ray answers; without one, they work on this machine.
    Each worker takes one of the ``gpus``, if there are any.

    Raises:
        UsageError: the engine's library is not installed, cannot read the address, or the engine
            is not for this system.
        RunError: no cluster answers there.
    """
    if WINDOWS and ENGINES[engine].on_cluster:
        raise UsageError(
            f"run.engine: {engine} needs Linux or macOS where the search runs; on Windows use "
            f"{ON_THIS_MACHINE}, or the Linux of Windows (WSL)"
        )
    module, _, name = ENGINES[engine].pool.partition(":")
    if gpus is not None and address is None:
        gpus.visible()  # what is wrong with them is told here, and not by a worker that dies
    pool: Pool = getattr(importlib.import_module(module), name)(workers, threads, address, gpus)
    return pool


def local_pool(
    workers: int, threads: int, address: str | None = None, gpus: Gpus | None = None
) -> Pool:
    """Loky's processes; where the system has no semaphores for them, processes over pipes."""
    del address  # that of this machine
    if _has_semaphores():
        from hpsearch.engine.loky_pool import LokyPool  # noqa: PLC0415

        return LokyPool(workers, threads, gpus)
    from hpsearch.engine.local_pool import LocalPool  # noqa: PLC0415

    return LocalPool(workers, threads, gpus)


def _has_semaphores() -> bool:
    """Whether the system gives out what loky needs: containers may have no room in /dev/shm."""
    try:
        multiprocessing.get_context("spawn").Semaphore()
    except (OSError, ImportError):
        return False
    return True
