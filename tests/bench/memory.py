"""Peak memory of a worker that trains on data of 60000 x 784, against the data's size.

The pixels lie in an npz file as one byte each (np.savez, uncompressed), or in a CSV file with
--csv. The aim is a peak below 2.5 times the size that the data have as float32 (188 MB), with all
that Python and NumPy need.

    python tests/bench/memory.py [--csv]

The file is written by one process and used by another, whose peak is what the system counted for
it (ru_maxrss). That process does what a worker of a search does for one trial of two epochs.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from hpsearch.data.spec import DataSpec
from hpsearch.engine.worker import Job, train
from hpsearch.records import Metric, State, Trial
from hpsearch.store.rundir import RunFolder
from hpsearch.threads import thread_environment
from hpsearch.training.protocol import TrainableSpec

ROWS, PIXELS, CLASSES, EPOCHS = 60_000, 784, 10, 2
FLOAT32_MB = ROWS * PIXELS * 4 / 1e6


def write(path: Path) -> None:
    """Random pixels and labels: memory does not depend on what they show."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (ROWS, PIXELS), dtype=np.uint8)
    y = rng.integers(0, CLASSES, ROWS)
    if path.suffix == ".npz":
        np.savez(path, X=X, y=y)
    else:
        np.savetxt(path, np.column_stack([X, y]), "%d", ",")


def work(path: Path) -> None:
    """Train one trial, and print the peak before and after in MB."""
    before = peak_mb()
    data = DataSpec(str(path), target=None if path.suffix == ".npz" else -1)
    run = RunFolder(path.parent / "run")
    run.create("", "")
    job = Job(
        folder=str(run.path),
        trial=Trial(0, 1, {"hidden_units": 128, "batch_size": 128}, ()),
        inactive=(),
        trainable=TrainableSpec("network", data=data),
        metric=Metric("dev_error"),
        epochs=EPOCHS,
        time_limit=None,
        checkpoint_every=60.0,
    )
    result = train(job)
    assert result.state is State.DONE, result.error
    print(before, peak_mb())


def peak_mb() -> float:
    """The largest resident size of this process so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def in_a_process(step: str, path: Path) -> str:
    """Do one step in a process of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", step, str(path)],
        env=os.environ | thread_environment(1),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description="Peak memory of a worker.")
    parser.add_argument("--csv", action="store_true", help="read CSV in place of npz")
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step, path = options.step
        {"write": write, "work": work}[step](Path(path))
        return
    print(f"{platform.machine()}, {platform.system()}, NumPy {np.__version__}, 1 thread")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("pixels.csv" if options.csv else "pixels.npz")
        in_a_process("write", path)
        before, peak = map(float, in_a_process("work", path).split())
    for name, size in (("imports", before), ("2 epochs", peak), ("aim", 2.5 * FLOAT32_MB)):
        print(f"{name:10} {size:6.0f} MB  {size / FLOAT32_MB:5.2f} x the data as float32")


if __name__ == "__main__":
    main()
