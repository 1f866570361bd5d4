"""Values and text that other programs and terminals can take: JSON, printable text, commands."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

_JOINERS = "\u200c\u200d"  # they join letters and emoji, and move nothing
# An object's address first: where it lies in memory differs from worker to worker.
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|[-+]?\d[\d.]*(?:e[-+]?\d+)?")
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


def printable(text: str, keep: str = "\n\t") -> str:
    r"""A text that a terminal only shows: what would do something else is replaced.

    That are the control characters (escape sequences begin with one), the marks that turn the
    direction of a line, and halves of surrogate pairs. Each becomes a space, so that columns stay
    where they are. ``keep`` lists the control characters that are meant.

    >>> printable("a\x1b[2Jb\n")
    'a [2Jb\n'
    """
    if text.isprintable():
        return text
    meant = keep + _JOINERS
    return "".join(c if c.isprintable() or c in meant else " " for c in text)


def to_json(value: Any, indent: int | None = None) -> str:
    r"""A value as JSON for programs and terminals: readable text, well formed, finite numbers.

    What is not printable is escaped, so that it reads back as the same text.

    Raises:
        ValueError: a number is not finite.
        TypeError: a value is not JSON.

    >>> print(to_json({"error": "\x9b2J é"}))
    {"error": "\u009b2J é"}
    """
    text = json.dumps(well_formed(value), ensure_ascii=False, allow_nan=False, indent=indent)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _json_escape(c) for c in text)


def _json_escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(character)[1:-1]


def without_numbers(text: str) -> str:
    """A text without the numbers in it: what is said again and again of different trials.

    >>> without_numbers("bad value 1e-05 (m.py:3)")
    'bad value  (m.py:)'
    """
    return "".join(split_at_numbers(text)[0])


def split_at_numbers(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands between the numbers of a text, and the numbers: one fewer.

    >>> split_at_numbers("loss 12.5 in epoch 3")
    (('loss ', ' in epoch ', ''), ('12.5', '3'))
    """
    return tuple(_NUMBER.split(text)), tuple(_NUMBER.findall(text))


def split_command(command: str) -> list[str]:
    """The words of a command line, as a shell has them; on Windows a backslash is a backslash.

    Raises:
        ValueError: a quote is not closed.
    """
    words = shlex.shlex(command, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters = True, ""
    if os.name == "nt":
        words.escape = ""
    return list(words)


def join_command(words: Sequence[str]) -> str:
    """A command line that the system's shell takes apart into these words."""
    if os.name == "nt":
        import subprocess  # noqa: PLC0415 - the command line starts without it

        return subprocess.list2cmdline(words)
    return shlex.join(words)
