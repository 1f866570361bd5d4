"""Parallel coordinates: one line a trial, one axis a parameter, each on its own scale.

The page lets a reader select a range on an axis; ``axis_facts`` is what it needs for that.
"""

from __future__ import annotations

from typing import Any

from hpsearch.records import Goal
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import ParameterRow, Summary, TrialRow
from hpsearch.report.html.figures.plot import PARAMETERS_DRAWN, colour, drawn_trials
from hpsearch.report.html.figures.slices import spread
from hpsearch.report.html.figures.svg import coordinate, escape, figure, tag, text
from hpsearch.report.html.figures.ticks import Tick, apart, parameter_ticks, value_ticks
from hpsearch.space import Number, Parameter
from hpsearch.text import number

WIDTH, TOP, HEIGHT = 1180, 56, 270
MARGIN = 58
INACTIVE_Y = TOP + HEIGHT + 22
"""Where the lines of trials run in which a parameter was inactive."""


def parallel_figure(summary: Summary) -> str:
    """The figure; empty without a value or with nothing searched."""
    rows = drawn_trials(summary)
    axes = summary.parameters[:PARAMETERS_DRAWN]
    if not rows or not axes:
        return ""
    metric = metric_axis(summary)
    xs = axis_places(len(axes) + 1)
    parts = []
    for row in rows:
        kind = f"pl s{colour(row, len(summary.ranked))}"
        line = _line(row, axes, metric, xs, summary)
        parts.append(tag("path", d=line, class_=kind, data_t=str(row.trial)))
    for place, axis in enumerate(axes):
        scale = axis.parameter.scale_label
        ticks = apart(parameter_ticks(axis.parameter), 13 / HEIGHT)
        parts.append(_axis(place, xs[place], (axis.name, scale), ticks))
    ticks = [Tick(_metric_height(summary, t.at), t.label) for t in value_ticks(metric)]
    note = "best on top" if metric.scale.name == "linear" else f"{metric.scale.label}, best on top"
    parts.append(
        _axis(len(axes), xs[-1], (summary.metric.name, note), apart(ticks, 13 / HEIGHT), side=1)
    )
    inactive = [
        x for x, a in zip(xs, axes, strict=False) if any(a.name not in row.hparams for row in rows)
    ]
    parts += [text("not active", x, INACTIVE_Y + 16, anchor="middle") for x in inactive]
    height = TOP + HEIGHT + (44 if inactive else 20)
    words = "Parallel coordinates: one line for each trial, best trials on top"
    return figure(WIDTH, height, words, *parts, role="group")


def axis_places(count: int) -> list[float]:
    """The x of each axis, in pixels."""
    return [MARGIN + place * (WIDTH - 2 * MARGIN) / (count - 1) for place in range(count)]


def metric_axis(summary: Summary) -> ValueAxis:
    """The metric's axis over all trials."""
    values = [row.value for row in summary.ranked if row.value is not None]
    return value_axis(values, summary.metric.goal)


def _metric_height(summary: Summary, position: float) -> float:
    """The best end is on top."""
    return position if summary.metric.goal is Goal.MAXIMIZE else 1 - position


def heights(row: TrialRow, summary: Summary, metric: ValueAxis) -> list[float | None]:
    """Where a trial's line meets each axis, 0 at the bottom; ``None`` where it is inactive."""
    places: list[float | None] = []
    for axis in summary.parameters[:PARAMETERS_DRAWN]:
        active = axis.name in row.hparams
        places.append(row.unit[axis.column] if active else None)
    places.append(_metric_height(summary, metric.position(row.value or 0.0)))
    return places


def _line(
    row: TrialRow,
    axes: tuple[ParameterRow, ...],
    metric: ValueAxis,
    xs: list[float],
    summary: Summary,
) -> str:
    ys = []
    parameters: list[Parameter | None] = [*(axis.parameter for axis in axes), None]
    for parameter, height in zip(parameters, heights(row, summary, metric), strict=True):
        if height is None:
            ys.append(float(INACTIVE_Y))
        else:
            shift = spread(parameter, row.trial) if parameter else 0.0
            ys.append(_y(height + shift))
    line = f"M{coordinate(xs[0])} {coordinate(ys[0])}"
    for place in range(1, len(xs)):
        middle = coordinate((xs[place - 1] + xs[place]) / 2)
        before, here = coordinate(ys[place - 1]), coordinate(ys[place])
        line += f"C{middle} {before} {middle} {here} {coordinate(xs[place])} {here}"
    return line


def _y(height: float) -> float:
    return TOP + (1 - height) * HEIGHT


def _axis(
    place: int, x: float, names: tuple[str, str], ticks: list[Tick], *, side: int = -1
) -> str:
    """One axis: its name and note above, its labels on one side, and what a reader drags."""
    name, note = names
    short = name if len(name) <= 14 else name[:13] + "…"
    marks = "".join(f"M{coordinate(x)} {coordinate(_y(t.at))}h{4 * side}" for t in ticks)
    anchor = "end" if side < 0 else "start"
    words = [text(t.label, x + 8 * side, _y(t.at) + 4, "halo", anchor) for t in ticks]
    return tag(
        "g",
        tag("title", escape(name)),
        text(short, x, 18, "lab", "middle"),
        text(note, x, 34, anchor="middle"),
        tag("path", d=f"M{coordinate(x)} {TOP}v{HEIGHT}{marks}", class_="pax"),
        *words,
        tag("rect", class_="brush", x=x - 9, y=TOP, width=18, height=0),
        tag("rect", class_="hit", x=x - 22, y=TOP - 6, width=44, height=HEIGHT + 12),
        class_="axis",
        data_axis=str(place),
    )


def axis_facts(summary: Summary) -> list[dict[str, Any]]:
    """For each axis its name and how a height becomes a value."""
    facts = [_parameter_facts(row.parameter) for row in summary.parameters[:PARAMETERS_DRAWN]]
    metric = metric_axis(summary)
    return [*facts, _scale_facts(summary.metric.name, metric, summary.metric.goal)]


def _parameter_facts(parameter: Parameter) -> dict[str, Any]:
    if not isinstance(parameter, Number):
        levels = parameter.levels or 1
        values = [number(parameter.decode((k + 0.5) / levels)) for k in range(levels)]
        return {"name": parameter.name, "values": values}
    ends = [float(parameter.scale.warp(v)) for v in (parameter.low, parameter.high)]
    return {"name": parameter.name, "scale": parameter.scale.name, "ends": ends}


def _scale_facts(name: str, axis: ValueAxis, goal: Goal) -> dict[str, Any]:
    ends = [float(axis.scale.warp(v)) for v in (axis.low, axis.high)]
    return {
        "name": name,
        "scale": axis.scale.name,
        "ends": ends if goal is Goal.MAXIMIZE else ends[::-1],
    }
