"""Run hpsearch as a user does: real processes in a folder of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"  # the terminal's alternate screen
TIMEOUT = 120  # seconds; generous, since machines may be busy


started: list[subprocess.Popen[str]] = []


def end_all() -> None:
    """End what a test has left running, so that it cannot disturb the next one."""
    while started:
        process = started.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def start_python(
    folder: Path, words: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    """Python under way in a group of its own, which :func:`end_all` ends if the test does not."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, **environment},
        text=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    started.append(process)
    return process


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@dataclass(frozen=True)
class Finished:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """A folder, and hpsearch commands in it."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def __call__(self, *arguments: str, **environment: str) -> Finished:
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Finished(process.returncode, out, err)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return start_python(self.folder, ["-m", "hpsearch", *arguments], environment)

    def spawn(self, *arguments: str, **environment: str) -> pexpect.spawn:
        """A command on a pseudo-terminal of 30 lines and 100 columns."""
        plain = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR")}
        return pexpect.spawn(
            sys.executable,
            ["-m", "hpsearch", *arguments],
            cwd=str(self.folder),
            encoding="utf-8",
            timeout=TIMEOUT,
            dimensions=(30, 100),
            env=plain | {"TERM": "xterm-256color", "COLUMNS": "100"} | environment,
        )

    def table(self, run: str) -> str:
        """The run's trial table, which two equal runs share byte for byte."""
        done = self("report", run, "--format", "csv", "--no-timing")
        assert done.code == 0, done.err
        return done.out

    def records(self, run: str) -> list[dict[str, Any]]:
        journal = self.folder / "runs" / run / "trials.jsonl"
        return [json.loads(line) for line in journal.read_text().splitlines()]

    def wait_for(self, condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def kill_at(self, journal: Path, lines: int, *arguments: str, pause: float = 0) -> bool:
        """Start a command, and kill -9 it once a journal has so many lines.

        ``pause`` is how many seconds later. Whether it was still at work then.
        """
        process = self.start(*arguments)
        while not (reached := _lines(journal) >= lines) and process.poll() is None:
            time.sleep(0.002)
        assert reached or _lines(journal) >= lines, process.communicate()
        time.sleep(pause)
        at_work = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.no_process_left(process)
        return at_work

    def signal_group(self, process: subprocess.Popen[str], number: int) -> None:
        os.killpg(process.pid, number)

    def no_process_left(self, process: subprocess.Popen[str]) -> None:
        """Assert that nothing of the command's process group lives on."""
        deadline = time.monotonic() + 20
        while True:
            try:
                os.killpg(process.pid, 0)
            except ProcessLookupError:
                return
            assert time.monotonic() < deadline, "workers outlive their coordinator"
            time.sleep(0.05)


def children_of(parent: int) -> list[int]:
    """The process ids of a process's children."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def is_worker(pid: int) -> bool:
    """Whether a process is one of loky's workers (its resource tracker is not)."""
    try:
        return b"popen_loky" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
