"""The characters that screens are drawn with, and what they become in plain ASCII.

Screens are built in Unicode. Where the output cannot carry that, every character is replaced by
one ASCII character, so that no column moves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from hpsearch.portable import printable

SPARKS = "▁▂▃▄▅▆▇█"
EIGHTHS = "▏▎▍▌▋▊▉█"
BEST = "◆"
NONE = "·"
WHOLE = "─"
NOW = "━"
ROUND = "┆"
DASH = "–"
MORE = "…"

DATA = "cyan"
GOOD = "blue"
TOP = "bold magenta"
WRONG = "red"
LABEL = "dim"
DROPPED = "dim strike"

_ASCII = {
    **dict(zip(SPARKS, "_..--==#", strict=True)),
    **dict(zip(EIGHTHS[:-1], "....###", strict=True)),
    **dict(zip("◆·─━┆│┃├┤└–…−×±★○≥≤→", "*.-=:|||||-~-x~*o><>", strict=True)),
    **dict(zip("αβεγρ", "abegr", strict=True)),
}


def is_unicode(console: Console) -> bool:
    """Whether the console's output can carry more than ASCII."""
    return console.encoding.lower().replace("-", "").startswith("utf")


def as_ascii(line: Text) -> Text:
    """The line with one ASCII character for each of its characters; styles stay in place."""
    plain = "".join(_ascii(c) for c in line.plain)
    copy = line.copy()
    copy.plain = plain
    return copy


def for_console(lines: Sequence[Text], console: Console) -> list[Text]:
    """The lines as the console can show them: the one door for lines with styles."""
    shown = [as_printable(line) for line in lines]
    return shown if is_unicode(console) else [as_ascii(line) for line in shown]


def as_printable(line: Text) -> Text:
    """The line with nothing in it that a terminal would act upon; styles stay in place."""
    plain = printable(line.plain)
    if plain == line.plain:
        return line
    copy = line.copy()
    copy.plain = plain
    return copy


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if character in _ASCII:
        return _ASCII[character]
    if "\u2800" <= character <= "\u28ff":
        return _ascii_of_dots(ord(character) - 0x2800)
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and base.isprintable() else "?"


def _ascii_of_dots(bits: int) -> str:
    """Braille dots as the stroke they are part of: - | + or single points."""
    across = any(bits & row == row for row in (0x09, 0x12, 0x24, 0xC0))
    down = any((bits & column).bit_count() >= 3 for column in (0x47, 0xB8))
    if across or down:
        return "+" if across and down else "-" if across else "|"
    return " .:::"[bits.bit_count()]
