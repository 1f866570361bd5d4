"""A model of another run as the trainable of a search: what forks and schedules share.

The model trains with the random streams, settings and epochs of its own; the trial around it only
says when, and keeps its state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hpsearch.panda.training import Training
from hpsearch.store.arrays import unpack_arrays
from hpsearch.training.protocol import Arrays

SINCE = "nested.metric"


class InnerModel:
    """Epochs of a model that is trained inside a trial; ``before`` has those that it had already.

    ``before`` are the metrics of these epochs, ``metric`` is the name of the model's own metric.
    """

    def __init__(
        self, training: Training, metric: str, before: Sequence[Mapping[str, float]] = ()
    ) -> None:
        self._training, self._metric, self._before = training, metric, list(before)
        self._since: list[float] = []

    def train_epoch(self, epoch: int) -> dict[str, float]:
        """One epoch; ``epoch`` counts within the trial, and the model knows its own."""
        del epoch
        metrics, _ = self._training.train()
        self._since.append(metrics.values[self._metric])
        return dict(metrics.values)

    def save(self) -> Arrays:
        """The model's own state, and its metric after each epoch within the trial."""
        return {**unpack_arrays(self._training.state()), SINCE: np.array(self._since, float)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self._since = [float(value) for value in state[SINCE]]
        own = {name: array for name, array in state.items() if name != SINCE}
        self._training.load(own, [*self._before, *({self._metric: v} for v in self._since)])

    def close(self) -> None:
        """Release what the model holds."""
        self._training.close()
