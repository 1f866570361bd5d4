"""The trial table as a Parquet file: the columns of the CSV table, each with its type."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpsearch.records import Value, is_number
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.columns import Filled, trial_columns
from hpsearch.report.export.optional import optional, told_in_one_line
from hpsearch.report.export.tables import SCHEMA_VERSION
from hpsearch.store.atomic import write_bytes


def write_parquet(view: RunView, place: str) -> None:
    """Write the table to a file, in place of one that is there.

    The file's metadata has, under ``hpsearch``, a JSON object: ``schema``, ``name``, ``metric``,
    ``goal``, ``seed``.

    Raises:
        UsageError: pyarrow is not installed.
        RunError: the file cannot be written.
    """
    arrow = optional("pyarrow", "parquet")
    parquet = optional("pyarrow.parquet", "parquet")
    columns = trial_columns(view)
    fields = [arrow.field(column.name, column_type(arrow, column)) for column in columns]
    facts = {
        "schema": SCHEMA_VERSION,
        "name": view.name,
        "metric": view.metric.name,
        "goal": str(view.metric.goal),
        "seed": view.seed,
    }
    schema = arrow.schema(fields, metadata={"hpsearch": json.dumps(facts)})
    with told_in_one_line(place, "pyarrow"):
        arrays = [
            arrow.array(as_type(column.values, field.type, arrow), type=field.type)
            for column, field in zip(columns, fields, strict=True)
        ]
        buffer = io.BytesIO()
        parquet.write_table(arrow.Table.from_arrays(arrays, schema=schema), buffer)
    write_bytes(Path(place), buffer.getvalue())


def column_type(arrow: Any, column: Filled) -> Any:
    """The narrowest type that holds a column: truth values, whole numbers, numbers or text."""
    types = {bool: arrow.bool_, int: arrow.int64, float: arrow.float64, str: arrow.string}
    if column.kind is not None:
        return types[column.kind]()
    there = [value for value in column.values if value is not None]
    if there and all(isinstance(value, bool) for value in there):
        return arrow.bool_()
    if there and all(map(is_number, there)):
        whole = all(isinstance(v, int) and abs(v) < 2**63 for v in there)
        return arrow.int64() if whole else arrow.float64()
    return arrow.string()


def as_type(values: Sequence[Value], kind: Any, arrow: Any) -> list[Value]:
    """The values as a column of one type can hold them: mixed ones as text."""
    if kind == arrow.string():
        return [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]
    if kind == arrow.float64():
        return [None if v is None else float(v) for v in values]
    return list(values)
