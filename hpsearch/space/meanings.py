"""What a trainable is given for a point: the values that short names stand for, as nested dicts.

A point holds plain values alone, which every table can show. A value that is not plain, such as a
list, has a short name there, and the space's *meanings* say what it stands for:

    {"hidden": {"small": [64, 64], "large": [512, 256, 128]}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.portable import to_json
from hpsearch.records import Hparams, Value
from hpsearch.space.repeated import base, gathered

Meanings = Mapping[str, Mapping[str, Any]]
"""For each parameter the names among its values, and what each stands for: any JSON value."""

LONGEST_NAME = 40
"""Characters of a short name that is made from its value."""


def short_name(value: Any) -> bool | int | float | str:
    """What a point holds for a value: the value itself, or JSON for what is not plain.

    >>> short_name(0.1), short_name([64, 64]), short_name(None)
    (0.1, '[64, 64]', 'null')
    """
    if isinstance(value, bool | int | float | str):
        return value
    text = to_json(value)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def meant(hparams: Hparams, meanings: Meanings) -> dict[str, Any]:
    """What a trainable is given: lists gathered, and what short names stand for in their place."""
    return gathered({name: meaning(name, value, meanings) for name, value in hparams.items()})


def meaning(name: str, value: Value, meanings: Meanings) -> Any:
    """What one value of the parameter ``name`` stands for."""
    named = meanings.get(base(name))
    return named.get(value, value) if named and isinstance(value, str) else value


def nested(hparams: Mapping[str, Any]) -> dict[str, Any]:
    """Names with dots as dicts in dicts, as Python takes them.

    >>> nested({"optimizer.lr": 0.1, "optimizer.name": "adam", "layers": 2})
    {'optimizer': {'lr': 0.1, 'name': 'adam'}, 'layers': 2}
    """
    made: dict[str, Any] = {}
    for name, value in hparams.items():
        *groups, last = name.split(".")
        inner = made
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[last] = value
    return made
