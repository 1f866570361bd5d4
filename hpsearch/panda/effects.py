"""What each change did: the metric in the five epochs before it and in the five after.

A change stands between two epochs of a chain, so it is read from the chain, not from the order in
which things were typed: what was set and taken back, or never trained with, did nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch, Position, changes_between
from hpsearch.records import Value

WINDOW = 5


@dataclass(frozen=True)
class Effect:
    """A change before epoch ``at``: the mean of the metric before and after it.

    ``before`` and ``after`` are ``None`` where no epoch there has a finite value.
    """

    at: Position
    changes: dict[str, list[Value]]
    why: str
    before: float | None
    after: float | None

    def better(self, lineage: Lineage) -> bool | None:
        """Whether the metric was better after it; ``None`` if that cannot be said."""
        if self.before is None or self.after is None:
            return None
        loss = lineage.start.metric.goal.loss
        return loss(self.after) < loss(self.before)


def effects(lineage: Lineage) -> list[Effect]:
    """Every change that an epoch was trained with, branch by branch."""
    measured = []
    for branch in lineage.branches.values():
        chain = lineage.chain(branch.tip)
        for number in range(branch.first - 1, len(chain)):
            before = chain[number - 1].hparams if number else lineage.start.hparams
            changes = changes_between(before, chain[number].hparams)
            if changes:
                measured.append(_effect(lineage, chain, number, changes))
    return measured


def _effect(
    lineage: Lineage, chain: Sequence[Epoch], number: int, changes: dict[str, list[Value]]
) -> Effect:
    end = number + 1
    while end < len(chain) and not changes_between(chain[number].hparams, chain[end].hparams):
        end += 1
    metric = lineage.start.metric.name
    return Effect(
        at=chain[number].position,
        changes=changes,
        why=_why(lineage, chain[number - 1].position if number else None, changes),
        before=_mean(chain[max(number - WINDOW, 0) : number], metric),
        after=_mean(chain[number : min(end, number + WINDOW)], metric),
    )


def _mean(epochs: Sequence[Epoch], metric: str) -> float | None:
    values = [v for epoch in epochs if math.isfinite(v := epoch.values[metric])]
    return fmean(values) if values else None


def _why(lineage: Lineage, before: Position | None, changes: dict[str, list[Value]]) -> str:
    """The reasons given where the change was made, for settings that it changed."""
    here = before or Position("main", 0)
    reasons = [
        str(record["why"])
        for record in lineage.records
        if record["kind"] == "set"
        and record["why"]
        and changes.keys() & record["changes"].keys()
        and Position.parse(record["at"]).epoch == here.epoch
        and lineage.epoch(Position.parse(record["at"])) == lineage.epoch(here)
    ]
    return "; ".join(dict.fromkeys(reasons))
