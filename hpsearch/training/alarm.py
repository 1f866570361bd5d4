"""A limit of time for code that may be given up without loss: it is interrupted, not killed."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
from collections.abc import Iterator

AGAIN = 1.0  # seconds: code that catches the first interruption gets another


class TimeIsUp(BaseException):
    """Raised in the code that had the time; it is no ``Exception``, which user code may catch."""


@contextlib.contextmanager
def time_for(seconds: float | None) -> Iterator[None]:
    """Give the body so many seconds; all the time it wants for ``None``.

    Code which never lets Python have its turn is not reached, and threads other than the main one
    have no limit. Windows, which has no signal for it, does not interrupt what waits either.

    Raises:
        TimeIsUp: they have passed.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    with _by_signal(seconds) if hasattr(signal, "SIGALRM") else _by_thread(seconds):
        yield


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
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


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    thread, over = threading.get_ident(), threading.Event()
    at_work = threading.Lock()  # so that nothing is raised once the body has ended
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def ring() -> None:
        wait = seconds
        while not over.wait(wait):
            with at_work:
                if not over.is_set():
                    raise_in(ctypes.c_ulong(thread), ctypes.py_object(TimeIsUp))
            wait = AGAIN

    alarm = threading.Thread(target=ring, name="alarm", daemon=True)
    alarm.start()
    try:
        yield
    finally:
        with at_work:
            over.set()
            raise_in(ctypes.c_ulong(thread), None)  # one that was not raised yet is taken back
        alarm.join()
