"""``hpsearch list``: the runs there are."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import click

from hpsearch.cli.options import debug_option, runs_option


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@runs_option
@debug_option
def list_runs(as_json: bool, root: Path) -> None:
    """List the runs, the last changed first, with state and best."""
    from rich.console import Console

    from hpsearch.report.analysis.runs import run_rows
    from hpsearch.report.export.tables import dump_rows
    from hpsearch.report.text.glyphs import for_console
    from hpsearch.report.text.run_list import run_lines
    from hpsearch.store.rundir import find_runs

    rows = run_rows(find_runs(root), time.time())
    if as_json:
        click.echo(dump_rows("runs", [asdict(row) for row in rows]), nl=False)
        return
    if not rows:
        click.echo(f"there are no runs in {root}; start one with: hpsearch run CONFIG", err=True)
        return
    console = Console(highlight=False)
    for line in for_console(run_lines(rows, console.width), console):
        console.print(line, soft_wrap=True)
