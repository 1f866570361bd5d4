"""What reading data costs: seconds against the parsers underneath, and memory against float32.

Run it as ``python tests/bench/data.py [FOLDER]`` with a folder that has 1.5 GB free. The rows are
60000 x 784, as MNIST's. Three blocks, each one run on one BLAS thread:

* reading a CSV file, beside the standard library's parser alone and ``numpy.loadtxt``;
* one epoch's batches of 128 rows, from an array and from files that are read by batch, and what
  an epoch of training takes, to see them against;
* the peak of resident memory of a process that loads a file and trains an epoch (Linux), as a
  multiple of the float32 array that is never made. Pages of a mapped file count, although all
  processes share them.
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402 - after the thread count

from hpsearch.data import loading  # noqa: E402 - it imports NumPy
from hpsearch.data.csv_file import read_csv  # noqa: E402 - likewise
from hpsearch.data.loading import load  # noqa: E402
from hpsearch.data.spec import DataSpec  # noqa: E402
from hpsearch.network.network import Network  # noqa: E402 - likewise

ROWS, PIXELS, BATCH, REPEATS = 60_000, 784, 128, 3
HPARAMS = {"alpha": 1e-3, "optimizer": "adam", "layers": 2, "hidden_units": 256, "batch_size": 128}


def write_files(folder: Path) -> dict[str, DataSpec]:
    """The same pixels in every format; a quarter of them are ink."""
    rng = np.random.default_rng(0)
    ink = rng.random((ROWS, PIXELS)) < 0.25
    X = (rng.integers(0, 256, (ROWS, PIXELS)) * ink).astype(np.uint8)
    y = rng.integers(0, 10, ROWS).astype(np.uint8)
    for name, array in (("images-idx3", X), ("labels-idx1", y)):
        head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / name).write_bytes(head + array.tobytes())
    np.savez(folder / "bytes.npz", X=X, y=y)
    np.savez(folder / "float32.npz", X=(X / 255).astype(np.float32), y=y)
    np.savez(folder / "float64.npz", X=X / 255, y=y)
    np.savez_compressed(folder / "float64-compressed.npz", X=X / 255, y=y)
    with (folder / "pixels.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["label", *(f"p{i}" for i in range(PIXELS))])
        writer.writerows([label, *row] for label, row in zip(y.tolist(), X.tolist(), strict=True))
    names = [*(path.name for path in sorted(folder.glob("*.npz"))), "images-idx3"]
    specs = {name: DataSpec(str(folder / name), dev=1 / 6) for name in names}
    return specs | {"pixels.csv": DataSpec(str(folder / "pixels.csv"), "label", dev=1 / 6)}


def show(title: str, actions: dict[str, Callable[[], object]]) -> None:
    """Print each action's median processor seconds; they take turns, and the first is 1."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(REPEATS):
        for name, action in actions.items():
            start = time.process_time()
            action()
            seconds[name].append(time.process_time() - start)
    print(f"\n{title:44}  median s     min     max   ratio")
    base = statistics.median(next(iter(seconds.values())))
    for name, times in seconds.items():
        median = statistics.median(times)
        print(
            f"  {name:42}  {median:8.3f} {min(times):7.3f} {max(times):7.3f} {median / base:7.2f}"
        )


def show_reading(spec: DataSpec) -> None:
    """Parsers side by side."""
    path = Path(spec.path)

    def csv_alone() -> None:
        with path.open(newline="") as stream:
            for _ in csv.reader(stream):
                pass

    def loadtxt() -> None:
        np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float32, comments=None)

    show(
        f"reading {ROWS} x {PIXELS + 1} from CSV",
        {
            "hpsearch: text, numbers, labels, lines": lambda: read_csv(path, spec),
            "csv.reader alone": csv_alone,
            "numpy.loadtxt to float32": loadtxt,
        },
    )


def show_batches(specs: dict[str, DataSpec]) -> None:
    """One epoch of batches from each kind of rows, and of training."""

    def epoch_of(X: object, size: int) -> Callable[[], None]:
        order = np.random.default_rng(0).permutation(size)

        def run() -> None:
            for start in range(0, size, BATCH):
                X[order[start : start + BATCH]]  # type: ignore[index]

        return run

    limit, loading.IN_MEMORY_BYTES = loading.IN_MEMORY_BYTES, sys.maxsize
    array = load(specs["bytes.npz"], 0).train
    loading.IN_MEMORY_BYTES = limit
    stored = {name: load(spec, 0).train for name, spec in specs.items() if name.endswith(".npz")}
    network = Network(PIXELS, 10, HPARAMS, np.random.default_rng(0))

    def train() -> None:
        network.train_epoch(array.X, array.y, np.random.default_rng(0), 1)

    epochs = {f"batches of {name}": epoch_of(e.X, len(e)) for name, e in stored.items()}
    show(
        f"one epoch of {len(array)} rows",
        {"training [256, 256], from an array": train}
        | {"batches of a float32 array": epoch_of(array.X, len(array))}
        | epochs,
    )


def show_memory(specs: dict[str, DataSpec]) -> None:
    """Each file in a fresh process."""
    print(f"\n{'load and train one epoch':44}  peak MiB   of float32")
    for name, spec in specs.items():
        command = [sys.executable, __file__, "--peak", spec.path, str(spec.target or "")]
        peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        size = 4 * ROWS * PIXELS / 2**20
        print(f"  {name:42}  {peak:8.0f}   {peak / size:10.2f}")


def print_peak(path: str, target: str) -> None:
    data = load(DataSpec(path, target or None, dev=1 / 6), 0)
    network = Network(PIXELS, 10, HPARAMS, np.random.default_rng(0))
    network.train_epoch(data.train.X, data.train.y, np.random.default_rng(0), 1)
    network.evaluate(data.dev.X, data.dev.y)
    # not ru_maxrss, which begins with the peak of the process that started this one
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")))


def main() -> None:
    if sys.argv[1:2] == ["--peak"]:
        print_peak(*sys.argv[2:])
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one thread")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}")
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        specs = write_files(Path(folder))
        show_reading(specs["pixels.csv"])
        show_batches(specs)
        show_memory(specs)


if __name__ == "__main__":
    main()
