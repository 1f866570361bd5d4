"""Values and text that other programs can read: JSON in UTF-8, with no number but finite ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(value: Any) -> Any:
    r"""A JSON value whose texts, keys too, can all be written as UTF-8.

    Python reads the bytes of a file name that is not UTF-8 as lone surrogates, which no file and
    few other programs take: they become the byte's escape, ``\xff``.

    >>> print(well_formed({"error": "no file caf\udce9.txt"})["error"])
    no file caf\xe9.txt
    """
    if isinstance(value, str):
        return _SURROGATE.sub(_escape, value)
    if isinstance(value, Mapping):
        return {well_formed(key): well_formed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [well_formed(inner) for inner in value]
    return value


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def to_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON for other programs: readable text, well formed, no number but finite ones.

    Raises:
        ValueError: a number is not finite.
        TypeError: a value is not JSON.
    """
    return json.dumps(well_formed(value), ensure_ascii=False, allow_nan=False, indent=indent)
