"""One entry in the table of optimisers is enough: checks and training then know it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import hpsearch

SIGN = '''class SignDescent(Optimizer):
    """w ← w - α sign(g)."""

    reads = ("beta",)

    def __init__(self, like: Array) -> None:
        self.steps = 0
        self.moments: dict[str, Array] = {}

    def step(self, w: Array, g: Array, alpha: float, settings: Settings) -> None:
        self.steps += 1
        w -= alpha * np.sign(g)


OPTIMIZERS: dict'''
USE = """
import numpy as np
from hpsearch.network import HYPERPARAMETERS, Network

assert HYPERPARAMETERS["optimizer"].problem("sign") is None
assert HYPERPARAMETERS["optimizer"].default == "adam"
assert HYPERPARAMETERS["beta"].needs[0].values == ("momentum", "sign")
rng = np.random.default_rng(0)
X = rng.standard_normal((200, 3)).astype(np.float32)
network = Network(3, 2, {"optimizer": "sign", "alpha": 0.01}, rng)
y = (X[:, 0] > 0).astype(int)
for epoch in range(1, 6):
    network.train_epoch(X, y, rng, epoch)
print(network.evaluate(X, y)["error"] < 0.1, network.optimizer.steps)
"""


def test_a_new_optimizer_is_one_entry(tmp_path: Path) -> None:
    package = tmp_path / "hpsearch"
    shutil.copytree(
        Path(hpsearch.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    table = package / "network" / "optimizers.py"
    text = table.read_text()
    assert text.count("OPTIMIZERS: dict") == 1
    text = text.replace("OPTIMIZERS: dict", SIGN)
    table.write_text(
        text.replace('"rmsprop": RmsProp,\n', '"rmsprop": RmsProp,\n    "sign": SignDescent,\n')
    )
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True 20\n"  # 5 epochs of 4 mini-batches
