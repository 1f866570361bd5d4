"""Lets one step of one process fail as a disk does, in every Python that finds this on its path.

``IO_ERROR`` is ``role:step:errno:folder``: the step-th call of a coordinator or of a worker that
touches a file in the folder fails. ``IO_STEPS`` is a file to which the coordinator's count is
written at its end. A step is an open, mkdir, rename, remove, rmdir, truncate, write or fsync.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
from pathlib import Path
from typing import Any

STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.scandir"}


class Fault:
    """Counts steps, and fails at one."""

    def __init__(self, at: int, number: int, folder: str) -> None:
        self.at, self.number, self.folder = at, number, folder
        self.count = 0
        self.full = False  # the rest of a write that was short has no room either
        self._write, self._fsync = os.write, os.fsync
        os.write, os.fsync = self.write, self.fsync  # type: ignore[assignment]
        sys.addaudithook(self.audit)

    def step(self, path: Any) -> bool:
        """Whether this step, of a file in the folder, is the one that fails."""
        if not isinstance(path, str) or not path:
            return False
        if not os.path.join(os.getcwd(), path).startswith(self.folder):  # noqa: PTH109, PTH118
            return False
        self.count += 1
        return self.count == self.at

    def error(self, path: Any) -> OSError:
        return OSError(self.number, os.strerror(self.number), path)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in STEPS and arguments and self.step(arguments[0]):
            raise self.error(arguments[0])

    def write(self, descriptor: int, data: Any) -> int:
        path = _path(descriptor)
        if self.full and path.startswith(self.folder):
            self.full = False
            raise self.error(path)
        if not self.step(path):
            return self._write(descriptor, data)
        if self.number == errno.ENOSPC and len(data) > 1:
            self.full = True
            return self._write(descriptor, memoryview(data)[: len(data) // 2])
        raise self.error(path)

    def fsync(self, descriptor: int) -> None:
        path = _path(descriptor)
        if self.step(path):
            raise self.error(path)
        self._fsync(descriptor)


def _path(descriptor: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


def _begin() -> None:
    role, step, number, folder = os.environ.get("IO_ERROR", ":0:0:").split(":", 3)
    own = "coordinator" if "hpsearch" in sys.orig_argv else "worker"
    if not role or (own == "worker") != (role == "worker"):
        return
    if own == "worker" and "loky" not in " ".join(sys.orig_argv):
        return  # a program that a trial starts
    fault = Fault(int(step), int(number), folder)
    steps = os.environ.get("IO_STEPS")
    if steps:

        def say() -> None:
            with Path(steps).open("a", encoding="utf-8") as file:
                file.write(f"{fault.count}\n")

        atexit.register(say)


_begin()
