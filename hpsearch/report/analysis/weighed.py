"""What a search weighs beside its metric, in words: limits that are kept or not, further goals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from hpsearch.records import Limit, Metric, TrialResult
from hpsearch.search.front import front_of
from hpsearch.text import clean, number, plural


def limit_words(limit: Limit) -> str:
    """What is asked of a metric.

    >>> limit_words(Limit("size_kb", max=500)), limit_words(Limit("recall", 0.8, 0.9))
    ('size_kb at most 500', 'recall from 0.8 to 0.9')
    """
    return f"{clean(limit.name)} {limit_range(limit)}"


def limit_range(limit: Limit) -> str:
    """The same without the metric's name."""
    if limit.min is not None and limit.max is not None:
        return f"from {number(limit.min)} to {number(limit.max)}"
    if limit.max is not None:
        return f"at most {number(limit.max)}"
    return f"at least {number(limit.min)}"


def aims(metric: Metric) -> str:
    """What a search is for: its goals and its limits.

    >>> aims(Metric("error", limits=(Limit("size_kb", max=500),)))
    'minimize error, with size_kb at most 500'
    """
    goals = " and ".join(f"{goal.goal} {clean(goal.name)}" for goal in metric.goals)
    limits = ", ".join(map(limit_words, metric.limits))
    return f"{goals}, with {limits}" if limits else goals


def beside(result: TrialResult, metric: Metric) -> dict[str, float | None]:
    """The numbers that are weighed beside the metric, at the epoch that gave the trial its value.

    A metric with limits of its own is not among them.
    """
    return {name: result.figure(name) for name in metric.needed[1:]}


def beside_words(result: TrialResult, metric: Metric) -> list[str]:
    """The same in words, with what is asked: ``size_kb 420 (at most 500)``."""
    asked = {
        limit.name: limit_words(limit).removeprefix(clean(limit.name)) for limit in metric.limits
    }
    return [
        f"{clean(name)} {number(value)}" + (f" ({asked[name].strip()})" if name in asked else "")
        for name, value in beside(result, metric).items()
    ]


def front_sentences(results: Sequence[TrialResult], metric: Metric) -> list[str]:
    """How large the front of several goals is, and its ends and its knee; none for one goal."""
    if not metric.further:
        return []
    front = front_of(results, metric)
    lines = [f"front: {plural(len(front.trials), 'trial')}"]
    named = [(f"best {clean(name)}", result) for name, result in front.ends.items()][1:]
    named += [("knee", front.knee)] if front.knee is not None else []
    for what, result in named:
        numbers = [f"{clean(g.name)} {number(result.figure(g.name))}" for g in metric.goals]
        lines.append(f"  {what}: trial {result.trial.index}, {', '.join(numbers)}")
    return lines


def weighed_facts(metric: Metric) -> dict[str, Any]:
    """The further goals and the limits as plain values; empty where there are none."""
    further = [{"name": goal.name, "goal": str(goal.goal)} for goal in metric.further]
    limits = [asdict(limit) for limit in metric.limits]
    return {**({"further": further} if further else {}), **({"limits": limits} if limits else {})}


def is_infeasible(result: TrialResult, metric: Metric) -> bool:
    """Whether a trial has a value and does not keep all limits."""
    return bool(metric.limits) and result.value is not None and not result.is_feasible(metric)


def outside(result: TrialResult, metric: Metric) -> str:
    """Which limits a trial does not keep: ``size_kb 812, not at most 500``; empty if none."""
    if not is_infeasible(result, metric):
        return ""
    passed = [
        f"{clean(limit.name)} {number(result.figure(limit.name))}, not {limit_range(limit)}"
        for limit, excess in zip(metric.limits, result.excesses(metric), strict=True)
        if not excess <= 0
    ]
    return "; ".join(passed)


def nearest(results: Iterable[TrialResult], metric: Metric) -> TrialResult | None:
    """The infeasible trial that passes the limits by least, all together; the first of equals."""
    infeasible = [result for result in results if is_infeasible(result, metric)]
    key = {r.trial.index: sum(max(e, 0.0) for e in r.excesses(metric)) for r in infeasible}
    return min(infeasible, key=lambda r: (key[r.trial.index], r.trial.index), default=None)


def nothing_feasible(results: Sequence[TrialResult], metric: Metric) -> str:
    """That no trial keeps the limits, and which came nearest; empty where none has a value."""
    near = nearest(results, metric)
    if near is None:
        return ""
    return (
        f"no trial keeps the limits yet; the nearest is #{near.trial.index}: "
        f"{outside(near, metric)}"
    )


def infeasible_sentence(results: Sequence[TrialResult], metric: Metric) -> str:
    """How many trials do not keep which limits; empty where all do."""
    infeasible = [result for result in results if is_infeasible(result, metric)]
    if not infeasible:
        return ""
    passed = Counter(
        limit
        for result in infeasible
        for limit, excess in zip(metric.limits, result.excesses(metric), strict=True)
        if not excess <= 0
    )
    kinds = "; ".join(
        f"{plural(count, 'trial')} with {clean(limit.name)} not {limit_range(limit)}"
        for limit, count in passed.most_common()
    )
    valued = sum(result.value is not None for result in results)
    return (
        f"{len(infeasible):,} of {plural(valued, 'trial')} with a value "
        f"{'is' if len(infeasible) == 1 else 'are'} infeasible: {kinds}. They count neither as "
        f"best nor as failed, and the search learns from them where the limits are kept."
    )
