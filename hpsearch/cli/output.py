"""Results on stdout, or in the file that ``--output`` names; warnings on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text


def warn(text: str) -> None:
    """Tell what is allowed and probably not meant."""
    click.echo(click.style("warning: ", fg="yellow") + text, err=True)


def give_text(text: str, output: Path | None) -> None:
    """Print a text as it is, or write it to a file and say so.

    Raises:
        RunError: the file cannot be written.
    """
    from hpsearch.store.atomic import write_text

    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
        click.echo(f"wrote {output}", err=True)


def give_lines(lines: Callable[[int], Sequence[Text]], output: Path | None) -> None:
    """Print lines that are made for a width, or write them to a file without colours.

    Raises:
        RunError: the file cannot be written.
    """
    import io

    from rich.console import Console

    from hpsearch.report.text.terminal import NARROWEST, print_lines

    file = io.StringIO() if output is not None else None
    console = Console(highlight=False, file=file)
    print_lines(lines(max(console.width, NARROWEST)), console)
    if file is not None:
        give_text(file.getvalue(), output)
