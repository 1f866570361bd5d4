"""Reading what a search weighs: one metric or a list, each a goal, a limit, or both.

    metric: dev_error                                       one goal
    metric: [dev_error, {name: parameters, goal: minimize}]  several
    metric: [dev_error, {name: size_kb, max: 500}]           one goal, and a limit

An entry of a list is a goal unless it has a limit and no ``goal``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.config import synonyms
from hpsearch.config.blocks import read_block
from hpsearch.config.model import MetricConfig, SearchConfig
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.task import COSTS, METRICS, NETWORK_METRICS
from hpsearch.config.wording import describe
from hpsearch.data.spec import DataSpec
from hpsearch.text import nearest

MOST_GOALS = 3
"""With more, nearly every trial is better than every other in something."""

AT: Path = ("metric",)


@dataclass(frozen=True)
class Metrics:
    """The first goal, the other goals, and what has limits alone.

    The first goal's name stands at ``name_at``; it is ``named`` there, or follows from the task.
    """

    first: MetricConfig = field(default_factory=MetricConfig)
    further: tuple[MetricConfig, ...] = ()
    limits: tuple[MetricConfig, ...] = ()
    name_at: Path = (*AT, "name")
    named: bool = False


@dataclass(frozen=True)
class _Entry:
    """What one entry says of a metric, and where; ``said`` are the keys that it gives."""

    metric: MetricConfig
    said: Mapping[str, Any]
    at: Path
    short: bool

    @property
    def named(self) -> bool:
        return "name" in self.said

    @property
    def name_at(self) -> Path:
        """Where its name stands: the entry itself, in the short form."""
        return self.at if self.short else (*self.at, "name")

    @property
    def is_limited(self) -> bool:
        return bool(self.metric.limit_records())


def read_metrics(raw: Any, kind: str | None, problems: Problems) -> Metrics:
    """What is under ``metric``; what cannot be used takes its default.

    ``kind`` is the trainable's: what is not said follows from it, or from a metric's name.
    """
    if not isinstance(raw, list):
        entry = _read_entry(raw, AT, kind, problems)
        if entry is None:
            return Metrics()
        return Metrics(entry.metric, name_at=entry.name_at, named=entry.named)
    if not raw:
        problems.add(AT, "is an empty list; name what the search improves")
    read = [_read_entry(each, (*AT, place), kind, problems) for place, each in enumerate(raw)]
    entries = [entry for entry in read if entry is not None]
    if len(entries) < len(raw) or not entries:
        return Metrics()
    goals = [e for e in entries if not e.is_limited or "goal" in e.said]
    limits = [e for e in entries if e not in goals]
    _check_goals(goals, problems)
    _check_limits([e for e in entries if e.is_limited], problems)
    if not goals:
        return Metrics()
    first, *further = goals
    return Metrics(
        first.metric,
        tuple(e.metric for e in further),
        tuple(e.metric for e in limits),
        name_at=first.name_at,
        named=True,
    )


def check_task(metrics: Metrics, data: DataSpec, problems: Problems) -> None:
    """Report metrics beside the first goal that the network's task does not have."""
    assert data.task is not None
    known = [*METRICS[data.task], *COSTS]
    for metric in (*metrics.further, *metrics.limits):
        if metric.name not in known:
            text = f"{data.task} has no metric {metric.name}; it has {', '.join(known)}"
            problems.add(AT, text)


def fit_search(
    metrics: Metrics, search: SearchConfig, raw: Any, problems: Problems
) -> SearchConfig:
    """The block ``search`` as it goes with several goals: no trial is stopped early.

    ``raw`` is what the file says of it.
    """
    if not metrics.further:
        return search
    why = (
        f"a trial that is behind in {metrics.first.name} may be ahead in {metrics.further[0].name}"
    )
    if search.strategy == "successive-halving":
        text = f"stops trials, and {why}; with several goals name another strategy"
        problems.add(("search", "strategy"), text)
    for key in ("patience", "target"):
        if getattr(search, key) is not None:
            text = f"{why}; with several goals a search ends with search.max_trials: delete it"
            problems.add(("search", key), text)
    given = raw.get("early_stop") if isinstance(raw, dict) else None
    if given not in (None, "none"):
        text = f"{why}; with several goals write none, or delete it"
        problems.add(("search", "early_stop"), text)
    return replace(search, early_stop="none")


def _check_goals(goals: list[_Entry], problems: Problems) -> None:
    if not goals:
        text = "all of them have limits and none has a goal; add goal: minimize to one"
        problems.add(AT, text)
    names = [entry.metric.name for entry in goals]
    for place, entry in enumerate(goals):
        if entry.metric.name in names[:place]:
            problems.add(entry.at, f"{entry.metric.name} is a goal already; delete one of the two")
        if place and "pick" in entry.said:
            text = "goes with the first goal alone: the others take the same epoch; delete it"
            problems.add((*entry.at, "pick"), text)
    if len(goals) > MOST_GOALS:
        text = f"has {len(goals)} goals; give it at most {MOST_GOALS}, and a limit to the others"
        problems.add(AT, text)


def _check_limits(limited: list[_Entry], problems: Problems) -> None:
    names: set[str] = set()
    for entry in limited:
        metric = entry.metric
        if metric.name in names:
            problems.add(entry.at, f"{metric.name} has a limit already; write min and max together")
        names.add(metric.name)


def _read_entry(raw: Any, at: Path, kind: str | None, problems: Problems) -> _Entry | None:
    """One metric; ``None`` where it cannot be used."""
    name_at = at if isinstance(raw, str) else (*at, "name")
    said = {"name": raw} if isinstance(raw, str) else raw
    before = len(problems)
    metric = read_block(MetricConfig, said, at, problems, synonyms.METRIC)
    if metric is None or len(problems) > before or not is_readable(said):
        return None
    if metric.min is not None and metric.max is not None and metric.min > metric.max:
        text = f"{metric.min} is above max, {metric.max}; exchange the two"
        problems.add(problems.blame((*at, "min"), (*at, "max")), text)
    if len(at) > 1 and "name" not in said:
        problems.add(at, "has no name; in a list each metric needs its own")
    if kind == "network":
        metric = _network_metric(metric, said, at, name_at, problems)
    elif not metric.name:
        problems.add(name_at, "is empty; write the name that your code gives its metric")
    short = isinstance(raw, str)
    return _Entry(metric, said, at, short) if len(problems) == before else None


def _network_metric(
    metric: MetricConfig, said: Mapping[str, Any], at: Path, name_at: Path, problems: Problems
) -> MetricConfig:
    name = metric.name if "name" in said else "dev_error"
    if name not in NETWORK_METRICS:
        near = synonyms.NETWORK_METRICS.get(synonyms.plain(name)) or nearest(name, NETWORK_METRICS)
        advice = f"did you mean {near}?" if near else f"it has {', '.join(NETWORK_METRICS)}"
        problems.add(name_at, f"the network has no metric {describe(name)}; {advice}")
        return metric
    goal: Any = str(NETWORK_METRICS[name])
    if "goal" in said and metric.goal != goal:
        blamed = problems.blame((*at, "goal"), name_at)
        problems.add(blamed, f"{name} gets better the other way; write goal: {goal}")
    return replace(metric, name=name, goal=goal)
