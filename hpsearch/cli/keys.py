"""Single keys from the terminal, without Enter."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator

LEAVING = frozenset({b"q", b"Q", b"\x04"})  # and Ctrl-D


@contextlib.contextmanager
def leaving_keys() -> Iterator[Callable[[float], bool]]:
    """A function that waits for so many seconds, and says whether q was pressed meanwhile.

    Without a terminal to read from it only waits. The terminal is put back as it was.
    """
    if not sys.stdin.isatty():
        yield _only_wait
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)  # keys come at once and are not shown; Ctrl-C still interrupts
    try:
        yield lambda seconds: _pressed(descriptor, seconds)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _only_wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _pressed(descriptor: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return False
        key = os.read(descriptor, 1)
        if not key or key in LEAVING:  # nothing: the terminal was closed
            return True
    return False
