"""The rows that every screen, page and table is built from: plain, frozen, already computed.

A *unit* is a position in [0, 1] on a parameter's own axis; a *rank* counts from 1, the best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hpsearch.errors import UsageError
from hpsearch.records import Hparams, Metric, State, TrialResult, Value
from hpsearch.search.confirmations import Confirmation
from hpsearch.search.front import Front
from hpsearch.search.race import Standing
from hpsearch.significance import standard_error
from hpsearch.space import Parameter, Space

Curve = tuple[float | None, ...]
"""A metric's number after each epoch; ``None`` where it was not finite."""

Quartiles = tuple[float, float, float, float, float]
"""The lowest value, the three quartiles and the highest."""


@dataclass(frozen=True)
class RunView:
    """What is known of a run: all that a report is a function of.

    ``results`` are the recorded trials by index. ``command`` repeats the run; ``config`` is the
    text it was given; ``facts`` are versions and machine, as recorded. ``test`` holds the best
    network's scores on the test split, once it has them. ``audited`` are stopped trials that an
    audit trained to the end. ``confirmation`` is that of its best trials, if there is one, and
    ``dev_rows`` the size of the built-in network's dev split, where it is on record: of all
    ``folds`` together, where it is cross-validated in so many. ``ended`` says why there are fewer
    trials than there might be, ``clock`` which limit of the config makes their number depend on the
    clock. ``begins`` says what the search knew from the start, and with which trials it began.
    """

    name: str
    space: Space
    metric: Metric
    results: Sequence[TrialResult]
    max_trials: int | None = None
    epochs: int | None = None
    seed: int | None = None
    workers: int | None = None
    folder: str | None = None
    command: str | None = None
    config: str | None = None
    facts: Mapping[str, str] | None = None
    test: Mapping[str, float] | None = None
    audited: Sequence[TrialResult] = ()
    confirmation: Confirmation | None = None
    dev_rows: int | None = None
    folds: int | None = None
    ended: str | None = None
    clock: str | None = None
    begins: tuple[str, ...] = ()

    def result(self, index: int) -> TrialResult:
        """The result of one trial.

        Raises:
            UsageError: it is not recorded.
        """
        results = {result.trial.index: result for result in self.results}
        if index not in results:
            known = "it has none yet"
            if results:
                known = f"its trials go from {min(results)} to {max(results)}"
            raise UsageError(f"{self.name} has no recorded trial {index}; {known}")
        return results[index]


@dataclass(frozen=True)
class TrialRow:
    """One trial.

    ``rank`` is ``None`` without a value. ``repeats`` has the metric of each training where there
    are several, and their average is the value. ``curves`` has every metric's; ``metric`` is the
    name of the search's and ``train_metric`` that of its counterpart on the training set, where the
    trainable reports one. ``beside`` are the numbers that the search weighs beside the metric, and
    ``outside`` says which limits the trial does not keep: it then has neither rank nor value.
    ``on_front`` if there are several goals and no trial is better in one and no worse in another.
    """

    trial: int
    round: int
    state: State
    rank: int | None
    value: float | None
    best_epoch: int | None
    epochs: int
    seconds: float
    hparams: Hparams
    unit: tuple[float, ...]
    curves: Mapping[str, Curve]
    metric: str
    train_metric: str | None
    error: str | None
    repeats: tuple[float, ...] = ()
    beside: Mapping[str, float | None] = field(default_factory=dict)
    outside: str = ""
    on_front: bool = False

    @property
    def standard_error(self) -> float | None:
        """Of the value, where the trial was trained several times."""
        return standard_error(self.repeats) if self.repeats else None

    # A recorded trial's curves are read when they are asked for, and few rows' ever are.

    @property
    def curve(self) -> Curve:
        """The search's metric after each epoch."""
        return self.curves.get(self.metric, ())

    @property
    def train_curve(self) -> Curve:
        """Its counterpart on the training set; empty where there is none."""
        return self.curves.get(self.train_metric or "", ())

    @property
    def train(self) -> float | None:
        """The counterpart at the epoch that gave the value."""
        curve, epoch = self.train_curve, self.best_epoch
        return curve[epoch - 1] if epoch and epoch <= len(curve) else None


