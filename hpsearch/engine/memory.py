"""How much memory a process and all that it has started use, and how much one may ask for.

Two things keep a trial within ``run.memory_limit``. Its process, and each that it starts, may ask
the kernel for so much more and is refused what goes beyond, which Python tells as ``MemoryError``:
one large array cannot take the machine down before anybody looks. And their memory together is
looked at a few times a second. Counted is what is theirs alone, and what they share among each
other: neither files that are mapped, such as the data that all workers share, nor libraries.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from hpsearch.processes import WINDOWS, descendants, resident_on_windows

resource: ModuleType | None
try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None

KILOBYTE = 1024  # as the kernel counts
_OWN = ("RssAnon:", "RssShmem:")


def memory_of_all(pid: int) -> int:
    """What a process and its descendants use together, in bytes."""
    numbers = [pid, *descendants(pid)]
    if WINDOWS:
        return sum(map(resident_on_windows, numbers))
    if not Path("/proc/self/status").exists():
        return _by_ps(numbers)
    together = sum(_by_status(number) for number in numbers)
    return together if len(numbers) == 1 else min(together, sum(map(_proportional, numbers)))


def _by_status(pid: int) -> int:
    """What is a process's own; what a fork shares with its parent counts for both."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0  # it has just ended
    return sum(int(line.split()[1]) for line in lines if line.startswith(_OWN)) * KILOBYTE


def _proportional(pid: int) -> int:
    """The same with what is shared divided among those that share it, where the kernel tells."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return _by_status(pid)
    own = [line for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))]
    return sum(int(line.split()[1]) for line in own) * KILOBYTE if own else _by_status(pid)


def _by_ps(numbers: Iterable[int]) -> int:
    import subprocess  # noqa: PLC0415 - not on Linux

    command = ["ps", "-o", "rss=", "-p", ",".join(map(str, numbers))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return sum(map(int, done.stdout.split())) * KILOBYTE


@contextlib.contextmanager
def may_ask_for(limit: float | None) -> Iterator[None]:
    """Let this process, and each that it starts, have so many bytes more, where the kernel can."""
    if limit is None or resource is None:
        yield
        return
    kind = resource.RLIMIT_DATA
    before, most = resource.getrlimit(kind)
    wanted = _asked_for() + int(limit)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (wanted, most))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (before, most))


def _asked_for() -> int:
    """What this process has asked the kernel for so far, used or not, in bytes."""
    try:
        lines = Path(f"/proc/{os.getpid()}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmData:")) * KILOBYTE
