"""Which of a few candidates is the best, on seeds that none of them was chosen by: a race.

In each round every candidate that is still in the race is trained once more, all with the same
seed. From the second round on, one that is clearly behind the leader is out:

* The losses are a table of candidates and seeds without a gap. A two-way analysis of variance takes
  out what the candidates and what the seeds do; what remains is noise, with (k - 1)(n - 1) degrees
  of freedom for k candidates and n rounds. With two candidates this is the paired t-test.
* A candidate is out where t = (its mean - the leader's) / (d / sqrt(n)) is beyond the one-sided
  quantile of ``ERROR_RATE`` / ((candidates - 1) * (repeats - 1)): Bonferroni's correction for every
  rival that may lead and every round that tests. So the best candidate is dropped in at most 5 of
  100 races, whatever the others are, if the noise of the candidates is alike.
* d is the standard deviation of a difference: sqrt(2) times the noise, or that of the differences
  of these two, whichever is larger. The latter is for a candidate that is noisier than the others.

Those that are left after the last round cannot be told apart: the one with the best mean has won,
and is tied with the others. A race in which every candidate repeats all of its curves exactly,
those of the search as well, is over after two rounds: its trainable does not use the seed.
Otherwise values that happen to repeat, as shares of a few rows do, say nothing of the noise, and
nobody is dropped.

Everything is a function of the results on record.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.records import Metric, TrialResult, finite, ranked_results
from hpsearch.significance import mean_of, standard_error, t_tail, two_way_noise

ERROR_RATE = 0.05
"""How often the best candidate may be dropped."""

FIRST_TEST = 2
"""The round after which candidates can be dropped: one value says nothing about noise."""

Repeats = Mapping[tuple[int, int], TrialResult]
"""The results of trainings on fresh seeds, by trial and repeat, which counts from 1."""


@dataclass(frozen=True)
class Standing:
    """One candidate: its values on the fresh seeds so far, in the metric's own sense.

    ``dropped`` is the round after which it was out of the race, ``None`` for one that is in it;
    ``failure`` says why a training gave no value.
    """

    trial: int
    values: tuple[float, ...]
    dropped: int | None = None
    failure: str | None = None

    @property
    def mean(self) -> float | None:
        """The mean of the values; ``None`` without one."""
        return mean_of(self.values) if self.values else None

    @property
    def error(self) -> float | None:
        """The standard error of the mean; ``None`` with fewer than two values."""
        return standard_error(self.values) if self.values else None


@dataclass(frozen=True)
class Race:
    """How the race stands after ``rounds`` rounds.

    ``standings`` has every candidate: those in the race first, by mean, then the others, the last
    dropped first. ``due`` are the trainings, by trial and repeat, that the next round takes; there
    are none when the race is over. ``noise`` is the standard deviation of one training of those
    that were tested last, with its degrees of freedom, ``None`` before the first test; ``seedless``
    says that no candidate's value ever changed.
    """

    standings: tuple[Standing, ...]
    rounds: int
    due: tuple[tuple[int, int], ...]
    noise: float | None = None
    noise_freedom: int = 0
    seedless: bool = False

    @property
    def over(self) -> bool:
        """Whether it is known who has won, or that nobody has."""
        return not self.due

    @property
    def winner(self) -> Standing | None:
        """The best of those that are left at the end; ``None`` before, or if nobody is."""
        left = [one for one in self.standings if one.dropped is None]
        return left[0] if self.over and left else None

    @property
    def tied(self) -> tuple[Standing, ...]:
        """The others that are left: they cannot be told from the winner."""
        return tuple(one for one in self.standings if one.dropped is None)[1:] if self.over else ()

    def standing(self, trial: int) -> Standing:
        """That of one candidate."""
        return next(one for one in self.standings if one.trial == trial)


def candidates_of(results: Iterable[TrialResult], metric: Metric, top: int) -> tuple[int, ...]:
    """The ``top`` best trials of a search, the best first; of equal points only the best one."""
    chosen: dict[tuple[float, ...], int] = {}
    for result in ranked_results(results, metric):
        if len(chosen) == top:
            break
        chosen.setdefault(result.trial.unit, result.trial.index)
    return tuple(chosen.values())


def race(
    candidates: Sequence[int],
    repeats: int,
    known: Repeats,
    metric: Metric,
    observed: Mapping[int, TrialResult] | None = None,
) -> Race:
    """Run the race of some trials, the best of the search first, as far as results are known.

    ``observed`` are their results in the search.
    """
    runners = {trial: _Runner(trial) for trial in candidates}
    tests = max(len(candidates) - 1, 1) * max(repeats - 1, 1)
    noise, freedom, seedless = None, 0, False
    rounds = 0
    due: list[tuple[int, int]] = []
    for repeat in range(1, repeats + 1):
        racing = [runner for runner in runners.values() if runner.dropped is None]
        due = [(r.trial, repeat) for r in racing if (r.trial, repeat) not in known]
        if due or not racing:
            break
        rounds = repeat
        for runner in racing:
            runner.take(known[runner.trial, repeat], repeat, metric)
        racing = [runner for runner in racing if runner.dropped is None]
        if repeat == FIRST_TEST:
            seedless = all(_repeats_itself(t, known, observed or {}) for t in candidates)
        if repeat >= FIRST_TEST and racing:
            level = ERROR_RATE / tests
            noise, freedom = _drop_who_is_behind(racing, repeat, level, exact=seedless)
        if seedless:
            break
    ordered = sorted(runners.values(), key=lambda runner: runner.rank)
    standings = tuple(runner.standing(metric) for runner in ordered)
    return Race(standings, rounds, tuple(due), noise, freedom, seedless)


class _Runner:
    """A candidate while the race is run; ``losses`` are what it came to, smaller is better."""

    def __init__(self, trial: int) -> None:
        self.trial = trial
        self.losses: list[float] = []
        self.dropped: int | None = None
        self.failure: str | None = None

    @property
    def mean(self) -> float:
        return mean_of(self.losses) if self.losses else math.inf

    @property
    def rank(self) -> tuple[float, float]:
        """Those in the race first; a stable sort keeps the search's order where all is equal."""
        return -(self.dropped or math.inf), self.mean

    def take(self, result: TrialResult, repeat: int, metric: Metric) -> None:
        """One more training; without a value within the limits it ends the race for this one."""
        value = finite(result.value)
        if value is None:
            self.dropped = repeat
            self.failure = f"{result.state} on fresh seed {repeat}"
        elif not result.is_feasible(metric):
            self.dropped = repeat
            self.failure = f"outside the limits on fresh seed {repeat}"
        else:
            self.losses.append(metric.goal.loss(value))

    def standing(self, metric: Metric) -> Standing:
        values = tuple(metric.goal.loss(loss) for loss in self.losses)
        return Standing(self.trial, values, self.dropped, self.failure)


