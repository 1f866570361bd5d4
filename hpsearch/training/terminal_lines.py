"""From what a program prints, as it comes, to the lines that a person would see.

A progress bar draws itself again and again in one line: it goes back to the line's start (a
carriage return), or up to a bar above (an escape sequence), and prints over what stood there. How
often it does so depends on the clock. What stands in the line at last does not: so a line counts
once, in its last state, however often it was drawn.

A line that was drawn over may be visited again from below, as nested bars do. It is held back
until a plain line follows it, or :data:`HELD` more lines, or the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HELD = 4
"""So many lines may be drawn again; bars are rarely nested deeper."""

LONGEST = 1_000_000  # characters of a line that are kept; a program may print gigabytes of it

_UP = re.compile(r"\x1b\[(\d*)A")
_PARTS = re.compile(r"\n|\r|\x1b\[\d*A|(?:[^\n\r\x1b]|\x1b(?!\[\d*A))+")
_ERASED = re.compile(r"\x1b\[[012]?K")
_STYLE = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass
class _Row:
    text: str = ""
    returned: bool = False  # the next text is printed over what stands here
    redrawn: bool = False  # text was printed after a carriage return: a bar


class TerminalLines:
    r"""The lines of one stream.

    >>> lines = TerminalLines()
    >>> [*lines.feed("1/2 loss: 0.9\r2/2 loss: 0.5\n"), *lines.feed("saved\n")]
    ['2/2 loss: 0.5', 'saved']
    """

    def __init__(self) -> None:
        self._rows = [_Row()]
        self._at = 0

    def feed(self, text: str) -> Iterator[str]:
        """The lines that are complete once ``text`` has been printed as well."""
        for part in _PARTS.findall(text):
            if part == "\n":
                yield from self._line_feed()
            elif part == "\r":
                self._rows[self._at].returned = True
            elif up := _UP.fullmatch(part):
                self._at = max(0, self._at - int(up[1] or 1))
            else:
                self._print(part)

    def end(self) -> Iterator[str]:
        """The lines that are left when the stream has ended."""
        yield from self._give(len(self._rows))
        self._rows, self._at = [_Row()], 0

    def _print(self, text: str) -> None:
        row = self._rows[self._at]
        shown = without_style(text)
        if not shown and not _ERASED.search(text):
            return  # colours and backspaces alone leave the line as it is
        if row.returned:
            row.text, row.returned, row.redrawn = "", False, True
        row.text = (row.text + shown)[:LONGEST]

    def _line_feed(self) -> Iterator[str]:
        row = self._rows[self._at]
        row.returned = False
        self._at += 1
        if self._at == len(self._rows):
            self._rows.append(_Row())
        if row.text.strip() and not row.redrawn:
            yield from self._give(self._at)
        elif len(self._rows) - 1 > HELD:
            yield from self._give(len(self._rows) - 1 - HELD)

    def _give(self, count: int) -> Iterator[str]:
        given, self._rows = self._rows[:count], self._rows[count:]
        self._at = max(0, self._at - count)
        yield from (row.text for row in given if row.text.strip())


def without_style(text: str) -> str:
    """A text without colours, backspaces and what else a terminal does not show."""
    return _CONTROL.sub("", _STYLE.sub("", text))
