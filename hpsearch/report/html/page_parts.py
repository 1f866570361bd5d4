"""The parts of the HTML page that are not figures: cards, chips, tables, failures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from hpsearch.records import Hparams, State
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.analysis.sentences import gain_over_first_round
from hpsearch.report.html.figures.plot import drawn_trials
from hpsearch.report.html.figures.svg import Figure, escape, tag
from hpsearch.text import number, numbers, percent, plural, signed

FAILED_LISTED = 100
KINDS_LISTED = 50
LONGEST_ERROR = 300
TOLD_APART = 15
SHAPES = {State.DONE: "●", State.STOPPED: "○", State.DIVERGED: "×", State.FAILED: "×"}


def cards(summary: Summary) -> str:
    """The best value, its training counterpart, the gain, and the best setting."""
    best = summary.best
    metric = escape(summary.metric.name)
    if best is None or best.value is None:
        return _card(f"best {metric}", "none", "no trial came to a value yet", "hero")
    epoch = f" · epoch {best.best_epoch}" if best.best_epoch else ""
    where = f"trial #{best.trial} · round {best.round}{epoch}"
    shown = [_card(f"best {metric}", number(best.value), where, "hero")]
    if best.train is not None and summary.train_metric:
        gap = f"gap {signed(best.value - best.train)}"
        shown.append(_card(f"{escape(summary.train_metric)} there", number(best.train), gap))
    first = summary.rounds[0].best
    if gain_over_first_round(summary) and first is not None:
        change = best.value - first
        relative = first > 0 and best.value > 0
        amount = percent(best.value / first - 1) if relative else signed(change, 3)
        if relative and change > 0:
            amount = f"+{amount}"
        steps = f"{number(first)} → {number(best.value)}"
        shown.append(_card("gain over round 1", amount, steps))
    if test := summary.view.test:
        rows = f"{int(test['rows']):,} rows never searched on"
        if test["uses"] > 1:
            rows += f", scored on {int(test['uses'])} times"
        shown.append(_card("test error", number(test["error"]), rows))
    yaml = "".join(f"{name}: {json.dumps(value)}\n" for name, value in best.hparams.items())
    copy = tag("button", "copy as YAML", type="button", id="copy", data_yaml=yaml, class_="js")
    setting = tag("p", "best setting", copy) + chips(best.hparams)
    return "".join([*shown, tag("div", setting, class_="kpi setting")])


def _card(title: str, figure: str, detail: str, kind: str = "") -> str:
    inside = tag("p", title) + tag("strong", escape(figure)) + tag("span", escape(detail))
    return tag("div", inside, class_=f"kpi {kind}".strip())


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
    keys = "".join(
        tag("span", tag("b", sign, class_=kind or None), f" {words}")
        for kind, sign, words in shapes
    )
    return tag("span", ranks) + keys


def trial_table(summary: Summary) -> str:
    """The drawn trials, the best first."""
    rows = drawn_trials(summary)[::-1]
    if not rows:
        return tag("p", "No trial came to a value.")
    names = [parameter.name for parameter in summary.view.space.searched]
    heads = ["rank", "trial", "round", "state", summary.metric.name]
    heads += ["train"] * (summary.train_metric is not None) + [*names, "epochs", "sec"]
    head = "".join(tag("th", escape(name), scope="col") for name in heads)
    values = numbers((row.value for row in rows), apart=TOLD_APART)
    trains = numbers((row.train for row in rows), apart=0)
    body = []
    for row, value, train in zip(rows, values, trains, strict=True):
        cells = [str(row.rank), f"#{row.trial}", str(row.round), f"{SHAPES[row.state]} {row.state}"]
        cells += [value] + [train] * (summary.train_metric is not None)
        cells += [number(row.hparams.get(name)) for name in names]
        cells += [str(row.epochs), number(row.seconds)]
        body.append(_row(row, cells))
    caption = tag("caption", f"Trials, best {escape(summary.metric.name)} first")
    return tag("table", caption, tag("thead", tag("tr", head)), tag("tbody", *body), id="trials")


def _row(row: TrialRow, cells: list[str]) -> str:
    # The end tags of cells and rows may be left out, which spares a tenth of a large page.
    return f'<tr data-t="{row.trial}">' + "".join(f"<td>{escape(cell)}" for cell in cells)


def failure_list(summary: Summary) -> str:
    """Failed and diverged trials by kind; empty if there are none."""
    if not summary.failures:
        return ""
    items = []
    for row in summary.failures[:KINDS_LISTED]:
        shared = tag("strong", f" all with {escape(row.shared)}") if row.shared else ""
        listed = ", ".join(f"#{trial}" for trial in row.trials[:FAILED_LISTED])
        more = len(row.trials) - FAILED_LISTED
        listed += f" and {more:,} more" if more > 0 else ""
        head = f"{len(row.trials):,} {row.state}: "
        error = tag("code", escape(row.error[:LONGEST_ERROR]))
        trials = tag("div", listed, class_="cap")
        items.append(tag("li", tag("b", head, class_="bad"), error, shared, trials))
    hidden = len(summary.failures) - KINDS_LISTED
    if hidden > 0:
        items.append(tag("li", f"and {plural(hidden, 'more kind')} of failure"))
    total = sum(len(row.trials) for row in summary.failures)
    words = f"{plural(total, 'trial')} failed or diverged"
    return tag("details", tag("summary", words), tag("ul", *items, class_="failures"))


def repeat(summary: Summary) -> str:
    """What repeats the run: command, seed, versions, config."""
    view = summary.view
    told = dict(view.facts or {})
    if view.seed is not None:
        told = {"seed": str(view.seed), **told}
    if view.workers is not None:
        told["workers"] = str(view.workers)
    parts = []
    if view.command:
        parts.append(tag("pre", tag("code", escape(view.command)), tabindex="0"))
    parts.append(pairs(told))
    if view.config:
        text = _literal(view.config)
        inside = tag("summary", "config") + f'<pre tabindex="0"><code>{text}</code></pre>'
        parts.append(tag("details", inside))
    return "".join(parts)


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


def _literal(text: str) -> str:
    """Text with its lines and spaces as they are."""
    visible = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
