"""Best so far: every trial in order, and the line of the best one until then."""

from __future__ import annotations

from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.html.figures.plot import Frame, drawn_trials, mark
from hpsearch.report.html.figures.svg import Figure, steps, tag, text
from hpsearch.report.html.figures.ticks import Tick, round_values, value_ticks
from hpsearch.space import LINEAR
from hpsearch.text import number

FRAME = Frame(64, 34, 700, 228)
TIGHT = Frame(60, 34, 288, 200)
"""For a phone, where the other would have letters too small to read."""


def history_figure(summary: Summary, frame: Frame = FRAME) -> Figure | None:
    """The figure; ``None`` where no trial has a value."""
    if not summary.ranked or summary.observed is None:
        return None
    metric = summary.metric.name
    values = [row.value for row in summary.ranked if row.value is not None]
    axis = value_axis(values, summary.metric.goal).padded()
    first, last = summary.history[0].trial, summary.history[-1].trial
    length = max(last - first, 1)
    ticks = [
        Tick((v - first) / length, number(round(v)))
        for v in round_values(LINEAR, first, last, 8, whole=True)
    ]
    parts = [frame.background(), _bands(summary, first, length, frame)]
    parts += [frame.x_axis(ticks, "trial, by number"), frame.y_axis(value_ticks(axis), metric)]
    for row in drawn_trials(summary):
        if row.value is not None and row.rank != 1:
            x = frame.x((row.trial - first) / length)
            parts.append(mark(row, x, frame.y(axis.position(row.value)), summary))
    line, before = [], None
    for point in summary.history:
        if point.best is not None and (point.best != before or point.trial == last):
            x = frame.x((point.trial - first) / length)
            line.append((x, frame.y(axis.position(point.best))))
            before = point.best
    parts.append(tag("path", d=steps(line), class_="best"))
    parts += [mark(r, frame.x((r.trial - first) / length), 26, summary) for r in _failed(summary)]
    best = summary.observed
    x, y = frame.x((best.trial - first) / length), frame.y(axis.position(best.value or 0.0))
    parts.append(mark(best, x, y, summary))
    anchor = "end" if x > frame.x(0.5) else "start"
    parts.append(text(f"best {number(best.value)} · #{best.trial}", x, y - 15, "bl", anchor))
    words = f"Best {metric} so far, trial by trial: {number(best.value)} at trial {best.trial}."
    return Figure(frame.right + 16, frame.bottom + 48, words, tuple(parts))


def _failed(summary: Summary) -> list[TrialRow]:
    rows = [row for row in summary.trials if row.rank is None]
    stride = -(-len(rows) // 100) or 1
    return rows[::stride]


def _bands(summary: Summary, first: int, length: int, frame: Frame) -> str:
    parts = []
    starts = [(row.first - first) / length for row in summary.rounds] + [1.0]
    for place, row in enumerate(summary.rounds):
        left, right = frame.x(starts[place]), frame.x(starts[place + 1])
        if len(summary.rounds) > 1:
            parts.append(
                tag(
                    "rect",
                    x=left,
                    y=frame.top,
                    width=max(right - left, 0),
                    height=frame.height,
                    class_=f"band b{place % 2}",
                )
            )
            label = f"round {row.round}" if right - left > 52 else str(row.round)
            if right - left > 12:
                parts.append(text(label, (left + right) / 2, 12, "rl", "middle"))
    return "".join(parts)
