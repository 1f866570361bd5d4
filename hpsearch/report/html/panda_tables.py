"""The branches and the ledger of a babysat run as a page shows them: in tables."""

from __future__ import annotations

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Branch
from hpsearch.report.analysis.lineage_story import log_entries
from hpsearch.report.sections.model import Column, Table, texts
from hpsearch.text import number


def branch_table(lineage: Lineage) -> Table:
    """A row for each branch: its epochs, where it came from, its best."""
    metric, branches = lineage.start.metric.name, list(lineage.branches.values())
    bests = [lineage.best(branch.epochs) for branch in branches]
    values = [number(best.values[metric]) if best else "-" for best in bests]
    places = [str(best.position.epoch) if best else "-" for best in bests]

    def name(branch: Branch) -> str:
        return branch.name + (" (here)" if branch.name == lineage.position.branch else "")

    def epochs(branch: Branch) -> str:
        return f"{branch.first}-{branch.tip.epoch}" if branch.epochs else "none yet"

    return Table(
        "Branches",
        (
            Column("branch", texts([name(branch) for branch in branches])),
            Column("epochs", texts([epochs(branch) for branch in branches]), numbers=True),
            Column("from", texts([str(branch.base or "the start") for branch in branches])),
            Column(f"best {metric}", texts(values), numbers=True),
            Column("at epoch", texts(places), numbers=True),
        ),
    )


def log_table(lineage: Lineage) -> Table:
    """A row for each thing that was done."""
    entries = log_entries(lineage)
    return Table(
        "Ledger",
        (
            Column("when", texts([entry.when or "-" for entry in entries])),
            Column("where", texts([entry.at for entry in entries])),
            Column("what", texts([entry.told for entry in entries])),
        ),
    )
