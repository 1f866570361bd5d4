"""Small models that are babysat in the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.config import load_text
from hpsearch.panda.opening import find_babysat, resume, start
from hpsearch.panda.panda import Panda
from hpsearch.seeds import Purpose, stream

TOY = f"""
name: toy
seed: 5
trainable: {__file__}:Walk
epochs: 10
metric: {{name: dev_loss, goal: minimize}}
parameters:
  alpha: {{min: 0.01, max: 1, scale: log}}
  beta:  0.9
  width: 3
"""

DIGITS = """
name: digits
seed: 5
data: digits
epochs: 10
parameters:
  alpha: 0.01
  hidden_units: 8
  layers: 1
  batch_size: 512
  dropout: 0.1
"""


class Walk:
    """A trainable whose every epoch depends on its state, its settings and its random stream."""

    adjustable = frozenset({"alpha", "beta"})

    def __init__(self, alpha: float, beta: float, width: int, seed: int) -> None:
        self.seed, self.alpha, self.beta = seed, alpha, beta
        self.w, self.v = np.ones(width), np.zeros(width)

    def train_epoch(self, epoch: int) -> dict[str, float]:
        noise = stream(self.seed, Purpose.EPOCH, epoch).standard_normal(len(self.w))
        self.v = self.beta * self.v + (1 - self.beta) * (self.w + 0.3 * noise)
        self.w = self.w - self.alpha * self.v
        loss = float(np.abs(self.w).sum())
        return {"train_loss": loss, "dev_loss": loss + float(np.abs(noise).sum()) / 10}

    def save(self) -> dict[str, Any]:
        return {"w": self.w.copy(), "v": self.v.copy(), "alpha": np.array(self.alpha)}

    def load(self, state: Any) -> None:
        # As PyTorch's optimisers do, it takes back the alpha that it was saved with.
        self.w, self.v, self.alpha = state["w"].copy(), state["v"].copy(), float(state["alpha"])

    def adjust(self, name: str, value: Any) -> None:
        if value <= 0:
            raise ValueError(f"{name} must be positive")
        setattr(self, name, value)


@contextmanager
def started(root: Path, text: str = TOY, **options: Any) -> Iterator[Panda]:
    loaded = load_text(text, "config.yaml", root, "config")
    with start(loaded, root, "test", **options) as panda:
        yield panda


@contextmanager
def resumed(root: Path, name: str | None = None) -> Iterator[Panda]:
    with resume(find_babysat(root, name), "test") as panda:
        yield panda


def go(panda: Panda, epochs: int) -> None:
    for _ in panda.go(epochs):
        pass


def fingerprint(panda: Panda) -> dict[str, str]:
    """The sha256 of every epoch of every branch."""
    return {str(epoch.position): epoch.sha256 for epoch in panda.lineage.all_epochs()}
