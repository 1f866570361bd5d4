"""How soon the prompt is there, and what an epoch on record costs beside a bare one.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/bench/babysit.py

The first prompt is timed on a pseudo-terminal from the start of the process; the CPU time beside
it does not depend on what else the machine does. An epoch on record is a checkpoint and a line
in the ledger, both forced to the disk.
"""

import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pexpect

from hpsearch.config import load_text
from hpsearch.panda.opening import declared, start
from hpsearch.panda.training import Training

REPEATS = 15
EPOCHS = 100
CONFIG = """
name: digits
data: digits
parameters: {alpha: 0.01, hidden_units: 64, layers: 2, batch_size: 64}
"""


def first_prompt(folder: Path, *arguments: str) -> tuple[float, float]:
    """Seconds until the prompt: wall clock, and CPU of the process until it ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    child = pexpect.spawn(
        sys.executable,
        ["-m", "hpsearch", "babysit", *arguments],
        cwd=str(folder),
        env=os.environ | {"NO_COLOR": "1", "TERM": "xterm", "PYTHONPATH": str(Path.cwd())},
        dimensions=(30, 100),
    )
    child.expect(b"@\\d+ alpha [^\r\n]* > $")
    wall = time.perf_counter() - began
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def show(name: str, seconds: list[float]) -> None:
    low, middle = min(seconds) * 1000, statistics.median(seconds) * 1000
    print(f"{name:44} {low:8.1f} {middle:8.1f} ms")


def main() -> None:
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {versions}, {threads} BLAS thread(s), load {load:.1f}")
    print(f"{'':44} {'best':>8} {'median':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(CONFIG)
        started = [first_prompt(folder, "config.yaml", "--fresh") for _ in range(REPEATS)]
        resumed = [first_prompt(folder, "--resume", "digits-panda") for _ in range(REPEATS)]
        for what, times in {"a new run": started, "a resumed run": resumed}.items():
            show(f"first prompt of {what}, wall clock", [wall for wall, _ in times])
            show(f"first prompt of {what} and leaving, CPU", [cpu for _, cpu in times])
        loaded = load_text(CONFIG, "config.yaml", folder, "config")
        bare, recorded = [], []
        training = Training(declared(loaded.config))
        with start(loaded, folder, "bench", name="epochs") as panda:
            for _ in range(EPOCHS):
                began = time.perf_counter()
                training.train()
                bare.append(time.perf_counter() - began)
                began = time.perf_counter()
                list(panda.go(1))
                recorded.append(time.perf_counter() - began)
        show("a bare epoch", bare)
        show("an epoch on record", recorded)
    ratio = statistics.median(recorded) / statistics.median(bare)
    print(f"an epoch on record takes {ratio:.1f} times as long as a bare one")


if __name__ == "__main__":
    main()
