"""The time limit of what a worker does: one deadline for setting up and training alike.

When it has passed, a thread of the worker writes where everything stood into a file that nobody
else writes, kills what the worker has started, and ends the worker. Code that holds Python's
global lock keeps that thread from running; then ``faulthandler``, which needs no lock, does the
same a little later, but for what the worker has started.

So that a file with something in it is there says that it was the limit, and not the user's code.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpsearch.processes import end_descendants
from hpsearch.records import Trial
from hpsearch.store.disk import disk_errors
from hpsearch.store.rundir import RunFolder
from hpsearch.store.system import BINARY
from hpsearch.training.channel import remove_channels

GRACE = 2.0  # seconds for the thread, before faulthandler does it
EXIT_CODE = 124  # as timeout(1) has it; nothing is decided from it


@contextlib.contextmanager
def limited(seconds: float | None, mark: Path) -> Iterator[None]:
    """End this process if the body takes longer; ``mark`` is the file that then says so.

    Raises:
        RunError: the file cannot be made.
    """
    if seconds is None:
        yield
        return
    with disk_errors(mark, "watch the time limit"):
        mark.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | BINARY, 0o666)
    over = threading.Lock()  # whoever takes it decides whether it ended in time

    def end() -> None:
        if not over.acquire(blocking=False):
            return
        os.write(descriptor, f"hpsearch: this took longer than {seconds:g} seconds\n".encode())
        with contextlib.suppress(Exception):
            faulthandler.dump_traceback(descriptor)
        with contextlib.suppress(Exception):
            end_descendants(os.getpid())
            remove_channels()
        os._exit(EXIT_CODE)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=descriptor)
    try:
        yield
    finally:
        if not over.acquire(blocking=False):
            threading.Event().wait()  # the process is about to end
        faulthandler.cancel_dump_traceback_later()
        timer.cancel()
        os.close(descriptor)
        with contextlib.suppress(OSError):
            mark.unlink()


def forget(mark: Path) -> None:
    """Remove what an earlier attempt may have left, before something is given to a worker."""
    with disk_errors(mark, "watch the time limit"):
        mark.unlink(missing_ok=True)


def passed(mark: Path) -> str | None:
    """Where everything stood when the limit had passed; ``None`` if it had not."""
    try:
        return mark.read_text(encoding="utf-8", errors="replace") or None
    except OSError:
        return None


@dataclass(frozen=True)
class TimeLimits:
    """What the coordinator knows of the time limit of trials that train in a run's folder."""

    folder: RunFolder
    limit: float | None

    def forget(self, trial: Trial) -> None:
        """Be told that the trial is given to a worker now.

        Raises:
            RunError: the run's folder cannot be written.
        """
        if self.limit is not None:
            forget(self.folder.limit_path(trial.index))

    def passed(self, trial: Trial) -> bool:
        """Whether the trial's worker ended at the limit; where it stood then is in its log."""
        if self.limit is None:
            return False
        mark = self.folder.limit_path(trial.index)
        text = passed(mark)
        if text is None:
            return False
        log = self.folder.log_path(trial.index)
        with disk_errors(log, "write the trial's log"):
            with log.open("a", encoding="utf-8") as file:
                file.write(text)
            mark.unlink(missing_ok=True)
        return True
