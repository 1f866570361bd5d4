"""The curve of a babysat model as SVG, with a mark at every change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch
from hpsearch.records import train_counterpart
from hpsearch.report.analysis.axis import ValueAxis, value_axis
from hpsearch.report.analysis.lineage_story import change_marks, other_branches
from hpsearch.report.html.figures.plot import Frame
from hpsearch.report.html.figures.svg import Figure, path, star, tag, text
from hpsearch.report.html.figures.ticks import Tick, round_values, value_ticks
from hpsearch.space import LINEAR
from hpsearch.text import number

FRAME = Frame(64, 44, 1030, 268)
TIGHT = Frame(60, 44, 284, 220)
"""For a phone."""
LABEL_PIXELS = 6.5
"""About what a character of a label takes."""


@dataclass(frozen=True)
class Plane:
    """Epochs from 1 to ``last`` across, the metric's axis upwards, in a frame."""

    frame: Frame
    last: int
    axis: ValueAxis

    def x(self, epoch: int) -> float:
        """Pixels from the left."""
        return self.frame.x((epoch - 1) / max(self.last - 1, 1))

    def point(self, epoch: int, value: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        return self.x(epoch), self.frame.y(self.axis.position(value))


def lineage_figure(lineage: Lineage, frame: Frame = FRAME) -> Figure | None:
    """The figure; ``None`` before the first epoch."""
    chain, metric = lineage.chain(), lineage.start.metric
    if not chain:
        return None
    others = other_branches(lineage, chain)
    train = train_counterpart(metric.name, list(chain[-1].values))
    names = [metric.name, *([train] if train else [])]
    shown = [e.values.get(name, math.nan) for e in chain for name in names]
    shown += [e.values[metric.name] for line in others for e in line]
    axis = value_axis(shown, metric.goal).padded()
    last = max(e.position.epoch for line in (chain, *others) for e in line)
    parts = [frame.background(), frame.y_axis(value_ticks(axis), metric.name)]
    parts.append(frame.x_axis(_epoch_ticks(last), "epoch"))
    plane = Plane(frame, last, axis)
    parts += [_curve(line, metric.name, "cv dim", plane) for line in others]
    if train:
        parts.append(_curve(chain, train, "tr", plane))
    parts.append(_curve(chain, metric.name, "va", plane))
    parts += _marks(lineage, chain, plane)
    best = lineage.best(chain)
    if best is not None:
        value = best.values[metric.name]
        x, y = plane.point(best.position.epoch, value)
        parts.append(tag("path", d=star(x, y, 7), class_="star"))
        label = f"best {number(value)} · {best.position}"
        parts.append(text(label, frame.right, frame.top + 16, "bl", "end"))
    words = f"{metric.name} by epoch, up to {lineage.position}, with what changed on the way"
    return Figure(frame.right + 26, frame.bottom + 48, words, tuple(parts))


def _epoch_ticks(last: int) -> list[Tick]:
    values = round_values(LINEAR, 1, max(last, 2), 10, whole=True)
    return [Tick((v - 1) / max(last - 1, 1), number(round(v))) for v in values if v <= last]


def _curve(epochs: Sequence[Epoch], name: str, kind: str, plane: Plane) -> str:
    """One curve; it breaks where a number was not finite."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for epoch in epochs:
        value = epoch.values.get(name, math.nan)
        if math.isfinite(value):
            pieces[-1].append(plane.point(epoch.position.epoch, value))
        else:
            pieces.append([])
    drawn = "".join(path(piece) for piece in pieces if piece)
    return tag("path", d=drawn, class_=kind) if drawn else ""


def _marks(lineage: Lineage, chain: Sequence[Epoch], plane: Plane) -> list[str]:
    """A line where settings changed, and what became of them where there is room to say it."""
    parts, free, frame = [], 0.0, plane.frame
    for epoch, label in change_marks(lineage, chain):
        x = plane.x(epoch)
        parts.append(tag("path", d=f"M{x:.1f} {frame.top:.1f}v{frame.height:.1f}", class_="run r4"))
        start = min(x, frame.right - len(label) * LABEL_PIXELS)
        if start >= free:
            parts.append(text(label, start, frame.top - 8, "rl2"))
            free = start + (len(label) + 2) * LABEL_PIXELS
    return parts
