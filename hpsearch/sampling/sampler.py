"""The two halves of a strategy: a sampler chooses the points, a cut-off rule stops trials.

A sampler is a pure function of the question that it is asked. How long a trial may disappoint is
decided beside it, by a rule of :mod:`hpsearch.sampling.cutoffs`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hpsearch.records import Value
from hpsearch.sampling.cutoffs import CutoffRule
from hpsearch.sampling.given import First
from hpsearch.sampling.history import History, HistoryReader, TriedUnits
from hpsearch.sampling.points import PointList
from hpsearch.sampling.strategy import (
    Explanation,
    Observation,
    Proposal,
    Ranges,
    Unit,
    whole_ranges,
)
from hpsearch.space import Choice, Space


@dataclass(frozen=True)
class Options:
    """What samplers are made from; each reads what concerns it.

    Attributes:
        space: what to search.
        seed: of every random number that a sampler draws.
        lookahead: D >= 1; trial i is chosen from the results of trials 0 … i - D.
        epochs: of a trial that is not stopped.
        counts: for a grid, how many values of a parameter to try, by its name.
        eta: for successive halving, of how many trials one goes on at each rung; from 2.
        sampler: for Optuna, the class of the sampler.
        arguments: for Optuna, what the sampler is made with.
        starts: the first trials, as far as they are given.
        likely: values to begin with and to lean to, by the name of their parameter.
        goals: how many losses a trial has, at least one.
        limits: how many limits a trial has to keep.
        known: results that were measured elsewhere, before the first trial.
    """

    space: Space
    seed: int
    lookahead: int = 1
    epochs: int = 1
    counts: Mapping[str, int] = field(default_factory=dict)
    eta: int = 3
    sampler: str = "TPESampler"
    arguments: Mapping[str, Value] = field(default_factory=dict)
    starts: Sequence[First] = ()
    likely: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    goals: int = 1
    limits: int = 0
    known: Sequence[Observation] = ()


@dataclass(frozen=True)
class Question:
    """Which point for the trial with this ``index``, from 0?

    ``observations`` are the results that were known from the start and those of trials
    0 … index - D, ``known`` the same as arrays, and
    ``pending`` the points of the trials from there to index - 1.
    """

    index: int
    observations: Sequence[Observation]
    known: History
    pending: Sequence[Unit]

    def tried(self) -> Container[Unit]:
        """All points that were proposed so far."""
        return TriedUnits(self.known, frozenset(self.pending))


@dataclass(frozen=True)
class ChosenPoint:
    """A sampler's answer; the fields are those of a proposal."""

    unit: Unit
    origin: str
    ranges: Ranges
    round: int = 1


class Sampler(ABC):
    """Chooses points.

    ``points`` are all points of the space where they are few enough to number, else ``None``.
    ``cutoff_rule`` is the sampler's own rule; ``None`` where any rule of the config goes with it.
    ``learns`` is false where the points are in an order that no result and no prior changes.
    """

    cutoff_rule: CutoffRule | None = None
    learns = True

    def __init__(self, options: Options) -> None:
        self.space = options.space
        self.seed = options.seed
        self.points = PointList.of_all(options.space)
        self.whole = whole_ranges(options.space)
        self.size = self.size_for(options)

    @classmethod
    def size_for(cls, options: Options) -> int | None:
        """How many different points there are to choose; ``None`` if there is no end."""
        points = PointList.of_all(options.space)
        return points.size if points else None

    @abstractmethod
    def choose(self, question: Question) -> ChosenPoint:
        """The point of a trial; depends on nothing but the question."""

    def explain(self, question: Question, proposal: Proposal) -> Explanation:
        """Why :meth:`choose` gives what it gives; more than this only where results count."""
        return Explanation(proposal, len(question.known))


class SamplerWithCutoffs:
    """The strategy made of a sampler and a cut-off rule."""

    def __init__(self, sampler: Sampler, rule: CutoffRule, options: Options) -> None:
        self.sampler = sampler
        self.lookahead = options.lookahead
        self._rule = rule
        self._given = tuple(options.known)
        choices = np.array([isinstance(p, Choice) for p in options.space.searched], dtype=bool)
        self._reader = HistoryReader(
            options.space.dimensions,
            options.epochs,
            choices,
            further=options.goals - 1,
            limits=options.limits,
        )

    @property
    def size(self) -> int | None:
        """How many different points there are to propose; ``None`` if there is no end."""
        return self.sampler.size

    def propose(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Proposal:
        return self._propose(self._question(index, history, pending))

    def explain(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Explanation:
        question = self._question(index, history, pending)
        explanation = self.sampler.explain(question, self._propose(question))
        return explanation.without(len(self._given))

    def _question(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Question:
        if self._given:
            history = [*self._given, *history]
        return Question(index, history, self._reader.read(history), pending)

    def _propose(self, question: Question) -> Proposal:
        chosen = self.sampler.choose(question)
        return Proposal(
            unit=chosen.unit,
            origin=chosen.origin,
            round=chosen.round,
            ranges=chosen.ranges,
            cutoffs=self._rule(question.known.of_feasible()),
        )
