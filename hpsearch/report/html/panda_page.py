"""``hpsearch report --html`` on a babysat run: one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from string import Template

from hpsearch.panda.effects import Effect, effects
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import describe_changes
from hpsearch.report.analysis.lineage_story import log_entries
from hpsearch.report.html.figures.svg import escape, tag
from hpsearch.report.html.page_files import content_hash, page_file, page_style
from hpsearch.report.html.panda_figure import TIGHT, lineage_figure
from hpsearch.text import number, numbers, plural


def as_html(name: str, lineage: Lineage, facts: Mapping[str, str]) -> str:
    """The whole page; ``facts`` are versions and machine, where known."""
    style = page_style("babysit.css")
    policy = (
        f"default-src 'none'; style-src 'sha256-{content_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    metric = lineage.start.metric.name
    caption = f"{metric}, and dashed the same on the training set; dim lines are other branches."
    roomy, tight = lineage_figure(lineage), lineage_figure(lineage, TIGHT)
    sections = [
        _section(
            "Curve",
            tag("p", escape(caption), class_="cap"),
            tag("div", roomy, class_="roomy") + tag("div", tight, class_="tight"),
        )
        if roomy
        else "",
        _section("Branches", _branches(lineage)),
        _section("What each change did", _effects(lineage)),
        _section("Settings now", _settings(lineage)),
        _section("Ledger", _ledger(lineage)),
        _section("To repeat it", _repeat(name, facts)),
    ]
    return Template(page_file("plain.html")).substitute(
        command="report",
        policy=policy,
        style=style,
        title=escape(name),
        facts=escape(_facts(lineage)),
        sections="".join(sections),
    )


def _facts(lineage: Lineage) -> str:
    epochs = plural(sum(1 for _ in lineage.all_epochs()), "epoch")
    best = lineage.best()
    if best is None:
        return f"raised by hand, {epochs}"
    value = number(best.values[lineage.start.metric.name])
    return f"raised by hand, {epochs}; best {lineage.start.metric.name} {value} at {best.position}"


def _section(title: str, *content: str) -> str:
    return tag("section", tag("h2", title), *content, class_="card c12") if any(content) else ""


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: Collection[int]
) -> str:
    """A table of plain texts; the first of each row is its heading, ``texts`` are not numbers."""
    if not rows:
        return ""
    kinds = ["t" if column in texts or column == 0 else None for column in range(len(heads))]
    head = tag(
        "tr",
        *(
            tag("th", escape(h), scope="col", class_=kind)
            for h, kind in zip(heads, kinds, strict=True)
        ),
    )
    body = [
        tag(
            "tr",
            tag("th", escape(row[0]), scope="row"),
            *(
                tag("td", escape(cell), class_=kind)
                for cell, kind in zip(row[1:], kinds[1:], strict=True)
            ),
        )
        for row in rows
    ]
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", table, class_="wide plain", tabindex="0", role="region", aria_label=caption)


def _branches(lineage: Lineage) -> str:
    metric = lineage.start.metric.name
    rows = []
    for branch in lineage.branches.values():
        best = lineage.best(branch.epochs)
        here = " (here)" if branch.name == lineage.position.branch else ""
        rows.append(
            [
                branch.name + here,
                f"{branch.first}-{branch.tip.epoch}" if branch.epochs else "none yet",
                str(branch.base) if branch.base else "the start",
                number(best.values[metric]) if best else "-",
                str(best.position.epoch) if best else "-",
            ]
        )
    heads = ["branch", "epochs", "from", f"best {metric}", "at epoch"]
    return _table("Branches", heads, rows, texts={2})


def _effects(lineage: Lineage) -> str:
    found = effects(lineage)
    before, after = numbers([e.before for e in found]), numbers([e.after for e in found])
    verdicts = {True: "better", False: "not better", None: "-"}

    def verdict(effect: Effect) -> str:
        return verdicts[effect.better(lineage)]

    rows = [
        [str(e.at), "; ".join(describe_changes(e.changes)), b, a, verdict(e), e.why]
        for e, b, a in zip(found, before, after, strict=True)
    ]
    heads = ["before", "change", "5 epochs before", "5 epochs after", "verdict", "why"]
    return _table("What each change did", heads, rows, texts={1, 4, 5})


def _settings(lineage: Lineage) -> str:
    chips = "".join(
        tag("li", tag("i", escape(name)), " ", escape(number(value)), class_="chip")
        for name, value in lineage.hparams.items()
    )
    return tag("ul", chips, class_="chips")


def _ledger(lineage: Lineage) -> str:
    rows = [[entry.when or "-", entry.at, entry.told] for entry in log_entries(lineage)]
    return _table("Ledger", ["when", "where", "what"], rows, texts={1, 2})


def _repeat(name: str, facts: Mapping[str, str]) -> str:
    command = tag("pre", tag("code", escape(f"hpsearch babysit --replay {name}")), tabindex="0")
    pairs = "".join(tag("dt", escape(k)) + tag("dd", escape(v)) for k, v in facts.items())
    return command + (tag("dl", pairs, class_="facts") if pairs else "")
