"""The epochs of a babysat run as tables for other programs: CSV, JSON, Markdown."""

from __future__ import annotations

from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch
from hpsearch.records import Value, finite
from hpsearch.report.export.columns import free_names
from hpsearch.report.export.tables import cell, csv_table, dump_rows, markdown_table

FIRST, LAST, TIMING = ["branch", "epoch"], ["sha256"], ["seconds"]


def epoch_table(lineage: Lineage, timing: bool = True) -> tuple[list[str], list[list[Value]]]:
    """The header, and a row for every epoch of every branch: metrics, settings, fingerprint."""
    epochs = list(lineage.all_epochs())
    metrics = list(dict.fromkeys(name for epoch in epochs for name in epoch.values))
    settings = list(lineage.start.hparams)
    taken = [*FIRST, *LAST, *TIMING]
    metric_names = free_names(taken, metrics, "values")
    setting_names = free_names([*taken, *metric_names], settings, "hparams")
    header = [*FIRST, *metric_names, *setting_names, *LAST, *(TIMING if timing else [])]
    return header, [_row(epoch, metrics, settings, timing) for epoch in epochs]


def _row(epoch: Epoch, metrics: list[str], settings: list[str], timing: bool) -> list[Value]:
    return [
        epoch.position.branch,
        epoch.position.epoch,
        *(finite(epoch.values.get(name)) for name in metrics),
        *(epoch.hparams[name] for name in settings),
        epoch.sha256,
        *([round(epoch.seconds, 3)] if timing else []),
    ]


def as_csv(lineage: Lineage, timing: bool = True) -> str:
    """The epochs as CSV, one row each."""
    return csv_table(*epoch_table(lineage, timing))


def as_markdown(lineage: Lineage, timing: bool = True) -> str:
    """The epochs as a Markdown table."""
    header, rows = epoch_table(lineage, timing)
    return markdown_table(header, [[cell(value) for value in row] for row in rows])


def as_json(lineage: Lineage, timing: bool = True) -> str:
    """The epochs as one JSON object: ``{"schema": 1, "epochs": [...]}``."""
    header, rows = epoch_table(lineage, timing)
    return dump_rows("epochs", [dict(zip(header, row, strict=True)) for row in rows])
