"""Linear regression by gradient descent with momentum, as a class that hpsearch can train."""

import numpy as np


class Regression:
    """Any framework looks like this: build in __init__, train one epoch, save, load.

    What is ``adjustable`` may also be changed by hand between two epochs: hpsearch babysit.
    """

    adjustable = ("alpha", "beta", "rate")

    def __init__(self, alpha, beta, decay, seed, rate=0.0):
        self.alpha, self.beta = alpha, beta
        self.rate = rate if decay == "inverse" else 0.0
        rng = np.random.default_rng(seed)
        self.X = np.random.default_rng(0).normal(size=(200, 5))
        self.y = self.X @ np.arange(5.0) + np.random.default_rng(1).normal(size=200)
        self.w, self.v = rng.normal(size=5), np.zeros(5)

    def train_epoch(self, epoch):
        train, dev = slice(0, 150), slice(150, 200)
        gradient = self.X[train].T @ (self.X[train] @ self.w - self.y[train]) / 150
        self.v = self.beta * self.v + (1 - self.beta) * gradient
        self.w = self.w - self.alpha / (1 + self.rate * epoch) * self.v
        residual = self.X @ self.w - self.y
        return {
            "train_loss": np.mean(residual[train] ** 2),
            "dev_loss": np.mean(residual[dev] ** 2),
        }

    def adjust(self, name, value):
        setattr(self, name, value)

    def save(self):
        return {"w": self.w, "v": self.v}

    def load(self, state):
        self.w, self.v = state["w"], state["v"]
