"""What a search showed, in sentences with their numbers."""

from __future__ import annotations

from hpsearch.report.analysis.rows import Importance, ParameterRow, Span, Summary
from hpsearch.space import Number
from hpsearch.text import number, percent, span


def importance_sentence(importance: Importance) -> str:
    """How the shares were measured and what combinations take of them, or why there are none."""
    if importance.shares is None:
        return f"What mattered is not known: {importance.note}."
    note = importance.note[:1].upper() + importance.note[1:]
    if importance.interplay:
        note += f"; {percent(importance.interplay.value)} belong to combinations"
    return f"{note}."


def inside_sentence(summary: Summary) -> str:
    """What the gap between training and development metric of the best trial suggests."""
    best = summary.best
    if best is None or best.train is None or best.value is None:
        return "The best trial, epoch by epoch."
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
