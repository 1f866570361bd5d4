"""Ctrl-C while a model is babysat: the first lets the epoch end, the second gives it up at once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from hpsearch.cli.signals import EPOCH_FINISHES


class Interrupts:
    """Counts Ctrl-C while something is under way; at the prompt Ctrl-C is what it always is.

    ``interruptible`` says whether an exception would now cost no more than the epoch under way.
    """

    def __init__(self, interruptible: Callable[[], bool]) -> None:
        self.level = 0
        self.ever = False
        self._interruptible = interruptible
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
        """Take Ctrl-C in the body."""
        before = signal.signal(signal.SIGINT, self._on_signal)
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
        # One write and no buffer: the handler may be in the middle of another print.
        os.write(2, f"\n{EPOCH_FINISHES}\n".encode())
