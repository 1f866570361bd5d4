"""The network's arithmetic without its layers: what NumPy gives to those who write for speed alone.

One function trains an epoch, every array that is as long as a mini-batch is allocated once, and all
is done in place. Batch norm, ReLU, softmax and Adam, as in the bench beside it and no other
options. How much more time hpsearch's readable layers take is what it is there to tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Array = np.ndarray
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
VARIANCE_EPSILON, MOMENTUM = np.float32(1e-5), np.float32(0.9)


class Vector:
    """All parameters, or what belongs to each, as views of one vector."""

    def __init__(self, sizes: Sequence[int]) -> None:
        shapes = list(pairwise(sizes))
        self.all = np.zeros(sum(a * b for a, b in shapes) + 2 * sum(sizes[1:-1]) + sizes[-1], "f4")
        self._end = 0
        self.W = [self._next(a * b).reshape(a, b) for a, b in shapes]
        self.gamma = [self._next(units) for units in sizes[1:-1]]
        self.beta = [self._next(units) for units in sizes[1:-1]]
        self.b = self._next(sizes[-1])

    def _next(self, size: int) -> Array:
        self._end += size
        return self.all[self._end - size : self._end]


class Buffers:
    """The arrays of a mini-batch of ``m`` rows."""

    def __init__(self, m: int, sizes: Sequence[int]) -> None:
        self.X = np.empty((m, sizes[0]), "f4")
        self.centred, self.A, self.scratch, self.dA = (
            [np.empty((m, units), "f4") for units in sizes[1:-1]] for _ in range(4)
        )
        self.logits = np.empty((m, sizes[-1]), "f4")
        self.ones, self.rows = np.ones(m, "f4"), np.arange(m)


class FlatNetwork:
    """A network of ``sizes`` units from the features to the classes, with He's weights."""

    def __init__(self, sizes: Sequence[int], rng: np.random.Generator) -> None:
        self.sizes, self.last, self.steps = sizes, len(sizes) - 2, 0
        self.w, self.g, self.v, self.s, self.scratch = (Vector(sizes) for _ in range(5))
        for W in self.w.W:
            W[:] = rng.standard_normal(W.shape) * math.sqrt(2 / len(W))
        for gamma in self.w.gamma:
            gamma[:] = 1
        units = sizes[1:-1]
        self.statistics, self.averages = np.zeros((2, 2 * sum(units)), "f4")
        ends = np.cumsum([*units, *units])[:-1]
        parts = np.split(self.statistics, ends)
        self.mean, self.variance = parts[: len(units)], parts[len(units) :]
        self.class_ones = np.ones(sizes[-1], "f4")
        self.buffers: dict[int, Buffers] = {}

    def train_epoch(self, X: Array, y: Array, order: Array, batch: int, alpha: float) -> float:
        """The mean loss over the rows; counting the errors is part of the work."""
        loss = wrong = 0.0
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            if len(rows) not in self.buffers:
                self.buffers[len(rows)] = Buffers(len(rows), self.sizes)
            buffers = self.buffers[len(rows)]
            np.take(X, rows, 0, out=buffers.X, mode="clip")
            some_loss, some_wrong = self._step(buffers, y.take(rows), alpha)
            loss, wrong = loss + some_loss, wrong + some_wrong
        return loss / len(order)

    def _step(self, at: Buffers, y: Array, alpha: float) -> tuple[float, int]:
        w, g, last, ones = self.w, self.g, self.last, at.ones
        part = np.float32(1 / len(y))
        inverse, scale = [], []
        A = at.X
        for i in range(last):
            Z, squares = np.matmul(A, w.W[i], out=at.centred[i]), at.scratch[i]
            mean = np.matmul(ones, Z, out=self.mean[i])
            mean *= part
            Z -= mean
            np.multiply(Z, Z, out=squares)
            variance = np.matmul(ones, squares, out=self.variance[i])
            inverse.append(1 / np.sqrt(variance * part + VARIANCE_EPSILON))
            variance *= np.float32(1 / (len(y) - 1))
            scale.append(w.gamma[i] * inverse[i])
            A = np.multiply(Z, scale[i], out=at.A[i])
            A += w.beta[i]
            np.maximum(A, 0, out=A)
        logits = np.matmul(A, w.W[last], out=at.logits)
        logits += w.b
        wrong = int(np.count_nonzero(logits.argmax(axis=1) != y))
        P = np.array(logits.T, order="C")
        right = y * len(y) + at.rows
        P -= P.max(axis=0)
        loss = -float(P.take(right).sum())
        np.exp(P, out=P)
        total = np.matmul(self.class_ones, P)
        loss += float(np.log(total).sum())
        total *= len(y)
        P /= total
        P.reshape(-1)[right] -= part
        dZ: Array = P.T
        np.matmul(ones, dZ, out=g.b)
        for i in range(last, 0, -1):
            below = i - 1
            np.matmul(at.A[below].T, dZ, out=g.W[i])
            dZ = np.matmul(dZ, w.W[i].T, out=at.dA[below])
            Z, scratch = at.centred[below], at.scratch[below]
            dZ *= np.sign(at.A[below], out=scratch)
            dbeta = np.matmul(ones, dZ, out=g.beta[below])
            dgamma = np.matmul(ones, np.multiply(dZ, Z, out=scratch), out=g.gamma[below])
            dgamma *= inverse[below]
            Z *= inverse[below] * dgamma * part
            dZ -= Z
            dZ -= dbeta * part
            dZ *= scale[below]
        np.matmul(at.X.T, dZ, out=g.W[0])
        self.averages += (1 - MOMENTUM) * (self.statistics - self.averages)
        self._adam(alpha)
        return loss, wrong

    def _adam(self, alpha: float) -> None:
        self.steps += 1
        root = math.sqrt(1 - BETA2**self.steps)
        w, g, v, s, scratch = (a.all for a in (self.w, self.g, self.v, self.s, self.scratch))
        v *= BETA1
        v += np.multiply(g, 1 - BETA1, out=scratch)
        s *= BETA2
        np.multiply(g, g, out=scratch)
        scratch *= 1 - BETA2
        s += scratch
        np.sqrt(s, out=scratch)
        scratch += EPSILON * root
        np.divide(v, scratch, out=scratch)
        scratch *= alpha * root / (1 - BETA1**self.steps)
        w -= scratch
