"""Ctrl-C while a model is babysat: the first lets the epoch end, the second gives it up at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

EPOCH_FINISHES = "the epoch under way ends first and is saved; Ctrl-C again gives it up at once"
"""What Ctrl-C does, said when it is pressed."""


def write_at_once(text: str) -> None:
    """Tell it on stderr in one write and without a buffer: another print may be under way."""
    os.write(2, f"\n{text}\n".encode())


class Interrupts:
    """Counts Ctrl-C while something is under way; at the prompt Ctrl-C is what it always is.

    ``interruptible`` says whether an exception would now cost no more than the epoch under way.
    ``tell`` says what the first one does; a signal's handler calls it.
    """

    def __init__(
        self, interruptible: Callable[[], bool], tell: Callable[[str], None] = write_at_once
    ) -> None:
        self.level = 0
        self.ever = False
        self._interruptible, self._tell = interruptible, tell
        self._busy = False

    def stop(self) -> bool:
        """Whether what is under way should end as soon as it can."""
        return self.level > 0

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Something is under way in the body."""
        self.level, self._busy = 0, True
        try:
            yield
        finally:
            self._busy = False

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Take Ctrl-C in the body; Python hears of it in its main thread alone."""
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or before is None:
            yield
            return
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if not self._busy:
            raise KeyboardInterrupt
        self.level += 1
        self.ever = True
        if self.level > 1 and self._interruptible():
            raise KeyboardInterrupt
        self._tell(EPOCH_FINISHES)
