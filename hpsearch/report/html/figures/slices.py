"""One parameter at a time: the metric against each, on the scale that was searched."""

from __future__ import annotations

from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import ParameterRow, Summary, TrialRow
from hpsearch.report.html.figures.plot import Frame, drawn_trials, mark
from hpsearch.report.html.figures.svg import Figure, tag
from hpsearch.report.html.figures.ticks import parameter_ticks, scale_name, value_ticks
from hpsearch.report.sections.model import PARAMETERS_DRAWN
from hpsearch.space import Listed, Number, Parameter
from hpsearch.space.averages import range_of_steps

WIDTH, HEIGHT = 380, 210
FRAME = Frame(50, 8, 318, 154)
NEARLY_ALL = 0.99
GOLDEN = 0.6180339887
"""Multiples of it spread evenly however many there are: marks of one value lie side by side."""


def slice_figures(summary: Summary) -> list[Figure]:
    """A figure for each of the most important parameters."""
    rows = drawn_trials(summary)
    if not rows:
        return []
    values = [row.value for row in rows if row.value is not None]
    axis = value_axis(values, summary.metric.goal).padded()
    return [_slice(row, rows, axis, summary) for row in summary.parameters[:PARAMETERS_DRAWN]]


def _slice(row: ParameterRow, trials: list[TrialRow], axis: ValueAxis, summary: Summary) -> Figure:
    parameter = row.parameter
    averages = range_of_steps(parameter)
    over = f"1/(1-β) = {averages}" if averages else ""
    name = ", ".join(part for part in (row.name, scale_name(parameter), over) if part)
    parts = [FRAME.background(), _searched(row)]
    parts += [FRAME.x_axis(parameter_ticks(parameter), name), FRAME.y_axis(value_ticks(axis, 6))]
    for trial in trials:
        if trial.value is not None and row.name in trial.hparams:
            x = trial.unit[row.column] + jitter(parameter, trial.trial)
            parts.append(mark(trial, FRAME.x(x), FRAME.y(axis.position(trial.value)), summary, 2.6))
    return Figure(WIDTH, HEIGHT, f"{summary.metric.name} against {name}", tuple(parts))


def jitter(parameter: Parameter, trial: int) -> float:
    """A small shift, the same for a trial everywhere, within the cell of a discrete value."""
    if parameter.levels is None or parameter.levels > 30:
        return 0.0
    return (trial * GOLDEN % 1 - 0.5) * 0.5 / parameter.levels


def _searched(row: ParameterRow) -> str:
    """The part searched in the last round, if it is not everything."""
    parameter, last = row.parameter, row.last
    if isinstance(parameter, Listed):
        kept = [parameter.encode(value) for value in last.values if value in parameter.values]
        half = 0.42 / parameter.levels
        spans = [(u - half, u + half) for u in kept] if len(kept) < parameter.levels else []
    elif isinstance(parameter, Number):
        half = 0.5 / parameter.levels if parameter.levels else 0.0
        low, high = max(last.low - half, 0.0), min(last.high + half, 1.0)
        spans = [(low, high)] if high - low < NEARLY_ALL else []
    else:
        spans = []
    return "".join(
        tag(
            "rect",
            x=FRAME.x(low),
            y=FRAME.top,
            width=max(FRAME.x(high) - FRAME.x(low), 2),
            height=FRAME.height,
            class_="zr",
        )
        for low, high in spans
    )
