"""Single keys from the terminal, without Enter."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

try:
    import termios
    import tty
except ModuleNotFoundError:  # Windows
    import msvcrt

    _msvcrt: Any = msvcrt
    POSIX = False
else:
    POSIX = True

LEAVING = frozenset({b"q", b"Q", b"\x04"})  # and Ctrl-D
_PAUSE = 0.05  # seconds between two looks at the keyboard, where it cannot be waited for


@contextlib.contextmanager
def leaving_keys() -> Iterator[Callable[[float], bool]]:
    """A function that waits for so many seconds, and says whether q was pressed meanwhile.

    Without a terminal to read from it only waits. The terminal is put back as it was.
    """
    if not sys.stdin.isatty():
        yield _only_wait
    elif POSIX:
        with _keys_at_once() as descriptor:
            yield lambda seconds: _pressed(descriptor, seconds)
    else:
        yield _pressed_on_windows


def _only_wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


@contextlib.contextmanager
def _keys_at_once() -> Iterator[int]:
    """The terminal's descriptor; keys come at once and are not shown, Ctrl-C still interrupts."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _pressed(descriptor: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return False
        key = os.read(descriptor, 1)
        if not key or key in LEAVING:  # nothing: the terminal was closed
            return True
    return False


def _pressed_on_windows(seconds: float) -> bool:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        while _msvcrt.kbhit():
            if _msvcrt.getch() in LEAVING:
                return True
        time.sleep(min(left, _PAUSE))
    return False
