"""``hpsearch list`` in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from hpsearch.report.analysis.runs import RunRow
from hpsearch.report.text.glyphs import DATA, LABEL, TOP, WRONG
from hpsearch.report.text.lines import TextColumn, cells, table
from hpsearch.text import duration, number

_STYLES = {
    "running": DATA,
    "complete": "",
    "unfinished": "yellow",
    "babysat": "",
    "damaged": WRONG,
}


def run_lines(rows: Sequence[RunRow], width: int) -> list[Text]:
    """The rows as a table no wider than ``width``."""
    # A search that was extended and then run as before has more trials than it is asked for.
    trials = [f"{r.trials}/{max(r.trials, r.max_trials)}" if r.max_trials else "" for r in rows]
    columns = [
        TextColumn("run", cells([row.name for row in rows], "bold")),
        TextColumn("state", [Text(row.state, style=_STYLES[row.state]) for row in rows]),
        TextColumn("trials", cells(trials), right=True, drop=1),
        TextColumn("best", cells([number(row.best) for row in rows], TOP), right=True),
        TextColumn("metric", cells([_metric(row) for row in rows]), drop=2),
        TextColumn("changed", cells([f"{duration(row.age)} ago" for row in rows], LABEL), drop=3),
        TextColumn("", cells([row.problem or "" for row in rows], WRONG), drop=4),
    ]
    return table(columns, width)


def _metric(row: RunRow) -> str:
    return f"{row.metric}, confirmed" if row.confirmed else row.metric
