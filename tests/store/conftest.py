"""Ways to hurt a file: kill its writer at any step, or give it a disk that is full or read-only."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

KillAt = Callable[[Callable[[], object]], Iterator[int]]
OnDisk = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests with hundreds of writes: killed processes need no fsync, only failed power does."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def killed_at_each_step(no_fsync: None, record_property: Callable[[str, object], None]) -> KillAt:
    """Run an action over and over in forked processes, killed (-9) one step later each time.

    A step is a call that touches the file system. A write is killed in the middle of its bytes.
    Yields the step's number after each kill; ends when the action came to its end.
    """

    def kills(action: Callable[[], object]) -> Iterator[int]:
        for step in itertools.count(1):
            with warnings.catch_warnings():
                # Python 3.12 warns where other tests left threads; the child uses none of theirs.
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if child == 0:
                _die_at(step, action)
            status = os.waitpid(child, 0)[1]
            if os.WIFEXITED(status):
                assert os.WEXITSTATUS(status) == 0, "the action failed; its traceback is above"
                return
            assert os.WTERMSIG(status) == signal.SIGKILL
            record_property("tries", step)
            yield step

    return kills


def _die_at(last: int, action: Callable[[], object]) -> None:
    """In a forked process: do the action, but die at its ``last``-th step. Never returns."""
    steps = itertools.count(1)
    write, fsync = os.write, os.fsync

    def step() -> None:
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def torn_write(descriptor: int, data: bytes | memoryview) -> int:
        half = len(data) // 2
        write(descriptor, data[:half])
        step()
        return half + write(descriptor, data[half:])

    def counted_fsync(descriptor: int) -> None:
        step()
        fsync(descriptor)

    def audit(event: str, _: object) -> None:
        if event in {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate"}:
            step()

    os.write, os.fsync = torn_write, counted_fsync
    sys.addaudithook(audit)
    status = 0
    try:
        action()
    except BaseException:  # whatever it is, it must not unwind into this second pytest
        last = 0  # printing the traceback opens files
        traceback.print_exc()
        status = 1
    os._exit(status)


@pytest.fixture
def on_disk(tmp_path: Path) -> OnDisk:
    """Run a script on a small disk of its own, with the disk's folder as its argument.

    Full or read-only for everybody, root too. The disk is a tmpfs in a private mount namespace:
    no rights are needed where the kernel allows user namespaces, and nothing stays behind.
    """
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
    if subprocess.run(
        [*mount, f"mount -t tmpfs t '{disk}'"], capture_output=True, check=False
    ).returncode:
        pytest.skip("this system allows no private mounts (unshare), so no disk can be filled")

    def run(
        script: str, size: str = "64k", inodes: int = 100, read_only: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """``read_only`` is a first script, after which the disk becomes read-only."""
        steps = [f"mount -t tmpfs -o size={size},nr_inodes={inodes} t '{disk}'"]
        if read_only:
            steps += [
                f"{sys.executable} -c '{read_only}' '{disk}'",
                f"mount -o remount,ro '{disk}'",
            ]
        steps += [f"exec {sys.executable} - '{disk}'"]
        return subprocess.run(
            [*mount, "\n".join(steps)],
            check=False,
            input=script,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run
