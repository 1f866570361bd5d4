"""``hpsearch export``: a run for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.finding import find_search
from hpsearch.cli.options import debug_option, named_run_argument, runs_option
from hpsearch.cli.output import wrote

FORMATS = ("csv", "json", "parquet", "tensorboard", "mlflow", "optuna")


@click.command()
@named_run_argument
@click.argument("path")
@click.option("--to", "kind", type=click.Choice(FORMATS), required=True, help="The format.")
@runs_option
@debug_option
def export(run: str, path: str, kind: str, root: Path) -> None:
    """Write RUN to PATH for another program.

    csv, json and parquet are files, written anew. optuna and mlflow are SQLite files to which a
    run is added, or the URL of a database or server; optuna also takes a journal (.log), which is
    written many times faster. tensorboard is a folder. parquet, tensorboard, mlflow and optuna
    each need an extra, as in pip install 'hpsearch[optuna]'.

    \b
    Example:
      hpsearch export digits studies.db --to optuna
      optuna-dashboard sqlite:///studies.db
    """
    from hpsearch.report.analysis.load import load_run
    from hpsearch.report.export.targets import TARGETS

    folder = find_search(root, run, "export")
    target = TARGETS[kind]
    target.write(load_run(folder), path)
    opens = f"; open it with: {target.opens(path)}" if target.opens else ""
    wrote(f"{path}{opens}")
