"""Parallel coordinates: one line a trial, one axis a parameter, each on its own scale.

The page lets a reader select a range on an axis; ``axis_facts`` is what it needs for that. It
knows no scale: the value at a height is worked out here.
"""

from __future__ import annotations

from typing import Any

from hpsearch.records import Goal
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import ParameterRow, Summary, TrialRow
from hpsearch.report.html.figures.plot import colour, drawn_trials
from hpsearch.report.html.figures.slices import jitter
from hpsearch.report.html.figures.svg import Figure, coordinate, escape, tag, text
from hpsearch.report.html.figures.ticks import Tick, apart, parameter_ticks, value_ticks
from hpsearch.report.sections.model import PARAMETERS_DRAWN
from hpsearch.space import LINEAR, Parameter
from hpsearch.text import number

WIDTH, TOP, HEIGHT = 1180, 56, 270
MARGIN = 58
TIGHT_WIDTH, TIGHT_AXES = 360, 3
"""On a phone: as many parameters as have room, those that mattered most."""

LONGEST_NAME = 14
LETTER = 7.5
"""About what a letter of a name takes."""

STEPS = 200
"""In so many steps a reader selects a range."""

HEIGHTS = [step / STEPS for step in range(STEPS + 1)]
INACTIVE_Y = TOP + HEIGHT + 22
"""Where the lines of trials run in which a parameter was inactive."""


def parallel_figure(
    summary: Summary, width: float = WIDTH, most_axes: int = PARAMETERS_DRAWN
) -> Figure | None:
    """The figure; ``None`` without a value or with nothing searched."""
    rows = drawn_trials(summary)
    axes = summary.parameters[:most_axes]
    if not rows or not axes:
        return None
    metric = metric_axis(summary)
    xs = axis_places(len(axes) + 1, width)
    longest = min(LONGEST_NAME, int((xs[1] - xs[0]) / LETTER))
    parts = []
    for row in rows:
        kind = f"pl s{colour(row, len(summary.ranked))}"
        line = _line(row, axes, metric, xs, summary)
        parts.append(tag("path", d=line, class_=kind, data_t=str(row.trial)))
    for place, axis in enumerate(axes):
        scale = axis.parameter.scale_label
        ticks = apart(parameter_ticks(axis.parameter), 13 / HEIGHT)
        parts.append(_axis(place, xs[place], (axis.name, scale), ticks, longest))
    ticks = [Tick(_metric_height(summary, t.at), t.label) for t in value_ticks(metric)]
    note = "best on top" if metric.scale is LINEAR else f"{metric.scale.label}, best on top"
    last = len(summary.parameters[:PARAMETERS_DRAWN])
    names = (summary.metric.name, note)
    parts.append(_axis(last, xs[-1], names, apart(ticks, 13 / HEIGHT), longest, side=1))
    inactive = [
        x for x, a in zip(xs, axes, strict=False) if any(a.name not in row.hparams for row in rows)
    ]
    parts += [text("not active", x, INACTIVE_Y + 16, anchor="middle") for x in inactive]
    height = TOP + HEIGHT + (44 if inactive else 20)
    words = "Parallel coordinates: one line for each trial, best trials on top"
    return Figure(width, height, words, tuple(parts), role="group")


def axis_places(count: int, width: float) -> list[float]:
    """The x of each axis, in pixels."""
    return [MARGIN + place * (width - 2 * MARGIN) / (count - 1) for place in range(count)]


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
    *inner, last = heights(row, summary, metric)
    for parameter, height in zip(parameters, [*inner[: len(axes)], last], strict=True):
        if height is None:
            ys.append(float(INACTIVE_Y))
        else:
            shift = jitter(parameter, row.trial) if parameter else 0.0
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
    place: int,
    x: float,
    names: tuple[str, str],
    ticks: list[Tick],
    longest: int,
    *,
    side: int = -1,
) -> str:
    """One axis: its name and note above, its labels on one side, and what a reader drags."""
    name, note = names
    short = name if len(name) <= longest else name[: longest - 1] + "…"
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
    """For each axis its name, and the values at heights 0, 1/200 … 1, as they are read out."""
    facts = [
        {"name": row.name, "marks": [number(row.parameter.decode(h)) for h in HEIGHTS]}
        for row in summary.parameters[:PARAMETERS_DRAWN]
    ]
    metric = metric_axis(summary)
    values = [number(metric.value(_metric_height(summary, h))) for h in HEIGHTS]
    return [*facts, {"name": summary.metric.name, "marks": values}]
