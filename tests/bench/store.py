"""What safety costs: journal records and checkpoints with their seals and fsync, and without.

Run it as ``python tests/bench/store.py [FOLDER]`` with a folder on the disk in question. The
columns are the median and the quartiles of repeated calls, and the median's ratio to the row
that the block is measured against.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hpsearch.records import EpochMetrics, State, Trial, TrialResult
from hpsearch.store import curves
from hpsearch.store.checkpoint import Checkpoint, latest_checkpoint, save_checkpoint
from hpsearch.store.journal import Journal, JournalTail, read_journal

EPOCHS = 30
METRICS = ("train_loss", "dev_loss", "train_error", "dev_error", "dev_macro_f1")


def result(index: int) -> TrialResult:
    """A trial of a search over six parameters, with five curves of 30 epochs."""
    rng = np.random.default_rng(index)
    unit = tuple(map(float, rng.random(6)))
    hparams = dict(zip("abcdef", unit, strict=True))
    metrics = {name: tuple(map(float, rng.random(EPOCHS))) for name in METRICS}
    trial = Trial(index, 7, hparams, unit, cutoffs=dict.fromkeys(range(1, EPOCHS), 0.5))
    return TrialResult(trial, State.DONE, 0.1, 3, EPOCHS, metrics)


def measure(action: Callable[[], object], calls: int) -> list[float]:
    """Seconds of wall-clock time of each call."""
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds


def show(title: str, rows: dict[str, tuple[Callable[[], object], int]]) -> None:
    """Print a block; the first row is what the others are compared with."""
    print(f"\n{title:44}  median ms   25 %   75 %   ratio")
    base = None
    for name, (action, calls) in rows.items():
        low, median, high = statistics.quantiles(measure(action, calls), n=4)
        base = base or median
        ms = [1000 * value for value in (median, low, high)]
        print(f"  {name:42}  {ms[0]:9.3f} {ms[1]:6.3f} {ms[2]:6.3f}  {median / base:6.2f}")


def without_fsync(action: Callable[[], object]) -> Callable[[], object]:
    def run() -> None:
        fsync, os.fsync = os.fsync, lambda _: None
        try:
            action()
        finally:
            os.fsync = fsync

    return run


def bench_append(folder: Path, record: dict[str, object]) -> None:
    line = json.dumps(record).encode() + b"\n"
    plain = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write_plain() -> None:
        os.write(plain, json.dumps(record).encode() + b"\n")

    def write_plain_synced() -> None:
        write_plain()
        os.fsync(plain)

    with Journal(folder / "append.jsonl") as journal:
        show(
            f"one record ({len(line) / 1024:.1f} KiB)",
            {
                "plain JSON line": (write_plain, 300),
                "journal, fsync taken out": (without_fsync(lambda: journal.append(record)), 300),
                "plain JSON line, fsync": (write_plain_synced, 100),
                "journal": (lambda: journal.append(record), 100),
                "journal, 10 records in one call": (lambda: journal.append_all([record] * 10), 50),
            },
        )
    os.close(plain)


def bench_read(folder: Path, record: dict[str, object]) -> None:
    path = folder / "read.jsonl"
    with Journal(path) as journal:
        journal.append_all([record] * 1000)
    tail = JournalTail(path)
    tail.poll()
    show(
        "1,000 records",
        {
            "json.loads of each line": (
                lambda: [json.loads(line) for line in path.read_bytes().splitlines()],
                20,
            ),
            "read_journal": (lambda: read_journal(path), 20),
            "JournalTail.poll, nothing new": (tail.poll, 300),
        },
    )


def bench_checkpoint(folder: Path, name: str, weights: int) -> None:
    arrays = {part: np.ones(weights, np.float32) for part in ("weights", "m", "v")}
    checkpoint = Checkpoint(1, arrays, {"curves": {m: [0.1] * EPOCHS for m in METRICS}})
    place = folder / name

    def save() -> None:
        save_checkpoint(place, checkpoint)

    show(
        f"checkpoint, {weights:,} weights with Adam",
        {
            "np.savez, no fsync": (lambda: np.savez(folder / "plain.npz", **arrays), 30),
            "save_checkpoint, fsync taken out": (without_fsync(save), 30),
            "save_checkpoint": (save, 30),
            "latest_checkpoint": (lambda: latest_checkpoint(place), 30),
        },
    )


def bench_curve(folder: Path) -> None:
    header = curves.CurveHeader(0, {"alpha": 0.1}, EPOCHS, "dev_error")
    metrics = EpochMetrics(1, dict.fromkeys(METRICS, 0.1234567890123))
    with curves.CurveWriter(folder / "curve.jsonl", header, quiet=0) as writer:
        show("one epoch of a curve", {"CurveWriter.append": (lambda: writer.append(metrics), 1000)})


def main() -> None:
    place = sys.argv[1] if len(sys.argv) > 1 else None
    print(f"{platform.platform()}, {os.cpu_count()} cores, folder {place or tempfile.gettempdir()}")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, one thread")
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        record = result(0).to_record()
        bench_append(folder, record)
        bench_read(folder, record)
        bench_checkpoint(folder, "small", 10_000)
        bench_checkpoint(folder, "large", 1_000_000)
        bench_curve(folder)


if __name__ == "__main__":
    main()
