"""Learning curves: those of the best trials, and the best one against its training curve."""

from __future__ import annotations

from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.rows import Curve, Summary, TrialRow
from hpsearch.report.html.figures.plot import Frame
from hpsearch.report.html.figures.svg import Figure, path, star, tag, text
from hpsearch.report.html.figures.ticks import Tick, round_values, value_ticks
from hpsearch.space import LINEAR
from hpsearch.text import number

CURVES_DRAWN = 80
IN_COLOUR = 12
LABELLED = 5
POINTS_DRAWN = 120


FRAME = Frame(58, 10, 590, 260)
TIGHT = Frame(58, 10, 256, 220)
"""For a phone."""


def curves_figure(summary: Summary, frame: Frame = FRAME) -> Figure | None:
    """The best 80 curves, the best twelve in colour; ``None`` without curves of two epochs."""
    rows = [row for row in summary.ranked[:CURVES_DRAWN] if len(row.curve) > 1]
    if not rows:
        return None
    epochs = max(len(row.curve) for row in rows)
    axis = value_axis(
        [v for r in rows for v in r.curve if v is not None], summary.metric.goal
    ).padded(0.03)
    parts = [frame.background(), frame.y_axis(value_ticks(axis), summary.metric.name)]
    parts.append(frame.x_axis(_epoch_ticks(epochs), "epoch"))
    for place, row in reversed(list(enumerate(rows))):
        kind = f"cv s{place * 8 // IN_COLOUR}" if place < IN_COLOUR else "cv dim"
        line = curve_path(row.curve, epochs, frame, axis)
        parts.append(tag("path", d=line, class_=kind, data_t=str(row.trial)))
    parts += _end_labels(rows[:LABELLED], epochs, frame, axis)
    words = f"{summary.metric.name} by epoch, best {len(rows)} trials"
    return Figure(frame.right + 52, frame.bottom + 42, words, tuple(parts))


def _epoch_ticks(epochs: int) -> list[Tick]:
    values = round_values(LINEAR, 1, epochs, 7, whole=True)
    return [Tick((v - 1) / max(epochs - 1, 1), number(round(v))) for v in values]


def curve_path(curve: Curve, epochs: int, frame: Frame, axis: ValueAxis) -> str:
    """The ``d`` of a curve, at most 120 points of it; it breaks where a number was not finite."""
    pieces: list[list[tuple[float, float]]] = [[]]
    stride = -(-len(curve) // POINTS_DRAWN)
    for epoch, value in enumerate(curve):
        if epoch % stride and epoch != len(curve) - 1:
            continue
        if value is None:
            pieces.append([])
        else:
            x = frame.x(epoch / max(epochs - 1, 1))
            pieces[-1].append((x, frame.y(axis.position(value))))
    return "".join(path(piece) for piece in pieces if piece)


def _end_labels(rows: list[TrialRow], epochs: int, frame: Frame, axis: ValueAxis) -> list[str]:
    """The trials' numbers where their curves end, moved apart."""
    ends = []
    for row in rows:
        last = next((v for v in reversed(row.curve) if v is not None), None)
        if last is not None and len(row.curve) == epochs:
            ends.append((frame.y(axis.position(last)), row.trial))
    placed: list[str] = []
    # From the lowest upwards, so that none comes to lie below the frame.
    below = frame.bottom + 16
    for y, trial in sorted(ends, reverse=True):
        below = min(y + 4, below - 12)
        placed.append(text(f"#{trial}", frame.right + 6, below))
    return placed


def inside_figure(summary: Summary) -> Figure | None:
    """The best trial's metric and its training counterpart; ``None`` without curves."""
    best = summary.best
    if best is None or len(best.curve) < 2 or best.value is None:
        return None
    frame = Frame(58, 44, 390, 226)
    both = [v for curve in (best.curve, best.train_curve) for v in curve if v is not None]
    axis = value_axis(both, summary.metric.goal).padded(0.03)
    epochs = len(best.curve)
    parts = [frame.background(), frame.y_axis(value_ticks(axis))]
    parts.append(frame.x_axis(_epoch_ticks(epochs), "epoch"))
    if any(v is not None for v in best.train_curve):
        parts.append(tag("path", d=_gap(best, frame, axis), class_="gap"))
        line = curve_path(best.train_curve, epochs, frame, axis)
        parts.append(tag("path", d=line, class_="tr"))
    parts.append(tag("path", d=curve_path(best.curve, epochs, frame, axis), class_="va"))
    if best.best_epoch:
        x = frame.x((best.best_epoch - 1) / max(epochs - 1, 1))
        parts.append(tag("path", d=star(x, frame.y(axis.position(best.value)), 7), class_="star"))
    name, there = summary.metric.name, f"at epoch {best.best_epoch}"
    parts.append(text(f"{name} {number(best.value)} {there}", frame.right, 14, "bl", "end"))
    if best.train is not None and summary.train_metric:
        words = f"{summary.train_metric} {number(best.train)} there"
        parts.append(text(words, frame.right, 32, "trl", "end"))
    return Figure(460, 312, f"{name} of trial {best.trial} by epoch", tuple(parts))


def _gap(best: TrialRow, frame: Frame, axis: ValueAxis) -> str:
    """The area between the two curves, where both are finite."""
    pairs = [
        (epoch, v, t)
        for epoch, (v, t) in enumerate(zip(best.curve, best.train_curve, strict=False))
        if v is not None and t is not None
    ]
    width = max(len(best.curve) - 1, 1)
    there = [(frame.x(e / width), frame.y(axis.position(v))) for e, v, _ in pairs]
    back = [(frame.x(e / width), frame.y(axis.position(t))) for e, _, t in reversed(pairs)]
    return path(there + back) + "Z" if pairs else ""
