"""The front of a search with several goals: its feasible trials that no other one dominates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.pareto import hypervolume, is_on_front, knee, reference_point
from hpsearch.records import Metric, TrialResult, ranked_results
from hpsearch.space.parameters import Floats


@dataclass(frozen=True)
class Front:
    """``trials`` are sorted by the first goal, the best first; of equal ones the first counts."""

    metric: Metric
    trials: tuple[TrialResult, ...]

    @property
    def losses(self) -> Floats:
        """Of each trial a loss for each goal, shape (trials, goals)."""
        return losses_of(self.trials, self.metric)

    @property
    def ends(self) -> dict[str, TrialResult]:
        """The best trial in each goal, by the goal's name; none where there is no trial."""
        if not self.trials:
            return {}
        best = self.losses.argmin(axis=0)
        return {
            goal.name: self.trials[place]
            for goal, place in zip(self.metric.goals, best.tolist(), strict=True)
        }

    @property
    def knee(self) -> TrialResult | None:
        """The trial nearest to the best of all goals at once; ``None`` where there is none."""
        return self.trials[knee(self.losses)] if self.trials else None

    @property
    def indices(self) -> tuple[int, ...]:
        """The trials' numbers."""
        return tuple(result.trial.index for result in self.trials)


def front_of(results: Iterable[TrialResult], metric: Metric) -> Front:
    """The front of some results; that of a front and new results is that of all of them."""
    ranked = ranked_results(results, metric)
    losses = losses_of(ranked, metric)
    there = np.flatnonzero(np.isfinite(losses).all(axis=1))
    kept = there[is_on_front(losses[there])].tolist()
    first = {tuple(losses[place].tolist()): place for place in reversed(kept)}
    return Front(metric, tuple(ranked[place] for place in sorted(first.values())))


def losses_of(results: Sequence[TrialResult], metric: Metric) -> Floats:
    """A loss for each goal, shape (results, goals); infinite without one."""
    rows = [result.losses(metric) for result in results]
    return np.array(rows, dtype=float).reshape(len(rows), len(metric.goals))


def hypervolumes(results: Sequence[TrialResult], metric: Metric) -> list[float]:
    """The hypervolume of the front after each result, as a share of a box, in [0, 1].

    The box goes from the best of each goal to the last front's reference point, see
    :func:`hpsearch.pareto.reference_point`: so the shares of one search rise, and those of another
    have another box.
    """
    last = front_of(results, metric)
    if not last.trials:
        return [0.0] * len(results)
    reference = reference_point(last.losses, last.losses)
    whole = float(np.prod(reference - last.losses.min(axis=0)))
    shares: list[float] = []
    front = Front(metric, ())
    share = 0.0
    for result in results:
        grown = front_of([*front.trials, result], metric)
        if grown.indices != front.indices:
            front, share = grown, hypervolume(grown.losses, reference) / whole
        shares.append(share)
    return shares
