"""``hpsearch init``: a first config, commented and ready to run."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import debug_option
from hpsearch.cli.output import wrote
from hpsearch.errors import UsageError

SCHEMA_NAME = "hpsearch.schema.json"


@click.command()
@click.argument("path", default="config.yaml", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Learn from a file of yours (CSV, Parquet, npz, idx).",
)
@click.option(
    "--target",
    metavar="COLUMN",
    help="With --data: the column to predict, by name or position. Default: the last one.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@debug_option
def init(path: Path, data: Path | None, target: str | None, force: bool) -> None:
    """Write a commented starter config to PATH, or config.yaml.

    It runs as it is, on a data set that comes with hpsearch or on a file of yours, whose target
    says whether classes or a number are to be predicted. The schema beside it lets editors complete
    and check it.

    \b
    Example:
      hpsearch init houses.yaml --data houses.csv --target price
    """
    from hpsearch.config.schema_file import schema_text
    from hpsearch.config.starter import DIGITS, starter_config
    from hpsearch.store.disk import disk_errors

    if target is not None and data is None:
        raise UsageError("--target names a column of --data; add --data FILE")

    if path.exists() and not force:
        raise UsageError(f"{path} is already there; choose another name, or add --force")
    subject = DIGITS
    if data is not None:
        from hpsearch.config.starter_data import subject_of

        position = target is not None and target.removeprefix("-").isdecimal()
        column = int(target) if target is not None and position else target
        subject = subject_of(data, column, path.parent)
    schema = path.with_name(SCHEMA_NAME)
    for file, text in (
        (path, starter_config(SCHEMA_NAME, subject)),
        (schema, schema_text()),
    ):
        with disk_errors(file, "write the file"):
            file.write_text(text, encoding="utf-8")
    wrote(f"{path} and {schema}; next: hpsearch run {path}")
