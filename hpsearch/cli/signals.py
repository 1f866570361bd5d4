"""Ctrl-C and its like, for commands that train: what runs may finish, what is done is kept.

A command that is told to stop now has :data:`GRACE` seconds to end by itself, whatever it is doing.
Then it is ended: everything recorded is on the disk, and a search survives worse than that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hpsearch.processes import HANGUP, end_descendants, signals

if TYPE_CHECKING:
    from hpsearch.engine.scheduler import StopFlag

GRACE = 2.0

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C, or its like, has ended before its work was done."""

TRIALS_FINISH = "letting the running trials finish; press Ctrl-C again to stop now"
STOPPED = "stopping now"
"""What Ctrl-C does, said when it is pressed."""


ENDED = "stopped; all that was recorded is kept"
"""What is said where a command that has no work to bring to an end is told to stop."""


def end_when_told() -> None:
    """Let a request to terminate, or the terminal that is closed, end the command with a word.

    For the time before :func:`stopped_by_signals`, while modules, config and data are read, and for
    commands that do without it.
    """
    own = os.getpid()

    def end(number: int, frame: object) -> None:
        del frame
        if os.getpid() != own:  # a fork of the user's code: nothing is said in its place
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
            return
        # One write and no buffer: the handler may be in the middle of another print.
        with contextlib.suppress(OSError):
            os.write(2, f"{ENDED}\n".encode())
        end_descendants(own)
        os._exit(INTERRUPTED)

    for number in signals("SIGTERM", "SIGHUP"):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, end)


@contextlib.contextmanager
def stopped_by_signals(stop: StopFlag, tell: Callable[[int], None]) -> Iterator[None]:
    """Ctrl-C raises the stop flag by one level; a request to terminate stops at once.

    So does the terminal that is closed, unless the command was told to outlive it (nohup).
    ``tell`` is given the new level; it is called from a signal handler, so it may only write.
    """
    from hpsearch.engine.scheduler import StopFlag

    ended = threading.Event()
    # Asked now: a terminal that is gone says that it is none.
    terminal = [descriptor for descriptor in (1, 2) if os.isatty(descriptor)]

    def interrupt(number: int, frame: object) -> None:
        del frame
        if number == HANGUP:
            _drop(terminal)
        before_level = stop.level
        stop.raise_level()
        if number != signal.SIGINT:
            stop.raise_level()
        tell(stop.level)
        if before_level < StopFlag.NOW <= stop.level:
            threading.Thread(target=_end_after_grace, args=(ended,), daemon=True).start()

    numbers = [
        number
        for number in signals("SIGINT", "SIGTERM", "SIGHUP")
        if number != HANGUP or signal.getsignal(number) is not signal.SIG_IGN
    ]
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        ended.set()
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _end_after_grace(ended: threading.Event) -> None:
    """End this process and all that it has started, unless the command ends in time."""
    if not ended.wait(GRACE):
        end_descendants(os.getpid())
        os._exit(INTERRUPTED)


def _drop(descriptors: Sequence[int]) -> None:
    """Let what is still written there go nowhere, in place of failing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
