"""How large the noise of training is beside the differences between trials.

It is known where trials are trained several times (``search.repeats``), and from a confirmation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.records import Metric, TrialResult, finite, ranked_results
from hpsearch.report.analysis.rows import RunView
from hpsearch.significance import mean_of, t_quantile, two_way_noise
from hpsearch.text import clean, number, plural

DOUBT = 0.05
"""How often a trial that is as good as the best would be told apart from it."""

ROUNDING = 1e-12
"""A relative deviation so small is that of sums of floating-point numbers."""

BEST_SHARE, LEAST = 0.25, 5
"""The noise is that of the best quarter of the trials, at least five: bad ones are noisier."""


@dataclass(frozen=True)
class Noise:
    """What another seed does to a trial.

    ``deviation`` is the standard deviation of one training, estimated with ``freedom`` degrees of
    freedom; ``trainings`` is how many a trial's value averages. ``alike`` counts the best trials
    that cannot be told from the best one: those before the first that can, ``ranked`` there are.
    """

    deviation: float
    freedom: int
    trainings: int
    alike: int
    ranked: int

    @property
    def error(self) -> float:
        """The standard error of a trial's value."""
        return self.deviation / math.sqrt(self.trainings)


def noise_of(view: RunView) -> Noise | None:
    """The noise of a search; ``None`` where it was never measured, or there is none."""
    ranked = ranked_results(view.results, view.metric)
    repeated = [result for result in ranked if len(result.repeats) > 1]
    if repeated:
        some = repeated[: max(math.ceil(BEST_SHARE * len(repeated)), LEAST)]
        deviation, freedom = _within(some, folds=view.folds)
        trainings = len(repeated[0].repeats)
    elif view.confirmation is not None and view.confirmation.race.noise:
        race = view.confirmation.race
        deviation, trainings = race.noise or 0.0, 1
        freedom = max(race.noise_freedom, 1)
    else:
        return None
    if deviation <= ROUNDING * max(abs(result.value or 0.0) for result in ranked):
        return None
    alike = _alike(ranked, view.metric, deviation / math.sqrt(trainings), freedom)
    return Noise(deviation, freedom, trainings, alike, len(ranked))


def noise_sentences(view: RunView) -> list[str]:
    """The noise in words, beside what it hides; nothing where it is not known."""
    noise = noise_of(view)
    if noise is None:
        return []
    name = clean(view.metric.name)
    other = "fold" if view.folds else "seed"
    text = f"Another {other} moves the {name} of a training by {number(noise.deviation, 2)}"
    if noise.trainings > 1:
        text += (
            f", and that of a trial, the average of {noise.trainings}, by {number(noise.error, 2)}"
        )
    told = (
        f"the best {plural(noise.alike, 'trial')} of {noise.ranked:,} cannot be told apart"
        if noise.alike > 1
        else "the best trial stands out from the second"
    )
    return [f"{text} (standard deviation): {told}."]


def _within(some: Sequence[TrialResult], folds: int | None) -> tuple[float, int]:
    """The standard deviation of the trainings of a trial, pooled, and its degrees of freedom.

    What folds do to all trials alike is no noise between them. (Trials with fewer trainings were
    stopped on the way.)
    """
    most = max(len(result.repeats) for result in some)
    if folds:
        return two_way_noise([r.repeats for r in some if len(r.repeats) == most])
    squares = math.fsum(_squares(result.repeats) for result in some)
    freedom = sum(len(result.repeats) - 1 for result in some)
    return math.sqrt(squares / freedom), freedom


def _squares(values: Sequence[float]) -> float:
    middle = mean_of(values)
    return math.fsum((value - middle) ** 2 for value in values)


def _alike(ranked: Sequence[TrialResult], metric: Metric, error: float, freedom: int) -> int:
    """How many trials, from the best on, are within the margin of a t-test."""
    margin = t_quantile(DOUBT, freedom) * math.sqrt(2) * error
    best = ranked[0].loss(metric)
    within = [finite(r.value) is not None and r.loss(metric) - best <= margin for r in ranked]
    return within.index(False) if False in within else len(within)
