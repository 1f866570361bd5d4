"""Coarse to fine as a film strip: the two parameters that mattered most, round by round.

The first panel shows the whole space with the boxes of the later rounds; each further panel is
one of these boxes, magnified, on the same scales.
"""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.report.analysis.rows import ParameterRow, RoundRow, Summary, TrialRow
from hpsearch.report.html.figures.plot import Frame, drawn_trials, mark
from hpsearch.report.html.figures.svg import Figure, coordinate, tag, text
from hpsearch.report.html.figures.ticks import parameter_ticks, scale_name
from hpsearch.space import Number

PANELS = 4
FIRST = Frame(62, 30, 300, 250)
WIDTH, HEIGHT = 1180, 326
TIGHT = Frame(62, 30, 284, 200)
"""One panel on a phone."""

SMALLEST_BOX = 0.01
"""A round that drew from a single value still gets a box that can be seen."""


@dataclass(frozen=True)
class Window:
    """The part of both axes that a round searched, in units."""

    left: float
    right: float
    low: float
    high: float


@dataclass(frozen=True)
class Strip:
    """The rounds that are shown, the window of each, and the two parameters."""

    axes: tuple[ParameterRow, ParameterRow]
    rounds: list[RoundRow]
    windows: list[Window]


def film_figure(summary: Summary) -> Figure | None:
    """The film; ``None`` with fewer than two numeric parameters or two rounds."""
    strip = _strip(summary)
    if strip is None:
        return None
    later = len(strip.rounds) - 1
    small = (WIDTH - FIRST.right - 20) / later
    lefts = [FIRST.right + 62 + place * small for place in range(later)]
    frames = [FIRST, *(Frame(left, 48, small - 62, 214) for left in lefts)]
    parts = _beams(frames, strip.windows)
    for place, frame in enumerate(frames):
        parts += _panel(strip, place, frame, summary)
    across, up = strip.axes
    label = f"Trials of each round by {across.name} and {up.name}"
    return Figure(WIDTH, HEIGHT, label, tuple(parts))


def film_panels(summary: Summary) -> list[Figure]:
    """The panels of the film, a figure each: a phone has no room for a strip."""
    strip = _strip(summary)
    if strip is None:
        return []
    across, up = strip.axes
    return [
        Figure(
            TIGHT.right + 14,
            TIGHT.bottom + 46,
            f"Trials of round {round_.round} by {across.name} and {up.name}",
            tuple(_panel(strip, place, TIGHT, summary)),
        )
        for place, round_ in enumerate(strip.rounds)
    ]


def _strip(summary: Summary) -> Strip | None:
    axes = [row for row in summary.parameters if isinstance(row.parameter, Number)][:2]
    rounds = shown_rounds(summary)
    if len(axes) < 2 or len(rounds) < 2 or not summary.ranked:
        return None
    across, up = axes
    windows = [Window(0, 1, 0, 1), *(_window(r, across, up) for r in rounds[1:])]
    return Strip((across, up), rounds, windows)


def _panel(strip: Strip, place: int, frame: Frame, summary: Summary) -> list[str]:
    """One round: its trials, its title, the boxes of what came later."""
    round_, window = strip.rounds[place], strip.windows[place]
    # The whole space shows all trials; a box shows those of its own round and the later ones.
    rows = [r for r in drawn_trials(summary) if place == 0 or r.round >= round_.round]
    parts = _points(frame, window, strip.axes, rows, summary)
    title = f"round {round_.round}" + (" · whole space" if place == 0 else "")
    parts.append(text(title, frame.left, frame.top - 9, "rl2"))
    pairs = zip(strip.rounds, strip.windows, strict=True)
    later = [(r, w) for r, w in pairs if r.round > round_.round]
    return parts + _boxes(frame, window, later if place == 0 else later[:1])


def shown_rounds(summary: Summary) -> list[RoundRow]:
    """All rounds, or of many the first, the last and even steps between."""
    rounds = list(summary.rounds)
    if len(rounds) <= PANELS:
        return rounds
    places = [round(k * (len(rounds) - 1) / (PANELS - 1)) for k in range(PANELS)]
    return [rounds[place] for place in places]


def _window(round_: RoundRow, across: ParameterRow, up: ParameterRow) -> Window:
    x, y = round_.spans[across.name], round_.spans[up.name]
    half_x, half_y = (max(SMALLEST_BOX - (s.high - s.low), 0) / 2 for s in (x, y))
    return Window(x.low - half_x, x.high + half_x, y.low - half_y, y.high + half_y)


def _points(
    frame: Frame,
    window: Window,
    axes: tuple[ParameterRow, ParameterRow],
    rows: list[TrialRow],
    summary: Summary,
) -> list[str]:
    across, up = axes
    whole = frame in (FIRST, TIGHT)  # there is room for all of the words
    few = 5 if whole else 3
    left, right = max(window.left, 0.0), min(window.right, 1.0)
    low, high = max(window.low, 0.0), min(window.high, 1.0)
    parts = [
        frame.background(),
        frame.x_axis(parameter_ticks(across.parameter, left, right, few), _name(across, whole)),
        frame.y_axis(
            parameter_ticks(up.parameter, low, high, few), _name(up, True) if whole else ""
        ),
    ]
    for row in rows:
        if across.name in row.hparams and up.name in row.hparams:
            x = (row.unit[across.column] - left) / max(right - left, 1e-9)
            y = (row.unit[up.column] - low) / max(high - low, 1e-9)
            if 0 <= x <= 1 and 0 <= y <= 1:
                parts.append(mark(row, frame.x(x), frame.y(y), summary, 2.8))
    return parts


def _name(row: ParameterRow, with_scale: bool) -> str:
    scale = scale_name(row.parameter)
    return f"{row.name} ({scale})" if scale and with_scale else row.name


def _boxes(frame: Frame, window: Window, later: list[tuple[RoundRow, Window]]) -> list[str]:
    parts = []
    for round_, box in later:
        corners = _inside(frame, window, box)
        if corners is None:
            continue
        left, top, right, bottom = corners
        parts.append(
            tag("rect", x=left, y=top, width=right - left, height=bottom - top, class_="box")
        )
        above = top - 3 if top > frame.top + 12 else top + 12
        parts.append(text(str(round_.round), left + 3, above, "bn"))
    return parts


def _inside(frame: Frame, window: Window, box: Window) -> tuple[float, float, float, float] | None:
    """The box in the pixels of a frame that shows a window: left, top, right, bottom."""
    width, height = window.right - window.left, window.high - window.low
    x = [min(max((u - window.left) / width, 0), 1) for u in (box.left, box.right)]
    y = [min(max((u - window.low) / height, 0), 1) for u in (box.low, box.high)]
    if x[0] == x[1] or y[0] == y[1]:
        return None
    return frame.x(x[0]), frame.y(y[1]), frame.x(x[1]), frame.y(y[0])


def _beams(frames: list[Frame], windows: list[Window]) -> list[str]:
    """From each box to the panel that magnifies it."""
    parts = []
    for place in range(len(frames) - 1):
        frame, to = frames[place], frames[place + 1]
        corners = _inside(frame, windows[place], windows[place + 1])
        if corners is not None:
            _, top, right, bottom = corners
            points = [(right, top), (to.left, to.top), (to.left, to.bottom), (right, bottom)]
            d = "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)
            parts.append(tag("path", d=f"M{d}Z", class_="beam"))
    return parts