def _repeats_itself(trial: int, known: Repeats, observed: Mapping[int, TrialResult]) -> bool:
    """Whether a candidate's curves were the same with the first two fresh seeds, and before."""
    results = [known.get((trial, repeat)) for repeat in range(1, FIRST_TEST + 1)]
    before = observed.get(trial)
    if before is not None and before.state.finished and not before.repeats:
        results.append(before)
    curves = [dict(result.curves) for result in results if result is not None]
    return len(curves) == len(results) and all(one == curves[0] for one in curves)


def _drop_who_is_behind(
    racing: Sequence[_Runner], repeat: int, level: float, *, exact: bool
) -> tuple[float, int]:
    """Drop who is clearly behind the leader; gives the noise of one training, and its freedom.

    ``exact`` says that there is no noise.
    """
    noise, freedom = two_way_noise([runner.losses for runner in racing])
    leader = min(racing, key=lambda runner: runner.mean)
    for runner in racing:
        behind = runner.mean - leader.mean
        if behind > 0:
            of_both = _spread(runner.losses, leader.losses)
            spread = max(noise * math.sqrt(2), of_both)
            t = behind / (spread / math.sqrt(repeat)) if spread else 0.0
            if exact or t_tail(t, freedom) < level:
                runner.dropped = repeat
    return noise, freedom


def _spread(one: Sequence[float], other: Sequence[float]) -> float:
    """The standard deviation of the differences of two candidates on the same seeds."""
    gaps = [a - b for a, b in zip(one, other, strict=True)]
    return (standard_error(gaps) or 0.0) * math.sqrt(len(gaps))
