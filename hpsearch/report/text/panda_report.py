"""``hpsearch report`` on a babysat run: its curve, its tree, its ledger, what each change did."""

from __future__ import annotations

from rich.text import Text

from hpsearch.panda.effects import effects
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import describe_changes
from hpsearch.report.text.glyphs import DATA, LABEL, WRONG
from hpsearch.report.text.lines import Column, cells, fit, join, table
from hpsearch.report.text.panda_chart import chart_lines
from hpsearch.report.text.panda_lines import log_lines, status_lines, tree_lines
from hpsearch.text import clean, numbers, plural


def report_lines(name: str, lineage: Lineage, width: int) -> list[Text]:
    """The whole report for a terminal."""
    epochs = sum(1 for _ in lineage.all_epochs())
    branches = plural(len(lineage.branches), "branch", "branches")
    counts = f"{plural(epochs, 'epoch')}, {branches}"
    head = join(("hpsearch report", "bold"), f" · {clean(name)}   {counts}")
    changed = [n for n in lineage.start.adjustable if _ever_changed(lineage, n)]
    sections = [
        [head],
        chart_lines(lineage, width),
        status_lines(lineage, {}, changed, width),
        [Text("branches", style="bold"), *tree_lines(lineage, width)] if epochs else [],
        effect_lines(lineage, width),
        [Text("ledger", style="bold"), *log_lines(lineage, width)],
    ]
    lines: list[Text] = []
    for section in sections:
        if section:
            lines += [*([Text()] if lines else []), *section]
    return [fit(line, width) for line in lines]


def effect_lines(lineage: Lineage, width: int) -> list[Text]:
    """What each change did to the metric; nothing if there was none."""
    found = effects(lineage)
    if not found:
        return []
    verdicts = [_verdict(effect.better(lineage)) for effect in found]
    columns = [
        Column("before", cells([str(effect.at) for effect in found]), right=True),
        Column("change", cells(["; ".join(describe_changes(effect.changes)) for effect in found])),
        Column("5 before", cells(numbers([effect.before for effect in found])), right=True),
        Column("5 after", cells(numbers([effect.after for effect in found])), right=True),
        Column("", verdicts),
        Column("why", cells([clean(effect.why) for effect in found], LABEL), drop=1),
    ]
    title = f"what each change did to {clean(lineage.start.metric.name)} (means of 5 epochs)"
    return [Text(title, style="bold"), *table(columns, width)]


def _verdict(better: bool | None) -> Text:
    if better is None:
        return Text()
    return Text("better", style=DATA) if better else Text("not better", style=WRONG)


def _ever_changed(lineage: Lineage, name: str) -> bool:
    return any(name in record["changes"] for record in lineage.records if record["kind"] == "set")
