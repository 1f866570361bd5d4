"""``search.timeout`` and ``search.until``: a search that stops in time, and can go on later.

This is the one place where a clock decides something, and only how many trials are trained before
the command ends: which trials they are does not depend on it. From then on no trial is started,
and those that run are let finish, as after a first Ctrl-C.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hpsearch.config import SearchConfig
from hpsearch.errors import UsageError
from hpsearch.text import duration, seconds_of

if TYPE_CHECKING:
    from hpsearch.engine.scheduler import StopFlag

PAUSE = 0.1  # seconds between two looks


def clock_words(search: SearchConfig) -> str | None:
    """Which limits let the clock decide how many trials there are; ``None`` where none does."""
    limits = []
    if search.timeout is not None:
        limits.append(f"search.timeout {duration(seconds_of(search.timeout))}")
    if search.until is not None:
        limits.append(f"search.until {search.until}")
    return ", ".join(limits) or None


@dataclass
class Deadline:
    """The moment after which nothing more is started, if there is one; raises the stop flag once.

    ``ends`` is a reading of ``time.monotonic`` with the reason, ``until`` one of the local clock.
    ``hit`` says why it stopped the search.
    """

    ends: tuple[float, str] | None = None
    until: tuple[datetime, str] | None = None
    hit: str | None = None

    @classmethod
    def of(cls, search: SearchConfig, now: datetime | None = None) -> Deadline:
        """The deadline of a search that starts, or goes on, now.

        Raises:
            UsageError: ``search.until`` has a date, and it is past.
        """
        now = now or datetime.now()
        deadline = cls()
        if search.timeout is not None:
            seconds = seconds_of(search.timeout)
            why = f"search.timeout ({duration(seconds)}) has passed"
            deadline.ends = (time.monotonic() + seconds, why)
        if search.until is not None:
            moment = moment_of(search.until, now)
            if moment <= now:
                raise UsageError(
                    f"search.until: {search.until} is past; write a later one, or a time alone, "
                    f"such as '08:00', for the next time that the clock says so"
                )
            deadline.until = (moment, f"it is {moment:%H:%M} (search.until)")
        return deadline

    @contextlib.contextmanager
    def watched(self, stop: StopFlag) -> Iterator[None]:
        """Look at the clock for as long as the body lasts, in a thread of its own."""
        if self.ends is None and self.until is None:
            yield
            return
        over = threading.Event()

        def watch() -> None:
            while not over.wait(PAUSE):
                self.look(stop)

        threading.Thread(target=watch, name="watch-the-clock", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def look(self, stop: StopFlag) -> None:
        """Let the running trials finish, and start no more, if it is time."""
        why = self._passed()
        if why is not None and self.hit is None and stop.level == 0:
            self.hit = why
            stop.raise_level()

    def _passed(self) -> str | None:
        if self.ends is not None and time.monotonic() >= self.ends[0]:
            return self.ends[1]
        if self.until is not None and datetime.now() >= self.until[0]:
            return self.until[1]
        return None


def moment_of(text: str, now: datetime) -> datetime:
    """When it is next ``08:00``, or what ``2026-11-29 08:00`` says, on the local clock.

    >>> moment_of("08:00", datetime(2026, 11, 28, 9, 30)).isoformat()
    '2026-11-29T08:00:00'
    """
    if "-" in text:
        return datetime.fromisoformat(text)
    hour, minute = map(int, text.split(":"))
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)
