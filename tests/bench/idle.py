"""Do workers wait for the search? The share of their time in which two workers have no trial.

    python tests/bench/idle.py

A trial takes 50 ms or 1 s, computing (which competes with the coordinator for the cores) or
sleeping (as a trial on a GPU does), always as long or of exponential lengths with that mean.
Idle is the time between the end of a worker's trial and the start of its next: the result's way
back, its record on disk, the next proposals and the way to the worker. Strategy coarse to fine,
five hyperparameters, D = 8.
"""

from __future__ import annotations

import itertools
import os
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import joblib
import numpy as np

WORKERS = 2
TRIALS = {0.05: 300, 1.0: 40}
OBJECTIVE = """
import os, random, time
def cost(a, b, c, d, e, kind, length, lengths, trial):
    start = time.monotonic()
    seconds = length
    if lengths == "exponential":
        seconds *= random.Random(trial).expovariate(1)
    if kind == "sleeping":
        time.sleep(seconds)
    else:
        while time.monotonic() < start + seconds:
            pass
    with open(f"times-{os.getpid()}.txt", "a") as file:
        file.write(f"{start} {time.monotonic()}\\n")
    return (a - 0.3) ** 2 + (b - 0.6) ** 2 + abs(c - d) + e
"""
CONFIG = """
name: idle
trainable: objective.py:cost
metric: J
parameters:
  a: {{min: 0, max: 1}}
  b: {{min: 0, max: 1}}
  c: {{min: 0, max: 1}}
  d: {{min: 0, max: 1}}
  e: {{min: 0, max: 1}}
  kind: {kind}
  length: {seconds}
  lengths: {lengths}
search: {{max_trials: {trials}, lookahead: 8}}
run: {{workers: {workers}}}
"""


def gaps(folder: Path) -> tuple[float, list[float]]:
    """The share of the workers' time between trials, and each gap in seconds."""
    times: dict[Path, list[tuple[float, float]]] = defaultdict(list)
    for path in folder.glob("times-*.txt"):
        for line in path.read_text().splitlines():
            start, end = map(float, line.split())
            times[path].append((start, end))
    busy, between = 0.0, []
    for spans in times.values():
        busy += sum(end - start for start, end in spans)
        between += [after[0] - before[1] for before, after in itertools.pairwise(spans)]
    return sum(between) / (busy + sum(between)), between


def measure(kind: str, seconds: float, lengths: str) -> None:
    """Run one search and print how long its workers waited."""
    with tempfile.TemporaryDirectory() as name:
        folder, trials = Path(name), TRIALS[seconds]
        (folder / "objective.py").write_text(OBJECTIVE)
        text = CONFIG.format(
            kind=kind, seconds=seconds, lengths=lengths, trials=trials, workers=WORKERS
        )
        (folder / "config.yaml").write_text(text)
        subprocess.run(
            [sys.executable, "-m", "hpsearch", "run", "config.yaml", "--quiet"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        share, between = gaps(folder)
    median, late = 1000 * np.quantile(between, (0.5, 0.95))
    print(
        f"{kind:10} {1000 * seconds:5.0f} ms {lengths:12} {trials:4} trials: "
        f"{100 * share:5.1f} % idle; between trials {median:5.1f} ms, 95 % within {late:6.1f} ms"
    )


def main() -> None:
    """Measure every kind of trial."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, joblib {joblib.__version__}, {WORKERS} workers"
    )
    for seconds, kind, lengths in itertools.product(
        TRIALS, ("sleeping", "computing"), ("even", "exponential")
    ):
        measure(kind, seconds, lengths)


if __name__ == "__main__":
    main()
