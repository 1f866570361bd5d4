"""The results so far as arrays, and the loss imputed to a trial without one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpsearch.sampling.forecasts import forecasts
from hpsearch.sampling.strategy import Observation, Unit
from hpsearch.space.parameters import Floats

LARGEST = 1e100  # losses beyond it are cut off, so that their squares and sums stay finite


@dataclass(frozen=True)
class History:
    """The first n observations of a search.

    ``units`` has shape (n, dimensions), ``losses`` and ``stopped`` shape (n,); the loss of a
    failed or diverged trial is infinite. ``curves`` has one row for each observation and one
    column for each epoch; a row is NaN after its trial's end, and all NaN for a trial that failed.
    """

    units: Floats
    losses: Floats
    stopped: NDArray[np.bool_]
    curves: Floats

    @classmethod
    def of(cls, observations: Sequence[Observation], dimensions: int, epochs: int) -> History:
        """The arrays of a list of observations."""
        curves = np.full((len(observations), epochs), np.nan)
        for row, observation in zip(curves, observations, strict=True):
            if np.isfinite(observation.loss):
                known = observation.curve[:epochs]
                row[: len(known)] = known
        units = [observation.unit for observation in observations]
        losses = np.array([observation.loss for observation in observations], dtype=float)
        return cls(
            np.array(units, dtype=float).reshape(len(units), dimensions),
            np.where(np.isfinite(losses), np.clip(losses, -LARGEST, LARGEST), np.inf),
            np.array([observation.stopped for observation in observations], dtype=bool),
            np.clip(curves, -LARGEST, LARGEST),
        )

    def __len__(self) -> int:
        return len(self.losses)

    def first(self, count: int) -> History:
        """The history as it was when it had ``count`` observations."""
        return History(
            self.units[:count], self.losses[:count], self.stopped[:count], self.curves[:count]
        )

    def equals(self, other: History) -> bool:
        """Whether both hold the same observations."""
        return (
            np.array_equal(self.losses, other.losses)
            and np.array_equal(self.units, other.units)
            and np.array_equal(self.stopped, other.stopped)
            and np.array_equal(self.curves, other.curves, equal_nan=True)
        )

    def with_pending(self, pending: Sequence[Unit]) -> Floats:
        """All points that were proposed so far, shape (n + pending, dimensions)."""
        running = np.array(pending, dtype=float).reshape(len(pending), self.units.shape[1])
        return np.concatenate([self.units, running])

    def __add__(self, other: History) -> History:
        return History(
            np.concatenate([self.units, other.units]),
            np.concatenate([self.losses, other.losses]),
            np.concatenate([self.stopped, other.stopped]),
            np.concatenate([self.curves, other.curves]),
        )

    @property
    def finished_curves(self) -> Floats:
        """The curves of the trials that were trained for all epochs, shape (finished, epochs)."""
        if not self.curves.shape[1]:
            return self.curves
        return self.curves[~self.stopped & np.isfinite(self.curves[:, -1])]

    @cached_property
    def imputed_losses(self) -> Floats:
        """A finite loss for every trial, shape (n,), to rank and to fit.

        To a stopped trial the final loss is imputed that its curve and those of the finished
        trials forecast, to a failed or diverged one the worst loss.
        """
        losses = self.losses.copy()
        finite = np.isfinite(losses)
        if not finite.any():
            return np.zeros(len(self))
        if self.stopped.any():
            losses[self.stopped] = self._forecasts()
        return np.where(finite, losses, losses[finite].max())

    def _forecasts(self) -> Floats:
        """The final loss of each stopped trial, in order; its own while none has finished."""
        expected = self.losses[self.stopped]
        curves = self.curves[self.stopped]
        finished = self.finished_curves
        if finished.size:
            begun = np.isfinite(curves[:, 0])
            expected[begun] = forecasts(finished, curves[begun])
        return expected


class HistoryReader:
    """Reads a growing list of observations without converting any of them twice."""

    def __init__(self, dimensions: int, epochs: int) -> None:
        self._dimensions = dimensions
        self._epochs = epochs
        self._seen: list[Observation] = []
        self._history = self._arrays([])

    def read(self, observations: Sequence[Observation]) -> History:
        """The observations as arrays; the answer does not depend on earlier calls."""
        known = len(self._seen)
        # Comparing the lists is quick: their elements are usually the same objects.
        if list(observations[:known]) != self._seen:
            self._history = self._arrays(observations)
        elif len(observations) > known:
            self._history += self._arrays(observations[known:])
        self._seen = list(observations)
        return self._history

    def _arrays(self, observations: Sequence[Observation]) -> History:
        return History.of(observations, self._dimensions, self._epochs)
