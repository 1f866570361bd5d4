"""What was done to a babysat run: the log, the changes along the way, the other branches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch, Position, changes_between, describe_changes
from hpsearch.text import SHORT_LABELS, number, plural


@dataclass(frozen=True)
class LogEntry:
    """One thing that was done: when (to the minute), where, the record's kind, and in words."""

    when: str
    at: str
    kind: str
    text: str


def other_branches(lineage: Lineage, chain: Sequence[Epoch]) -> list[list[Epoch]]:
    """What of the other branches is not on the way here, each from its base on."""
    here = {epoch.position for epoch in chain}
    lines = []
    for branch in lineage.branches.values():
        rest = [epoch for epoch in branch.epochs if epoch.position not in here]
        if rest:
            before = [
                e
                for e in lineage.chain(branch.tip)
                if e.position.epoch == rest[0].position.epoch - 1
            ]
            lines.append(before + rest)
    return lines


def change_marks(lineage: Lineage, chain: Sequence[Epoch]) -> list[tuple[int, str]]:
    """The epochs from which other settings were in force, and these settings in short."""
    marks = []
    before = lineage.start.hparams
    for epoch in chain:
        changes = changes_between(before, epoch.hparams)
        if changes:
            short = [f"{SHORT_LABELS.get(n, n)} {number(new)}" for n, (_, new) in changes.items()]
            marks.append((epoch.position.epoch, ", ".join(short)))
        before = epoch.hparams
    return marks


def log_entries(lineage: Lineage) -> list[LogEntry]:
    """Everything that was done; the epochs of one training share an entry."""
    metric = lineage.start.metric.name
    entries: list[LogEntry] = []
    previous: Mapping[str, Any] = {}
    for record in lineage.records:
        if record["kind"] == previous.get("kind") == "epoch" and _same_training(record, previous):
            entries.pop()
        text = _log_text(record, metric)
        entries.append(LogEntry(_when(record), str(record.get("at", "")), record["kind"], text))
        previous = record
    return entries


def _same_training(record: Mapping[str, Any], previous: Mapping[str, Any]) -> bool:
    branch = Position.parse(record["at"]).branch
    return bool(
        record["target"] == previous["target"] and branch == Position.parse(previous["at"]).branch
    )


def _when(record: Mapping[str, Any]) -> str:
    return str(record.get("time", ""))[:16].replace("T", " ")


def _log_text(record: Mapping[str, Any], metric: str) -> str:
    kind = record["kind"]
    if kind == "start":
        origin = record["origin"]
        return f"adopted trial {origin['trial']} of {origin['run']}" if origin else "started"
    if kind == "epoch":
        value = record["values"].get(metric)
        return f"trained, {metric} {value_text(math.nan if value is None else value)}"
    if kind == "set":
        why = f"  # {record['why']}" if record["why"] else ""
        return f"{'; '.join(describe_changes(record['changes']))}{why}"
    if kind == "probe":
        return f"probed {record['name']}, {plural(len(record['results']), 'value')}"
    return {
        "move": "went here, with the settings of that epoch",
        "branch": f"branch {record.get('name')} begins",
        "undo": f"took back: {record.get('what')}",
        "save": f"saved as {record.get('name')}",
        "diverged": f"diverged: {record.get('error')}",
        "note": str(record.get("text")),
    }[kind]


def value_text(value: float) -> str:
    """A metric of one epoch, which may not be finite."""
    return number(value) if math.isfinite(value) else "not finite"
