"""Values of any kind, and the short names by which tables call those that are not plain.

==================================  =====================================================
written as                          called
==================================  =====================================================
``values: [relu, 3, true]``         what they are: they are plain
``values: [null, [64, 64]]``        ``null`` and ``[64, 64]``: their JSON
``values: {small: [64, 64], …}``    ``small`` …: the keys; a value may be plain as well
``value: [64, 64]``                 ``[64, 64]``
==================================  =====================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.config.keys import Scalar
from hpsearch.config.problems import Path, Problems
from hpsearch.space.meanings import LONGEST_NAME, short_name


@dataclass(frozen=True)
class Named:
    """The names of some values, in their order, and what those mean that are not plain."""

    names: tuple[Scalar, ...]
    meanings: Mapping[str, Any]


def named_values(raw: Any, path: Path, problems: Problems) -> Named | None:
    """The names of the values in a list or a mapping; ``None`` for everything else."""
    if isinstance(raw, dict):
        for name in raw:
            if len(name) > LONGEST_NAME or not name.isprintable():
                text = f"a short name has at most {LONGEST_NAME} characters; write a shorter one"
                problems.add((*path, name), text, of_key=True)
        if {"min", "max"} <= set(raw):
            problems.add(
                path, "a range stands beside the name; write {min: …, max: …} in its place"
            )
        return Named(tuple(raw), {name: value for name, value in raw.items() if name != value})
    return named_list(raw) if isinstance(raw, list) else None


def named_list(values: list[Any]) -> Named:
    """The names of values that have none of their own."""
    names = [short_name(value) for value in values]
    return Named(
        tuple(names),
        {
            str(name): value
            for name, value in zip(names, values, strict=True)
            if not isinstance(value, Scalar)
        },
    )


def called(value: Any, names: Sequence[Scalar], meanings: Mapping[str, Any]) -> Scalar:
    """The short name of one of some values: its own, or that with which it was listed."""
    name = short_name(value)
    if name not in names:
        return next((n for n, meant in meanings.items() if meant == value), name)
    return name


def as_written(names: tuple[Scalar, ...], meanings: Mapping[str, Any]) -> Any:
    """The list or mapping of which :func:`named_values` makes these names."""
    values = [meanings.get(name, name) if isinstance(name, str) else name for name in names]
    if named_list(values) == Named(names, meanings):
        return values
    return dict(zip(map(str, names), values, strict=True))
