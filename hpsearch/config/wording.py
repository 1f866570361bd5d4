"""Values, and what they should have been, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.config.scalars import Refused, flow, resolve
from hpsearch.records import is_number


def describe(value: Any) -> str:
    """A value as a message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value) if isinstance(value, str) else f"{value}"
    return text if len(text) <= 40 else f"{text[:36]}…"


def number_hint(text: str) -> str:
    """How to write a number that was written as text; empty if it does not look like one.

    >>> [number_hint(text) for text in ("1e-4", "0,5", "10^-3", "20%", "many")]
    ['; take the quotes away', '; write 0.5', '; write 0.001', '; write 0.2', '']
    >>> number_hint("1/10000")
    '; a fraction is text in YAML, so write 0.0001'
    """
    if _number(text) is not None:
        return "; take the quotes away"
    for written, meant in ((",", "."), ("10^", "1e"), ("10**", "1e")):
        number = _number(text.replace(written, meant))
        if number is not None:
            return f"; write {number:g}"
    above, _, below = map(str.strip, text.partition("/"))
    dividend, divisor = _number(above), _number(below)
    if dividend is not None and divisor:
        return f"; a fraction is text in YAML, so write {dividend / divisor:.12g}"
    share = _number(text.removesuffix("%").strip())
    return f"; write {share / 100:g}" if share is not None else ""


def _number(text: str) -> float | None:
    try:
        value = resolve(text)
    except Refused:
        return None
    return float(value) if is_number(value) else None


def choices(schema: Mapping[str, Any]) -> list[str]:
    """The words that a JSON Schema lists; empty if it lists none."""
    if "enum" in schema or "const" in schema:
        return [str(v) for v in schema.get("enum", [schema.get("const")])]
    return [v for part in schema.get("anyOf", ()) for v in choices(part)]


def in_words(schema: Mapping[str, Any]) -> str:
    """What a JSON Schema allows, in words.

    >>> in_words({"type": "integer", "minimum": 1})
    'a whole number, 1 or more'
    """
    if "anyOf" in schema:
        parts = [in_words(part) for part in schema["anyOf"] if part.get("type") != "null"]
        if {"true or false", "text"} <= set(parts):
            return "a plain value"
        # A whole number is a number: say the wider one.
        narrow = [f"a whole number{part.removeprefix('a number')}" for part in parts]
        return " or ".join(part for part in parts if part not in narrow)
    words = choices(schema)
    if words:
        return words[0] if len(words) == 1 else f"one of {', '.join(words)}"
    if "pattern" in schema and "description" in schema:
        return str(schema["description"])
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(schema)
    mapping = flow(schema["examples"][0]) if "examples" in schema else "a mapping"
    plain = {"array": "a list", "boolean": "true or false", "string": "text"}
    return plain.get(str(kind), mapping)


def _bounds(schema: Mapping[str, Any]) -> str:
    low, high, above = (
        # Whole numbers without a point, whatever the type of the field.
        f"{schema[key]:.0f}" if key in schema else None
        for key in ("minimum", "maximum", "exclusiveMinimum")
    )
    if above is not None:
        return f" above {above}" + (f" and at most {high}" if high is not None else "")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f", {low} or more" if low is not None else ""
