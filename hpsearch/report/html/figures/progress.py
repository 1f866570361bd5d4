"""Best so far of several runs on one scale, against trials, epochs or seconds of training.

Runs are told apart by colour and by the pattern of their line.
"""

from __future__ import annotations

from hpsearch.report.analysis.compare import MEASURES, Compared, shared_axis
from hpsearch.report.html.figures.plot import Frame
from hpsearch.report.html.figures.svg import Figure, steps, tag
from hpsearch.report.html.figures.ticks import Tick, round_values, value_ticks
from hpsearch.space import LINEAR
from hpsearch.text import number

WIDTH, HEIGHT = 380, 270
FRAME = Frame(52, 10, 316, 204)
RUN_STYLES = 6
LABELS = {"trials": "trials", "epochs": "epochs, all trials"}


def progress_figures(compared: Compared) -> list[Figure]:
    """One figure for each measure; none where no run has a value."""
    return [_figure(compared, measure) for measure in MEASURES] if shared_axis(compared) else []


def run_style(place: int) -> str:
    """The class of a run's lines and keys."""
    return f"r{place % RUN_STYLES}"


def _figure(compared: Compared, measure: str) -> Figure:
    axis = shared_axis(compared)
    assert axis is not None
    axis = axis.padded()
    most = max(max(run.progress[measure].spent, default=0.0) for run in compared.runs) or 1.0
    parts = [FRAME.background(), FRAME.y_axis(value_ticks(axis, 6))]
    unit, label = _unit(most) if measure == "seconds" else (1.0, LABELS[measure])
    values = round_values(LINEAR, 0, most / unit, 5)
    parts.append(FRAME.x_axis([Tick(v * unit / most, number(v)) for v in values], label))
    for place, run in enumerate(compared.runs):
        line = run.progress[measure]
        points = [
            (FRAME.x(spent / most), FRAME.y(axis.position(best)))
            for spent, best in _corners(line.spent, line.best)
        ]
        parts.append(tag("path", d=steps(points), class_=f"run {run_style(place)}"))
    return Figure(WIDTH, HEIGHT, f"Best {compared.metric.name} so far by {measure}", tuple(parts))


def _unit(most: float) -> tuple[float, str]:
    """The unit of time that suits a length, in seconds, and the axis' label."""
    for unit, name in ((86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if most >= 2 * unit:
            return unit, f"{name} of training, all trials"
    return 1.0, "seconds of training, all trials"


def _corners(spent: tuple[float, ...], best: tuple[float, ...]) -> list[tuple[float, float]]:
    """The points at which the best value changed, and the last one."""
    last = len(best) - 1
    return [
        (s, b)
        for place, (s, b) in enumerate(zip(spent, best, strict=True))
        if place in (0, last) or b != best[place - 1]
    ]
