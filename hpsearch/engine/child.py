"""A worker process behind a cluster's worker: it answers one request after the other.

:mod:`hpsearch.engine.messenger` starts it, and is the only one to talk to it.
"""

from __future__ import annotations

import contextlib
import pickle
import select
from multiprocessing.connection import Connection

from hpsearch.engine.failures import blame_for
from hpsearch.engine.worker import initialize
from hpsearch.errors import HpsearchError

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
    initialize(parent, path, gpus, dismissed=lambda: bool(hang_up.poll(0)))
    with contextlib.suppress(EOFError, OSError):  # dismissed
        fit = True
        while fit and connection.poll(IDLE_SECONDS):
            fit, answered = answer(connection.recv_bytes())
            connection.send_bytes((FIT if fit else UNFIT) + answered)


def answer(request: bytes) -> tuple[bool, bytes]:
    """Whether the worker may go on, and pickled ``(result, None)`` or ``(None, exception)``."""
    try:
        function, arguments = pickle.loads(request)  # noqa: S301 - our own coordinator sent it
        return True, pickle.dumps((function(*arguments), None))
    except Exception as e:
        # Only our own kinds of exceptions: another may not survive the way.
        return isinstance(e, HpsearchError), pickle.dumps((None, blame_for(e)))
