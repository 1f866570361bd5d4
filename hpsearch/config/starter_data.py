"""What a starter config says of a file of the user's: its target, and the task that it asks for."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hpsearch.config.scalars import flow
from hpsearch.config.starter import Subject
from hpsearch.config.task import METRICS
from hpsearch.data.formats import format_of
from hpsearch.data.layout import Layout
from hpsearch.data.loading import look_at_target
from hpsearch.data.spec import Column, DataSpec, check_spec
from hpsearch.errors import DataError

_SEARCHED = {
    "classification": "the share of wrong answers on the development set.",
    "regression": "the root mean squared error on the development set, in the\n"
    "# target's units. Or dev_mae, which large errors rule less, or dev_r2.",
}


def subject_of(file: Path, target: Column | None, folder: Path) -> Subject:
    """The lines for a data file and its target, the last column if it is not said.

    ``folder`` is that of the config, to which the file's path will be relative.

    Raises:
        DataError: the file cannot be read, or has no such column.
    """
    spec = _with_target(DataSpec(str(file.absolute()), target=target))
    found = look_at_target(spec)
    shown = {"path": os.path.relpath(file, folder), "target": spec.target, "dev": spec.dev}
    given = {key: value for key, value in shown.items() if value is not None}
    guessed = target is None and spec.target is not None
    which = " The last column is taken for the target." if guessed else ""
    name = next(iter(METRICS[found.task]))
    return Subject(
        data=f"# What the network learns from.{which}\n"
        f"# The task is {found.task}, since {found.seen};\n"
        f"# data.task would say otherwise.\n"
        f"data: {flow(given)}\n",
        metric=f"# What is searched for: {_SEARCHED[found.task]}\n"
        f"metric: {flow({'name': name, 'goal': str(METRICS[found.task][name])})}\n",
    )


def _with_target(spec: DataSpec) -> DataSpec:
    """The spec with a table's last column as its target, by name where columns have names."""
    check_spec(spec)
    if not Path(spec.path).is_file():
        raise DataError(f"{spec.path}: there is no such file; check the path")
    look = format_of(Path(spec.path)).look
    if spec.target is not None:
        look(Path(spec.path), spec)
        return spec
    last = replace(spec, target=-1)
    try:
        layout = look(Path(spec.path), spec)
    except DataError as e:
        if e.key != "target":
            raise
        layout = look(Path(spec.path), last)
    if not isinstance(layout, Layout):  # an array has its labels' key
        return spec
    return replace(spec, target=layout.names[-1]) if layout.named else last
