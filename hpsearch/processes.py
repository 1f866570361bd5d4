"""Processes and what they start: found, ended together, and tied to the life of their parent.

Linux can tie a process to its parent (``PR_SET_PDEATHSIG``) and let it adopt what its children
leave behind (``PR_SET_CHILD_SUBREAPER``), see prctl(2). Elsewhere these do nothing, and who needs
them looks after its parent in another way as well. Windows has neither process groups nor most
signals, and psutil finds its processes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PDEATHSIG, _CHILD_SUBREAPER = 1, 36  # from <linux/prctl.h>
_ROUNDS = 3  # what is ended may start something while it is being ended

WINDOWS = os.name == "nt"
HANGUP: signal.Signals | None = getattr(signal, "SIGHUP", None)
KILL: signal.Signals = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows both end at once

# Looked up here, since nothing should be loaded between a fork and an exec.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def signals(*names: str) -> tuple[signal.Signals, ...]:
    """The signals of these names that the system has; Windows has few."""
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def signal_name(number: int) -> str | None:
    """What a signal is called: ``SIGKILL``; ``None`` where it has no name, as real-time signals."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


def end_with_parent(wanted: bool = True) -> None:
    """Have the kernel kill this process when the thread that started it ends; or not any more."""
    if _prctl is not None:
        _prctl(_PDEATHSIG, int(KILL) if wanted else 0)


def adopt_orphans() -> None:
    """Become the parent of what this process' descendants leave behind: it stays a descendant."""
    if _prctl is not None:
        _prctl(_CHILD_SUBREAPER, 1)


def apart() -> dict[str, Any]:
    """Settings of ``Popen`` for a program that Ctrl-C passes by, and that ends with this one.

    Ctrl-C in the terminal is for hpsearch, which lets trials finish. Where the kernel does not end
    it with us, who starts it does.
    """
    if WINDOWS:
        import subprocess  # noqa: PLC0415 - the command line starts without it

        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True, "preexec_fn": end_with_parent}


def end_group(pid: int) -> None:
    """Kill a program that was started :func:`apart`, with its group, if it still runs."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(pid, KILL)
        else:
            end_descendants(pid)
            os.kill(pid, KILL)


def is_alive(pid: int) -> bool:
    """Whether there is a process with this number."""
    try:
        if WINDOWS:  # where signal 0 is Ctrl-C
            import psutil  # noqa: PLC0415 - Windows only

            return bool(psutil.pid_exists(pid))
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's process; not a process number
        return True
    return True


def is_child_of(pid: int) -> bool:
    """Whether a process that started this one still lives."""
    # Windows tells who the parent was, dead or alive.
    return os.getppid() == pid and (not WINDOWS or is_alive(pid))


def end_descendants(pid: int) -> None:
    """Kill everything that a process has started, directly or not, and leave the process itself."""
    for _ in range(_ROUNDS):
        found = descendants(pid)
        if not found:
            return
        for number in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, KILL)


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


def resident_on_windows(pid: int) -> int:
    """How many bytes of memory a process has there; 0 for one that has ended."""
    import psutil  # noqa: PLC0415 - Windows only

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _parents() -> Iterator[tuple[int, int]]:
    """Each living process and its parent."""
    if WINDOWS:
        import psutil  # noqa: PLC0415 - Windows only

        for process in psutil.process_iter(["ppid"]):
            yield process.pid, process.info["ppid"] or 0
        return
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
    import subprocess  # noqa: PLC0415 - the command line starts without it

    done = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 - POSIX says that it is there
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        process, parent = line.split()
        yield int(process), int(parent)
