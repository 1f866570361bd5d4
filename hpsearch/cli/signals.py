"""Ctrl-C and its like, for commands that train: what runs may finish, what is done is kept."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpsearch.engine.scheduler import StopFlag


@contextlib.contextmanager
def stopped_by_signals(stop: StopFlag, tell: Callable[[int], None]) -> Iterator[None]:
    """Ctrl-C raises the stop flag by one level; a request to terminate stops at once.

    So does the terminal that is closed, unless the command was told to outlive it (nohup).
    ``tell`` is given the new level; it is called from a signal handler, so it may only write.
    """
    # Asked now: a terminal that is gone says that it is none.
    terminal = [descriptor for descriptor in (1, 2) if os.isatty(descriptor)]

    def interrupt(number: int, frame: object) -> None:
        del frame
        if number == signal.SIGHUP:
            _drop(terminal)
        stop.raise_level()
        if number != signal.SIGINT:
            stop.raise_level()
        tell(stop.level)

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _drop(descriptors: Sequence[int]) -> None:
    """Let what is still written there go nowhere, in place of failing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
