"""``hpsearch report`` on a babysat run, in sections."""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.panda.effects import effects
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import describe_changes
from hpsearch.report.sections.model import (
    Block,
    Branches,
    Caption,
    Cell,
    Column,
    Curve,
    Ledger,
    Look,
    Repeat,
    Report,
    Section,
    Settings,
    Standing,
    Table,
    texts,
)
from hpsearch.text import clean, number, numbers, plural

_VERDICTS = {
    True: Cell("better", Look.BETTER),
    False: Cell("not better", Look.WORSE),
    None: Cell("-", Look.NOTHING),
}


def babysat_report(name: str, lineage: Lineage, facts: Mapping[str, str] | None = None) -> Report:
    """The whole report; ``facts`` are versions and machine, where known."""
    epochs = sum(1 for _ in lineage.all_epochs())
    metric = clean(lineage.start.metric.name)
    changed = tuple(n for n in lineage.start.adjustable if _ever_changed(lineage, n))
    sections = [
        Section("Curve", _curve(lineage)),
        Section("", (Standing(lineage, changed),)),
        Section("Branches", (Branches(lineage),), short="branches" if epochs else ""),
        Section(
            "What each change did",
            _effects(lineage),
            short=f"what each change did to {metric} (means of 5 epochs)",
        ),
        Section("Settings now", (Settings(lineage.hparams),)),
        Section("Ledger", (Ledger(lineage),), short="ledger"),
        Section("To repeat it", (Repeat(f"hpsearch replay {name} --branch all", facts or {}),)),
    ]
    return Report(
        command="report",
        title=name,
        facts=_facts(lineage, epochs),
        sections=tuple(section for section in sections if section.blocks),
    )


def _facts(lineage: Lineage, epochs: int) -> tuple[str, ...]:
    branches = plural(len(lineage.branches), "branch", "branches")
    counts = ("babysat", plural(epochs, "epoch"), branches)
    best, metric = lineage.best(), lineage.start.metric.name
    if best is None:
        return counts
    return (*counts, f"best {clean(metric)} {number(best.values[metric])} at {best.position}")


def _ever_changed(lineage: Lineage, name: str) -> bool:
    return any(name in record["changes"] for record in lineage.records if record["kind"] == "set")


def _curve(lineage: Lineage) -> tuple[Block, ...]:
    if not lineage.chain():
        return (Curve(lineage),)
    told = "and dashed the same on the training set; dim lines are other branches."
    return (Caption(f"{lineage.start.metric.name}, {told}"), Curve(lineage))


def _effects(lineage: Lineage) -> tuple[Block, ...]:
    """What each change did to the metric; nothing if there was none."""
    found = effects(lineage)
    if not found:
        return ()
    before, after = numbers([e.before for e in found]), numbers([e.after for e in found])
    columns = (
        Column("before", texts([str(e.at) for e in found]), numbers=True),
        Column("change", texts(["; ".join(describe_changes(e.changes)) for e in found])),
        Column("5 epochs before", texts(before), numbers=True, short="5 before"),
        Column("5 epochs after", texts(after), numbers=True, short="5 after"),
        Column("verdict", tuple(_VERDICTS[e.better(lineage)] for e in found), short=""),
        Column("why", texts([clean(e.why) for e in found], Look.NOTE), drop=1),
    )
    return (Table("What each change did", columns),)
