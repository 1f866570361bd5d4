"""A whole epoch compiled by numba: the network's formulas, without NumPy's call for each of them.

On small networks NumPy's calls cost more than their arithmetic. Here every mini-batch of an epoch
runs through one compiled function (``compiled_formulas.py``), which leaves the matrix products to
BLAS and does the rest in loops over arrays that stay in the cache. The sums are taken in another
order than NumPy's, so that the last bits differ. The machine code is kept on disk for the next
process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np

from hpsearch.errors import UsageError
from hpsearch.network.arrays import Array, Packed, Rows, take_rows
from hpsearch.network.compiled_formulas import (
    ACTIVATION_CODES,
    OPTIMIZER_CODES,
    RELU,
    SGD,
    Indices,
    Layout,
    Rates,
    Vectors,
    train_batches,
)
from hpsearch.network.optimizers import Optimizer
from hpsearch.network.outputs import Answers, Linear, Output
from hpsearch.network.settings import Settings

PIECE = 1 << 20
"""Numbers that are gathered at a time where rows or dropout's masks have to be made."""


class CompiledEpoch:
    """Trains mini-batches on a network's own vectors, in place.

    ``widths`` are the numbers of units from the features to the ``output``.
    """

    def __init__(
        self,
        parameters: Packed,
        gradients: Packed,
        statistics: Packed,
        averages: Packed,
        widths: Sequence[int],
        *,
        output: Output,
    ) -> None:
        _load(parameters.vector.dtype)
        self._linear = isinstance(output, Linear)
        last = len(widths) - 1
        normalised = "gamma1" in parameters
        shift = "beta" if normalised else "b"
        hidden = range(1, last)
        self._vectors = (parameters.vector, gradients.vector, statistics.vector, averages.vector)
        self._layout = Layout(
            widths=np.array(widths, np.intp),
            weights=_starts(parameters, [f"W{layer}" for layer in range(1, last + 1)]),
            scales=_starts(parameters, [f"gamma{layer}" for layer in hidden if normalised]),
            shifts=_starts(parameters, [*(f"{shift}{layer}" for layer in hidden), f"b{last}"]),
            means=_starts(statistics, [f"mean{layer}" for layer in hidden if normalised]),
            variances=_starts(statistics, [f"variance{layer}" for layer in hidden if normalised]),
        )

    def train_batches(
        self,
        X: Rows,
        y: Answers,
        order: Indices,
        bounds: Sequence[int],
        *,
        rng: np.random.Generator,
        alpha: float,
        settings: Settings,
        optimizer: Optimizer,
    ) -> tuple[float, float]:
        """One pass over the rows of ``X`` in this order, a step after each mini-batch.

        Mini-batch i holds the rows ``order[bounds[i]:bounds[i + 1]]``. Gives the sum of the rows'
        losses, not finite if the training was ended for it, and the sum of their misses.

        Raises:
            UsageError: the optimiser or the activation has no compiled formula.
        """
        dtype = self._vectors[0].dtype
        units = int(self._layout.widths[1:-1].sum())
        masked = settings.dropout > 0
        given = isinstance(X, np.ndarray) and X.dtype == dtype and X.flags.carray
        piece = len(order) if given and not masked else PIECE // max(X.shape[1], units)
        rates = _rates(alpha, settings, linear=self._linear)
        loss, missed = 0.0, 0.0
        for first, last in _pieces(bounds, piece):
            rows = order[bounds[first] : bounds[last]]
            # The very numbers that NumPy's layers draw, mini-batch by mini-batch, layer by layer.
            drawn = rng.random(len(rows) * units if masked else 0, dtype=np.float32)
            some_loss, some_missed, optimizer.steps = train_batches(
                cast(Array, X) if given else take_rows(X, rows, dtype),
                *self._answers(y if given else y[rows]),
                rows if given else np.arange(len(rows)),
                np.array(bounds[first : last + 1], np.intp) - bounds[first],
                drawn,
                self._layout,
                Vectors(*self._vectors, *_moments(optimizer.moments, dtype)),
                rates,
                optimizer.steps,
            )
            loss, missed = loss + some_loss, missed + some_missed
            if not math.isfinite(loss):
                break
        return loss, missed

    def _answers(self, y: Answers) -> tuple[Indices, Array]:
        """The answers as labels and as numbers, one of which is empty: one compilation for both."""
        dtype = self._vectors[0].dtype
        if self._linear:
            return np.empty(0, np.intp), y.astype(dtype, copy=False)
        return y.astype(np.intp, copy=False), np.empty(0, dtype)


@lru_cache
def _load(dtype: np.dtype[Any]) -> None:
    """Load the machine code for a type of float, or compile it, which takes some ten seconds.

    A network does it when it is made, not in its first epoch: a search makes one before it gives
    out trials, and so no two workers compile at once.
    """
    number, one = np.ones((1, 1), dtype), np.zeros(1, np.intp)
    layout = Layout(np.ones(2, np.intp), one, one[:0], one, one[:0], one[:0])
    vectors = Vectors(*(np.ones(3, dtype) for _ in range(6)))
    rates = Rates(0.1, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, SGD, RELU, batch_norm=False, linear=False)
    train_batches(
        number, one, number[0], one, np.arange(2), np.empty(0, np.float32),
        layout, vectors, rates, 0,
    )  # fmt: skip


def _starts(packed: Packed, names: Sequence[str]) -> Indices:
    return np.array([packed.starts[name] for name in names], np.intp)


def _moments(moments: Mapping[str, Array], dtype: np.dtype[Any]) -> tuple[Array, Array]:
    none: Array = np.empty(0, dtype)
    return moments.get("v", none), moments.get("s", none)


def _rates(alpha: float, settings: Settings, *, linear: bool) -> Rates:
    """The settings as numbers.

    Raises:
        UsageError: a formula is not compiled.
    """
    for name, codes in (("optimizer", OPTIMIZER_CODES), ("activation", ACTIVATION_CODES)):
        chosen = getattr(settings, name)
        if chosen not in codes:
            raise UsageError(f"run.kernels: numba has no {name} {chosen!r}; set it to numpy")
    s = settings
    return Rates(
        alpha=float(alpha),
        beta=s.beta,
        beta1=s.beta1,
        beta2=s.beta2,
        epsilon=s.epsilon,
        l2=s.l2,
        dropout=s.dropout,
        bn_momentum=s.bn_momentum,
        optimizer=OPTIMIZER_CODES[s.optimizer],
        activation=ACTIVATION_CODES[s.activation],
        batch_norm=s.normalised,
        linear=linear,
    )


def _pieces(bounds: Sequence[int], rows: int) -> list[tuple[int, int]]:
    """Ranges of mini-batches, first and last bound, of about so many rows each."""
    ranges, first = [], 0
    for last in range(1, len(bounds)):
        if bounds[last] - bounds[first] >= rows or last == len(bounds) - 1:
            ranges.append((first, last))
            first = last
    return ranges
