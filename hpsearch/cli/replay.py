"""``hpsearch replay``: a babysat run trained again from its ledger alone."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import debug_option, run_argument, runs_option


@click.command()
@run_argument
@click.option("--branch", metavar="B", help="This branch, or all; default: the present one.")
@click.option("-q", "--quiet", is_flag=True, help="No notes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a branch.")
@runs_option
@debug_option
def replay(run: str | None, branch: str | None, quiet: bool, as_json: bool, root: Path) -> int:
    """Train a babysat run again from its ledger, and compare.

    RUN is by default the babysat run that changed last. Every epoch has to come to the state whose
    sha256 the ledger holds; nothing is written. Exit code: 0 if all are the same, 1 if not.

    \b
    Example:
      hpsearch replay digits-panda --branch all
    """
    from hpsearch.cli.babysit_replay import replay_run

    return replay_run(root, run, branch, as_json, quiet)
