"""Reading a block of the config: every key and every value checked on its own.

The fields of a model say what a key may hold: its type, its bounds, its words, an example. That
one declaration checks the value, writes the JSON Schema, and words the message, so that they
cannot disagree. What cannot be used takes its default and the reading goes on: the other checks
still run, and the problem keeps the config from being used.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.scalars import flow
from hpsearch.config.synonyms import meant_key, meant_value
from hpsearch.config.wording import choices, describe, in_words, number_hint

Scalar = bool | int | float | str
"""What a hyperparameter's value can be in a config."""

Positive = Annotated[int, Field(gt=0)] | Annotated[float, Field(gt=0)]
"""A number above 0; a whole number stays whole."""

_LONGEST = 10**9
Seconds = Annotated[int, Field(gt=0, le=_LONGEST)] | Annotated[float, Field(gt=0, le=_LONGEST)]
"""A time, at most some 30 years: what a timer can hold."""

MISSING = object()


class Block(BaseModel):
    """A part of the config: frozen, no unknown keys, and no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


AnyBlock = TypeVar("AnyBlock", bound=Block)


def read_block(
    model: type[AnyBlock], raw: Any, path: Path, problems: Problems, words: Mapping[str, str]
) -> AnyBlock | None:
    """A block from a mapping; ``words`` are other tools' words for its keys.

    ``None`` if the block cannot be built at all: not a mapping, or a required key is not usable.
    """
    if raw is None:
        problems.add(path, "has nothing under it; add a key, or delete the line")
        return None
    if not isinstance(raw, dict):
        if is_readable(raw):
            keys = ", ".join(f"{name}: …" for name in list(model.model_fields)[:2])
            problems.add(path, f"must be a mapping such as {{{keys}}}, not {describe(raw)}")
        return None
    check_keys(raw, model.model_fields, path, problems, words)
    fields = {}
    complete = True
    for name, field in model.model_fields.items():
        value = read_field(model, name, raw, path, problems)
        if value is not MISSING:
            fields[name] = value
        elif field.is_required():
            if name not in raw:
                problems.add((*path, name), f"missing; {_example(model, name)}")
            complete = False
    return model.model_construct(**fields) if complete else None


def check_keys(
    raw: Mapping[str, Any],
    known: Mapping[str, Any],
    path: Path,
    problems: Problems,
    words: Mapping[str, str],
) -> None:
    """Report the keys that a block does not have."""
    for key in raw:
        if key not in known:
            advice = meant_key(key, known, words)
            problems.add((*path, key), f"unknown key; {advice}", of_key=True)


def read_field(
    model: type[Block], name: str, raw: Mapping[str, Any], path: Path, problems: Problems
) -> Any:
    """One value of a block, or ``MISSING`` if it is not there or cannot be used."""
    if name not in raw or not is_readable(raw[name]):
        return MISSING
    value = raw[name]
    try:
        return _adapter(model, name).validate_python(_as_tuples(value))
    except ValidationError as e:
        items = {error["loc"][0] for error in e.errors() if error["loc"]}
        numbers = sorted(item for item in items if isinstance(item, int))
        if isinstance(value, list) and numbers:
            wanted = in_words(_items(_schema(model, name)))
            for item in numbers:
                text = f"must be {wanted}, not {describe(value[item])}"
                problems.add((*path, name, item), text)
        else:
            problems.add((*path, name), must_be(model, name, value))
        return MISSING


@cache
def _adapter(model: type[Block], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    # A field keeps its bounds apart from its type.
    kind: Any = (
        Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    )
    return TypeAdapter(kind, config=ConfigDict(strict=True))


@cache
def _schema(model: type[Block], name: str) -> dict[str, Any]:
    return _adapter(model, name).json_schema()


def _items(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a list's items; the list may be one of several alternatives."""
    alternatives: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return next(part["items"] for part in alternatives if "items" in part)


def _as_tuples(value: Any) -> Any:
    """Lists as tuples, because a frozen model should hold nothing that can be changed."""
    if isinstance(value, list):
        return tuple(_as_tuples(v) for v in value)
    if isinstance(value, dict):
        return {key: _as_tuples(v) for key, v in value.items()}
    return value


def must_be(model: type[Block], name: str, value: Any) -> str:
    """What a field has to be, what it is, and what was probably meant."""
    schema = _schema(model, name)
    wanted = in_words(schema)
    if value is None:
        optional = not model.model_fields[name].is_required()
        return f"has no value; write {wanted}" + (", or delete it" if optional else "")
    hint = ""
    if isinstance(value, str) and "number" in wanted:
        hint = number_hint(value)
    elif isinstance(value, float) and value.is_integer() and "whole" in wanted:
        hint = f"; write {int(value)}"
    elif wanted.startswith("text") and isinstance(value, Scalar):
        hint = f"; quote it: '{describe(value)}'"
    listed = choices(schema)
    if listed:
        meant = meant_value(name, describe(value).strip("'"), listed)
        hint = f"; {meant}" if meant else ""
    return f"must be {wanted}, not {describe(value)}{hint or _for_example(model, name)}"


def _for_example(model: type[Block], name: str) -> str:
    examples = model.model_fields[name].examples
    return f"; for example {name}: {flow(examples[0])}" if examples else ""


def _example(model: type[Block], name: str) -> str:
    examples = model.model_fields[name].examples
    return f"add for example {name}: {flow(examples[0])}" if examples else f"add {name}: …"
