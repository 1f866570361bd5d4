"""The limits of what a worker does: one deadline for setting up and training alike, and memory.

When the time has passed, or too much memory is used, a thread of the worker writes where everything
stood into a file that nobody else writes, kills what the worker has started, and ends the worker.
Code that holds Python's global lock keeps that thread from running; then ``faulthandler``, which
needs no lock, does the same a little after the deadline, but for what the worker has started.

So that a file with something in it is there says that it was a limit, and not the user's code.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpsearch.config import Config
from hpsearch.engine.memory import may_ask_for, memory_of_all
from hpsearch.processes import end_descendants
from hpsearch.records import Trial
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder
from hpsearch.store.system import BINARY
from hpsearch.text import bytes_of, size
from hpsearch.training.channel import remove_channels

GRACE = 2.0  # seconds for the thread, before faulthandler does it
MEMORY_POLL = 0.2  # seconds between two looks at the memory in use
EXIT_CODE = 124  # as timeout(1) has it; nothing is decided from it


TOOK_LONGER, USED_MORE = "hpsearch: this took longer than", "hpsearch: this used more memory than"
TIMED_OUT = "it took longer than run.time_limit"
OUT_OF_MEMORY = "it used more memory than run.memory_limit"


@contextlib.contextmanager
def limited(seconds: float | None, mark: Path, memory: float | None = None) -> Iterator[None]:
    """End this process if the body takes longer, or uses more bytes of memory.

    ``mark`` is the file that then says so.

    Raises:
        RunError: the file cannot be made.
    """
    if seconds is None and memory is None:
        yield
        return
    with disk_errors(mark, "watch the limits"):
        mark.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | BINARY, 0o666)
    watched = _Watched(descriptor)
    try:
        with contextlib.ExitStack() as watching:
            watching.callback(watched.finish)
            if seconds is not None:
                watching.enter_context(_timed(watched, seconds))
            if memory is not None:
                watching.enter_context(_weighed(watched, memory))
                watching.enter_context(may_ask_for(memory))
            yield
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            mark.unlink()


class _Watched:
    """What is under way: whoever is first decides whether it was done in time or was ended."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._over = threading.Lock()

    def end(self, why: str) -> None:
        """Write why, and where everything stands, and end this process and what it started."""
        if not self._over.acquire(blocking=False):
            return
        os.write(self.descriptor, f"{why}\n".encode())
        with contextlib.suppress(Exception):
            faulthandler.dump_traceback(self.descriptor)
        with contextlib.suppress(Exception):
            end_descendants(os.getpid())
            remove_channels()
        os._exit(EXIT_CODE)

    def finish(self) -> None:
        """It is done; does not return where it is being ended."""
        if not self._over.acquire(blocking=False):
            threading.Event().wait()  # the process is about to end


@contextlib.contextmanager
def _timed(watched: _Watched, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, watched.end, [f"{TOOK_LONGER} {seconds:g} seconds"])
    timer.daemon = True
    timer.start()
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=watched.descriptor)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        timer.cancel()


@contextlib.contextmanager
def _weighed(watched: _Watched, memory: float) -> Iterator[None]:
    over = threading.Event()

    def look() -> None:
        while not over.wait(MEMORY_POLL):
            if memory_of_all(os.getpid()) > memory:
                watched.end(f"{USED_MORE} {size(memory)}")

    threading.Thread(target=look, name="watch-memory", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def forget(mark: Path) -> None:
    """Remove what an earlier attempt may have left, before something is given to a worker."""
    with disk_errors(mark, "watch the limits"):
        mark.unlink(missing_ok=True)


def passed(mark: Path) -> str | None:
    """Which limit was passed, and where everything stood then; ``None`` if none was."""
    try:
        return mark.read_text(encoding="utf-8", errors="replace") or None
    except OSError:
        return None


def kind_of(text: str) -> str:
    """What a trial's error says of the limit that :func:`passed` tells of."""
    return OUT_OF_MEMORY if text.startswith(USED_MORE) else TIMED_OUT


@dataclass(frozen=True)
class TrialLimits:
    """What the coordinator knows of the limits of trials that train in a run's folder.

    ``time`` is in seconds, ``memory`` in bytes.
    """

    folder: RunFolder
    time: float | None = None
    memory: float | None = None

    @classmethod
    def of(cls, folder: RunFolder, config: Config) -> TrialLimits:
        """Those of a config."""
        return cls(folder, config.run.time_limit, memory_limit(config))

    @property
    def _any(self) -> bool:
        return self.time is not None or self.memory is not None

    def forget(self, trial: Trial) -> None:
        """Be told that the trial is given to a worker now.

        Raises:
            RunError: the run's folder cannot be written.
        """
        if self._any:
            forget(self.folder.limit_path(trial.index))

    def passed(self, trial: Trial) -> str | None:
        """The error of a trial whose worker ended at a limit; where it stood is then in its log."""
        if not self._any:
            return None
        mark = self.folder.limit_path(trial.index)
        text = passed(mark)
        if text is None:
            return None
        log = self.folder.log_path(trial.index)
        with disk_errors(log, "write the trial's log"):
            with log.open("a", encoding="utf-8") as file:
                file.write(text)
            mark.unlink(missing_ok=True)
        return kind_of(text)


def memory_limit(config: Config) -> float | None:
    """How many bytes a trial may use; ``None`` for as many as there are."""
    limit = config.run.memory_limit
    return None if limit is None else bytes_of(limit)
