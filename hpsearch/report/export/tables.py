"""The trials and the runs as tables for other programs: CSV, JSON, Markdown.

Numbers are
written with the fewest digits that read back as the same number, so that two tables of one search
are equal byte for byte when ``timing`` is left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.portable import to_json, well_formed
from hpsearch.records import Metric, TrialResult, Value
from hpsearch.report.analysis.confirmed import confirmation_record
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.analysis.weighed import weighed_facts
from hpsearch.report.export.columns import trial_columns
from hpsearch.search.front import front_of
from hpsearch.text import clean

SCHEMA_VERSION = 1


def trial_table(view: RunView, timing: bool = True) -> tuple[list[str], list[list[Value]]]:
    """The header, and one row of plain values for each trial, in the view's order."""
    columns = trial_columns(view, timing)
    rows = zip(*(column.values for column in columns), strict=True)
    return [column.name for column in columns], [list(row) for row in rows]


def as_csv(view: RunView, timing: bool = True) -> str:
    """The trial table as CSV (RFC 4180, but with plain line ends)."""
    return csv_table(*trial_table(view, timing))


def as_json(view: RunView, timing: bool = True) -> str:
    """The run as one JSON object; ``schema`` counts up when a key changes its meaning."""
    return _dump(
        {
            "schema": SCHEMA_VERSION,
            "name": view.name,
            "metric": {
                "name": view.metric.name,
                "goal": str(view.metric.goal),
                "pick": view.metric.pick,
                **weighed_facts(view.metric),
            },
            "seed": view.seed,
            "max_trials": view.max_trials,
            "confirmed": confirmation_record(known) if (known := view.confirmation) else None,
            **_front(view),
            "trials": [_trial_object(result, view.metric, timing) for result in view.results],
        }
    )


def _front(view: RunView) -> dict[str, Any]:
    """The front's trials, its ends and its knee by their numbers, where there are several goals."""
    if not view.metric.further:
        return {}
    front = front_of(view.results, view.metric)
    ends = {name: result.trial.index for name, result in front.ends.items()}
    knee = front.knee.trial.index if front.knee is not None else None
    return {"front": {"trials": list(front.indices), "ends": ends, "knee": knee}}


def _trial_object(result: TrialResult, metric: Metric, timing: bool) -> dict[str, Any]:
    record = result.to_record()
    kept = ("trial", "round", "origin", "state", "value", "best_epoch", "epochs", "hparams", "seed")
    plain = {key: record[key] for key in (*kept, "curves", "error")}
    plain |= {"repeats": record["repeats"]} if "repeats" in record else {}
    if metric.limits:
        plain["feasible"] = result.is_feasible(metric)
    return {**plain, "seconds": record["seconds"]} if timing else plain


def as_markdown(view: RunView, timing: bool = True) -> str:
    """The trial table as a Markdown table (the pipes of GitHub's dialect)."""
    header, rows = trial_table(view, timing)
    return markdown_table(header, [[cell(value) for value in row] for row in rows])


def csv_table(header: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    """Any table of values as CSV."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[cell(value) for value in row] for row in rows])
    return str(well_formed(output.getvalue()))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Any table of strings in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(_markdown, line)) + " |\n" for line in lines)


def dump_rows(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of any kind as one JSON object: ``{"schema": 1, "runs": [...]}``."""
    return _dump({"schema": SCHEMA_VERSION, kind: list(rows)})


def cell(value: Value) -> str:
    """A value as a cell of a machine-readable table: what reads back as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def _markdown(text: str) -> str:
    escaped = clean(text).replace("\\", "\\\\").replace("|", "\\|")
    return escaped.replace("<", "&lt;").replace("`", "\\`").replace("[", "\\[")


def _dump(value: Any) -> str:
    return to_json(value, indent=1) + "\n"
