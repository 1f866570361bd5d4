"""``hpsearch report`` on a babysat run, in sections."""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.panda.effects import effects
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch, describe_changes
from hpsearch.records import finite
from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.lineage_story import log_entries, value_text
from hpsearch.report.sections.model import (
    Block,
    Caption,
    Cell,
    Column,
    Curve,
    Look,
    Repeat,
    Report,
    Section,
    Settings,
    Sparklines,
    Status,
    Table,
    texts,
)
from hpsearch.text import clean, number, numbers, plural

_VERDICTS = {
    True: Cell("better", Look.BETTER),
    False: Cell("not better", Look.WORSE),
    None: Cell("-", Look.NOTHING),
}

_KINDS = {"diverged": Look.WORSE, "set": Look.NAME, "note": Look.NOTE}


def babysat_report(name: str, lineage: Lineage, facts: Mapping[str, str] | None = None) -> Report:
    """The whole report; ``facts`` are versions and machine, where known."""
    epochs = sum(1 for _ in lineage.all_epochs())
    metric = clean(lineage.start.metric.name)
    changed = tuple(n for n in lineage.start.adjustable if _ever_changed(lineage, n))
    sections = [
        Section("Curve", _curve(lineage)),
        Section("", (Status(lineage, changed),)),
        Section("Branches", (branch_table(lineage),) if epochs else (), short="branches"),
        Section(
            "What each change did",
            _effects(lineage),
            short=f"what each change did to {metric} (means of 5 epochs)",
        ),
        Section("Settings now", (Settings(lineage.hparams),)),
        Section("Ledger", (ledger_table(lineage),), short="ledger"),
        Section("To repeat it", (Repeat(f"hpsearch replay {name} --branch all", facts or {}),)),
    ]
    return Report(
        command="report",
        title=name,
        facts=_facts(lineage, epochs),
        sections=tuple(section for section in sections if section.blocks),
    )


def branch_table(lineage: Lineage) -> Table:
    """A row for each branch: its epochs, its curve, its best epoch, where it came from."""
    metric, branches = lineage.start.metric, list(lineage.branches.values())
    axis = value_axis((e.values[metric.name] for e in lineage.all_epochs()), metric.goal)
    bests = [lineage.best(branch.epochs) for branch in branches]
    values = [value_text(best.values[metric.name]) if best else "-" for best in bests]
    winner = lineage.best()
    looks = [Look.BEST if best and best is winner else Look.PLAIN for best in bests]
    here = lineage.position.branch
    names = [f"{b.name} (here)" if b.name == here else b.name for b in branches]
    bases = [str(b.base or "the start") for b in branches]
    spans = [f"{b.first}-{b.tip.epoch}" if b.epochs else "none yet" for b in branches]
    curves = tuple(tuple(finite(e.values[metric.name]) for e in b.epochs) for b in branches)
    return Table(
        "Branches",
        (
            Column("branch", texts(names, Look.NAME)),
            Column("epochs", texts(spans), numbers=True),
            Sparklines(curves, axis, drop=1, width=24),
            Column(f"best {clean(metric.name)}", tuple(map(Cell, values, looks)), numbers=True),
            Column("at epoch", texts(_epoch(best) for best in bests), numbers=True),
            Column("from", texts(bases, Look.NOTE), drop=2),
        ),
    )


def _epoch(best: Epoch | None) -> str:
    return str(best.position.epoch) if best else "-"


def ledger_table(lineage: Lineage) -> Table:
    """A row for each thing that was done; the epochs of one training share theirs."""
    entries = log_entries(lineage)
    what = tuple(Cell(entry.text, _KINDS.get(entry.kind, Look.PLAIN)) for entry in entries)
    return Table(
        "Ledger",
        (
            Column("when", texts((entry.when or "-" for entry in entries), Look.NOTE)),
            Column("where", texts(entry.at for entry in entries)),
            Column("what", what),
        ),
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
    dashed = "and dashed the same on the training set; dim lines are other branches."
    return (Caption(f"{lineage.start.metric.name}, {dashed}"), Curve(lineage))


def _effects(lineage: Lineage) -> tuple[Block, ...]:
    """What each change did to the metric; nothing if there was none."""
    changes = effects(lineage)
    if not changes:
        return ()
    before, after = numbers([e.before for e in changes]), numbers([e.after for e in changes])
    columns = (
        Column("before", texts([str(e.at) for e in changes]), numbers=True),
        Column("change", texts(["; ".join(describe_changes(e.changes)) for e in changes])),
        Column("5 epochs before", texts(before), numbers=True, short="5 before"),
        Column("5 epochs after", texts(after), numbers=True, short="5 after"),
        Column("verdict", tuple(_VERDICTS[e.better(lineage)] for e in changes), short=""),
        Column("why", texts([clean(e.why) for e in changes], Look.NOTE), drop=1),
    )
    return (Table("What each change did", columns),)
