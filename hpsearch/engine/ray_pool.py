"""Trials on a ray cluster: one that runs already, or one started for this run."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from hpsearch.engine.cluster import ClusterPool
from hpsearch.engine.failures import WorkerDied
from hpsearch.engine.gpus import Gpus, seen_by_children
from hpsearch.engine.messenger import Setup, messenger
from hpsearch.errors import RunError, UsageError

KNOCK_SECONDS = 10


class RayPool(ClusterPool):
    """The cluster at ``address``, or one on this machine with room for ``workers``.

    Raises:
        UsageError: ray is not installed, or the address is none.
        RunError: no cluster answers.
    """

    def __init__(
        self, workers: int, threads: int, address: str | None, gpus: Gpus | None = None
    ) -> None:
        self._ray = _import_ray()
        ours: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
        devices = None if gpus is None or address else gpus.visible()
        if devices is not None:
            ours["num_gpus"] = len(devices)
        try:
            if address:
                _knock(address)
            else:
                # Ray would hide GPUs from tasks that reserve none.
                os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
            with _signals_kept(), seen_by_children(devices):
                self._ray.init(
                    address=address or "local",
                    log_to_driver=False,
                    logging_level=logging.CRITICAL,
                    **({} if address else ours),
                )
        except ValueError as e:
            raise UsageError(f"run.address: {address!r} is no address of ray's: {e}") from e
        except Exception as e:
            message = " ".join(str(e).split())[:200]
            if address is None:
                raise RunError(f"run.engine: no ray cluster could be started: {message}") from e
            raise RunError(
                f"run.address: no ray cluster answers at {address} ({message}); start one with "
                f"'ray start --head', and set RAY_AUTH_MODE=token if it asks for a token"
            ) from e
        # A task of which the trial kills its process is not sent again.
        needed = {} if gpus is None else {"num_gpus": gpus.share}
        self._call = self._ray.remote(call).options(num_cpus=1, max_retries=0, **needed)
        super().__init__("ray", address, threads, gpus)
        if gpus is not None and not self._ray.cluster_resources().get("GPU"):
            self.close()
            raise RunError(
                f"run.gpus: the ray cluster at {address} has no GPU; start its nodes with "
                f"'ray start --num-gpus=N', or leave run.gpus out"
            )

    def send(self, setup: Setup, request: bytes) -> Future[bytes]:
        future: Future[bytes] = self._call.remote(setup, request).future()
        return future

    def workers(self) -> int:
        return int(self._ray.cluster_resources().get("CPU", 0))

    def blame(self, error: Exception) -> BaseException:
        kinds = self._ray.exceptions
        if isinstance(error, kinds.RayTaskError):  # what our own code raised there
            return error.cause if isinstance(error.cause, Exception) else error
        message = " ".join(str(error).split())[:200]
        if isinstance(error, kinds.WorkerCrashedError | kinds.NodeDiedError):
            return WorkerDied()  # another may do; if not, no trial is to blame
        if isinstance(error, kinds.OutOfMemoryError):
            return WorkerDied(-signal.SIGKILL)  # ray itself ends who takes too much
        if isinstance(error, kinds.RayError | OSError | TimeoutError):
            return self.gone(message)
        return super().blame(error)

    def close(self) -> None:
        super().close()
        with _signals_kept():
            self._ray.shutdown()


def call(setup: Setup, request: bytes) -> bytes:
    """Run in ray's worker; ray ends that, and it its own, when the search is over.

    Where trials train on GPUs ray has set aside one, or a share of one, for this call.
    """
    if setup.gpus is not None:
        ray = importlib.import_module("ray")
        (device,) = ray.get_runtime_context().get_accelerator_ids()["GPU"]
        setup = replace(setup, gpus=setup.gpus.to(device))
    return messenger.ask(setup, request)


def _knock(address: str) -> None:
    """Whether anybody is there; ray itself would try for two minutes.

    Raises:
        OSError: nobody.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=KNOCK_SECONDS).close()


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Put back the signal handlers that ray replaces by its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _import_ray() -> Any:
    # Read when ray is imported: nothing about a search is to be sent to anybody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        return importlib.import_module("ray")
    except ImportError as e:
        raise UsageError(
            "run.engine: ray needs a library that is not installed; install it with: "
            "pip install 'hpsearch[ray]'"
        ) from e
