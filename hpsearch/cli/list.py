"""``hpsearch list``: the runs there are."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import click

from hpsearch.cli.options import debug_option, runs_option
from hpsearch.cli.output import give_lines, give_text, remark


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@runs_option
@debug_option
def list_runs(as_json: bool, root: Path) -> None:
    """List the runs, the last changed first, with state and best."""
    from hpsearch.store.rundir import find_runs

    folders = find_runs(root)
    if not folders and not as_json:
        remark(f"there are no runs in {root}; start one with: hpsearch run CONFIG")
        return
    from hpsearch.report.analysis.runs import run_rows

    rows = run_rows(folders, time.time())
    if as_json:
        from hpsearch.report.export.tables import dump_rows

        give_text(dump_rows("runs", [asdict(row) for row in rows]), None)
        return
    from hpsearch.report.text.run_list import run_lines

    give_lines(lambda width: run_lines(rows, width), narrowest=1)
