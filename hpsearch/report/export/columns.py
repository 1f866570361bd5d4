"""The columns of a run's table: what they are called, and what stands in them.

A column of our own keeps its name. A hyperparameter or a metric of a name that is taken is called
by where it stands in the record, ``hparams.value`` or ``curves.value``, so that no two columns of
a table share a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from hpsearch.records import Metric, TrialResult, Value
from hpsearch.report.analysis.rows import RunView
from hpsearch.search.front import front_of
from hpsearch.significance import standard_error

VALUE = "value"
"""A trial's value, where every curve stands beside it."""


FRONT = "front"
"""Whether no other trial dominates a trial; only where there are several goals."""

FEASIBLE = "feasible"
"""Whether a trial has a value and keeps all limits; only where there are limits."""


@dataclass(frozen=True)
class Fact:
    """One thing that is told of every trial, of one ``kind``; a ``timing`` differs between runs."""

    name: str
    kind: type
    of: Callable[[TrialResult], Value]
    timing: bool = False


FIRST = (
    Fact("trial", int, lambda result: result.trial.index),
    Fact("round", int, lambda result: result.trial.round),
    Fact("state", str, lambda result: str(result.state)),
    Fact("epochs", int, lambda result: result.epochs),
    Fact(VALUE, float, lambda result: result.value),
)
LAST = (Fact("seconds", float, lambda result: round(result.seconds, 3), timing=True),)
"""Left and right of the hyperparameters."""

STANDARD_ERROR = Fact(
    "standard_error", float, lambda r: standard_error(r.repeats) if r.repeats else None
)
"""Of the value: a column where trials are trained several times."""


@dataclass(frozen=True)
class Filled:
    """A column with one value a row; ``kind`` is ``None`` where the values have to tell it."""

    name: str
    kind: type | None
    values: tuple[Value, ...]


def trial_columns(view: RunView, timing: bool = True) -> list[Filled]:
    """The trial table, column by column; hyperparameters in the space's order."""
    several = any(result.repeats for result in view.results)
    own = (*FIRST, STANDARD_ERROR) if several else FIRST
    before = (*own, *_weighed(view.metric, view.results))
    names = [parameter.name for parameter in view.space.parameters]
    headings = free_names([fact.name for fact in (*before, *LAST)], names, "hparams")
    hparams = [
        Filled(heading, None, tuple(result.trial.hparams.get(name) for result in view.results))
        for name, heading in zip(names, headings, strict=True)
    ]
    first, last = (
        [
            Filled(fact.name, fact.kind, tuple(map(fact.of, view.results)))
            for fact in facts
            if timing or not fact.timing
        ]
        for facts in (before, LAST)
    )
    return [*first, *hparams, *last]


def _weighed(metric: Metric, results: Sequence[TrialResult]) -> list[Fact]:
    """What is weighed beside the metric, what is on the front, and whether the limits are kept."""
    names = metric.needed[1:]
    taken = [fact.name for fact in (*FIRST, STANDARD_ERROR, *LAST)]
    headings = free_names([*taken, FRONT, FEASIBLE], names, "curves")
    facts = [
        Fact(heading, float, partial(TrialResult.figure, name=name))
        for name, heading in zip(names, headings, strict=True)
    ]
    if metric.further:
        front = front_of(results, metric).indices
        facts.append(Fact(FRONT, bool, lambda result: result.trial.index in front))
    if metric.limits:
        facts.append(Fact(FEASIBLE, bool, partial(TrialResult.is_feasible, metric=metric)))
    return facts


def curve_names(result: TrialResult) -> list[str]:
    """What a trial's curves are called beside its ``value``."""
    return free_names([VALUE], list(result.curves), "curves")


def free_names(taken: Iterable[str], names: Sequence[str], group: str) -> list[str]:
    """The names, those that are taken with ``group`` before them.

    >>> free_names(["trial", "value"], ["alpha", "value"], "hparams")
    ['alpha', 'hparams.value']
    """
    used = {*taken}
    kept = {name for name in names if name not in used}
    used |= kept
    headings = []
    for name in names:
        heading = name
        while name not in kept and heading in used:
            heading = f"{group}.{heading}"
        used.add(heading)
        headings.append(heading)
    return headings
