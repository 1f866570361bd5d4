"""The nouns that all parts of hpsearch exchange: plain, frozen, and free of behaviour.

A *trial* is one point of the space with an index and a seed. Training it gives one
:class:`EpochMetrics` an epoch and, at the end, a :class:`TrialResult`. Metrics keep the user's
own sign; only the search turns them into a *loss* (smaller is better) through :meth:`Goal.loss`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeGuard

from hpsearch.portable import without_numbers

Value = bool | int | float | str | None
"""One hyperparameter's value: what a JSON scalar can hold."""

Hparams = Mapping[str, Value]
"""One value for each active hyperparameter, constants included."""


class State(StrEnum):
    """How a trial ended."""

    DONE = "done"
    STOPPED = "stopped"  # at a cut-off
    DIVERGED = "diverged"  # a number was not finite
    FAILED = "failed"  # an exception, a dead worker or the time limit

    @property
    def finished(self) -> bool:
        """Whether the trial was trained for all of its epochs."""
        return self is State.DONE


class Goal(StrEnum):
    """The direction in which a metric gets better."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"

    def loss(self, value: float) -> float:
        """The value as a quantity to minimise; its own inverse."""
        return value if self is Goal.MINIMIZE else -value


@dataclass(frozen=True)
class Limit:
    """Where a metric has to lie for a trial to be feasible: both ends belong to it, or are open."""

    name: str
    min: float | None = None
    max: float | None = None

    def excess(self, value: float) -> float:
        """How far a value lies outside, as a share of the bound; 0 or below where it is inside.

        >>> Limit("size_kb", max=500).excess(750), Limit("size_kb", max=500).excess(400)
        (0.5, -0.2)
        """
        above = -math.inf if self.max is None else (value - self.max) / (abs(self.max) or 1.0)
        below = -math.inf if self.min is None else (self.min - value) / (abs(self.min) or 1.0)
        return max(above, below)


@dataclass(frozen=True)
class Metric:
    """The number that a search minimises or maximises, one an epoch.

    ``pick`` says which epoch is a trial's value: its ``best`` so far, or its ``last``. Of the same
    epoch are the numbers that a search weighs beside it: those of ``further`` goals, and those with
    ``limits``. Where one goal is needed and there are several, it is this one.
    """

    name: str
    goal: Goal = Goal.MINIMIZE
    pick: str = "best"
    further: tuple[Metric, ...] = ()
    limits: tuple[Limit, ...] = ()

    @property
    def alone(self) -> Metric:
        """The metric with nothing beside it."""
        return replace(self, further=(), limits=())

    @property
    def goals(self) -> tuple[Metric, ...]:
        """The metric itself, and the goals beside it."""
        return (self, *self.further)

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of all that a trainable has to give: this metric's first, none twice."""
        named = (self.name, *(g.name for g in self.further), *(x.name for x in self.limits))
        return tuple(dict.fromkeys(named))

    def values_so_far(self, curve: Sequence[float]) -> list[float]:
        """What the trial's value would be if it ended after each epoch.

        >>> Metric("dev_error").values_so_far([0.5, 0.2, 0.3])
        [0.5, 0.2, 0.2]
        """
        values: list[float] = []
        for value in curve:
            counts = not values or self.counts(value, values[-1])
            values.append(value if counts else values[-1])
        return values

    def counts(self, value: float, best: float) -> bool:
        """Whether an epoch gives the trial its value, where the epochs before it gave ``best``."""
        return self.pick == "last" or self.goal.loss(value) < self.goal.loss(best)

    def best_epoch(self, curve: Sequence[float]) -> int:
        """The epoch, counted from 1, that gives the trial its value (the first among equals)."""
        if self.pick == "last":
            return len(curve)
        return min(range(len(curve)), key=lambda e: self.goal.loss(curve[e])) + 1


