"""A clean desk for every trial: what user code changes in its worker ends with the trial.

What it prints, from Python or from C, goes to the trial's log, which has a limit. Streams,
descriptors 1 and 2, the folder, the environment, the search path, signal handlers, timers and
NumPy's error handling are afterwards what they were.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from hpsearch.errors import RunError
from hpsearch.processes import signals
from hpsearch.store.disk import disk_errors
from hpsearch.store.system import BINARY
from hpsearch.training.seeding import seed_generators

MEGABYTE = 1_000_000

_STANDARD = (1, 2)
_GONE = (
    "the folder in which the search was started is gone, and nothing is recorded against the "
    "trials under way; put it back, or go on with the same command from another folder"
)


class Log:
    """A trial's log, open for writing at its end, whoever writes.

    Beyond ``limit`` bytes nothing is kept, but for :meth:`write`, which says what ended the trial.
    """

    def __init__(self, path: Path, limit: float) -> None:
        self.path = path
        self._limit = int(limit)
        self._kept: int | None = None  # bytes, once it was cut
        self._at_work = threading.RLock()  # a thread looks while the trial ends
        with disk_errors(path, "open the trial's log"):
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | BINARY
            self.descriptor = os.open(path, flags, 0o666)

    def write(self, text: str) -> None:
        """Add a text, past the limit too.

        Raises:
            RunError: the disk is full …
        """
        with self._at_work, disk_errors(self.path, "write the trial's log"):
            os.write(self.descriptor, text.encode("utf-8", "backslashreplace"))
            if self._kept is not None:
                self._kept = os.fstat(self.descriptor).st_size

    def probe(self) -> None:
        """Find out whether it was the log's own disk that failed just now.

        Raises:
            RunError: it was.
        """
        self.write("hpsearch: this can be written, so what failed was another file\n")

    def look(self) -> None:
        """Cut the log if it is too long; what is printed from then on goes nowhere."""
        with self._at_work:
            if self.descriptor >= 0:
                self._cut()

    def close(self) -> None:
        """Close the file; nothing looks after it any more."""
        with self._at_work:
            os.close(self.descriptor)
            self.descriptor = -1

    def _cut(self) -> None:
        size = os.fstat(self.descriptor).st_size
        if size <= (self._limit if self._kept is None else self._kept):
            return
        if self._kept is not None:  # a process that the trial started still has it open
            os.ftruncate(self.descriptor, self._kept)
            return
        _to_nowhere()
        os.ftruncate(self.descriptor, self._limit)
        self._kept = self._limit
        self.write(
            f"\nhpsearch: the log is cut here, after run.log_limit: "
            f"{self._limit / MEGABYTE:g} (megabytes)\n"
        )


_open: list[Log] = []  # the log of the trial that trains in this process, if one does


def look_after_log() -> None:
    """Keep the log of the trial that trains here within its limit; for a thread that watches."""
    for log in _open:
        with contextlib.suppress(OSError, RunError):
            log.look()


@contextlib.contextmanager
def redirected(path: Path, limit: float) -> Iterator[Log]:
    """Send what this process prints, from Python and from C, to the end of a log.

    Raises:
        RunError: the log cannot be written: the disk is full, say.
    """
    log = Log(path, limit)
    before = sys.stdin, sys.stdout, sys.stderr
    for stream in before[1:]:
        _flush(stream)
    saved = {number: _copy(number) for number in _STANDARD}
    try:
        for number in _STANDARD:
            os.dup2(log.descriptor, number)
        # New ones, since an earlier trial may have closed what it found.
        ours = tuple(
            open(n, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            for n in _STANDARD
        )
        sys.stdout, sys.stderr = ours
        _open.append(log)
        try:
            yield log
        finally:
            for stream in (sys.stdout, sys.stderr, *ours):
                error = _flush(stream)
                if error is None:
                    continue
                _drop(stream)
                if is_full(error):
                    log.probe()
    finally:
        _open.clear()
        with contextlib.suppress(OSError, RunError):
            log.look()  # while the descriptors are the trial's: to cut a log sends them nowhere
        sys.stdin, sys.stdout, sys.stderr = before
        for number, copy in saved.items():
            os.dup2(copy, number)
            os.close(copy)
        log.close()


def _flush(stream: TextIO | Any) -> Exception | None:
    """Flush a stream; user code may have closed it, or put anything in its place."""
    try:
        stream.flush()
    except Exception as e:
        return e
    return None


def _drop(stream: TextIO | Any) -> None:
    """Let what a stream could not write go nowhere, and not into the next trial's log."""
    _to_nowhere()
    _flush(stream)


def _to_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in _STANDARD:
        os.dup2(nowhere, number)
    if nowhere not in _STANDARD:
        os.close(nowhere)


def is_full(error: BaseException) -> bool:
    """Whether an error may come from the disk on which the log is: a print can fail, too."""
    disk = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
    return isinstance(error, OSError) and error.errno in disk


def _copy(number: int) -> int:
    """Another descriptor of the same file; nowhere, if this one was closed."""
    try:
        return os.dup(number)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


@contextlib.contextmanager
def restored(seed: int) -> Iterator[None]:
    """Seed the global generators; put back afterwards what user code may have changed.

    Raises:
        RunError: the folder is not there any more.
    """
    try:
        folder = Path.cwd()
    except OSError as e:
        raise RunError(_GONE) from e
    environment, path, arguments = dict(os.environ), list(sys.path), list(sys.argv)
    depth, errors, mask = sys.getrecursionlimit(), np.geterr(), os.umask(0)
    os.umask(mask)
    seed_generators(seed)
    try:
        with _signals_restored():
            yield
    finally:
        _put_back(environment)
        sys.path[:], sys.argv[:] = path, arguments
        sys.setrecursionlimit(depth)
        np.seterr(**errors)
        os.umask(mask)
        try:
            os.chdir(folder)
        except OSError as e:
            raise RunError(f"{folder}: {_GONE}") from e


def _put_back(environment: Mapping[str, str]) -> None:
    """Make the environment what it was; most trials have left it alone."""
    now = dict(os.environ)
    if now == environment:
        return
    for name in now.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


@contextlib.contextmanager
def _signals_restored() -> Iterator[None]:
    """Put handlers back and stop timers; signals are the main thread's."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = signals("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGCHLD")
    before = [(number, signal.getsignal(number)) for number in numbers]
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before:
            if handler is not None:
                signal.signal(number, handler)
