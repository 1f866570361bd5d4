"""A trial that is trained several times: ``search.repeats``, each on a seed of its own, and folds.

With folds each repeat goes through all of them, judged on each once.

The replicates train one after the other in one worker. Where a trial stands after an epoch is what
they average to there, those that have ended and the one that trains: so its curves are averages,
its value is the best epoch of the averaged metric, and its cut-offs judge the average of what is
known so far. A replicate that gives no value ends the trial.

Those that have ended are kept in ``replicates.jsonl`` in the trial's folder until it is recorded,
so that a trial that was cut short goes on with the one that was in training.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpsearch.records import EpochMetrics, Metric, finite_values
from hpsearch.seeds import repeat_seed
from hpsearch.significance import mean_of
from hpsearch.store.disk import disk_errors
from hpsearch.store.journal import Journal, read_journal

History = Sequence[EpochMetrics]

AVERAGES: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": mean_of,
    "median": statistics.median,
}


@dataclass(frozen=True)
class Ended:
    """A replicate that has ended: its epochs, its own value, and the trainable's notes."""

    history: History
    value: float
    notes: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """One flat JSON object, in the order of ``replicates.jsonl``."""
        history = [finite_values(metrics.values) for metrics in self.history]
        return {"value": self.value, "history": history, "notes": list(self.notes)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Ended:
        """The inverse of :meth:`to_record`."""
        history = [
            EpochMetrics(epoch, {k: math.nan if v is None else v for k, v in values.items()})
            for epoch, values in enumerate(record["history"], start=1)
        ]
        return cls(history, record["value"], tuple(record["notes"]))


@dataclass
class Replicates:
    """The replicates of one trial in training: those that have ended, and who is next.

    ``path`` is where they are kept. With ``folds`` every repeat has so many replicates.
    """

    repeats: int
    average: str
    metric: Metric
    path: Path
    folds: int | None = None
    ended: list[Ended] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many replicates there are."""
        return self.repeats * (self.folds or 1)

    def __post_init__(self) -> None:
        if self.count > 1:
            self.ended = [Ended.from_record(record) for record in read_journal(self.path)]

    @property
    def next(self) -> int | None:
        """The number of the replicate that is to be trained, from 0; ``None`` after the last."""
        return len(self.ended) if len(self.ended) < self.count else None

    def seed(self, trial_seed: int) -> int:
        """The seed of the next one: that of its repeat, of which the first has the trial's own."""
        return repeat_seed(trial_seed, len(self.ended) // (self.folds or 1))

    @property
    def fold(self) -> int | None:
        """The fold on which the next one is judged, from 0; ``None`` without folds."""
        return len(self.ended) % self.folds if self.folds else None

    def epoch(self, current: History = ()) -> int:
        """How many epochs all have trained, the ``current`` one too if it has begun."""
        return min(map(len, self._with(current)), default=0)

    def averaged(self, current: History = ()) -> list[EpochMetrics]:
        """These epochs, with averaged metrics."""
        return average_of(self._with(current), AVERAGES[self.average])

    def _with(self, current: History) -> list[History]:
        return [*(one.history for one in self.ended), *([current] if current else [])]

    def value(self, current: History) -> float | None:
        """The trial's value so far, with the current replicate; ``None`` before an epoch."""
        values = [metrics.values[self.metric.name] for metrics in self.averaged(current)]
        return self.metric.values_so_far(values)[-1] if values else None

    def is_best(self, value: float) -> bool:
        """Whether the model of the next one, which has this value, is the one to keep.

        Values of other folds are of other rows: of the first fold's it has to be the best.
        """
        if self.fold:
            return False
        rivals = self.ended[:: self.folds or 1]
        losses = [self.metric.goal.loss(one.value) for one in rivals]
        return not losses or self.metric.goal.loss(value) < min(losses)

    def end(self, one: Ended) -> None:
        """Take in the one that has ended."""
        if self.count > 1:
            with disk_errors(self.path, "keep a replicate"):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with Journal(self.path) as journal:
                journal.append(one.to_record())
        self.ended.append(one)

    def values_at(self, epoch: int) -> tuple[float, ...]:
        """The metric of each that has ended at an epoch; empty where there is but one."""
        if self.count == 1:
            return ()
        return tuple(one.history[epoch - 1].values[self.metric.name] for one in self.ended)


def average_of(
    histories: Sequence[History], average: Callable[[Sequence[float]], float]
) -> list[EpochMetrics]:
    """The average of each metric, epoch by epoch, for as long as all go on.

    A single history stays as it is, bit for bit.
    """
    if len(histories) == 1:
        return list(histories[0])
    averaged = []
    for row in zip(*histories, strict=False):
        shared = [name for name in row[0].values if all(name in m.values for m in row)]
        values = {name: _average([m.values[name] for m in row], average) for name in shared}
        averaged.append(EpochMetrics(row[0].epoch, values))
    return averaged


def _average(values: Sequence[float], average: Callable[[Sequence[float]], float]) -> float:
    return average(values) if all(map(math.isfinite, values)) else math.nan
