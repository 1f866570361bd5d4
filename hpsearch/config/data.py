"""Reading the ``data`` block: where the network's examples come from.

Its keys are the fields of :class:`hpsearch.data.DataSpec`, declared there once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hpsearch.config import synonyms
from hpsearch.config.blocks import read_block
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.wording import describe
from hpsearch.data.spec import BUILTIN, DataSpec, problems_of
from hpsearch.text import nearest


def is_folds_alone(raw: Any) -> bool:
    """Whether the block says nothing but in how many folds code of the user's is judged."""
    return isinstance(raw, dict) and list(raw) == ["folds"]


def check_folds(raw: Any, problems: Problems) -> None:
    """Report what cannot be a number of folds."""
    if is_readable(raw) and (not isinstance(raw, int) or isinstance(raw, bool) or raw < 2):
        text = f"must be a whole number of at least 2, not {describe(raw)}; for example folds: 5"
        problems.add(("data", "folds"), text)


def read_data(raw: Any, problems: Problems) -> DataSpec | None:
    """The network's data; files become absolute paths."""
    path: Path = ("data",)
    if isinstance(raw, str):
        if raw in BUILTIN:
            return DataSpec(raw)
        known = ", ".join(BUILTIN)
        near = nearest(raw, BUILTIN)
        if near:
            advice = f"did you mean {near}?"
        elif re.search(r"[./\\]", raw):
            advice = f"for a file, write data: {{path: {raw}, target: …}}"
        else:
            advice = f"write {known}, or {{path: file.csv, target: column}}"
        problems.add(path, f"{describe(raw)} is not a built-in data set; {advice}")
        return None
    if not isinstance(raw, dict):
        if is_readable(raw):
            known = " or ".join(BUILTIN)
            text = f"must be {known} or {{path: file.csv, target: column}}, not {describe(raw)}"
            problems.add(path, text)
        return None
    data = read_block(DataSpec, raw, path, problems, synonyms.DATA)
    if data is None:
        return None
    for keys, text in problems_of(data):
        problems.add(problems.blame(*((*path, key) for key in keys)), text)
    files: dict[str, Any] = {
        name: problems.document.absolute((*path, name), value)
        for name in ("path", "dev", "test")
        if isinstance(value := getattr(data, name), str)
        and not (name == "path" and value in BUILTIN)
    }
    return replace(data, **files)
