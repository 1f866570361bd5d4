"""Several seeds of one search: runs that differ in seed alone, as a group with mean and interval.

One search says little of a strategy or a config: its best is luck in part. What a group comes to is
a mean over seeds, and whether two groups differ is asked of a t-test: of the differences seed by
seed where both groups have at least two seeds in common (the same seed splits the data and spreads
the first points alike), else Welch's, of two samples with variances of their own (Biometrika 34
(1947) 28-35).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.config import Config, differences
from hpsearch.records import Metric
from hpsearch.report.analysis.rows import Summary
from hpsearch.significance import (
    CONFIDENCE,
    mean_interval,
    mean_of,
    standard_error,
    t_quantile,
    t_tail,
)


@dataclass(frozen=True)
class Group:
    """Runs that differ in seed alone; ``values`` has each one's best, in the metric's own sense.

    ``names``, ``seeds`` and ``values`` are in the order of the runs. ``differs`` has a line for
    each part of the config unlike the first group's.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    differs: tuple[str, ...]

    @property
    def mean(self) -> float:
        """Of the runs' bests."""
        return mean_of(self.values)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Student's 95 % interval of the mean; ``None`` for a single run."""
        return mean_interval(self.values)

    @property
    def by_seed(self) -> dict[int, float]:
        """Each run's best by its seed."""
        return dict(zip(self.seeds, self.values, strict=True))


@dataclass(frozen=True)
class Difference:
    """By how much a group is better than the first one: positive is better, whatever the goal.

    ``interval`` holds it with 95 % confidence for all the differences that are asked for together
    (Bonferroni). ``p`` is the two-sided probability of a difference so large by chance, for this
    one alone. ``pairs`` is how many seeds the two have in common, 0 where they are not paired.
    """

    group: Group
    mean: float
    interval: tuple[float, float]
    p: float
    pairs: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no doubt which is better."""
        low, high = self.interval
        return low > 0 or high < 0


@dataclass(frozen=True)
class Seeds:
    """The groups, that of the first run first, and how each differs from it.

    Values are those after ``trials`` trials, which all runs have; ``confirmed`` says that they are
    means over fresh seeds. A difference is missing where one of the two has a single run and they
    share too few seeds.
    """

    groups: tuple[Group, ...]
    differences: tuple[Difference, ...]
    trials: int
    confirmed: bool


def seeds_of(summaries: Sequence[Summary], configs: Sequence[Config]) -> Seeds | None:
    """Runs in groups; ``None`` where no two differ in seed alone."""
    metric = summaries[0].metric
    trials = min(len(summary.trials) for summary in summaries)
    whole = all(len(summary.trials) == trials for summary in summaries)
    confirmed = whole and all(summary.confirmed for summary in summaries)
    groups: list[tuple[Config, dict[int, tuple[str, float]]]] = []
    for summary, config in zip(summaries, configs, strict=True):
        value = summary.best_value if confirmed else _best_after(summary, trials)
        if value is None:
            continue
        runs = next((runs for first, runs in groups if _alike(first, config)), None)
        if runs is None:
            runs = {}
            groups.append((config, runs))
        runs.setdefault(config.seed, (summary.view.name, value))
    if not any(len(runs) > 1 for _, runs in groups):
        return None
    found = tuple(
        Group(
            names=tuple(name for name, _ in runs.values()),
            seeds=tuple(runs),
            values=tuple(value for _, value in runs.values()),
            differs=tuple(_unlike(groups[0][0], config)),
        )
        for config, runs in groups
    )
    told = (_difference(found[0], group, metric, len(found) - 1) for group in found[1:])
    return Seeds(found, tuple(d for d in told if d is not None), trials, confirmed)


def _best_after(summary: Summary, trials: int) -> float | None:
    return summary.history[trials - 1].best if trials else None


def _unlike(first: Config, other: Config) -> list[str]:
    """What differs between two configs beside the seed."""
    return [line for line in differences(first, other) if not line.startswith("seed: ")]


def _alike(first: Config, other: Config) -> bool:
    return not _unlike(first, other)


def _difference(first: Group, other: Group, metric: Metric, asked: int) -> Difference | None:
    """How much better the other group is than the first; one of so many that are ``asked`` for."""
    shared = [seed for seed in first.seeds if seed in other.by_seed]
    if len(shared) > 1:
        gains = [
            metric.goal.loss(first.by_seed[s]) - metric.goal.loss(other.by_seed[s]) for s in shared
        ]
        error, freedom = standard_error(gains) or 0.0, float(len(gains) - 1)
        mean = mean_of(gains)
    else:
        errors = [standard_error(first.values), standard_error(other.values)]
        if None in errors:
            return None
        mean = metric.goal.loss(first.mean) - metric.goal.loss(other.mean)
        error, freedom = _welch(first, other)
    reach = t_quantile((1 - CONFIDENCE) / 2 / asked, freedom) * error
    t = abs(mean) / error if error else (math.inf if mean else 0.0)
    p = 2 * t_tail(t, freedom)
    pairs = len(shared) if len(shared) > 1 else 0
    return Difference(other, mean, (mean - reach, mean + reach), p, pairs)


def _welch(first: Group, other: Group) -> tuple[float, float]:
    """The standard error of the difference of two means, and its degrees of freedom."""
    parts = [
        ((standard_error(group.values) or 0.0) ** 2, len(group.values)) for group in (first, other)
    ]
    total = sum(part for part, _ in parts)
    below = sum(part**2 / (count - 1) for part, count in parts)
    return math.sqrt(total), total**2 / below if below else 1.0
