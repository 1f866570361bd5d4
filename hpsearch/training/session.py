"""The epoch loop: start or resume, train, remember the best, checkpoint.

Rules of this file:

* One loop. Caviar drains :meth:`Session.run` in a worker, by :meth:`Session.train`; panda takes an
  epoch, lets a person :meth:`~Session.adjust`, and goes on. Neither trains by other means.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.errors import (
    HpsearchError,
    RunError,
    TrainableError,
    TrialDiverged,
    kind_and_message,
)
from hpsearch.records import EpochMetrics, Metric, Value, finite_values
from hpsearch.store.arrays import pack_arrays, unpack_arrays
from hpsearch.store.checkpoint import Checkpoint, latest_checkpoint, save_checkpoint
from hpsearch.training.protocol import Arrays, Trainable

_STATE, _BEST = "state/", "best/"


class Session:
    """One trainable on its way through its epochs.

    ``checkpoints`` is the folder for them (``None``: keep none); ``every`` is the least number of
    seconds between two. ``rehearse`` says to try once, after the first epoch, whether the
    trainable saves and loads. ``notes`` are what a person should know, and the same whatever
    happened on the way; ``remarks`` are on what did happen, such as a damaged checkpoint that was
    passed over: they depend on the clock and belong into a log.
    """

    def __init__(
        self,
        trainable: Trainable,
        metric: Metric,
        *,
        checkpoints: Path | None = None,
        every: float = 30.0,
        rehearse: bool = False,
    ) -> None:
        self.trainable = trainable
        self.metric = metric
        self.history: list[EpochMetrics] = []
        self.best_model: Arrays | None = None
        self.value: float | None = None
        self.notes: list[str] = []
        self.remarks: list[str] = []
        self._checkpoints = checkpoints
        self._every = every
        self._saved_at = time.monotonic()
        self._rehearse = rehearse
        self._rehearsed: Arrays | None = None

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return len(self.history)

    def run(self, epochs: float) -> Iterator[EpochMetrics]:
        """Train until ``epochs`` epochs are finished, one metrics record after each.

        Infinitely many are until the trainable says that it is over.

        Raises:
            TrialDiverged: the trainable says so, or a metric that is needed is not finite.
            TrainableError: a metric that is needed is not there.
        """
        while self.epoch < epochs:
            values = self.trainable.train_epoch(self.epoch + 1)
            if values is None:
                return
            yield self._take(values, epochs)

    def train(self, epochs: float, seen: Callable[[EpochMetrics], bool]) -> None:
        """Train as :meth:`run` does; ``seen`` is given each epoch, and says whether to go on.

        That is how a function can be trained that pushes its epochs, in the middle of its code.

        Raises:
            TrialDiverged: as above.
        """
        push_to = getattr(self.trainable, "push_to", None)
        if push_to is not None:
            push_to(lambda values: seen(self._take(values, epochs)))
        for metrics in self.run(epochs):
            if not seen(metrics):
                return

    def _take(self, values: Mapping[str, float], epochs: float) -> EpochMetrics:
        """Take in the metrics of the epoch that has ended, of ``epochs``."""
        self._check_all_there(values)
        metrics = EpochMetrics(self.epoch + 1, _finite_or_nan(values))
        self.history.append(metrics)
        for name in self.metric.needed:
            if not math.isfinite(values[name]):
                raise TrialDiverged(f"{name} is {values[name]} at epoch {self.epoch}")
        self._take_value(values[self.metric.name])
        if self._rehearse and self.epoch < epochs < math.inf:
            self._rehearse_save()
        if self.epoch < epochs and time.monotonic() - self._saved_at >= self._every:
            self.checkpoint()
        return metrics

    def adjust(self, name: str, value: Value) -> None:
        """Change one hyperparameter from the next epoch on."""
        self.trainable.adjust(name, value)

    def values(self) -> list[float]:
        """The search's metric, epoch by epoch."""
        return [metrics.values[self.metric.name] for metrics in self.history]

    def checkpoint(self) -> Path | None:
        """Write a checkpoint now; ``None`` if there is no folder or the trainable has no state."""
        self._saved_at = time.monotonic()
        if self._checkpoints is None:
            return None
        try:
            state = self.trainable.save()
        except Exception as e:  # the user's code may raise anything, and it fails no trial
            self._checkpoints = None
            self.remarks.append(_not_saved(e))
            return None
        if state is None:
            return None
        arrays = {_STATE + name: array for name, array in state.items()}
        for name, array in (self.best_model or {}).items():
            arrays[_BEST + name] = array
        history = [finite_values(metrics.values) for metrics in self.history]
        return save_checkpoint(
            self._checkpoints, Checkpoint(self.epoch, arrays, {"history": history})
        )

    def _check_all_there(self, values: Mapping[str, float]) -> None:
        missing = [name for name in self.metric.needed if name not in values]
        if missing:
            raise TrainableError(
                f"epoch {self.epoch + 1} gave {', '.join(values)}, but the search needs "
                f"{' and '.join(map(repr, missing))} as well; give it with {self.metric.name}, or "
                f"take it out of the list under metric"
            )

    def _rehearse_save(self) -> None:
        """Save once, in memory, so that a fault in it is not found out when it is too late."""
        self._rehearse = False
        try:
            state = self.trainable.save()
        except Exception as e:
            self._checkpoints = None
            self.notes.append(_not_saved(e))
            return
        if state is not None:
            self._rehearsed = unpack_arrays(pack_arrays(state))

    def rehearse_load(self) -> None:
        """Load what was saved for a try, now that training is over and nothing can be spoilt."""
        state, self._rehearsed = self._rehearsed, None
        if state is None:
            return
        try:
            self.trainable.load(state)
        except Exception as e:
            self.notes.append(f"checkpoints are of no use: {_not_loaded(e)}")

    def all_notes(self) -> list[str]:
        """The session's notes and the trainable's, each once."""
        return list(dict.fromkeys([*self.notes, *self.trainable.notes]))

    def resume(self) -> bool:
        """Go on from the newest intact checkpoint; whether there was one."""
        if self._checkpoints is None:
            return False
        found, notes = latest_checkpoint(self._checkpoints)
        self.remarks += notes
        if found is None:
            return False
        self._rehearse = False
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
        numbers = [value for value in self.values() if not math.isnan(value)]
        self.value = self.metric.values_so_far(numbers)[-1] if numbers else None
        self.best_model = None

    def _take_value(self, value: float) -> None:
        """Remember the trial's value so far, and the model that has it."""
        if self.value is None or self.metric.counts(value, self.value):
            self.value = value
            self.best_model = self.trainable.model()


