"""What the engine costs: trials a second of a no-op objective, and how well two workers share work.

    python tests/bench/engine.py                      the no-op objective
    python tests/bench/engine.py path/to/letters.csv  and letters.yaml on 1 and 2 workers

Whole processes are timed, interleaved, and compared within one run. The second part is CPU-bound:
its efficiency is (wall time on 1 worker) / (2 x wall time on 2 workers), start-up included.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np

CONFIGS = Path(__file__).parents[2] / "configs"
REPEATS = 3
TRIALS = 1000
NO_OP = f"""
trainable: objective.py:cost
metric: J
parameters: {{w: {{min: 0, max: 1}}}}
search: {{strategy: random, max_trials: {TRIALS}, lookahead: 16}}
"""


def seconds(folder: Path, *arguments: str) -> float:
    """Wall-clock seconds of one ``hpsearch run`` that starts a new run."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "hpsearch", "run", *arguments, "--fresh", "--quiet"],
        cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def no_op(folder: Path) -> None:
    """Print the rate of trials that do nothing, on 1 and on 2 workers."""
    (folder / "objective.py").write_text("def cost(w):\n    return w\n")
    (folder / "no-op.yaml").write_text(NO_OP)
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(REPEATS):
        for workers, measured in times.items():
            measured.append(seconds(folder, "no-op.yaml", "--workers", str(workers)))
    for workers, measured in times.items():
        rates = [TRIALS / t for t in measured]
        print(
            f"no-op, {workers} workers: {statistics.median(rates):6.0f} trials a second "
            f"(from {min(rates):.0f} to {max(rates):.0f}), start-up included"
        )


def letters(folder: Path, data: Path) -> None:
    """Print how much faster two workers are than one on letters.yaml, cut to 16 trials."""
    config = str(CONFIGS / "letters.yaml")
    less = ["--set", f"data.path={data}", "--set", "search.max_trials=16", "--set", "epochs=5"]
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(REPEATS):
        for workers, measured in times.items():
            measured.append(seconds(folder, config, *less, "--workers", str(workers)))
    pairs = [one / two for one, two in zip(times[1], times[2], strict=True)]
    speed_up = statistics.median(pairs)
    print(
        f"letters, 16 trials of 5 epochs: 1 worker {statistics.median(times[1]):.1f} s, "
        f"2 workers {statistics.median(times[2]):.1f} s: {speed_up:.2f} times as fast "
        f"(from {min(pairs):.2f} to {max(pairs):.2f}), efficiency {speed_up / 2:.2f}"
    )


def main() -> None:
    """Run the parts that can be run."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, joblib {joblib.__version__}, one BLAS thread a worker"
    )
    with tempfile.TemporaryDirectory() as folder:
        no_op(Path(folder))
        if len(sys.argv) > 1:
            letters(Path(folder), Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    main()
