"""What the engine costs: trials a second of a no-op objective, and how well two workers share work.

    python tests/bench/engine.py                      the no-op objective
    python tests/bench/engine.py path/to/letters.csv  and letters.yaml on 1 and 2 workers
    python tests/bench/engine.py --engine dask --engine ray    the no-op objective, beside loky

Whole processes are timed, interleaved, and compared within one run. The second part is CPU-bound:
its efficiency is (wall time on 1 worker) / (2 x wall time on 2 workers), start-up included.
"""

from __future__ import annotations

import argparse
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
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
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


def engines(folder: Path, others: list[str]) -> None:
    """Print what starting an engine costs, and its rate of trials that do nothing, beside loky's.

    The rate leaves the start out: it is that of the trials after the first.
    """
    (folder / "objective.py").write_text("def cost(w):\n    return w\n")
    (folder / "no-op.yaml").write_text(NO_OP)
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in ("loky", *others)}
    for _ in range(REPEATS):
        for name, pairs in measured.items():
            arguments = ("no-op.yaml", "--workers", "2", "--engine", name)
            one = seconds(folder, *arguments, "--set", "search.max_trials=1")
            pairs.append((one, (seconds(folder, *arguments) - one) / (TRIALS - 1)))
    for name, pairs in measured.items():
        start, each = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratios = [mine[1] / loky[1] for mine, loky in zip(pairs, measured["loky"], strict=True)]
        print(
            f"{name}, 2 workers: {start:5.1f} s for a search of one trial; then "
            f"{1000 * each:5.1f} ms a trial, {statistics.median(ratios):.2f} times loky's "
            f"(from {min(ratios):.2f} to {max(ratios):.2f})"
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
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("letters", nargs="?", type=Path)
    parser.add_argument("--engine", action="append", choices=["dask", "ray"], default=[])
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, joblib {joblib.__version__}, one BLAS thread a worker"
    )
    with tempfile.TemporaryDirectory() as folder:
        if options.engine:
            engines(Path(folder), options.engine)
        else:
            no_op(Path(folder))
        if options.letters:
            letters(Path(folder), options.letters.resolve())


if __name__ == "__main__":
    main()
