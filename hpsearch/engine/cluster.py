"""What the pools of dask and ray have in common: packing, unpacking, and noticing the end.

A call travels as bytes to some worker of the cluster, whose messenger hands it on, see
:mod:`hpsearch.engine.messenger`. What fails of the cluster itself becomes a ``RunError``, which
ends the search: no trial is to blame, and everything recorded is safe. Each pool says in
:meth:`ClusterPool.blame` what the exceptions of its library mean.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from pathlib import Path
from typing import Any

from hpsearch.engine.failures import blame_for
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.messenger import Setup, versions
from hpsearch.errors import RunError, message_of

PATIENCE = 60.0
"""For how many seconds a cluster may be without workers: some start them when there is work."""

LOOKS = 10  # how often to look within that time


class ClusterPool:
    """A pool whose workers are a cluster's: of which ``kind``, at which ``address``, if not ours.

    Subclasses say how a request gets to some worker and how many there are.
    """

    def __init__(
        self, kind: str, address: str | None, threads: int, gpus: Gpus | None = None
    ) -> None:
        self.setup = Setup(
            search=uuid.uuid4().hex,
            folder=str(Path.cwd()),
            path=tuple(entry or str(Path.cwd()) for entry in sys.path),
            threads=threads,
            versions=versions(),
            gpus=gpus,
        )
        self._name = f"{kind} cluster at {address}" if address else f"{kind} cluster"
        self._pending: set[Future[Any]] = set()
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._keep_watch, name="watch-cluster", daemon=True)
        self._watch.start()

    def send(self, setup: Setup, request: bytes) -> Future[bytes]:
        """Start a request on some worker: see :class:`hpsearch.engine.messenger.Messenger`."""
        raise NotImplementedError

    def workers(self) -> int:
        """How many workers the cluster has."""
        raise NotImplementedError

    def blame(self, error: Exception) -> BaseException:
        """What the cluster's library raised, as one of :mod:`hpsearch.engine.failures`."""
        return self.gone() if isinstance(error, CancelledError) else error

    def gone(self, why: str = "") -> RunError:
        """The cluster went away: nobody can train on it until somebody starts it again."""
        reason = f" ({why})" if why else ""
        return RunError(
            f"the {self._name} is gone{reason}; when it is there again, go on with the same command"
        )

    def renew(self) -> None:
        """Nothing: a process that is not fit any more ends by itself."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        self._pending.add(answer)
        request = pickle.dumps((function, arguments))
        try:
            sent = self.send(self.setup, request)
        except Exception as e:
            message = message_of(e, 200) or type(e).__name__
            raise RunError(f"the {self._name} takes no trials: {message}") from e
        sent.add_done_callback(lambda sent: self._deliver(sent, answer))
        return answer

    def close(self) -> None:
        self._closed.set()
        self._watch.join(1.0)  # it may be asking a cluster that does not answer any more
        if self.setup.gpus is not None:
            self.setup.gpus.tidy()

    def _deliver(self, sent: Future[bytes], answer: Future[Any]) -> None:
        error: BaseException | None
        result = None
        try:
            result, error = pickle.loads(sent.result())  # noqa: S301 - our own worker's answer
        except Exception as e:
            error = blame_for(self.blame(e))
        self._settle(answer, result, error)

    def _settle(self, answer: Future[Any], result: Any, error: BaseException | None) -> None:
        self._pending.discard(answer)
        with contextlib.suppress(InvalidStateError):  # it had been given up
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)

    def _keep_watch(self) -> None:
        """Give up what waits for a cluster that has had no workers for a while."""
        without = 0
        while not self._closed.wait(PATIENCE / LOOKS):
            try:
                without = without + 1 if self.workers() == 0 else 0
            except Exception:  # what is in flight says more about it
                without = 0
            if without > LOOKS:
                error = RunError(
                    f"the {self._name} has had no workers for {PATIENCE:g} seconds; "
                    f"start some, then go on with the same command"
                )
                for answer in list(self._pending):
                    self._settle(answer, None, error)
