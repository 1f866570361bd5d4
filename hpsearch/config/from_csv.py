"""``trials: known.csv``: results that were measured elsewhere, a row each.

The header names the parameters, and the metric by its name or as ``value``. What
``hpsearch report RUN --format csv`` prints is such a file. Columns of other names are passed over.
A row without a value, or whose state says so, failed; one that was stopped early is left out. A row
that is no point of the space is left out as well, and told by its line.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config.keys import Scalar
from hpsearch.config.model import Config
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.scalars import Refused, resolve
from hpsearch.config.values import called
from hpsearch.errors import UsageError
from hpsearch.records import State, same_value
from hpsearch.space import Space
from hpsearch.space.repeated import base
from hpsearch.text import plural

VALUE = "value"
DELIMITERS = ",;\t"
LINES_TOLD = 3

Values = dict[str, float]
"""What was measured, by the names of the metrics."""

Rows = tuple[list[dict[str, Scalar]], list[Values | None], list[str]]
"""The points, their values, and what was left out."""


def known_results(config: Config, file: FilePath) -> Rows:
    """The results in a file, and notes on the rows that are left out.

    Raises:
        UsageError: the file cannot be read, lacks a column, or no row can be used.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        reason = getattr(e, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"{file}: cannot be read ({reason})") from None
    header, rows = _table(text)
    columns = _metric_columns(config, header, file)
    names = _parameter_columns(config, header, file)
    space, points, values = config.space(), list[dict[str, Scalar]](), list[Values | None]()
    wrong: list[str] = []
    for line, cells in rows:
        row = dict(zip(header, cells, strict=False))
        if row.get("state", "").strip() == State.STOPPED:
            wrong.append(f"line {line}: it was stopped early")
            continue
        try:
            point = _point(config, space, {name: row.get(name, "").strip() for name in names})
            value = _values(row, columns)
        except ValueError as e:
            wrong.append(f"line {line}: {e}")
            continue
        points.append(point)
        values.append(value)
    if not points:
        why = f": {wrong[0]}" if wrong else ""
        raise UsageError(f"{file}: no row can be used{why}")
    return points, values, _left_out(wrong)


def _table(text: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header, and the other rows with the numbers of their lines."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = [name.strip() for name in next(reader, [])]
    return header, ((reader.line_num, cells) for cells in reader if any(cells))


def _metric_columns(config: Config, header: list[str], file: FilePath) -> dict[str, str]:
    """The column of each metric; that of the first, in which the search is ranked, may be value."""
    columns: dict[str, str] = {}
    for name in config.metric_record().needed:
        candidates = [name] if columns else [name, VALUE]
        free = [c for c in candidates if c in header and c not in config.parameters]
        if not free:
            missing = f"{name}, nor {VALUE}," if len(candidates) > 1 else name
            raise UsageError(f"{file}:1: has no column {missing} with what was measured")
        columns[name] = free[0]
    return columns


def _parameter_columns(config: Config, header: list[str], file: FilePath) -> list[str]:
    """The parameters that have a column; those that are always there must."""
    space = config.space()
    for parameter in space.searched:
        conditional = any(parameter.alternatives)
        if parameter.name not in header and not conditional:
            raise UsageError(f"{file}:1: has no column {parameter.name}, which is searched")
    return [parameter.name for parameter in space.parameters if parameter.name in header]


def _point(config: Config, space: Space, cells: Mapping[str, str]) -> dict[str, Scalar]:
    """The point of a row; empty cells are of parameters that are not there.

    Raises:
        ValueError: it is no point of the space.
    """
    given = {
        name: _read(text, config.parameters[base(name)])
        for name, text in cells.items()
        if text and not space.by_name[name].needs
    }
    constants = {p.name: p.decode(0.5) for p in space.parameters if not p.searched and not p.needs}
    for name, value in constants.items():
        if name in given and not same_value(given[name], value):
            raise ValueError(f"{name} is {given[name]}, and {value} in this search")
    point = space.decode(space.encode(constants | given))
    if not space.allows(point):
        raise ValueError("it breaks a constraint")
    return {p.name: point[p.name] for p in space.searched if p.name in point}  # type: ignore[misc]


def _read(text: str, parameter: ParameterConfig) -> Scalar:
    """A cell: one of the parameter's values by its name or its text, else a number, else text."""
    for value in parameter.values or ():
        if text in (str(value), str(value).lower() if isinstance(value, bool) else value):
            return value
    plain: Any = text
    with contextlib.suppress(Refused, ValueError):
        plain = json.loads(text) if text[0] in "[{" else resolve(text)
    return called(plain, parameter.values or (), parameter.meanings)


def _values(row: Mapping[str, str], columns: Mapping[str, str]) -> Values | None:
    """What was measured; ``None`` if the trial failed.

    Raises:
        ValueError: it is no number, or one of several is missing.
    """
    texts = {name: row.get(column, "").strip() for name, column in columns.items()}
    if row.get("state", "").strip() in (State.FAILED, State.DIVERGED) or not any(texts.values()):
        return None
    values = {}
    for name, text in texts.items():
        try:
            values[name] = float(text)
        except ValueError:
            raise ValueError(f"{columns[name]} {text!r} is no number") from None
    return values if all(map(math.isfinite, values.values())) else None


def _left_out(wrong: list[str]) -> list[str]:
    if not wrong:
        return []
    more = f"; and {len(wrong) - LINES_TOLD} more" if len(wrong) > LINES_TOLD else ""
    return [f"{plural(len(wrong), 'row')} left out: {'; '.join(wrong[:LINES_TOLD])}{more}"]
