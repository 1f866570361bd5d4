"""Scalars: what a word without quotes means, and how a value is written.

The core rules of YAML 1.2, less what two readers could read in two ways. PyYAML follows YAML 1.1:
``1e-4`` is text there, ``on`` is true, ``010`` is eight and ``1:30`` is ninety.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import yaml

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.?(inf|infinity|nan)", re.IGNORECASE)
_TWO_READINGS = re.compile(
    r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?"  # 1:30, base 60
    r"|[-+]?0[xXoObB][0-9a-fA-F_]+"  # other bases
    r"|[-+]?[0-9]+(_[0-9]+)+(\.[0-9]*)?"  # 1_000
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"  # dates
)
_SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_NULLS = {"", "~", "null", "Null", "NULL"}
_WORD = re.compile(r"[A-Za-z_./][\w./-]*(:\w+)?", re.ASCII)
_LARGEST_INTEGER = 2**63 - 1


class Refused(Exception):
    """A scalar that cannot be used; the message says why."""


def resolve(text: str) -> Any:
    """What a word without quotes means.

    >>> [resolve(text) for text in ("1e-4", "64", "true", "relu", "~")]
    [0.0001, 64, True, 'relu', None]

    Raises:
        Refused: it could be read in two ways, or is not a finite number.
    """
    if text in _NULLS:
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if text.lower() in _SWITCHES:
        meant = _SWITCHES[text.lower()]
        raise Refused(f"{text} could be {meant} or a word; write {meant}, or quote it: '{text}'")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise Refused(f"{text} is not a finite number; write a number, or quote it if it is text")
    if _TWO_READINGS.fullmatch(text):
        raise Refused(f"{text} could be read in two ways; write a plain number, or quote it")
    return text


def is_plain(text: str) -> bool:
    """Whether text reads as itself without quotes, wherever a value can stand."""
    try:
        return _WORD.fullmatch(text) is not None and resolve(text) == text
    except Refused:
        return False


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0":
        plain = text[: -len(digits)] + (digits.lstrip("0") or "0")
        raise Refused(f"{short(text)} has a leading zero; write {short(plain)}, or quote it")
    if len(digits) > 19 or int(digits) > _LARGEST_INTEGER:
        raise Refused(f"{short(text)} is too large for a whole number; write at most 9e18")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    mantissa = re.split("[eE]", text)[0]
    if not math.isfinite(value) or (value == 0 and re.search("[1-9]", mantissa)):
        kind, advice = ("small", "larger") if value == 0 else ("large", "smaller")
        raise Refused(f"{short(text)} is too {kind} for a number; write a {advice} one")
    return value


def short(text: str) -> str:
    """The text, its end left out where it is long."""
    return text if len(text) <= 24 else f"{text[:20]}…"


def flow(value: Any) -> str:
    """A value as YAML on one line; reading it gives the value.

    >>> flow({"values": [1, 1e-4, "relu", "on", True, None]})
    '{values: [1, 0.0001, relu, "on", true, null]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        if is_plain(value):
            return value
        # One line, and every odd character escaped as YAML wants it.
        return yaml.safe_dump(value, default_style='"', width=10**9).strip()
    return "null" if value is None else json.dumps(value)
