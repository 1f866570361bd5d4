"""Worker processes over pipes: in the place of loky's, where the system has no semaphores.

They are the processes that train beside the workers of a cluster, see
:mod:`hpsearch.engine.messenger`, each asked by a thread of the coordinator.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from hpsearch.engine.cluster import ClusterPool
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.messenger import Setup, messenger


class LocalPool(ClusterPool):
    """``workers`` processes of this machine, each with ``threads`` BLAS threads.

    Each takes one of the GPUs, if there are any.
    """

    def __init__(self, workers: int, threads: int, gpus: Gpus | None = None) -> None:
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="ask-worker")
        super().__init__("local", None, threads, gpus)

    def send(self, setup: Setup, request: bytes) -> Future[bytes]:
        return self._threads.submit(messenger.ask, setup, request)

    def workers(self) -> int:
        return self._workers

    def close(self) -> None:
        super().close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        messenger.end(self.setup)
