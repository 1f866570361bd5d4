"""What a strategy is: a pure function from earlier results to the next point.

The scheduler hands every strategy the same two things: the results of trials 0 … i - D, and the
points of the trials between them and trial i, whose results do not count yet (D is the
*lookahead*). The answer may depend on nothing else: not on the time, not on which result came
first, not on earlier calls. A strategy may keep what it computed, as long as a fresh object would
give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, overload

from hpsearch.records import Value
from hpsearch.space import Listed, Number, Space

REVISION = "3"
"""Another one with each change after which the same results give other proposals or cut-offs."""

Unit = tuple[float, ...]
"""A canonical unit vector: one coordinate in [0, 1] for each searched parameter."""

Ranges = Mapping[str, tuple[Value, ...]]
"""The part of the space searched now: [low, high] of a number, the values of a choice."""


@dataclass(frozen=True)
class Observation:
    """One ended trial as a strategy sees it.

    ``loss`` is what the search minimises: infinite for failed and diverged trials. ``curve`` has
    the loss so far after each epoch (already the best so far where the metric picks the best); it
    may be empty. ``stopped`` says that the trial ended at a cut-off. ``further`` are the losses of
    the goals beside the first, and ``excesses`` how far each limit is passed: 0 or below where it
    is kept, NaN where that is not known.
    """

    unit: Unit
    loss: float
    curve: tuple[float, ...] = ()
    stopped: bool = False
    further: tuple[float, ...] = ()
    excesses: tuple[float, ...] = ()


class ObservationLog:
    """The observations of a search as they come in; none is ever changed or taken away.

    That is what makes the next proposal cheap: who has read the first n of a log need not look
    at them again (see ``history.HistoryReader``).
    """

    def __init__(self, observations: Iterable[Observation] = ()) -> None:
        self._observations = list(observations)

    def __len__(self) -> int:
        return len(self._observations)

    def append(self, observation: Observation) -> None:
        """Add the next trial's."""
        self._observations.append(observation)

    def first(self, count: int) -> LogPrefix:
        """The first ``count`` observations, which are there already; nothing is copied."""
        assert 0 <= count <= len(self)
        return LogPrefix(self, self._observations, count)


class LogPrefix(Sequence[Observation]):
    """The first observations of a log, as :meth:`ObservationLog.first` gives them."""

    def __init__(
        self, log: ObservationLog, observations: Sequence[Observation], count: int
    ) -> None:
        self.log = log
        self._observations = observations
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Observation: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Observation]: ...

    def __getitem__(self, place: int | slice) -> Observation | Sequence[Observation]:
        places = range(self._count)[place]
        if isinstance(places, range):
            return [self._observations[i] for i in places]
        return self._observations[places]


@dataclass(frozen=True)
class Proposal:
    """The next trial's point, why it was chosen, and how long the trial may disappoint.

    ``round`` counts from 1. ``cutoffs`` maps an epoch, from 1, to the worst loss so far with
    which the trial may go on after it. ``ranges`` is the strategy's own record of where it
    searched.
    """

    unit: Unit
    origin: str
    round: int = 1
    ranges: Ranges = field(default_factory=dict)
    cutoffs: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """What the strategy knew when it proposed a trial.

    ``known`` is how many results counted. ``elites`` are the numbers of the trials in boxes
    around which it searched, best first, and ``zoom`` the smallest box's half-width as a share of
    the range; none where it searched the whole space. ``expected`` and ``uncertainty`` are the
    mean and the standard deviation of the loss that a Gaussian process predicted for the trial, and
    ``feasible`` is the probability with which it keeps all limits; ``None`` where there was none.
    """

    proposal: Proposal
    known: int
    zoom: float | None = None
    elites: tuple[int, ...] = ()
    expected: float | None = None
    uncertainty: float | None = None
    feasible: float | None = None

    def without(self, given: int) -> Explanation:
        """The same in the numbers of the trials, where the first results are not of trials."""
        elites = tuple(number - given for number in self.elites if number >= given)
        return replace(self, known=self.known - given, elites=elites)


class Strategy(Protocol):
    """Proposes trials; ``lookahead`` is D, ``size`` the number of points (``None``: endless)."""

    @property
    def lookahead(self) -> int:
        """D: the results of trials 0 … i - D are known when trial i is proposed."""

    @property
    def size(self) -> int | None:
        """How many different points there are to propose; ``None`` if there is no end."""

    def propose(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Proposal:
        """The trial with this index.

        Args:
            index: the trial's number, from 0.
            history: trials 0 … index - D, in order; empty if index < D.
            pending: the points of the trials from there to index - 1, in order.
        """

    def explain(
        self, index: int, history: Sequence[Observation], pending: Sequence[Unit]
    ) -> Explanation:
        """Why :meth:`propose` gives what it gives: computed again, from the same three things."""


def count_known(index: int, lookahead: int) -> int:
    """How many results count for a trial: those of trials 0 … index - lookahead."""
    return max(0, index - lookahead + 1)


def whole_ranges(space: Space) -> dict[str, tuple[Value, ...]]:
    """The ranges of a strategy that searches the whole space."""
    ranges: dict[str, tuple[Value, ...]] = {}
    for parameter in space.searched:
        if isinstance(parameter, Listed):
            ranges[parameter.name] = parameter.values
        else:
            assert isinstance(parameter, Number)
            ranges[parameter.name] = (parameter.decode(0.0), parameter.decode(1.0))
    return ranges
