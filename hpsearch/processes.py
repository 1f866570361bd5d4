"""Processes and what they start: found, ended together, and tied to the life of their parent.

Linux can tie a process to its parent (``PR_SET_PDEATHSIG``) and let it adopt what its children
leave behind (``PR_SET_CHILD_SUBREAPER``), see prctl(2). Elsewhere these do nothing, and who needs
them looks after its parent in another way as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

_PDEATHSIG, _CHILD_SUBREAPER = 1, 36  # from <linux/prctl.h>
_ROUNDS = 3  # what is ended may start something while it is being ended

# Looked up here, since nothing should be loaded between a fork and an exec.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def signal_name(number: int) -> str | None:
    """What a signal is called: ``SIGKILL``; ``None`` where it has no name, as real-time signals."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


def end_with_parent(wanted: bool = True) -> None:
    """Have the kernel kill this process when the thread that started it ends; or not any more."""
    if _prctl is not None:
        _prctl(_PDEATHSIG, int(signal.SIGKILL) if wanted else 0)


def adopt_orphans() -> None:
    """Become the parent of what this process' descendants leave behind: it stays a descendant."""
    if _prctl is not None:
        _prctl(_CHILD_SUBREAPER, 1)


def end_descendants(pid: int) -> None:
    """Kill everything that a process has started, directly or not, and leave the process itself."""
    for _ in range(_ROUNDS):
        found = descendants(pid)
        if not found:
            return
        for number in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """The living processes that a process has started, directly or not."""
    children: dict[int, list[int]] = defaultdict(list)
    for process, parent in _parents():
        children[parent].append(process)
    descendants: list[int] = []
    waiting = [pid]
    while waiting:
        started = children[waiting.pop()]
        descendants += started
        waiting += started
    return descendants


def _parents() -> Iterator[tuple[int, int]]:
    """Each living process and its parent."""
    if not Path("/proc/self/stat").exists():
        yield from _parents_by_ps()
        return
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name of the program, in parentheses, may hold anything.
            state, parent = path.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue  # it has just ended
        if state != "Z":
            yield int(path.parent.name), int(parent)


def _parents_by_ps() -> Iterator[tuple[int, int]]:
    done = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 - POSIX says that it is there
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        process, parent = line.split()
        yield int(process), int(parent)
