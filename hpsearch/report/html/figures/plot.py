"""What figures share: the frame with its axes, the marks of trials, and which trials are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.records import State
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.html.figures.svg import cross, star, tag, text
from hpsearch.report.html.figures.ticks import Tick, apart
from hpsearch.report.html.page_files import RANKS
from hpsearch.report.sections.model import PARAMETERS_DRAWN

MOST_DRAWN = 500
BUDGET = 800_000
"""Characters that the marks and table rows of all drawn trials may take: the page stays < 1 MB."""


@dataclass(frozen=True)
class Frame:
    """A plotting area in pixels; ``x`` and ``y`` map [0, 1] into it, y upwards."""

    left: float
    top: float
    width: float
    height: float

    def x(self, position: float) -> float:
        """Pixels from the left."""
        return self.left + position * self.width

    def y(self, position: float) -> float:
        """Pixels from the top."""
        return self.top + (1 - position) * self.height

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    def background(self) -> str:
        """The area itself."""
        return tag(
            "rect", x=self.left, y=self.top, width=self.width, height=self.height, class_="plot"
        )

    def x_axis(self, ticks: Sequence[Tick], label: str = "") -> str:
        """Marks and labels below, with grid lines."""
        widest = max((len(t.label) for t in ticks), default=1)
        kept = apart(ticks, (widest * 6.5 + 6) / self.width)
        lines = "".join(f"M{self.x(t.at):.1f} {self.top:.1f}v{self.height:.1f}" for t in kept)
        words = [text(t.label, self.x(t.at), self.bottom + 15, anchor="middle") for t in kept]
        if label:
            words.append(text(label, self.x(0.5), self.bottom + 31, "ax", "middle"))
        return tag("path", d=lines, class_="grid") * bool(kept) + "".join(words)

    def y_axis(self, ticks: Sequence[Tick], label: str = "") -> str:
        """Marks and labels on the left, with grid lines; the label lies on its side."""
        kept = apart(ticks, 14 / self.height)
        lines = "".join(f"M{self.left:.1f} {self.y(t.at):.1f}h{self.width:.1f}" for t in kept)
        words = [text(t.label, self.left - 6, self.y(t.at) + 4, anchor="end") for t in kept]
        if label:
            x, y = self.left - 44, self.y(0.5)
            turned = f"rotate(-90 {x:.1f} {y:.1f})"
            words.append(tag("g", text(label, x, y, "ax", "middle"), transform=turned))
        return tag("path", d=lines, class_="grid") * bool(kept) + "".join(words)


def colour(row: TrialRow, ranked: int) -> int:
    """The trial's colour: 0 for the best eighth … 7 for the worst."""
    rank = row.rank or ranked
    return min(RANKS * (rank - 1) // max(ranked, 1), RANKS - 1)


def mark(row: TrialRow, x: float, y: float, summary: Summary, radius: float = 3.0) -> str:
    """The mark of one trial: a star, a disc, a ring or a cross."""
    trial = str(row.trial)
    if row.rank == 1:
        return tag("path", d=star(x, y, radius * 2.4), class_="star", data_t=trial)
    if row.outside:
        return tag("circle", class_="out", cx=x, cy=y, r=radius, data_t=trial)
    if row.rank is None:
        return tag("path", d=cross(x, y, radius), class_="fail", data_t=trial)
    shape = "pr" if row.state is State.STOPPED else "p"
    number = colour(row, len(summary.ranked))
    return tag("circle", class_=f"{shape} c{number}", cx=x, cy=y, r=radius, data_t=trial)


def drawn_trials(summary: Summary) -> list[TrialRow]:
    """The trials with a value that are drawn, the worst first, so that the best lie on top.

    At most about 500: the best half of that number, and of the rest every k-th by rank.
    """
    parameters = min(summary.view.space.dimensions, PARAMETERS_DRAWN)
    each = 75 * (6 + parameters) + 24 * (5 + parameters) + 34 * (9 + summary.view.space.dimensions)
    most = max(min(MOST_DRAWN, BUDGET // each), 20)
    ranked = list(summary.ranked)
    if len(ranked) > most:
        best, rest = ranked[: most // 2], ranked[most // 2 :]
        room = most - len(best)
        ranked = best + [rest[place * len(rest) // room] for place in range(room)]
    return ranked[::-1]
