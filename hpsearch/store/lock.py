"""One holder at a time, by a lock on a file that stays (see :mod:`hpsearch.store.system`).

The system drops the lock when its holder ends, however it ends: a file that *is* the lock would
outlive a killed process. The file's text only tells people who holds it. It is never removed:
two processes could then each hold the lock on a file of the same name. Children started with
exec do not inherit it.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from hpsearch.errors import RunError
from hpsearch.store.disk import disk_errors
from hpsearch.store.system import BINARY, is_locked, try_lock

_TRIES, _PAUSE = 5, 0.02  # seconds; is_held takes the lock for microseconds


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: a process on a host, since a local time in ISO format."""

    pid: int
    host: str
    started: str
    command: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.started} ({self.command})"


@contextmanager
def hold(path: Path, command: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock for the length of the body.

    Args:
        path: the lock file, in the folder that it guards; made if missing.
        command: what the holder does, for whom it keeps out.
        wait: for how many seconds to wait while another process holds it.

    Raises:
        RunError: another process holds it, or the file system cannot lock.
    """
    with disk_errors(path, "lock the run"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | BINARY, 0o666)
    try:
        with disk_errors(path, "lock the run"):
            _take(descriptor, path, wait)
            now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
            holder = Holder(os.getpid(), socket.gethostname(), now, command)
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, json.dumps(asdict(holder)).encode() + b"\n")
        try:
            yield
        finally:
            with suppress(OSError):  # the text is only for people
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | BINARY)
    except FileNotFoundError:
        return False
    try:
        return is_locked(descriptor)
    finally:
        os.close(descriptor)


def read_holder(path: Path) -> Holder | None:
    """Who wrote the lock file last; ``None`` if it says nothing."""
    try:
        return Holder(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _take(descriptor: int, path: Path, wait: float) -> None:
    for _ in range(max(_TRIES, round(wait / _PAUSE))):
        if try_lock(descriptor):
            return
        time.sleep(_PAUSE)
    who = read_holder(path) or "another process"
    raise RunError(
        f"{path.parent}: {who} is at work on this run; "
        "wait until it ends, or stop it, or start another run with --fresh"
    )
