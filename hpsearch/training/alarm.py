"""A limit of time for code that may be given up without loss: it is interrupted, not killed."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

AGAIN = 1.0  # seconds: code that catches the first interruption gets another


class TimeIsUp(BaseException):
    """Raised in the code that had the time; it is no ``Exception``, which user code may catch."""


@contextlib.contextmanager
def time_for(seconds: float | None) -> Iterator[None]:
    """Give the body so many seconds; all the time it wants for ``None``.

    It is a signal that interrupts, so that code which never lets Python have its turn is not
    reached, and threads other than the main one have no limit.

    Raises:
        TimeIsUp: they have passed.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: object) -> None:
        del number, frame
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)
