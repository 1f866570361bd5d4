"""A range test: from the present state, one epoch with each of many values of a setting.

Leslie Smith's learning-rate range test raises α from step to step within one run; here each value
starts from the same state, so that the answers can be compared, and any setting can be probed. The
state is restored afterwards: a probe changes nothing, not even the bytes of the next epoch.
L. Smith, "Cyclical learning rates for training neural networks", section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hpsearch.errors import HpsearchError, TrialDiverged, UsageError
from hpsearch.panda.advice import no_setting
from hpsearch.panda.panda import Panda
from hpsearch.records import Value, is_number, train_counterpart

FACTORS = (1 / 100, 1 / 30, 1 / 10, 1 / 3, 1, 3, 10, 30, 100)


@dataclass(frozen=True)
class Tried:
    """One value and what an epoch with it came to; ``None`` where the numbers were not finite.

    ``train`` is the metric on the training set, or the metric itself if there is none.
    """

    value: Value
    train: float | None
    metric: float | None

    def to_record(self) -> dict[str, Value]:
        """The ledger's form."""
        return {"value": self.value, "train": self.train, "metric": self.metric}


def probe(panda: Panda, name: str, stop: Callable[[], bool] = lambda: False) -> Iterator[Tried]:
    """Try values of a setting around its present one, each for one epoch, smallest first.

    Raises:
        UsageError: the setting is fixed, or not a positive number.
        HpsearchError: the model cannot be made.
    """
    lineage = panda.lineage
    if name not in lineage.hparams:
        raise no_setting(name, lineage.start.adjustable)
    if name not in lineage.start.adjustable:
        raise UsageError(f"{name} cannot be probed: {', '.join(lineage.start.adjustable)} can")
    present = lineage.hparams[name]
    if not is_number(present) or present <= 0:
        raise UsageError(f"{name} is {present}; only a number above 0 can be probed")
    for value in _values(present):
        if stop():
            return
        tried = _try(panda, name, value)
        if tried is not None:
            yield tried


def steepest(results: Sequence[Tried], loss: Callable[[float], float]) -> Tried | None:
    """The value after which the training metric is best; ``None`` if all went wrong."""
    fine = [r for r in results if r.train is not None]
    return min(fine, key=lambda r: loss(r.train or 0.0), default=None)


def _values(present: float) -> list[Value]:
    """The values to try: around the present one, whole where it is whole."""
    if isinstance(present, int):
        return list(dict.fromkeys(max(round(present * f), 1) for f in FACTORS))
    return [float(f"{present * f:.6g}") if f != 1 else present for f in FACTORS]


def _try(panda: Panda, name: str, value: Value) -> Tried | None:
    """One epoch with a value, from the present state; ``None`` if the value is refused."""
    try:
        training = panda.ready(panda.lineage.hparams | {name: value})
    except HpsearchError:
        if value == panda.lineage.hparams[name]:
            raise  # nothing is wrong with the value: the model cannot be made
        return None
    try:
        panda.interruptible = True
        metrics, _ = training.train()
    except TrialDiverged:
        return Tried(value, None, None)
    finally:
        panda.interruptible = False
        panda.drop()  # it has gone an epoch further, off the record
    metric = panda.lineage.start.metric.name
    train = train_counterpart(metric, list(metrics.values)) or metric
    return Tried(value, metrics.values[train], metrics.values[metric])
