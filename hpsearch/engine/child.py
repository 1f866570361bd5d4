"""A worker process behind a cluster's worker: it answers one request after the other.

:mod:`hpsearch.engine.messenger` starts it, and is the only one to talk to it.
"""

from __future__ import annotations

import contextlib
import pickle
import select
from multiprocessing.connection import Connection

from hpsearch.engine.worker import initialize

IDLE_SECONDS = 60.0
"""How long a worker waits for a request before it ends: its search may be over."""


def serve(handle: int, parent: int) -> None:
    """Answer requests that come through the socket with this file descriptor.

    The first message is the search path; every other one a pickled ``(function, arguments)``,
    answered by what :func:`answer` gives.
    """
    connection: Connection = Connection(handle)
    hang_up = select.poll()
    hang_up.register(handle, 0)  # which leaves errors and the end of the connection
    initialize(parent, connection.recv(), dismissed=lambda: bool(hang_up.poll(0)))
    with contextlib.suppress(EOFError, OSError):  # dismissed
        while connection.poll(IDLE_SECONDS):
            connection.send_bytes(answer(connection.recv_bytes()))


def answer(request: bytes) -> bytes:
    """Pickled ``(result, None)``, or ``(None, exception)`` if the call raised."""
    try:
        function, arguments = pickle.loads(request)  # noqa: S301 - our own coordinator sent it
        return pickle.dumps((function(*arguments), None))
    except Exception as e:  # the coordinator decides what it means
        return pickle.dumps((None, e))
