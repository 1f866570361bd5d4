"""One coordinator a run: real processes, really killed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hpsearch.errors import RunError
from hpsearch.store import lock, system
from hpsearch.store.rundir import RunFolder

HOLD = """
import subprocess, sys
from pathlib import Path
from hpsearch.store.rundir import RunFolder
with RunFolder(Path(sys.argv[1])).lock("hpsearch run digits.yaml"):
    with_child = sys.argv[2] == "with a child"
    child = subprocess.Popen(["sleep", "60"], close_fds=False) if with_child else None
    print(child.pid if child else 0, flush=True)
    sys.stdin.read()
"""

StartHolder = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "digits")
    run.create("name: digits\n", "name: digits\n")
    return run


@pytest.fixture
def start_holder(run: RunFolder) -> Iterator[StartHolder]:
    """Start a process that holds the run's lock until its standard input ends."""
    started: list[subprocess.Popen[str]] = []

    def start(child: str = "alone") -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(run.path), child],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def take(run: RunFolder) -> None:
    with run.lock("again"):
        pass


def test_a_second_coordinator_is_told_who_holds_the_run_and_what_to_do(
    run: RunFolder, start_holder: StartHolder
) -> None:
    assert not run.is_locked()
    process, _ = start_holder()
    assert run.is_locked()
    with pytest.raises(RunError) as caught:
        take(run)
    message = caught.value.message
    assert message.startswith(f"{run.path}: process {process.pid} on ")
    assert "(hpsearch run digits.yaml) is at work on this run" in message
    assert "--fresh" in message
    assert "\n" not in message


def test_the_lock_is_free_again_after_its_holder_ends(
    run: RunFolder, start_holder: StartHolder
) -> None:
    process, _ = start_holder()
    process.communicate("")
    assert process.returncode == 0
    assert not run.is_locked()
    assert run.lock_path.read_bytes() == b""  # nobody's name is left in it
    take(run)


def test_kill_9_frees_the_lock_even_where_a_child_lives_on(
    run: RunFolder, start_holder: StartHolder
) -> None:
    process, child = start_holder("with a child")
    try:
        process.kill()
        process.wait()
        os.kill(child, 0)  # it does live on
        assert not run.is_locked()
        take(run)
    finally:
        os.kill(child, 9)


def test_a_second_lock_within_one_process_is_refused_too(run: RunFolder) -> None:
    with run.lock("first"), pytest.raises(RunError, match=rf"process {os.getpid()} on"):
        take(run)
    take(run)


@pytest.mark.posix
def test_looking_at_the_lock_does_not_keep_a_coordinator_out(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    with run.lock_path.open("w") as prober:
        system.fcntl.flock(prober, system.fcntl.LOCK_SH)

        def prober_ends(seconds: float) -> None:
            pauses.append(seconds)
            system.fcntl.flock(prober, system.fcntl.LOCK_UN)

        monkeypatch.setattr(lock.time, "sleep", prober_ends)
        take(run)
    assert len(pauses) == 1


def test_an_error_within_frees_the_lock_and_passes_unchanged(run: RunFolder) -> None:
    def fail_within() -> None:
        with run.lock("first"):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):  # not ours to explain
        fail_within()
    assert not run.is_locked()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff"])
def test_a_lock_file_that_says_nothing_still_locks(run: RunFolder, text: bytes) -> None:
    with run.lock("first"):
        run.lock_path.write_bytes(text)
        with pytest.raises(RunError, match="another process is at work on this run"):
            take(run)


def test_a_killed_holders_long_text_is_not_mixed_with_the_next_ones(run: RunFolder) -> None:
    with run.lock("hpsearch run " + 500 * "x"):
        text = run.lock_path.read_bytes()
    run.lock_path.write_bytes(text)  # as kill -9 leaves it
    with run.lock("short"), pytest.raises(RunError, match=r"\(short\) is at work on this run"):
        take(run)


def test_a_lock_tidies_up_what_a_killed_coordinator_left(run: RunFolder) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = run.path / f".best.yaml.{ended.pid}.tmp"
    left.touch()
    with run.lock("next"):
        assert not left.exists()


@pytest.mark.posix
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_without_locks_is_one_clear_line(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(system.fcntl, "flock", no_locks)
    run.lock_path.touch()
    with pytest.raises(
        RunError, match=rf"lock: cannot lock the run: {os.strerror(number)}; .*--runs"
    ):
        take(run)
    assert not run.is_locked()
