"""The results so far as arrays, and the loss imputed to a trial without one of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.pareto import crowding, front_ranks
from hpsearch.sampling.forecasts import Curves, Forecasts
from hpsearch.sampling.strategy import LogPrefix, Observation, ObservationLog, Unit
from hpsearch.space.parameters import Floats

LARGEST = 1e100  # losses beyond it are cut off, so that their squares and sums stay finite


@dataclass(frozen=True)
class History:
    """The first n observations of a search.

    ``units`` has shape (n, dimensions), ``losses`` and ``stopped`` shape (n,); the loss of a
    failed or diverged trial is infinite. ``curves`` has one row for each observation and one
    column for each epoch; a row is NaN after its trial's end, and all NaN for a trial that failed.
    ``places`` has for each point the first trial that had it; a growing history shares it with its
    beginnings, so it may name trials beyond the n. ``choices`` says which dimensions are
    unordered, shape (dimensions,). ``further`` has the losses of the goals beside the first, shape
    (n, goals - 1), infinite without one, and ``excesses`` how far limits are passed, (n, limits),
    NaN where that is not known.
    """

    units: Floats
    losses: Floats
    stopped: NDArray[np.bool_]
    curves: Floats
    places: Mapping[Unit, int]
    choices: NDArray[np.bool_]
    further: Floats
    excesses: Floats

    @classmethod
    def of(
        cls,
        observations: Sequence[Observation],
        dimensions: int,
        epochs: int,
        choices: NDArray[np.bool_] | None = None,
        *,
        further: int = 0,
        limits: int = 0,
    ) -> History:
        """The arrays of a list of observations; ``None``: no dimension is unordered.

        There are so many ``further`` goals and ``limits``.
        """
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
            _with_places({}, units),
            np.zeros(dimensions, dtype=bool) if choices is None else choices,
            _bounded([o.further or (np.inf,) * further for o in observations], further),
            _bounded([o.excesses or (np.nan,) * limits for o in observations], limits),
        )

    def __len__(self) -> int:
        return len(self.losses)

    def first(self, count: int) -> History:
        """The history as it was when it had ``count`` observations; nothing is copied."""
        return History(
            self.units[:count],
            self.losses[:count],
            self.stopped[:count],
            self.curves[:count],
            self.places,
            self.choices,
            self.further[:count],
            self.excesses[:count],
        )

    def of_feasible(self) -> History:
        """The feasible trials alone; all of them where there are no limits."""
        if not self.excesses.shape[1]:
            return self
        rows = np.flatnonzero(self.feasible)
        units, *columns = (column[rows] for column in _columns(self))
        places = _with_places({}, [tuple(unit) for unit in units.tolist()])
        losses, stopped, curves, further, excesses = columns
        return History(units, losses, stopped, curves, places, self.choices, further, excesses)

    def has(self, unit: Unit) -> bool:
        """Whether one of the observations is of this point."""
        return self.places.get(unit, len(self)) < len(self)

    def equals(self, other: History) -> bool:
        """Whether both hold the same observations."""
        if self.places is other.places:  # both are the beginning of the same growing one
            return len(self) == len(other)
        return (
            np.array_equal(self.losses, other.losses)
            and np.array_equal(self.units, other.units)
            and np.array_equal(self.stopped, other.stopped)
            and np.array_equal(self.curves, other.curves, equal_nan=True)
            and np.array_equal(self.further, other.further)
            and np.array_equal(self.excesses, other.excesses, equal_nan=True)
        )

    @cached_property
    def goals(self) -> Floats:
        """The losses of all goals, shape (n, goals); infinite for a trial that failed."""
        return np.column_stack([self.losses, self.further])

    @cached_property
    def feasible(self) -> NDArray[np.bool_]:
        """The trials that have a loss and keep all limits, shape (n,)."""
        return np.isfinite(self.losses) & (self.excesses <= 0).all(axis=1)

    def best_first(self) -> NDArray[np.intp]:
        """The trials' numbers, shape (n,): feasible ones first, the nearest to it next.

        Among these by the loss; with several goals by how many fronts lie before, and on one front
        the most solitary first.
        """
        if self.is_plain:
            return np.argsort(self.imputed_losses, kind="stable")
        outside = np.where(np.isfinite(self.losses), self.violations, np.inf)
        if not self.further.shape[1]:
            return np.lexsort([self.imputed_losses, outside])
        ranks = np.full(len(self), len(self))
        solitude = np.zeros(len(self))
        feasible = np.flatnonzero(self.feasible)
        ranks[feasible] = front_ranks(self.goals[feasible])
        for rank in np.unique(ranks[feasible]):
            front = np.flatnonzero(self.feasible & (ranks == rank))
            solitude[front] = crowding(self.goals[front])
        return np.lexsort([self.imputed_losses, -solitude, ranks, outside])

    @cached_property
    def violations(self) -> Floats:
        """By how much all limits together are passed, shape (n,); infinite where not known."""
        passed = np.maximum(self.excesses, 0.0).sum(axis=1)
        return np.asarray(np.where(np.isnan(passed), np.inf, passed))

    @property
    def is_plain(self) -> bool:
        """Whether there is one goal and no limit, so that losses say which trials are good."""
        return not self.further.shape[1] and not self.excesses.shape[1]

    @property
    def finished_curves(self) -> Floats:
        """The curves of the trials that were trained for all epochs, shape (finished, epochs)."""
        return self.curves[self._finished]

    @cached_property
    def imputed_losses(self) -> Floats:
        """A finite loss for every trial, shape (n,), to rank and to fit.

        To a stopped trial the final loss is imputed that its curve, its point and the finished
        trials forecast, to a failed or diverged one the worst loss.
        """
        losses = self.losses.copy()
        finite = np.isfinite(losses)
        if not finite.any():
            return np.zeros(len(self))
        if self._forecasts is not None:
            losses[self._begun] = self._forecasts.losses
        return np.where(finite, losses, losses[finite].max())

    def imputation_covariance(self, rows: NDArray[np.intp]) -> Floats:
        """The covariance of the errors of some imputed losses, shape (k, k).

        It is 0 for a trial's own loss, and for the loss imputed to a failed trial.
        """
        C = np.zeros((len(rows), len(rows)))
        if self._forecasts is not None:
            number = np.full(len(self), -1)  # of a trial among the forecasts
            number[self._begun] = np.arange(len(self._begun))
            places = np.flatnonzero(number[rows] >= 0)
            C[np.ix_(places, places)] = self._forecasts.covariance(number[rows[places]])
        return C

    @cached_property
    def _forecasts(self) -> Forecasts | None:
        """Of the trials in ``_begun``; ``None`` while none has finished or none was stopped."""
        finished, begun = np.flatnonzero(self._finished), self._begun
        if not len(finished) or not len(begun):
            return None
        curves = Curves(self.curves, self.units)
        return Forecasts(curves[finished], curves[begun], self.choices)

    @cached_property
    def _finished(self) -> NDArray[np.bool_]:
        if not self.curves.shape[1]:
            return np.zeros(len(self), dtype=bool)
        return ~self.stopped & np.isfinite(self.curves[:, -1])

    @cached_property
    def _begun(self) -> NDArray[np.intp]:
        """The stopped trials that have a curve."""
        return np.flatnonzero(self.stopped & np.isfinite(self.curves[:, :1]).any(axis=1))


@dataclass(frozen=True)
class TriedUnits:
    """The points of a history and of the trials still running; ask with ``in``."""

    known: History
    pending: Collection[Unit]

    def __contains__(self, unit: object) -> bool:
        return isinstance(unit, tuple) and (self.known.has(unit) or unit in self.pending)


class HistoryReader:
    """Reads a growing list of observations without looking at any of them twice.

    That holds for the prefixes of an ``ObservationLog``. What else it is given is compared with
    what it has read, and read anew if it does not go on from there.
    """

    def __init__(
        self,
        dimensions: int,
        epochs: int,
        choices: NDArray[np.bool_] | None = None,
        *,
        further: int = 0,
        limits: int = 0,
    ) -> None:
        self._dimensions = dimensions
        self._epochs = epochs
        self._choices = choices
        self._further, self._limits = further, limits
        self._log: ObservationLog | None = None
        self._seen: list[Observation]
        self._places: dict[Unit, int]
        self._history: History
        self._arrays: list[_GrowingArray]
        self._forget()

    def read(self, observations: Sequence[Observation]) -> History:
        """The observations as arrays; the answer does not depend on earlier calls."""
        log = observations.log if isinstance(observations, LogPrefix) else None
        if log is None or log is not self._log:
            if list(observations[: len(self._seen)]) != self._seen:
                self._forget()
            self._log = log
        if len(observations) > len(self._seen):
            self._extend(observations[len(self._seen) :])
        if len(observations) != len(self._history):
            units, losses, stopped, curves, further, excesses = (
                a.first(len(observations)) for a in self._arrays
            )
            self._history = History(
                units,
                losses,
                stopped,
                curves,
                self._places,
                self._history.choices,
                further,
                excesses,
            )
        return self._history

    def _forget(self) -> None:
        # What was handed out is of the old arrays and dict, which therefore stay as they are.
        self._seen, self._places = [], {}
        self._history = self._of([], self._choices)
        self._arrays = [_GrowingArray(column) for column in _columns(self._history)]

    def _extend(self, new: Sequence[Observation]) -> None:
        _with_places(self._places, [observation.unit for observation in new], len(self._seen))
        self._seen.extend(new)
        rows = self._of(new)
        for array, column in zip(self._arrays, _columns(rows), strict=True):
            array.extend(column)

    def _of(
        self, observations: Sequence[Observation], choices: NDArray[np.bool_] | None = None
    ) -> History:
        return History.of(
            observations,
            self._dimensions,
            self._epochs,
            choices,
            further=self._further,
            limits=self._limits,
        )


class _GrowingArray:
    """Rows that are only ever added to; what was handed out of them stays as it is."""

    def __init__(self, empty: NDArray[Any]) -> None:
        self._room = empty
        self._length = 0

    def extend(self, rows: NDArray[Any]) -> None:
        """Add rows; there is room for as many again each time that it runs out."""
        end = self._length + len(rows)
        if end > len(self._room):
            shape = (max(end, 2 * len(self._room)), *self._room.shape[1:])
            room = np.empty(shape, self._room.dtype)
            room[: self._length] = self._room[: self._length]
            self._room = room
        self._room[self._length : end] = rows
        self._length = end

    def first(self, count: int) -> NDArray[Any]:
        """The first rows, to read only."""
        rows = self._room[:count]
        rows.flags.writeable = False
        return rows


def _with_places(places: dict[Unit, int], units: Iterable[Unit], start: int = 0) -> dict[Unit, int]:
    """The first place of each point, now that those of ``units`` follow from ``start`` on."""
    for place, unit in enumerate(units, start):
        places.setdefault(unit, place)
    return places


def _columns(history: History) -> tuple[NDArray[Any], ...]:
    return (
        history.units,
        history.losses,
        history.stopped,
        history.curves,
        history.further,
        history.excesses,
    )


def _bounded(rows: Sequence[Sequence[float]], width: int) -> Floats:
    """Rows of numbers, shape (rows, width), cut off where they are too large; infinity stays."""
    numbers = np.array(rows, dtype=float).reshape(len(rows), width)
    return np.where(np.isinf(numbers), numbers, np.clip(numbers, -LARGEST, LARGEST))
