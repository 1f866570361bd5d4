"""The search told in sentences, each with its numbers."""

from __future__ import annotations

from hpsearch.records import Goal, State
from hpsearch.report.analysis.rows import ParameterRow, RoundRow, Span, Summary
from hpsearch.space import Number
from hpsearch.text import clean, duration, number, percent, plural, span

NAMED = 3
WIDE = 0.95
"""A range that is nearly the whole axis is not called narrowed."""


def facts(summary: Summary) -> str:
    """How many trials, how they ended, how long they took: one line."""
    planned = summary.view.max_trials
    recorded = plural(len(summary.trials), "trial")
    if planned is not None and planned > len(summary.trials):
        recorded = f"{len(summary.trials):,} of {plural(planned, 'trial')}"
    told = [recorded, plural(len(summary.rounds), "round")]
    told += [f"{n:,} {state}" for state in State if (n := summary.count(state))]
    if summary.trials:
        told.append(f"{duration(summary.seconds)} of training")
    return " · ".join(told)


def round_sentences(summary: Summary) -> list[str]:
    """What each round searched and what came of it."""
    return [_round(summary, place) for place in range(len(summary.rounds))]


def _round(summary: Summary, place: int) -> str:
    row = summary.rounds[place]
    head = f"Round {row.round}, {plural(row.trials, 'trial')}"
    searched = _searched(summary, row)
    if row.best is None or row.median is None:
        return f"{head}: searched {searched}; no trial came to a value."
    outcome = f"best {number(row.best)}, median {number(row.median)}"
    before = summary.rounds[place - 1].median if place else None
    if before is not None and before != row.median:
        outcome += f" (before: {number(before)})"
    return f"{head}: searched {searched}; {outcome}."


def _searched(summary: Summary, row: RoundRow) -> str:
    """The most important parameters whose range was narrowed, or the whole space."""
    told = []
    for parameter in summary.parameters:
        searched = row.spans[parameter.name]
        if isinstance(parameter.parameter, Number):
            if searched.high - searched.low < WIDE * _longest(parameter.parameter):
                share = percent((searched.high - searched.low) / _longest(parameter.parameter))
                words = span_text(searched, parameter)
                one = searched.values[0] == searched.values[-1]
                told.append(
                    f"{clean(parameter.name)} {'= ' if one else ''}{words}"
                    + ("" if one else f" ({share} of its axis)")
                )
        elif len(searched.values) < (parameter.parameter.levels or 0):
            told.append(f"{clean(parameter.name)} {span_text(searched, parameter)}")
    if not told:
        return "the whole space"
    more = len(told) - NAMED
    return ", ".join(told[:NAMED]) + (f" and {more} more narrowed ranges" if more > 0 else "")


def _longest(parameter: Number) -> float:
    """The length between the first and the last value on the axis."""
    return parameter.encode(parameter.decode(1.0)) - parameter.encode(parameter.decode(0.0))


def gain_over_first_round(summary: Summary) -> str | None:
    """What the later rounds were worth: ``round 1 best was 0.0419 (−27%)``; ``None`` if nothing."""
    first = summary.rounds[0].best if summary.rounds else None
    best = summary.best
    if first is None or best is None or best.value is None or best.round == summary.rounds[0].round:
        return None
    change = ""
    if first > 0 and best.value > 0 and summary.metric.goal is Goal.MINIMIZE:
        change = f" ({percent(best.value / first - 1)})"
    return f"round 1 best was {number(first)}{change}"


def inside_sentence(summary: Summary) -> str:
    """What the gap between training and development metric of the best trial suggests."""
    best = summary.best
    if best is None or best.train is None or best.value is None:
        return "How the best trial came to its value."
    worse = summary.metric.goal.loss(best.value) - summary.metric.goal.loss(best.train)
    if worse < 0:
        return (
            f"It does better by {number(-worse, 2)} on data it has not seen than in training,"
            " as dropout and other noise in training make it."
        )
    return (
        f"It does worse by {number(worse, 2)} on data it has not seen. A wide gap asks for more"
        " data or regularisation; two bad curves ask for a larger network or longer training."
    )


def span_text(last: Span, row: ParameterRow) -> str:
    """A searched range in words."""
    if isinstance(row.parameter, Number):
        return span(last.values[0], last.values[-1])
    values = [number(value) for value in last.values]
    return ", ".join(values) if len(values) <= 4 else f"{', '.join(values[:3])}, …"
