"""The front: every trial by two goals, and the line of those that no other one dominates."""

from __future__ import annotations

from hpsearch.records import Metric
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.html.figures.plot import Frame, drawn_trials, mark
from hpsearch.report.html.figures.svg import Figure, steps, tag, text
from hpsearch.report.html.figures.ticks import Tick, round_values, value_ticks
from hpsearch.space import LINEAR
from hpsearch.text import number, percent

FRAME = Frame(64, 14, 460, 260)
TIGHT = Frame(60, 14, 288, 220)
"""For a phone."""


def front_figures(summary: Summary, frame: Frame = FRAME) -> list[Figure]:
    """The first goal against each of the others; none where there is one goal, or no front."""
    if summary.front is None or not summary.front.trials:
        return []
    return [_scatter(summary, goal, frame) for goal in summary.metric.further]


def _scatter(summary: Summary, goal: Metric, frame: Frame) -> Figure:
    rows = [row for row in drawn_trials(summary) if _at(row, goal) is not None]
    across = value_axis([v for row in rows if (v := _at(row, goal)) is not None], goal.goal)
    up = value_axis([v for row in rows if (v := row.value) is not None], summary.metric.goal)
    across, up = across.padded(), up.padded()
    parts = [
        frame.background(),
        frame.x_axis(value_ticks(across), goal.name),
        frame.y_axis(value_ticks(up), summary.metric.name),
    ]
    parts.append(tag("path", d=_line(summary, goal, across, up, frame), class_="best"))
    parts += [mark(row, *_place(row, goal, across, up, frame), summary) for row in rows]
    assert summary.front is not None
    on_front = {row.trial: row for row in rows if row.on_front}
    knee = summary.front.knee
    if knee is not None and knee.trial.index in on_front:
        x, y = _place(on_front[knee.trial.index], goal, across, up, frame)
        anchor = "end" if x > frame.x(0.5) else "start"
        shift = -12 if anchor == "end" else 12
        parts.append(text(f"knee #{knee.trial.index}", x + shift, y - 10, "bl", anchor))
    words = (
        f"{summary.metric.name} against {goal.name}: {len(on_front)} of {len(rows)} trials on the "
        "front."
    )
    return Figure(frame.right + 16, frame.bottom + 48, words, tuple(parts))


def _at(row: TrialRow, goal: Metric) -> float | None:
    return row.beside.get(goal.name)


def _place(
    row: TrialRow, goal: Metric, across: ValueAxis, up: ValueAxis, frame: Frame
) -> tuple[float, float]:
    x = frame.x(across.position(_at(row, goal) or 0.0))
    return x, frame.y(up.position(row.value or 0.0))


def _line(summary: Summary, goal: Metric, across: ValueAxis, up: ValueAxis, frame: Frame) -> str:
    """What the front dominates ends here: by two goals alone, of three."""
    best: list[TrialRow] = []
    loss = summary.metric.goal.loss
    by_goal = sorted(
        (row for row in summary.ranked if row.on_front and _at(row, goal) is not None),
        key=lambda row: (goal.goal.loss(_at(row, goal) or 0.0), loss(row.value or 0.0)),
    )
    for row in by_goal:
        if not best or loss(row.value or 0.0) < loss(best[-1].value or 0.0):
            best.append(row)
    return steps([_place(row, goal, across, up, frame) for row in best])


def hypervolume_figure(summary: Summary) -> Figure | None:
    """The hypervolume, trial by trial; ``None`` where there is no front."""
    if summary.front is None or not summary.front.trials or len(summary.trials) < 2:
        return None
    frame, shares = FRAME, summary.hypervolumes
    first, last = summary.trials[0].trial, summary.trials[-1].trial
    length = max(last - first, 1)
    ticks = [
        Tick((v - first) / length, number(round(v)))
        for v in round_values(LINEAR, first, last, 6, whole=True)
    ]
    heights = [Tick(share, percent(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    line = [
        (frame.x((row.trial - first) / length), frame.y(share))
        for row, share in zip(summary.trials, shares, strict=True)
    ]
    parts = [
        frame.background(),
        frame.x_axis(ticks, "trial, by number"),
        frame.y_axis(heights, "hypervolume"),
        tag("path", d=steps(line), class_="best"),
    ]
    words = f"Hypervolume of the front, trial by trial: {percent(shares[-1])} at the end."
    return Figure(frame.right + 16, frame.bottom + 48, words, tuple(parts))
