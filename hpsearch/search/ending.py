"""When a search ends before ``search.max_trials``: ``search.patience`` and ``search.target``.

Both look at results in the order of their numbers, never of their arrival, so that the table is the
same for any number of workers, and a search that is cut short and goes on ends with it too.

* ``patience: 30``: the search ends with the 30th trial in a row that is no better than the best one
  before it. A trial starts only when no result still to come can end the search before it.
* ``target: 0.02``: once a trial has reached it, no trial is started that may know of it. Trial i
  knows the results of trials 0 … i - lookahead, so the ``lookahead - 1`` trials after the one that
  reached it, which may be training already, belong to the search.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hpsearch.config import Config
from hpsearch.records import Metric, TrialResult, finite
from hpsearch.search.proposals import planned_trials
from hpsearch.text import number, plural


class Valued(Protocol):
    """A result, or as much of it as matters here."""

    @property
    def value(self) -> float | None:
        """The trial's value."""


@dataclass(frozen=True)
class Known:
    """A trial's value and nothing else of it, for who keeps many."""

    value: float | None


@dataclass(frozen=True)
class End:
    """How many trials a search has that ends before its time, and why, as a sentence's start."""

    trials: int
    why: str


class EndRule:
    """Follows the leading results of one search; ``results`` that it is given may only grow."""

    def __init__(
        self, metric: Metric, lookahead: int, patience: int | None, target: float | None
    ) -> None:
        self._metric, self._lookahead = metric, lookahead
        self._patience, self._target = patience, target
        self._front = 0
        self._best: tuple[int, float] | None = None
        self._reached: int | None = None
        self._end: End | None = None

    @classmethod
    def of(cls, config: Config) -> EndRule:
        """The rule that a config asks for."""
        search = config.search
        return cls(config.metric_record(), search.lookahead, search.patience, search.target)

    def may_start(self, index: int, results: Mapping[int, Valued]) -> bool:
        """Whether the search comes to a trial, whatever the results that are not known yet.

        To be asked of a trial once the lookahead allows it.
        """
        end = self.end(results)
        if end is not None and index >= end.trials:
            return False
        if self._target is not None and index >= self._front + self._lookahead:
            return False  # whatever the strategy allows
        if self._patience is None:
            return True
        # A result that is not known yet can only make the search longer: it counts from there.
        since = self._front if self._best is None else self._best[0]
        return index <= since + self._patience

    def end(self, results: Mapping[int, Valued]) -> End | None:
        """Where the search ends by what is known; ``None`` if it is not known to end early."""
        if self._patience is None and self._target is None:
            return None
        while self._front in results and (self._end is None or self._front < self._end.trials):
            self._follow(self._front, counted_value(results[self._front], self._metric))
            self._front += 1
        return self._end

    def _follow(self, index: int, value: float | None) -> None:
        """Take the next result into account."""
        loss = self._metric.goal.loss
        if value is not None and (self._best is None or loss(value) < loss(self._best[1])):
            self._best = (index, value)
        if self._reached is None and value is not None and self._is_reached(value):
            self._reached = index
            why = f"trial {index} reached search.target {number(self._target or 0)}"
            self._end = End(index + self._lookahead, why)
        if self._patience is not None and self._best is not None:
            best, _ = self._best
            if index - best >= self._patience:
                after = plural(self._patience, "trial")
                why = f"no trial was better than trial {best} in the {after} after it"
                self._end = End(index + 1, f"{why} (search.patience)")

    def _is_reached(self, value: float) -> bool:
        loss = self._metric.goal.loss
        return self._target is not None and loss(value) <= loss(self._target)


def counted_value(result: Valued, metric: Metric) -> float | None:
    """A trial's value as far as it counts: that of a trial outside of the limits does not."""
    outside = isinstance(result, TrialResult) and metric.limits and not result.is_feasible(metric)
    return None if outside else finite(result.value)


def end_of(config: Config, results: Mapping[int, Valued]) -> End | None:
    """Where a search with these results ends early; ``None`` if it is not known to."""
    end = EndRule.of(config).end(results)
    return None if end is None or end.trials >= planned_trials(config) else end


def expected_trials(config: Config, results: Mapping[int, Valued]) -> int:
    """How many trials a search has, as far as its results tell."""
    end = end_of(config, results)
    if end is None:
        return planned_trials(config)
    return max(end.trials, max(results, default=-1) + 1)  # it may have gone on with another limit
