"""Reading a block of the config: every key and every value checked on its own.

What cannot be used takes its default and the reading goes on: the other checks still run, and the
problem keeps the config from being used. What a key may hold is declared with ``config.keys``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from hpsearch.config.keys import (
    BlockType,
    Scalar,
    Schema,
    complies,
    is_required,
    key_schema,
    keys_of,
)
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.scalars import flow
from hpsearch.config.synonyms import meant_key, meant_value
from hpsearch.config.wording import choices, describe, in_words, number_hint

MISSING = object()

Block = TypeVar("Block")


def read_block(
    block: type[Block], raw: Any, path: Path, problems: Problems, words: Mapping[str, str]
) -> Block | None:
    """A block from a mapping; ``words`` are other tools' words for its keys.

    ``None`` if the block cannot be built at all: not a mapping, or a required key is not usable.
    """
    kind: BlockType = block
    known = keys_of(kind)
    if raw is None:
        problems.add(path, "has nothing under it; add a key, or delete the line")
        return None
    if not isinstance(raw, dict):
        if is_readable(raw):
            keys = ", ".join(f"{name}: …" for name in list(known)[:2])
            problems.add(path, f"must be a mapping such as {{{keys}}}, not {describe(raw)}")
        return None
    check_keys(raw, known, path, problems, words)
    values = {}
    complete = True
    for name, declared in known.items():
        value = read_key(block, name, raw, path, problems)
        if value is not MISSING:
            values[name] = value
        elif is_required(declared):
            if name not in raw:
                problems.add((*path, name), _missing(block, name))
            complete = False
    return block(**values) if complete else None


def check_keys(
    raw: Iterable[str],
    known: Iterable[str],
    path: Path,
    problems: Problems,
    words: Mapping[str, str],
) -> None:
    """Report the keys that a block does not have."""
    known = tuple(known)
    for name in raw:
        if name not in known:
            advice = meant_key(name, known, words)
            problems.add((*path, name), f"unknown key; {advice}", of_key=True)


def read_key(
    block: BlockType, name: str, raw: Mapping[str, Any], path: Path, problems: Problems
) -> Any:
    """One value of a block, or ``MISSING`` if it is not there or cannot be used."""
    if name not in raw or not is_readable(raw[name]):
        return MISSING
    value, schema = raw[name], key_schema(block, name)
    if complies(value, schema):
        return _as_tuples(value)
    items = _items(schema)
    if isinstance(value, list) and items is not None:
        for number, item in enumerate(value):
            if not complies(item, items):
                text = f"must be {in_words(items)}, not {describe(item)}"
                problems.add((*path, name, number), text)
    else:
        problems.add((*path, name), must_be(block, name, value))
    return MISSING


def _items(schema: Schema) -> Schema | None:
    """The schema of a list's items; the list may be one of several alternatives."""
    alternatives: list[Schema] = schema.get("anyOf", [schema])
    return next((part["items"] for part in alternatives if "items" in part), None)


def _as_tuples(value: Any) -> Any:
    """Lists as tuples, because a frozen block should hold nothing that can be changed."""
    if isinstance(value, list):
        return tuple(_as_tuples(v) for v in value)
    if isinstance(value, dict):
        return {key: _as_tuples(v) for key, v in value.items()}
    return value


def must_be(block: BlockType, name: str, value: Any) -> str:
    """What a key has to hold, what it holds, and what was probably meant."""
    schema = key_schema(block, name)
    wanted = in_words(schema)
    if value is None:
        optional = not is_required(keys_of(block)[name])
        return f"has no value; write {wanted}" + (", or delete it" if optional else "")
    hint = ""
    if isinstance(value, str) and "number" in wanted:
        hint = number_hint(value)
        if not hint and keys_of(block)[name].metadata["doc"].startswith("Seconds"):
            hint = f"; it counts seconds, as in {_example(block, name)}"
    elif isinstance(value, float) and value.is_integer() and "whole" in wanted:
        hint = f"; write {int(value)}"
    elif wanted.startswith("text") and isinstance(value, Scalar):
        hint = f"; quote it: '{describe(value)}'"
    listed = choices(schema)
    example = _example(block, name)
    if listed:
        meant = meant_value(name, describe(value).strip("'"), listed)
        hint = f"; {meant}" if meant else ""
    if not hint and example:
        hint = f"; for example {example}"
    return f"must be {wanted}, not {describe(value)}{hint}"


def _missing(block: BlockType, name: str) -> str:
    example = _example(block, name)
    return f"missing; add {f'for example {example}' if example else f'{name}: …'}"


def _example(block: BlockType, name: str) -> str:
    example = keys_of(block)[name].metadata.get("example")
    return "" if example is None else f"{name}: {flow(example)}"
