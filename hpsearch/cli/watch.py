"""``hpsearch watch``: the live screen of a run, from a second terminal."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path

import click

from hpsearch.cli.options import debug_option, run_argument, runs_option
from hpsearch.cli.output import say
from hpsearch.cli.run_lookup import find_search
from hpsearch.cli.streams import reader_left


@click.command()
@run_argument
@click.option(
    "--progress",
    type=click.Choice(("auto", "live", "plain")),
    default="auto",
    show_default=True,
    help="The live screen, or a line for each event.",
)
@runs_option
@debug_option
def watch(run: str | None, progress: str, root: Path) -> None:
    """Watch a search from another terminal.

    The same screen as `hpsearch run` draws, of RUN (default: the one that changed last), from any
    machine that sees the run's folder. It only reads: q or Ctrl-C leaves, and the search goes on.
    In a pipe it prints a line for each event, and ends with the search.

    \b
    Example:
      hpsearch watch digits
      hpsearch watch digits | tee digits.log
    """
    from rich.console import Console

    from hpsearch.cli.keys import leaving_keys
    from hpsearch.cli.progress import live_is_possible
    from hpsearch.report.live.watch import watch_live, watch_plain

    folder = find_search(root, run, "watch")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # put the terminal back first
    live = live_is_possible(sys.stdout) if progress == "auto" else progress == "live"
    with contextlib.suppress(KeyboardInterrupt):  # leaving is all that there is to interrupt
        if live:
            with leaving_keys() as leave:
                watch_live(folder, Console(highlight=False), leave)
        else:
            watch_plain(folder, _say_to_someone)


def _say_to_someone(text: str) -> None:
    """A line, as long as somebody reads them: following a run for nobody would never end."""
    say(text)
    if reader_left(sys.stdout):
        raise BrokenPipeError
