"""Trials on a dask cluster: one that runs already, or one within this process."""

from __future__ import annotations

import importlib
from concurrent.futures import Future
from typing import Any

from hpsearch.engine.cluster import ClusterPool
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.messenger import Setup, messenger
from hpsearch.errors import RunError, UsageError

CONNECT_SECONDS = 10
GPU = "GPU"
"""The resource of a dask worker of which a trial takes its share: as many as it has devices."""


class DaskPool(ClusterPool):
    """The workers of the scheduler at ``address``, or ``workers`` of our own.

    Our own need no processes of dask's: scheduler and workers are threads of the coordinator, and
    the trials train in worker processes beside it, as they do with loky.

    Raises:
        UsageError: dask is not installed, or the address is none.
        RunError: no scheduler answers.
    """

    def __init__(
        self, workers: int, threads: int, address: str | None, gpus: Gpus | None = None
    ) -> None:
        distributed = _import_distributed()
        needed = None if gpus is None else {GPU: gpus.share}
        self._cluster: Any = None
        place: Any = address
        if address is not None:
            _check_address(address)
        else:
            place = self._cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=False,
                memory_limit=0,
                silence_logs=False,
                # No dashboard, but dask wants a port for it: any, so that two runs get along.
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                resources=needed,
            )
        try:
            self._client = distributed.Client(place, timeout=CONNECT_SECONDS, set_as_default=False)
        except BaseException as e:
            if self._cluster is not None:
                self._cluster.close()
            if isinstance(e, OSError | TimeoutError):
                raise _no_answer(address) from e
            if isinstance(e, ValueError) and address is not None:
                raise UsageError(f"run.address: {address!r} is no address of dask's: {e}") from e
            raise
        # Dask itself starts a task again elsewhere if its worker goes; a trial that kills its
        # process only makes it raise.
        self._executor = self._client.get_executor(pure=False, retries=0, resources=needed)
        super().__init__("dask", address, threads, gpus)
        if gpus is not None and address is not None:
            self._check_resource(address, gpus.share)

    def _check_resource(self, address: str, needed: float) -> None:
        """Refuse workers that would never be given a trial.

        Raises:
            RunError: there are workers, and none has a GPU as dask counts.
        """
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        if workers and all(each["resources"].get(GPU, 0) < needed for each in workers):
            self._client.close()
            raise RunError(
                f"run.gpus: no dask worker at {address} has the resource {GPU}; start them with: "
                f"dask worker {address} --resources {GPU}=1 (the number of GPUs of the machine)"
            )

    def send(self, setup: Setup, request: bytes) -> Future[bytes]:
        future: Future[bytes] = self._executor.submit(call, setup, request)
        return future

    def workers(self) -> int:
        return len(self._client.nthreads())

    def blame(self, error: Exception) -> BaseException:
        # Trials do not train in dask's own workers, so dask lost one for reasons of its own: after
        # it had sent the trial to several.
        if type(error).__name__ == "KilledWorker":
            message = " ".join(str(error).split())[:200]
            return self.gone(f"several of its workers ended, see their logs: {message}")
        if isinstance(error, OSError | TimeoutError):  # its connections' errors are OSErrors
            return self.gone(" ".join(str(error).split())[:200] or type(error).__name__)
        return super().blame(error)

    def close(self) -> None:
        super().close()
        if self._cluster is not None:
            messenger.end(self.setup)
        # The scheduler lets go of what this client has asked for, and the workers notice.
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _no_answer(address: str | None) -> RunError:
    if address is None:
        return RunError(
            f"dask's own scheduler, started in this process, did not answer within "
            f"{CONNECT_SECONDS} seconds; run the same command again, or with --engine loky"
        )
    return RunError(
        f"run.address: no dask scheduler answers at {address}; start one with: dask scheduler"
    )


def _check_address(address: str) -> None:
    """Refuse what dask would try in vain: it takes 20 seconds, and then complains at the exit.

    Raises:
        UsageError: the address has no port, or a scheme that dask does not know.
    """
    addressing = importlib.import_module("distributed.comm.addressing")
    backends: Any = importlib.import_module("distributed.comm.registry").backends
    scheme, place = addressing.parse_address(address)
    if scheme not in backends:
        known = ", ".join(sorted(backends))
        raise UsageError(
            f"run.address: {address!r} is no address of dask's: it knows no {scheme}://, only "
            f"{known}; write it as the scheduler prints it, for example tcp://HOST:8786"
        )
    if scheme == "inproc":
        return
    try:
        addressing.parse_host_port(place)
    except ValueError as e:
        raise UsageError(
            f"run.address: {address!r} has no port; write it as the scheduler prints it, for "
            f"example {scheme}://{place}:8786"
        ) from e


def call(setup: Setup, request: bytes) -> bytes:
    """Run in dask's worker, in the thread of the task."""
    distributed = importlib.import_module("distributed")
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def abandoned() -> bool:
        # Dask does not interrupt a task whose client has gone; it only notes it.
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    return messenger.ask(setup, request, abandoned)


def _import_distributed() -> Any:
    """The library, quiet: what it logs as a warning is the everyday life of a cluster."""
    try:
        dask = importlib.import_module("dask")
        with dask.config.set({"logging": dict.fromkeys(_LOGGERS, "critical")}):
            return importlib.import_module("distributed")
    except ImportError as e:
        raise UsageError(
            "run.engine: dask needs a library that is not installed; install it with: "
            "pip install 'hpsearch[dask]'"
        ) from e


# asyncio complains of what the closing cluster no longer waits for; a fault of ours would reach us
# as the exception of a trial's future.
_LOGGERS = (
    "asyncio",
    "distributed",
    "distributed.client",
    "distributed.gc",
    "tornado",
    "tornado.application",
)
