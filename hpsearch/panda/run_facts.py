"""Facts of a run that stand among its fixed parameters: where a fork begins, what a schedule is of.

They make a forked or scheduled search like any other: its config says all, another config is
refused, and every trial is told. They are no hyperparameters, though, so no table shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from hpsearch.records import TrialResult
from hpsearch.space import Space

FORK_RUN, FORK_AT, FORK_SHA256 = "fork_run", "fork_at", "fork_sha256"
SCHEDULE_OF, SCHEDULE = "schedule_of", "schedule"
_KINDS = (
    frozenset((FORK_RUN, FORK_AT, FORK_SHA256)),
    frozenset((SCHEDULE_OF, SCHEDULE)),
)

V = TypeVar("V")


def facts_among(names: Iterable[str]) -> frozenset[str]:
    """Which of a config's parameters are facts of its run.

    >>> sorted(facts_among(["alpha", "schedule_of", "schedule"])), facts_among(["schedule"])
    (['schedule', 'schedule_of'], frozenset())
    """
    there = set(names)
    return frozenset().union(*(kind for kind in _KINDS if kind <= there))


def hyperparameters(values: Mapping[str, V]) -> dict[str, V]:
    """Named values without the facts of the run."""
    facts = facts_among(values)
    return {name: value for name, value in values.items() if name not in facts}


def space_shown(space: Space) -> Space:
    """The space without them; its dimensions are the same, for they are fixed."""
    facts = facts_among(space.by_name)
    if not facts:
        return space
    shown = tuple(p for p in space.parameters if p.name not in facts)
    return Space(shown, space.meanings, space.constraints)


def result_shown(result: TrialResult) -> TrialResult:
    """A result whose hyperparameters are without the facts of its run."""
    trial = replace(result.trial, hparams=hyperparameters(result.trial.hparams))
    return replace(result, trial=trial)
