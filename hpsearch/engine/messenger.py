"""What a cluster's worker does: hand each request on to a worker process of our own.

Trials do not train in dask's or ray's own worker processes. Those have loaded NumPy with as many
threads as they liked, may run several tasks at once, have logs of their own that a trial's output
must not enter, and should live on when a trial crashes. So each keeps a process beside it, started
here, that is initialised like loky's: same threads, same folder, same search path, same rules.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from hpsearch import __version__
from hpsearch.engine.child import FIT, IDLE_SECONDS
from hpsearch.engine.failures import WorkerDied
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.worker import signals_blocked
from hpsearch.errors import RunError
from hpsearch.processes import end_descendants
from hpsearch.threads import thread_environment

TICK = 0.2  # seconds between two looks at whether anybody still waits for the answer
GRACE = 1.0  # seconds in which a dismissed process may end what it has started itself
STALE = IDLE_SECONDS / 2  # after which an idle process is not trusted with another request

START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[3]); "
    "from hpsearch.engine.child import serve; serve(int(sys.argv[1]), int(sys.argv[2]))"
)


class Abandoned(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True)
class Setup:
    """What the worker processes of one search have in common; ``search`` sets it apart.

    Each takes one of the ``gpus``, if there are any.
    """

    search: str
    folder: str
    path: tuple[str, ...]
    threads: int
    versions: tuple[tuple[str, str], ...]
    gpus: Gpus | None = None


class _Child:
    """One worker process, and the connection to it."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.used = time.monotonic()
        self.fit = True
        self._connection, theirs = Pipe()
        with theirs:
            self._process = _start(setup, theirs)
        with contextlib.suppress(OSError):  # it has ended already: whoever asks is told how
            self._connection.send((setup.path, setup.gpus))

    def ask(self, request: bytes, abandoned: Callable[[], bool]) -> bytes:
        """The answer to a request; whatever is raised, the process has ended then.

        Raises:
            WorkerDied: the process ended; says how.
            Abandoned: nobody waits for the answer any more.
        """
        try:
            self._connection.send_bytes(request)
            while not self._connection.poll(TICK):
                if abandoned():
                    self.end()
                    raise Abandoned
            answer = self._connection.recv_bytes()
        except (EOFError, OSError) as e:
            raise WorkerDied(self.end()) from e
        self.used = time.monotonic()
        self.fit = answer[:1] == FIT
        return answer[1:]

    def end(self) -> int:
        """Dismiss the process, and kill it if it does not go; its exit code, or minus a signal.

        A thread that waits for an answer wakes up, so the connection is not closed under it.
        """
        with (
            contextlib.suppress(OSError),
            socket.socket(fileno=os.dup(self._connection.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)
        try:
            return self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            end_descendants(self._process.pid)
            self._process.kill()
            return self._process.wait()


def _start(setup: Setup, connection: Connection) -> subprocess.Popen[bytes]:
    handle = connection.fileno()
    arguments = [str(handle), str(os.getpid()), json.dumps(sys.path)]
    try:
        with signals_blocked():
            return subprocess.Popen(  # noqa: S603 - it is this program
                [sys.executable, "-c", START, *arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=[handle],
                cwd=setup.folder,
                env=os.environ | thread_environment(setup.threads),
            )
    except FileNotFoundError as e:
        raise RunError(
            f"{e.filename}: is not there on {platform.node()}; workers on other machines need "
            f"the folder in which the search is started on a disk they share"
        ) from e
    except OSError as e:
        raise RunError(
            f"cannot start a worker process on {platform.node()}: {e.strerror}; the machine may be "
            f"short of memory or processes: try fewer workers (--workers 1)"
        ) from e


class Messenger:
    """The worker processes beside one process of a cluster: one for each task at work there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        # The kernel ends a process with the thread that started it, so that thread has to stay.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="start-worker")

    def ask(
        self, setup: Setup, request: bytes, abandoned: Callable[[], bool] = lambda: False
    ) -> bytes:
        """Have a worker process answer a request, see :func:`hpsearch.engine.child.answer`.

        Raises:
            RunError: it cannot be started here, or this machine has other versions.
            WorkerDied: it ended before it answered.
            Abandoned: nobody waits for the answer any more.
        """
        child = self._take(setup)
        try:
            answer = child.ask(request, abandoned)
        finally:
            with self._lock:
                self._busy.discard(child)
        if child.fit:
            with self._lock:
                self._idle.append(child)
        else:
            child.end()
        return answer

    def _take(self, setup: Setup) -> _Child:
        """An idle worker process of this search, or a new one."""
        _check_versions(setup)
        now = time.monotonic()
        with self._lock:
            stale = [child for child in self._idle if now - child.used > STALE]
            self._idle = [child for child in self._idle if child not in stale]
            child = next((child for child in self._idle if child.setup == setup), None)
            if child is not None:
                self._idle.remove(child)
            else:
                child = self._starter.submit(_Child, setup).result()
            self._busy.add(child)
        for other in stale:
            other.end()
        return child

    def end(self, setup: Setup) -> None:
        """End the worker processes of a search, whatever they are doing."""
        with self._lock:
            children = [c for c in (*self._idle, *self._busy) if c.setup.search == setup.search]
            self._idle = [c for c in self._idle if c.setup.search != setup.search]
        for child in children:
            child.end()


messenger = Messenger()
"""This process's own."""


def versions() -> tuple[tuple[str, str], ...]:
    """What has to be the same on all machines for the trials to be the same."""
    return (
        ("Python", platform.python_version()),
        ("hpsearch", __version__),
        ("NumPy", version("numpy")),
    )


def _check_versions(setup: Setup) -> None:
    for (name, here), (_, there) in zip(versions(), setup.versions, strict=True):
        if here != there:
            raise RunError(
                f"{name} is {here} on {platform.node()}, and {there} where the search is run: "
                f"install the same versions on all machines, or the trials would not be the same"
            )
