"""``hpsearch export``: a run for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import debug_option, named_run_argument, runs_option
from hpsearch.cli.output import give_text, wrote
from hpsearch.cli.run_lookup import find_search

FORMATS = ("csv", "json", "parquet", "tensorboard", "mlflow", "optuna")
FILES = ("csv", "json", "parquet")
OF_A_BRANCH = ("schedule", "commands")


@click.command()
@named_run_argument
@click.argument("path")
@click.option(
    "--to", "kind", type=click.Choice(FORMATS + OF_A_BRANCH), required=True, help="The format."
)
@click.option("--branch", metavar="B", help="Of a babysat run; default: the present one.")
@runs_option
@debug_option
def export(run: str, path: str, kind: str, branch: str | None, root: Path) -> None:
    """Write RUN to PATH for another program.

    csv, json and parquet are files; one that ends so is written anew, and - is stdout for csv and
    json. optuna and mlflow are SQLite files to which a
    run is added, or the URL of a database or server; optuna also takes a journal (.log), which is
    written many times faster. tensorboard is a folder. parquet, tensorboard, mlflow and optuna
    each need an extra, as in pip install 'hpsearch[optuna]'.

    A branch of a babysat run becomes a config with a schedule, which hpsearch run takes, or the
    commands that raise it again, for hpsearch babysit.

    \b
    Example:
      hpsearch export digits studies.db --to optuna
      optuna-dashboard sqlite:///studies.db
      hpsearch export digits-panda found.yaml --to schedule
    """
    from hpsearch.report.analysis.load import load_run
    from hpsearch.report.export.targets import TARGETS

    if kind in OF_A_BRANCH:
        from hpsearch.cli.babysit_replay import export_branch

        export_branch(root, run, branch, Path(path), kind)
        return
    if branch is not None:
        raise click.UsageError(f"--branch goes with --to {' or '.join(OF_A_BRANCH)}")
    folder = find_search(root, run, "export")
    target = TARGETS[kind]
    if path == "-":
        if target.text is None:
            raise click.UsageError(f"{kind} cannot go to stdout; name a file or a folder")
        give_text(target.text(load_run(folder)), None)
        return
    if kind in FILES and Path(path).is_file() and Path(path).suffix != f".{kind}":
        raise click.UsageError(
            f"{path} is there already, and its name is not that of a {kind} file; choose another"
        )
    target.write(load_run(folder), path)
    opens = f"; open it with: {target.opens(path)}" if target.opens else ""
    wrote(f"{path}{opens}")
