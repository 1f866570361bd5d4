"""Reading the ``data`` block: where the network's examples come from.

Its keys are the fields of :class:`hpsearch.data.DataSpec`, declared there once; the block that
checks them, and from which the JSON Schema is written, is made from those fields.
"""

from __future__ import annotations

import dataclasses
import re
import typing
from typing import Any

from pydantic import Field, create_model
from pydantic.config import JsonDict

from hpsearch.config import synonyms
from hpsearch.config.blocks import Block, read_block
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.wording import describe
from hpsearch.data.spec import BUILTIN, DataSpec, problems_of
from hpsearch.text import nearest

# For editors; the loader has a better message.
_FRACTION: JsonDict = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}


def _declared(key: dataclasses.Field[Any], kind: Any) -> tuple[Any, Any]:
    """A field of the spec as one of the block."""
    about, example = key.metadata["doc"], key.metadata["example"]
    default = ... if key.default is dataclasses.MISSING else key.default
    extra = _FRACTION if key.name in ("dev", "test") else None
    examples = None if example is None else [example]
    return kind, Field(default, description=about, examples=examples, json_schema_extra=extra)


_KINDS = typing.get_type_hints(DataSpec)
_KEYS: dict[str, Any] = {
    key.name: _declared(key, _KINDS[key.name]) for key in dataclasses.fields(DataSpec)
}

DATA_BLOCK = create_model("Data", __base__=Block, __doc__=DataSpec.__doc__, **_KEYS)
"""The block as YAML gives it."""


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
    block = read_block(DATA_BLOCK, raw, path, problems, synonyms.DATA)
    if block is None:
        return None
    data = DataSpec(**block.model_dump())
    for keys, text in problems_of(data):
        problems.add(problems.blame(*((*path, key) for key in keys)), text)
    files: dict[str, Any] = {
        name: problems.document.absolute((*path, name), value)
        for name in ("path", "dev", "test")
        if isinstance(value := getattr(data, name), str)
        and not (name == "path" and value in BUILTIN)
    }
    return dataclasses.replace(data, **files)
