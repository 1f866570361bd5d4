"""One entry in the table of optimisers is enough: checks and training then know it."""

from pathlib import Path

from tests.changed_package import ChangedPackage

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
from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.network.network import Network

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
    package = ChangedPackage.copy(tmp_path)
    table, entry = "network/optimizers.py", '"rmsprop": RmsProp,\n'
    package.replace(table, "OPTIMIZERS: dict", SIGN)
    package.replace(table, entry, f'{entry}    "sign": SignDescent,\n')
    assert package.python("-c", USE) == "True 20\n"  # 5 epochs of 4 mini-batches
