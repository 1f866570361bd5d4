"""What a key of the config may hold, declared once: with the fields of a frozen dataclass.

A field's type, with its bounds, becomes JSON Schema. That one schema checks the value
(:func:`complies`), is what editors are given, and words the message, so that the three cannot
disagree. The few forms of JSON Schema that a config needs are read here: pydantic, of which only
these were used, took a third of the time in which a command starts, and its messages had to be
replaced one by one.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hpsearch.records import is_number, same_value

Schema = dict[str, Any]

BlockType = Any
"""A frozen dataclass, the class itself. (To mypy a class cannot be hashed, as a cache asks.)"""


@dataclass(frozen=True, eq=False)
class Limits:
    """Keys of JSON Schema that narrow a type: ``Annotated[int, Limits({"minimum": 1})]``."""

    schema: Mapping[str, Any]


Scalar = bool | int | float | str
"""What a hyperparameter's value can be in a config."""

Count = Annotated[int, Limits({"minimum": 1})]
"""How many there are of what there must be one of."""

_ABOVE_0 = Limits({"exclusiveMinimum": 0})
Positive = Annotated[int, _ABOVE_0] | Annotated[float, _ABOVE_0]
"""A number above 0; a whole number stays whole."""

LONGEST = 10**9
_TIMER = Limits({"exclusiveMinimum": 0, "maximum": LONGEST})
Seconds = Annotated[int, _TIMER] | Annotated[float, _TIMER]
"""A time, at most some 30 years: what a timer can hold."""


def key(doc: str, *, default: Any = MISSING, example: Any = None) -> Any:
    """A field of a block: what an editor says of it, and the example that messages give."""
    return field(default=default, metadata={"doc": doc, "example": example})


def following(kind: Callable[[], Any] = dict) -> Any:
    """A field of a block that is no key: it follows from what the keys hold. Empty by default."""
    return field(default_factory=kind, metadata={"follows": True})


@cache
def keys_of(block: BlockType) -> Mapping[str, Field[Any]]:
    """The keys of a block by their names, in the order in which they are written.

    What is kept beside them, and follows from them, is no key.
    """
    return {
        declared.name: declared
        for declared in fields(block)
        if not declared.metadata.get("follows")
    }


def is_required(declared: Field[Any]) -> bool:
    """Whether a key has no default."""
    return declared.default is MISSING


@cache
def key_schema(block: BlockType, name: str) -> Schema:
    """What the key ``name`` of a block may hold, as JSON Schema."""
    return _schema_of(_types(block)[name])


def described(block: BlockType, name: str) -> Schema:
    """The same, with all that an editor shows of the key."""
    declared = keys_of(block)[name]
    shown: Schema = {"title": name.replace("_", " ").title()}
    if "doc" in declared.metadata:
        shown["description"] = declared.metadata["doc"]
    if declared.metadata.get("example") is not None:
        shown["examples"] = [declared.metadata["example"]]
    if not is_required(declared):
        shown["default"] = _as_list(declared.default)
    shown |= key_schema(block, name)
    shown |= declared.metadata.get("for_editors", {})
    return shown


def block_schema(block: BlockType) -> Schema:
    """A block as an editor is told of it: its keys, and which of them have to be there."""
    declared = keys_of(block)
    return {
        "title": block.__name__.removesuffix("Config").removesuffix("Spec"),
        "description": (block.__doc__ or "").split("\n")[0],
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, key in declared.items() if is_required(key)],
        "properties": {name: described(block, name) for name in declared},
    }


@cache
def _types(block: BlockType) -> Mapping[str, Any]:
    return typing.get_type_hints(block, include_extras=True)


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


_PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}


def _schema_of(kind: Any) -> Schema:
    """A type as JSON Schema."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        wide = {"type": _PLAIN[arguments[0]]} if arguments[0] in _PLAIN else {}
        return wide | dict(arguments[1].schema)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema_of(part) for part in arguments]}
    if origin is Literal:
        return {"enum": list(arguments), "type": "string"}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(arguments[1])}
    return {"type": _PLAIN[kind]}


def complies(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value is what a schema of this module allows.

    >>> complies(3, {"type": "integer", "minimum": 1}), complies(True, {"type": "integer"})
    (True, False)
    """
    if "anyOf" in schema:
        return any(complies(value, part) for part in schema["anyOf"])
    if "enum" in schema:
        return any(same_value(value, word) for word in schema["enum"])
    return _has_type(value, schema["type"]) and _is_within(value, schema)


def _has_type(value: Any, name: str) -> bool:
    if name in ("integer", "number"):
        return is_number(value) and (name == "number" or isinstance(value, int))
    types = {
        "null": NoneType,
        "boolean": bool,
        "string": str,
        "array": list | tuple,
        "object": dict,
    }
    return isinstance(value, types[name])


def _is_within(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value of the right type keeps the bounds, and what is inside of it, too."""
    inside: list[tuple[Any, Schema]] = []
    if "items" in schema:
        inside = [(item, schema["items"]) for item in value]
    if "additionalProperties" in schema:
        inside = [(item, schema["additionalProperties"]) for item in value.values()]
    return (
        all(complies(item, part) for item, part in inside)
        and ("minimum" not in schema or value >= schema["minimum"])
        and ("maximum" not in schema or value <= schema["maximum"])
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    )
