"""What the live screen costs beside 2 busy workers, in per cent of one core.

    python tests/bench/live_screen.py [--trials 60] [--repeats 3]

The same search of the built-in network runs without progress and with the live screen on a
pseudo-terminal of 120 x 40, in turn; the cost is the difference of the coordinator's own CPU time
(all its threads, no workers), divided by the time the search took. A third kind of search, without
progress, has `hpsearch watch` beside it on a terminal of its own, whose whole CPU time after its
start-up counts. CPU times are Linux's /proc, in steps of 10 ms.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import pty
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CONFIG = """
name: NAME
seed: 7
data: digits
epochs: 30
parameters:
  alpha:        {min: 1e-4, max: 1, scale: log}
  beta1:        {min: 0.8, max: 0.999, scale: 1-beta}
  beta2:        {min: 0.99, max: 0.9999, scale: 1-beta}
  batch_size:   {values: [16, 32, 64, 128]}
  hidden_units: {min: 32, max: 128, type: int}
  layers:       {min: 1, max: 3, type: int}
  dropout:      {min: 0, max: 0.5}
search: {max_trials: TRIALS, early_stop: none}
"""
ROWS, COLUMNS = 40, 120


@dataclass
class Measured:
    """CPU seconds of one process, and for how long it was watched."""

    cpu: float
    wall: float


def cpu_seconds(pid: int) -> float | None:
    """User and system time of a process without its children; None once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(folder: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], list[int]]:
    """hpsearch on a pseudo-terminal; what it writes is read, and its size counted."""
    mine, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k != "CI"} | {"TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "hpsearch", *arguments],
        cwd=folder,
        env=environment,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    written = [0]

    def drain() -> None:
        while True:
            try:
                chunk = os.read(mine, 65536)
            except OSError:
                break
            if not chunk:
                break
            written[0] += len(chunk)
        os.close(mine)

    threading.Thread(target=drain, daemon=True).start()
    return process, written


def measure(process: subprocess.Popen[bytes], until: subprocess.Popen[bytes]) -> Measured:
    """The CPU time of a process from now until another one ends."""
    begun, first = time.monotonic(), cpu_seconds(process.pid) or 0.0
    last, wall = first, 0.0
    while until.poll() is None:
        now = cpu_seconds(process.pid)
        if now is None:
            break
        last, wall = now, time.monotonic() - begun
        time.sleep(0.05)
    return Measured(last - first, wall)


def search(folder: Path, name: str, trials: int, progress: str) -> tuple[Measured, int]:
    config = folder / f"{name}.yaml"
    config.write_text(CONFIG.replace("NAME", name).replace("TRIALS", str(trials)))
    process, written = start(
        folder, "run", config.name, "--workers", "2", "--progress", progress, "--fresh"
    )
    journal = folder / "runs" / name / "trials.jsonl"
    while not (journal.exists() and journal.stat().st_size):  # imports and the first trials
        time.sleep(0.02)
    return measure(process, process), written[0]


def watched(folder: Path, name: str, trials: int) -> Measured:
    config = folder / f"{name}.yaml"
    config.write_text(CONFIG.replace("NAME", name).replace("TRIALS", str(trials)))
    process, _ = start(folder, "run", config.name, "--workers", "2", "--progress", "none")
    journal = folder / "runs" / name / "trials.jsonl"
    while not (journal.exists() and journal.stat().st_size):
        time.sleep(0.02)
    watcher, written = start(folder, "watch", name)
    while not written[0]:  # its imports
        time.sleep(0.02)
    measured = measure(watcher, process)
    watcher.terminate()
    watcher.wait()
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, 2 workers, "
        f"{COLUMNS} x {ROWS}"
    )
    lives, watches = [], []
    try:
        for repeat in range(options.repeats):
            silent, _ = search(folder, f"silent-{repeat}", options.trials, "none")
            live, written = search(folder, f"live-{repeat}", options.trials, "live")
            beside = watched(folder, f"watched-{repeat}", options.trials)
            without, with_screen = silent.cpu / silent.wall, live.cpu / live.wall
            lives.append(100 * (with_screen - without))
            watches.append(100 * beside.cpu / beside.wall)
            print(
                f"search {live.wall:5.1f} s   coordinator {100 * without:.2f} % without, "
                f"{100 * with_screen:.2f} % with the screen ({written / live.wall / 1024:.0f} "
                f"KiB/s written)   watch {watches[-1]:.2f} %"
            )
    finally:
        shutil.rmtree(folder)
    print(
        f"live screen: median {statistics.median(lives):.2f} % of one core "
        f"({min(lives):.2f} to {max(lives):.2f})"
    )
    print(
        f"watch:       median {statistics.median(watches):.2f} % of one core "
        f"({min(watches):.2f} to {max(watches):.2f})"
    )


if __name__ == "__main__":
    main()