@dataclass(frozen=True)
class EpochMetrics:
    """What one epoch of training gave; ``epoch`` counts finished epochs, from 1."""

    epoch: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Trial:
    """One point to train, as proposed: a pure function of the seed and earlier results.

    ``unit`` has one coordinate in [0, 1] for each searched parameter, in the space's order.
    ``cutoffs`` maps an epoch (from 1) to the worst value so far with which the trial may go on.
    ``round`` counts from 1. ``origin`` names the strategy's reason: ``spread``, ``explore``,
    ``zoom``, ``fit`` … ``ranges`` holds, for each searched parameter, the part of the space that
    the strategy then searched: ``[low, high]`` for numbers, the values for choices.
    """

    index: int
    seed: int
    hparams: Hparams
    unit: tuple[float, ...]
    round: int = 1
    origin: str = "random"
    cutoffs: Mapping[int, float] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def is_cut_off(self, epoch: int, value: float, goal: Goal) -> bool:
        """Whether a value so far, after ``epoch``, is worse than the one to go on with."""
        worst = self.cutoffs.get(epoch)
        return worst is not None and goal.loss(value) > goal.loss(worst)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How a trial ended.

    ``value`` is ``None`` unless the state is ``done`` or ``stopped``. ``curves`` has, for each
    metric, one number an epoch (``None`` where it was not finite). ``seconds`` is the wall-clock
    time of the attempt that ended the trial; it is recorded and never used for a decision.
    ``notes`` is what a person should know about the trial, such as output that was ignored.
    ``died`` says that the trial failed because each worker that trained it died. ``attempt`` counts
    how often a trial that had failed was trained again at the user's wish, from 1. ``repeats`` has
    the metric of each training at the best epoch where a trial is trained several times: the curves
    are averages then.
    """

    trial: Trial
    state: State
    value: float | None
    best_epoch: int | None
    epochs: int
    curves: Mapping[str, tuple[float | None, ...]]
    error: str | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    died: bool = False
    attempt: int = 1
    repeats: tuple[float, ...] = ()

    @property
    def error_kind(self) -> str | None:
        """The error without the numbers in it, which differ from trial to trial."""
        return None if self.error is None else without_numbers(self.error)

    def loss(self, metric: Metric) -> float:
        """What the search minimises: infinite without a value."""
        return math.inf if self.value is None else metric.goal.loss(self.value)

    def figure(self, name: str) -> float | None:
        """What a metric was at the epoch that gave the trial its value; ``None`` without one."""
        curve, epoch = self.curves.get(name, ()), self.best_epoch
        there = self.value is not None and epoch is not None and 0 < epoch <= len(curve)
        return curve[epoch - 1] if there and epoch is not None else None

    def losses(self, metric: Metric) -> tuple[float, ...]:
        """What the search minimises, one loss for each goal: infinite without a value."""
        if not metric.further:
            return (self.loss(metric),)
        beside = [(goal.goal, self.figure(goal.name)) for goal in metric.further]
        return (self.loss(metric), *(math.inf if v is None else g.loss(v) for g, v in beside))

    def excesses(self, metric: Metric) -> tuple[float, ...]:
        """How far each limited metric lies outside, see :meth:`Limit.excess`; NaN if not known."""
        figures = [(limit, self.figure(limit.name)) for limit in metric.limits]
        return tuple(math.nan if v is None else limit.excess(v) for limit, v in figures)

    def is_feasible(self, metric: Metric) -> bool:
        """Whether the trial has a value, and all limits are kept."""
        return self.value is not None and all(excess <= 0 for excess in self.excesses(metric))

    def losses_so_far(self, metric: Metric) -> tuple[float, ...]:
        """What the loss would be if the trial ended after each epoch with a finite metric."""
        curve = [value for value in self.curves.get(metric.name, ()) if value is not None]
        return tuple(map(metric.goal.loss, metric.values_so_far(curve)))

    def to_record(self) -> dict[str, Any]:
        """The result as one flat JSON object, in the order of ``trials.jsonl``.

        ``notes`` is there only if there are any: so it was before there were notes.
        """
        trial = self.trial
        notes = {"notes": list(self.notes)} if self.notes else {}
        repeats = {"repeats": list(self.repeats)} if self.repeats else {}
        return {
            "trial": trial.index,
            "round": trial.round,
            "origin": trial.origin,
            "state": str(self.state),
            "value": self.value,
            "best_epoch": self.best_epoch,
            "epochs": self.epochs,
            "hparams": dict(trial.hparams),
            "seed": trial.seed,
            "unit": list(trial.unit),
            "cutoffs": {str(epoch): value for epoch, value in trial.cutoffs.items()},
            "ranges": {name: list(values) for name, values in trial.ranges.items()},
            "curves": {name: list(curve) for name, curve in self.curves.items()},
            "error": self.error,
            **notes,
            **repeats,
            "seconds": round(self.seconds, 3),
            **({"died": True} if self.died else {}),
            **({"attempt": self.attempt} if self.attempt > 1 else {}),
        }

    @classmethod
    def from_record(
        cls,
        record: Mapping[str, Any],
        curves: Mapping[str, tuple[float | None, ...]] | None = None,
        ranges: Mapping[str, tuple[Value, ...]] | None = None,
    ) -> TrialResult:
        """The inverse of :meth:`to_record`.

        ``curves`` and ``ranges`` take the place of the record's own, where they were read already.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: the record is not one of ours.
        """
        value, best_epoch = record["value"], record["best_epoch"]
        trial = Trial(
            index=int(record["trial"]),
            seed=int(record["seed"]),
            hparams=scalars(record["hparams"]),
            unit=tuple(map(finite_number, record["unit"])),
            round=int(record["round"]),
            origin=sys.intern(str(record["origin"])),
            cutoffs={int(epoch): float(value) for epoch, value in record["cutoffs"].items()},
            ranges=ranges_of(record["ranges"]) if ranges is None else ranges,
        )
        return cls(
            trial=trial,
            state=State(record["state"]),
            value=None if value is None else finite_number(value),
            best_epoch=None if best_epoch is None else int(best_epoch),
            epochs=int(record["epochs"]),
            curves=curves_of(record["curves"]) if curves is None else curves,
            error=None if record["error"] is None else str(record["error"]),
            seconds=finite_number(record["seconds"]),
            notes=tuple(map(str, record.get("notes", ()))),
            died=bool(record.get("died", False)),
            attempt=int(record.get("attempt", 1)),
            repeats=tuple(map(finite_number, record.get("repeats", ()))),
        )


def ranges_of(record: Mapping[str, Any]) -> dict[str, tuple[Value, ...]]:
    """The ranges of a record.

    Raises:
        AttributeError, TypeError: they are no named lists.
    """
    return {sys.intern(name): tuple(values) for name, values in record.items()}


def curves_of(record: Mapping[str, Any]) -> dict[str, tuple[float | None, ...]]:
    """The curves of a record.

    Raises:
        AttributeError, TypeError, ValueError, OverflowError: they are no named lists of numbers.
    """
    return {sys.intern(name): curve_of(curve) for name, curve in record.items()}


def curve_of(numbers: Iterable[Any]) -> tuple[float | None, ...]:
    """One curve of a record.

    Raises:
        TypeError, ValueError, OverflowError: it is no list of numbers.
    """
    return tuple(None if number is None else finite_number(number) for number in numbers)


@dataclass(frozen=True)
class Retry:
    """The user's wish to train failed trials again.

    The trials that are proposed from number ``start`` on know how they ended then; those before
    know how they had failed.
    """

    start: int
    trials: tuple[int, ...]

    def to_record(self) -> dict[str, Any]:
        """The wish as one flat JSON object, in the order of ``retries.jsonl``."""
        return {"start": self.start, "trials": list(self.trials)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Retry:
        """The inverse of :meth:`to_record`.

        Raises:
            KeyError, TypeError, ValueError: the record is not one of ours.
        """
        return cls(int(record["start"]), tuple(int(index) for index in record["trials"]))


def ranked_results(results: Iterable[TrialResult], metric: Metric) -> list[TrialResult]:
    """The feasible results that have a finite value, the best first; the lower index wins a tie."""
    return [result for _, _, result in sorted(_ranked(results, metric), key=_rank)]


def best_result(results: Iterable[TrialResult], metric: Metric) -> TrialResult | None:
    """The first of :func:`ranked_results`; ``None`` if there is none."""
    best = min(_ranked(results, metric), key=_rank, default=None)
    return best[-1] if best else None


def what_none_has(results: Iterable[TrialResult]) -> str:
    """What no trial does, where :func:`best_result` has none, as the end of a sentence."""
    valued = any(finite(result.value) is not None for result in results)
    return "keeps the limits" if valued else "has a value"


_Ranked = tuple[float, int, TrialResult]


def _ranked(results: Iterable[TrialResult], metric: Metric) -> Iterator[_Ranked]:
    for result in results:
        value = finite(result.value)
        if value is not None and (not metric.limits or result.is_feasible(metric)):
            yield metric.goal.loss(value), result.trial.index, result


def _rank(entry: _Ranked) -> tuple[float, int]:
    return entry[:2]


DEV_PREFIXES = ("dev_", "val_", "valid_", "validation_", "test_")


def train_counterpart(metric: str, reported: Collection[str]) -> str | None:
    """The name of the same metric on the training set, if it is reported.

    >>> train_counterpart("dev_error", ["train_error", "dev_error"])
    'train_error'
    """
    for prefix in DEV_PREFIXES:
        name = f"train_{metric.removeprefix(prefix)}"
        if metric.startswith(prefix) and name in reported:
            return name
    return None


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number; in Python true and false are whole numbers as well.

    >>> [is_number(value) for value in (1, 0.5, True, "1", None)]
    [True, True, False, False, False]
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def value_key(value: object) -> tuple[bool, object]:
    """What tells values apart: in Python true is 1, and for a parameter they are two values."""
    return isinstance(value, bool), value


def same_value(a: object, b: object) -> bool:
    """Whether two values of a parameter are the same.

    >>> same_value(1, 1.0), same_value(1, True)
    (True, False)
    """
    return value_key(a) == value_key(b)


def finite(value: float | None) -> float | None:
    """The number, or ``None`` for one that is not finite, which JSON does not have."""
    return value if value is not None and math.isfinite(value) else None


def finite_values(values: Mapping[str, float]) -> dict[str, float | None]:
    """The numbers of one epoch, those that are not finite as ``None``."""
    return {name: finite(value) for name, value in values.items()}


def finite_number(value: Any) -> float:
    """A number of a record.

    Raises:
        TypeError, ValueError, OverflowError: it is none, or not finite.
    """
    if not is_number(value):
        raise TypeError(f"{value!r} is not a number")
    if not math.isfinite(value):
        raise ValueError(f"{value} is not finite")
    return float(value)


_SCALARS = (bool, int, float, str, type(None))


def scalars(values: Any) -> dict[str, Value]:
    """Named values of a record, each a JSON scalar.

    Raises:
        TypeError: they are no mapping, or one of them is not a scalar.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"{values!r} are no named values")
    named: dict[str, Value] = {}
    for name, value in values.items():
        if not isinstance(value, _SCALARS):
            raise TypeError(f"{name} is {value!r}")
        named[sys.intern(str(name))] = value  # a name is kept once, however many trials have it
    return named