@dataclass(frozen=True)
class Span:
    """The part of one parameter's axis that was searched.

    ``low`` and ``high`` are units; ``values`` are the two ends of a number, or the choices.
    """

    low: float
    high: float
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Share:
    """A share of the variation in [0, 1], with the interval that holds it in 9 of 10 resamples."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ParameterRow:
    """One searched parameter.

    ``marks`` has (unit, relative rank) for each trial that has a value and in which the parameter
    was active, best first; the relative rank goes from 0, the best trial, to 1, the worst. ``best``
    is ``None`` where it was inactive.
    """

    parameter: Parameter
    column: int
    share: Share | None
    marks: tuple[tuple[float, float], ...]
    last: Span
    best: Value
    best_unit: float | None

    @property
    def name(self) -> str:
        """The hyperparameter's name."""
        return self.parameter.name


@dataclass(frozen=True)
class RoundRow:
    """One round: a stretch of trials drawn from boxes of one size.

    ``quartiles`` are ``None`` without a value. ``best`` is in the metric's own sense, so it is one
    end of them.
    """

    round: int
    trials: int
    first: int
    last: int
    best: float | None
    quartiles: Quartiles | None
    spans: Mapping[str, Span]

    @property
    def median(self) -> float | None:
        """The value in the middle."""
        return self.quartiles[2] if self.quartiles else None


@dataclass(frozen=True)
class HistoryPoint:
    """One recorded trial and the best value up to it, in order of the index."""

    trial: int
    round: int
    state: State
    value: float | None
    best: float | None


@dataclass(frozen=True)
class FailureRow:
    """Trials that failed or diverged with the same words, numbers aside.

    ``shared`` says which hyperparameter range they have in common that few others have.
    """

    error: str
    state: State
    trials: tuple[int, ...]
    shared: str | None


@dataclass(frozen=True)
class Importance:
    """What mattered: a share for each searched parameter, or ``None`` and why not.

    ``interplay`` is the share that belongs to combinations of parameters.
    """

    shares: Mapping[str, Share] | None
    interplay: Share | None
    trials: int
    note: str


@dataclass(frozen=True)
class Summary:
    """A whole run, ready to be shown.

    ``front`` is there where there are several goals, and ``hypervolumes`` has its hypervolume after
    each trial, as a share of a box.
    """

    view: RunView
    trials: tuple[TrialRow, ...]
    ranked: tuple[TrialRow, ...]
    history: tuple[HistoryPoint, ...]
    parameters: tuple[ParameterRow, ...]
    rounds: tuple[RoundRow, ...]
    failures: tuple[FailureRow, ...]
    importance: Importance
    train_metric: str | None
    front: Front | None = None
    hypervolumes: tuple[float, ...] = ()

    @property
    def observed(self) -> TrialRow | None:
        """The trial with the best value in the search; ``None`` without a value."""
        return self.ranked[0] if self.ranked else None

    @property
    def best(self) -> TrialRow | None:
        """The confirmed winner where there is one, else the best observed."""
        confirmed = self.confirmed
        winner = [row for row in self.ranked if confirmed and row.trial == confirmed.trial]
        return winner[0] if winner else self.observed

    @property
    def confirmed(self) -> Standing | None:
        """What the winner came to on fresh seeds, where the best is confirmed."""
        return self.view.confirmation.winner if self.view.confirmation else None

    @property
    def best_value(self) -> float | None:
        """The best trial's mean on fresh seeds where it is confirmed, else its value."""
        if self.confirmed is not None:
            return self.confirmed.mean
        return self.best.value if self.best else None

    @property
    def metric(self) -> Metric:
        """The number that the search improves."""
        return self.view.metric

    @property
    def seconds(self) -> float:
        """Training time of all trials together, in seconds."""
        return sum(row.seconds for row in self.trials)

    @property
    def infeasible(self) -> int:
        """How many recorded trials have a value and do not keep all limits."""
        return sum(bool(row.outside) for row in self.trials)

    def count(self, *states: State) -> int:
        """How many recorded trials are in one of the states."""
        return sum(row.state in states for row in self.trials)
