"""A worker process behind a cluster's worker: it answers one request after the other.

:mod:`hpsearch.engine.messenger` starts it, and is the only one to talk to it.
"""

from __future__ import annotations

import contextlib
import pickle
import platform
import select
from multiprocessing.connection import Connection

from hpsearch.engine.failures import blame_for
from hpsearch.engine.gpus import Gpus
from hpsearch.engine.worker import initialize
from hpsearch.errors import HpsearchError, RunError

IDLE_SECONDS = 60.0
"""How long a worker waits for a request before it ends: its search may be over."""


FIT, UNFIT = b"+", b"-"
"""How an answer begins: whether the process that gave it takes another request."""


def serve(handle: int, parent: int) -> None:
    """Answer requests that come through the socket with this file descriptor.

    The first message is the search path and the GPUs of which this worker is to take one, if any;
    every other one a pickled ``(function, arguments)``, answered by what :func:`answer` gives.
    """
    connection: Connection = Connection(handle)
    hang_up = select.poll()
    hang_up.register(handle, 0)  # which leaves errors and the end of the connection
    path, gpus = connection.recv()
    initialize(parent, path, dismissed=lambda: bool(hang_up.poll(0)))
    refusal = None if gpus is None else _take_one(gpus)
    with contextlib.suppress(EOFError, OSError):  # dismissed
        fit = True
        while fit and connection.poll(IDLE_SECONDS):
            request = connection.recv_bytes()
            fit, answered = answer(request) if refusal is None else (False, refusal)
            connection.send_bytes((FIT if fit else UNFIT) + answered)


def _take_one(gpus: Gpus) -> bytes | None:
    """Take a GPU; what cannot be is the answer to whatever this worker is asked."""
    try:
        gpus.take()
    except (HpsearchError, OSError) as e:
        # Not the trial's fault: on this machine no trial could train.
        why = e.message if isinstance(e, HpsearchError) else str(e)
        return pickle.dumps((None, RunError(f"{why} (on {platform.node()})")))
    return None


def answer(request: bytes) -> tuple[bool, bytes]:
    """Whether the worker may go on, and pickled ``(result, None)`` or ``(None, exception)``."""
    try:
        function, arguments = pickle.loads(request)  # noqa: S301 - our own coordinator sent it
        return True, pickle.dumps((function(*arguments), None))
    except Exception as e:
        # Only our own kinds of exceptions: another may not survive the way.
        return isinstance(e, HpsearchError), pickle.dumps((None, blame_for(e)))
