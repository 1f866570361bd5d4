"""The door from finished lines to a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from hpsearch.report.text.glyphs import for_console

NARROWEST = 60


def print_lines(lines: Sequence[Text], console: Console) -> None:
    """Print finished lines as the console can show them; it wraps and crops nothing."""
    for line in for_console(lines, console):
        console.print(line, overflow="ignore", crop=False, soft_wrap=True)
