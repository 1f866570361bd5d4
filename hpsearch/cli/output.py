"""The one door to the terminal: results on stdout, or in a file; remarks on stderr.

No command writes in another way: text from outside (an error, a name, a label) holds no escape
sequence any more when it has passed here. Lines with styles pass ``report.text.glyphs``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from hpsearch.cli.streams import STDERR
from hpsearch.portable import printable, to_json

if TYPE_CHECKING:
    from rich.text import Text


def say(
    text: str = "", to: TextIO | None = None, *, label: str = "", colour: str | None = None
) -> None:
    """A line, or several, on stdout or the stream that is given, after a label in colour."""
    click.echo(_styled(label, colour) + printable(text), file=to)


def say_json(facts: Mapping[str, Any], to: TextIO | None = None) -> None:
    """One JSON object on one line.

    Raises:
        ValueError: a number in it is not finite.
    """
    click.echo(to_json(facts), file=to)


def remark(text: str, *, label: str = "", colour: str | None = None) -> None:
    """A line beside the results, on stderr: its label in colour, or all of it without a label."""
    if label:
        click.echo(_styled(label, colour) + printable(text), err=True)
    else:
        click.echo(_styled(printable(text), colour), err=True)


def warn(text: str) -> None:
    """Tell what is allowed and probably not meant."""
    remark(text, label="warning: ", colour="yellow")


def note(text: str) -> None:
    """Tell what is good to know."""
    remark(text, label="note: ")


def wrote(what: object) -> None:
    """Name what was written."""
    remark(f"{what}", label="wrote ")


def complain(message: str) -> None:
    """Tell what is wrong, in as many lines as the message has."""
    for line in message.splitlines():
        remark(line, label="error: ", colour="red")


def redraw(text: str) -> None:
    """Put a text in place of the line where the cursor is, on stderr, which is a terminal."""
    shown = printable(text, keep="")[: shutil.get_terminal_size().columns - 1]
    click.echo(f"\r{shown}\x1b[K", nl=False, err=True)


def at_once(text: str) -> None:
    """A line on stderr with one write and no buffer.

    A signal handler may call it: it may have come in the middle of another print.
    """
    with contextlib.suppress(OSError):
        os.write(STDERR, f"{printable(text)}\n".encode(errors="backslashreplace"))


def give_text(text: str, output: Path | None) -> None:
    """Give a file's content: to a program as it is, to a terminal so that it can be read.

    Raises:
        RunError: ``output`` cannot be written.
    """
    from hpsearch.store.atomic import write_text

    if output is None:
        click.echo(printable(text) if sys.stdout.isatty() else text, nl=False)
    else:
        write_text(output, text)
        wrote(output)


def give_lines(
    lines: Callable[[int], Sequence[Text]],
    output: Path | None = None,
    *,
    narrowest: int | None = None,
) -> None:
    """Print lines that are made for a width, or write them to a file without colours.

    Args:
        lines: gives the lines for a width, which is the terminal's.
        output: the file.
        narrowest: the least width that is asked for; by default a report's.

    Raises:
        RunError: the file cannot be written.
    """
    import io

    from rich.console import Console

    from hpsearch.report.text.terminal import NARROWEST, print_lines

    file = io.StringIO() if output is not None else None
    console = Console(highlight=False, file=file)
    print_lines(lines(max(console.width, NARROWEST if narrowest is None else narrowest)), console)
    if file is not None:
        give_text(file.getvalue(), output)


def _styled(text: str, colour: str | None) -> str:
    plain = colour is None or "NO_COLOR" in os.environ
    return text if plain else click.style(text, fg=colour)
