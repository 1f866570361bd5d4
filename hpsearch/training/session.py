"""The epoch loop: start or resume, train, remember the best, checkpoint.

Rules of this file:

* One loop. Caviar drains :meth:`Session.run` in a worker; panda takes an epoch, lets a person
  :meth:`~Session.adjust`, and goes on. Neither trains by other means.
* An epoch is a pure function of the state before it, the settings and the trial's seed, so a
  session that goes on from a checkpoint gives the same bytes as one that was never cut short.
  When a checkpoint is written is decided by the clock, and changes nothing else.
* A checkpoint holds what the trainable saved, the model of the best epoch, and the metrics of
  every epoch so far: what must come back together is written together.

Read :meth:`Session.run` first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.errors import TrialDiverged
from hpsearch.records import EpochMetrics, Metric, Value, finite_values
from hpsearch.store.checkpoint import Checkpoint, latest_checkpoint, save_checkpoint
from hpsearch.training.protocol import Arrays, Trainable

_STATE, _BEST = "state/", "best/"


class Session:
    """One trainable on its way through its epochs.

    ``checkpoints`` is the folder for them (``None``: keep none); ``every`` is the least number of
    seconds between two. ``notes`` collects what a person should know, such as a damaged
    checkpoint that was passed over.
    """

    def __init__(
        self,
        trainable: Trainable,
        metric: Metric,
        *,
        checkpoints: Path | None = None,
        every: float = 30.0,
    ) -> None:
        self.trainable = trainable
        self.metric = metric
        self.history: list[EpochMetrics] = []
        self.best_model: Arrays | None = None
        self.notes: list[str] = []
        self._checkpoints = checkpoints
        self._every = every
        self._saved_at = time.monotonic()

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return len(self.history)

    def run(self, epochs: float) -> Iterator[EpochMetrics]:
        """Train until ``epochs`` epochs are finished, one metrics record after each.

        Infinitely many are until the trainable says that it is over.

        Raises:
            TrialDiverged: the trainable says so, or the metric is not finite.
        """
        while self.epoch < epochs:
            values = self.trainable.train_epoch(self.epoch + 1)
            if values is None:
                return
            metrics = EpochMetrics(self.epoch + 1, _finite_or_nan(values))
            self.history.append(metrics)
            if not math.isfinite(values[self.metric.name]):
                raise TrialDiverged(
                    f"{self.metric.name} is {values[self.metric.name]} at epoch {self.epoch}"
                )
            self._remember_best()
            if self.epoch < epochs and time.monotonic() - self._saved_at >= self._every:
                self.checkpoint()
            yield metrics

    def adjust(self, name: str, value: Value) -> None:
        """Change one hyperparameter from the next epoch on."""
        self.trainable.adjust(name, value)

    def values(self) -> list[float]:
        """The search's metric, epoch by epoch."""
        return [metrics.values[self.metric.name] for metrics in self.history]

    def checkpoint(self) -> Path | None:
        """Write a checkpoint now; ``None`` if there is no folder or the trainable has no state."""
        self._saved_at = time.monotonic()
        state = self.trainable.save() if self._checkpoints is not None else None
        if state is None or self._checkpoints is None:
            return None
        arrays = {_STATE + name: array for name, array in state.items()}
        for name, array in (self.best_model or {}).items():
            arrays[_BEST + name] = array
        history = [finite_values(metrics.values) for metrics in self.history]
        return save_checkpoint(
            self._checkpoints, Checkpoint(self.epoch, arrays, {"history": history})
        )

    def resume(self) -> bool:
        """Go on from the newest intact checkpoint; whether there was one."""
        if self._checkpoints is None:
            return False
        found, notes = latest_checkpoint(self._checkpoints)
        self.notes += notes
        if found is None:
            return False
        self.restore(found)
        return True

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to the state of a checkpoint that :meth:`checkpoint` wrote."""
        best = _under(_BEST, checkpoint.arrays)
        history = [
            EpochMetrics(number, {k: math.nan if v is None else v for k, v in values.items()})
            for number, values in enumerate(checkpoint.meta["history"], start=1)
        ]
        self.begin_at(_under(_STATE, checkpoint.arrays), history)
        self.best_model = best or None

    def begin_at(self, state: Arrays, history: Sequence[EpochMetrics]) -> None:
        """Go to a state that the trainable saved after the epochs of ``history``.

        The best model of these epochs is not known then.
        """
        self.trainable.load(state)
        self.history = list(history)
        self.best_model = None

    def _remember_best(self) -> None:
        if self.metric.best_epoch(self.values()) == self.epoch:
            self.best_model = self.trainable.model()


def _under(prefix: str, arrays: Arrays) -> dict[str, Any]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _finite_or_nan(values: Mapping[str, float]) -> dict[str, float]:
    """Infinities as NaN, which is what comes back from a checkpoint: JSON has neither."""
    return {name: value if math.isfinite(value) else math.nan for name, value in values.items()}
