"""``--top`` and ``--failed``: longer lists of trials than the report shows."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from hpsearch.records import State
from hpsearch.report.analysis.failures import first_line
from hpsearch.report.analysis.rows import Summary, TrialRow
from hpsearch.report.text.glyphs import LABEL, WRONG
from hpsearch.report.text.lines import TextColumn, cells, join, piece, table, truncate
from hpsearch.report.text.terminal import failure_lines, report_title, top_lines
from hpsearch.space import Number
from hpsearch.text import SHORT_LABELS, clean, number, plural


def top_report(summary: Summary, count: int, width: int) -> list[Text]:
    """The best ``count`` trials."""
    rows = summary.ranked[:count]
    if not rows:
        return [report_title(summary), Text(), join("no trial came to a value yet")]
    told = f"   best {len(rows):,} of {plural(len(summary.ranked), 'trial')}"
    head = truncate(join(report_title(summary), (told, LABEL)), width)
    return [head, Text(), *top_lines(summary, rows, width)]


def failed_report(summary: Summary, width: int) -> list[Text]:
    """Every trial that failed or diverged, after what they have in common."""
    rows = [r for r in summary.trials if r.state in (State.FAILED, State.DIVERGED)]
    told = f"   {plural(len(rows), 'trial')} failed or diverged" if rows else "   no trial failed"
    head = truncate(join(report_title(summary), (told, LABEL)), width)
    if not rows:
        return [head]
    lines = [head, Text(), *failure_lines(summary, width), Text()]
    lines += table(_failed_columns(summary, rows, width // 2), width)
    if summary.view.folder:
        lines += [Text(), join(("logs: ", LABEL), f"{summary.view.folder}/trials/NNNN/log.txt")]
    return lines


def _failed_columns(summary: Summary, rows: Sequence[TrialRow], longest: int) -> list[TextColumn]:
    columns = [
        TextColumn("trial", cells([f"#{row.trial}" for row in rows])),
        TextColumn("round", cells([str(row.round) for row in rows]), right=True, drop=50),
        TextColumn("state", cells([str(row.state) for row in rows], WRONG)),
        TextColumn("epochs", cells([str(row.epochs) for row in rows]), right=True, drop=60),
    ]
    columns += value_columns(summary, rows)
    columns.append(TextColumn("error", [truncate(piece(first_line(row)), longest) for row in rows]))
    return columns


def value_columns(summary: Summary, rows: Sequence[TrialRow]) -> list[TextColumn]:
    """A column for each searched hyperparameter; the least important leaves first."""
    return [
        TextColumn(
            SHORT_LABELS.get(name := clean(parameter.name), name),
            cells([number(row.hparams.get(parameter.name)) for row in rows]),
            right=isinstance(parameter.parameter, Number),
            drop=10 + place,
        )
        for place, parameter in enumerate(summary.parameters)
    ]
