"""The parts of a page that are not of one section: the legend, chips, facts, figures' sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hpsearch.records import Hparams, State
from hpsearch.report.analysis.rows import Summary
from hpsearch.report.html.figures.svg import Figure, escape, tag
from hpsearch.text import number


def legend(summary: Summary) -> str:
    """What colours and shapes mean."""
    swatches = "".join(tag("span", "", class_=f"k c{k}") for k in range(8))
    ranks = f"rank by {escape(summary.metric.name)}: best {swatches} worst"
    shapes = [("star-key", "★", "best")]
    present = {row.state for row in summary.trials}
    if State.STOPPED in present:
        shapes.append(("", "○", "stopped"))
    if present & {State.FAILED, State.DIVERGED}:
        shapes.append(("fail-key", "×", "failed or diverged"))
    if summary.infeasible:
        shapes.append(("", "○", "on the upper edge: outside the limits"))
    keys = "".join(
        tag("span", tag("b", sign, class_=kind or None), f" {words}")
        for kind, sign, words in shapes
    )
    return tag("span", ranks) + keys


def chips(values: Hparams) -> str:
    """Settings with their values."""
    shown = (
        tag("li", tag("i", escape(name)), " ", escape(number(value)), class_="chip")
        for name, value in values.items()
    )
    return tag("ul", "".join(shown), class_="chips")


def pairs(facts: Mapping[str, str]) -> str:
    """Facts with their names; empty where there are none."""
    shown = "".join(tag("dt", escape(k)) + tag("dd", escape(v)) for k, v in facts.items())
    return tag("dl", shown, class_="facts") if shown else ""


def both_sizes(roomy: Figure | None, tight: Sequence[Figure | None]) -> str:
    """A figure, and what a phone shows in its place."""
    if roomy is None:
        return ""
    return tag("div", roomy, class_="roomy") + tag("div", *filter(None, tight), class_="tight")