STARTS_AGAIN = "A trial that is cut short starts again from its first epoch"


def begin(
    make: Callable[[], Trainable],
    metric: Metric,
    *,
    checkpoints: Path,
    every: float,
    rehearse: bool,
) -> Session:
    """A session of a trainable that ``make`` builds, from its newest checkpoint if it has one.

    Where the trainable does not load what it saved, it is built again, and starts again.
    ``rehearse`` tries save and load once, in a session that starts from nothing.
    """
    session = Session(make(), metric, checkpoints=checkpoints, every=every, rehearse=rehearse)
    try:
        session.resume()
    except RunError:
        session.trainable.close()
        raise
    except Exception as e:  # half of it may have been loaded
        session.trainable.close()
        session = Session(make(), metric, rehearse=rehearse)
        session.remarks.append(f"a checkpoint was of no use: {_not_loaded(e)}")
    return session


def _not_saved(error: Exception) -> str:
    return f"no checkpoints: {_why(error, 'save() failed')}. {STARTS_AGAIN}"


def _not_loaded(error: Exception) -> str:
    return f"load() failed on what save() gave: {_why(error)}. {STARTS_AGAIN}"


def _why(error: Exception, user_code: str = "") -> str:
    """Our own sentence as it is; another's with its kind, after what failed."""
    if isinstance(error, HpsearchError):
        return error.message
    told = kind_and_message(error, 200)
    return f"{user_code}: {told}" if user_code else told


def _under(prefix: str, arrays: Arrays) -> dict[str, Any]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _finite_or_nan(values: Mapping[str, float]) -> dict[str, float]:
    """Infinities as NaN, which is what comes back from a checkpoint: JSON has neither."""
    return {name: value if math.isfinite(value) else math.nan for name, value in values.items()}
