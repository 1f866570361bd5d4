"""``hpsearch report --html``: one file that needs nothing else.

The frame, the style and the script are files in ``page/``; figures and parts are put into the
frame here. The page asks for nothing from anywhere: its content security policy allows its own
style and script by their hashes, and nothing else.
"""

from __future__ import annotations

import json
from string import Template
from typing import Any

from hpsearch.report.analysis.rows import Summary
from hpsearch.report.analysis.sentences import facts, inside_sentence, round_sentences
from hpsearch.report.analysis.stopped import early_stopping
from hpsearch.report.html.figures import curves, history
from hpsearch.report.html.figures.curves import curves_figure, inside_figure
from hpsearch.report.html.figures.film import film_figure, film_panels
from hpsearch.report.html.figures.history import history_figure
from hpsearch.report.html.figures.importance import importance_figure
from hpsearch.report.html.figures.parallel import (
    TIGHT_AXES,
    TIGHT_WIDTH,
    axis_facts,
    heights,
    metric_axis,
    parallel_figure,
)
from hpsearch.report.html.figures.plot import PARAMETERS_DRAWN, drawn_caption, drawn_trials
from hpsearch.report.html.figures.slices import slice_figures
from hpsearch.report.html.figures.svg import escape, tag
from hpsearch.report.html.page_files import content_hash, page_file, page_style
from hpsearch.report.html.page_parts import (
    both_sizes,
    cards,
    failure_list,
    legend,
    repeat,
    trial_table,
)
from hpsearch.space import LINEAR
from hpsearch.text import percent, plural

MOST_SENTENCES = 12


def as_html(summary: Summary) -> str:
    """The whole page."""
    style, script = page_style(), page_file("script.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{content_hash(style)}'; "
        f"script-src 'sha256-{content_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    return Template(page_file("frame.html")).substitute(
        policy=policy,
        name=escape(summary.view.name),
        facts=escape(facts(summary)),
        cards=cards(summary),
        legend=legend(summary),
        sections="".join(sections(summary)),
        repeat=repeat(summary),
        count=f"{len(summary.ranked):,}",
        style=style,
        script=script,
        data=_script_data(summary),
    )


def sections(summary: Summary) -> list[str]:
    """The cards below the legend, those with nothing to show left out."""
    return [
        section
        for section in (
            _best_so_far(summary),
            _what_mattered(summary),
            _coarse_to_fine(summary),
            _slices(summary),
            _parallel(summary),
            _curves(summary),
            _inside(summary),
            _trials(summary),
        )
        if section
    ]


def _section(title: str, caption: str, *content: str, width: str = "c12") -> str:
    if not any(content):
        return ""
    head = tag("h2", title) + (tag("p", escape(caption), class_="cap") if caption else "")
    return tag("section", head, *content, class_=f"card {width}")


def _wide(content: str, label: str) -> str:
    """A table that is wider than a phone scrolls on its own; the keyboard can reach it."""
    if not content:
        return ""
    return tag("div", content, class_="wide", tabindex="0", role="region", aria_label=label)


def _best_so_far(summary: Summary) -> str:
    goal = "Lower" if str(summary.metric.goal) == "minimize" else "Higher"
    axis = metric_axis(summary)
    scale = "" if axis.scale is LINEAR else f", {axis.scale.label} scale"
    caption = f"Every trial in order; the line is the best so far. {goal} is better{scale}. "
    figures = both_sizes(history_figure(summary), [history_figure(summary, history.TIGHT)])
    return _section("Best so far", caption + drawn_caption(summary), figures, width="c8")


def _what_mattered(summary: Summary) -> str:
    figure = importance_figure(summary)
    note = summary.importance.note
    if summary.importance.interplay:
        note += f"; {percent(summary.importance.interplay.value)} belong to combinations"
    content = str(figure) if figure else tag("p", escape(f"Not shown: {note}."))
    caption = note[:1].upper() + note[1:] + ". Lines: 9 of 10 resamples." if figure else ""
    return _section("What mattered", caption, content, width="c4")


def _coarse_to_fine(summary: Summary) -> str:
    sentences = round_sentences(summary)
    if len(sentences) < 2:
        return ""
    left_out = len(sentences) - MOST_SENTENCES
    if left_out > 0:
        sentences = [*sentences[:1], *sentences[left_out + 1 :]]
    figure = film_figure(summary)
    caption = (
        "What each round drew from, on the scales searched. Later rounds follow the best trials "
        "so far; a range may grow again."
    )
    if not figure:
        caption += " A film strip needs two numeric parameters."
    told = tag("ol", *(tag("li", escape(s)) for s in sentences), class_="rounds")
    return _section("Coarse to fine", caption, both_sizes(figure, film_panels(summary)), told)


def _slices(summary: Summary) -> str:
    figures = slice_figures(summary)
    caption = "Each on the scale it was searched on. The band is the last round's range."
    hidden = len(summary.parameters) - PARAMETERS_DRAWN
    if hidden > 0:
        caption += f" The {PARAMETERS_DRAWN} that mattered most; {hidden} more are in the table."
    content = tag("div", *figures, class_="slices") if figures else ""
    return _section("One parameter at a time", caption, content)


def _parallel(summary: Summary) -> str:
    caption = (
        "One line per trial. Drag along an axis to select a range: it filters every figure;"
        " click the axis to clear it. With the keyboard: arrows move the lower end,"
        " shift and arrows the upper end, Escape clears."
    )
    roomy = parallel_figure(summary)
    tight = parallel_figure(summary, TIGHT_WIDTH, TIGHT_AXES)
    note = ""
    if (hidden := len(summary.parameters) - TIGHT_AXES) > 0:
        words = f"{plural(hidden, 'more parameter')} in a wider window."
        note = tag("p", words, class_="cap tight")
    return _section(
        "Parallel coordinates", caption, both_sizes(roomy, [tight]), note if roomy else ""
    )


def _curves(summary: Summary) -> str:
    caption = f"{summary.metric.name} by epoch, best 80 trials; the best twelve in colour."
    content = both_sizes(curves_figure(summary), [curves_figure(summary, curves.TIGHT)])
    told = " ".join(early_stopping(summary.view))
    stopped = tag("p", escape(told), class_="cap") if content and told else ""
    return _section("Learning curves", caption, content, stopped, width="c7")


def _inside(summary: Summary) -> str:
    best = summary.best
    figure = inside_figure(summary)
    title = f"Inside trial #{best.trial}" if best else ""
    return _section(title, inside_sentence(summary), str(figure or ""), width="c5")


def _trials(summary: Summary) -> str:
    more = tag("button", "show all", type="button", id="all", class_="js")
    table = _wide(trial_table(summary), "Table of trials")
    return _section("Trials", drawn_caption(summary), table, more, failure_list(summary))


def _script_data(summary: Summary) -> str:
    """What the script needs to filter: the axes, and each drawn trial's rank and heights."""
    rows = drawn_trials(summary)
    data: dict[str, Any] = {"ranked": len(summary.ranked), "axes": [], "trials": {}}
    if rows:
        metric = metric_axis(summary)
        data["axes"] = axis_facts(summary)
        for row in rows:
            places = [None if h is None else round(h, 4) for h in heights(row, summary, metric)]
            data["trials"][str(row.trial)] = [row.rank, places]
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
