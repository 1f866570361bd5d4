"""The figures of a search as elements of a page, with what a phone shows in their place."""

from __future__ import annotations

from collections.abc import Callable

from hpsearch.report.analysis.rows import Summary
from hpsearch.report.html.figures import curves, front, history
from hpsearch.report.html.figures.curves import curves_figure, inside_figure
from hpsearch.report.html.figures.film import film_figure, film_panels
from hpsearch.report.html.figures.front import front_figures, hypervolume_figure
from hpsearch.report.html.figures.history import history_figure
from hpsearch.report.html.figures.importance import importance_figure
from hpsearch.report.html.figures.parallel import TIGHT_AXES, TIGHT_WIDTH, parallel_figure
from hpsearch.report.html.figures.slices import slice_figures
from hpsearch.report.html.figures.svg import tag
from hpsearch.report.html.page_parts import both_sizes
from hpsearch.report.sections.model import Plot, PlotKind
from hpsearch.text import plural


def plot_element(plot: Plot) -> str:
    """The figure; empty where there is nothing to draw."""
    return _DRAWN[plot.kind](plot.summary)


def _slices(summary: Summary) -> str:
    figures = slice_figures(summary)
    return tag("div", *figures, class_="slices") if figures else ""


def _parallel(summary: Summary) -> str:
    roomy = parallel_figure(summary)
    figure = both_sizes(roomy, [parallel_figure(summary, TIGHT_WIDTH, TIGHT_AXES)])
    hidden = len(summary.parameters) - TIGHT_AXES
    if roomy is None or hidden <= 0:
        return figure
    return figure + tag(
        "p", f"{plural(hidden, 'more parameter')} in a wider window.", class_="cap tight"
    )


def _front(summary: Summary) -> str:
    roomy, tight = front_figures(summary), front_figures(summary, front.TIGHT)
    return "".join(both_sizes(one, [other]) for one, other in zip(roomy, tight, strict=True))


_DRAWN: dict[PlotKind, Callable[[Summary], str]] = {
    PlotKind.BEST_SO_FAR: lambda s: both_sizes(
        history_figure(s), [history_figure(s, history.TIGHT)]
    ),
    PlotKind.IMPORTANCE: lambda s: str(importance_figure(s) or ""),
    PlotKind.ROUNDS: lambda s: both_sizes(film_figure(s), film_panels(s)),
    PlotKind.PARAMETERS: _slices,
    PlotKind.PARALLEL: _parallel,
    PlotKind.CURVES: lambda s: both_sizes(curves_figure(s), [curves_figure(s, curves.TIGHT)]),
    PlotKind.FRONT: _front,
    PlotKind.HYPERVOLUME: lambda s: str(hypervolume_figure(s) or ""),
    PlotKind.INSIDE: lambda s: str(inside_figure(s) or ""),
}
