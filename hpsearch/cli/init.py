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
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@debug_option
def init(path: Path, force: bool) -> None:
    """Write a commented starter config to PATH, or config.yaml.

    It runs as it is, on a data set that comes with hpsearch. The schema beside it lets editors
    complete and check it.
    """
    from hpsearch.config.schema_file import schema_text
    from hpsearch.config.starter import starter_config
    from hpsearch.store.disk import disk_errors

    if path.exists() and not force:
        raise UsageError(f"{path} is already there; choose another name, or add --force")
    schema = path.with_name(SCHEMA_NAME)
    for file, text in (
        (path, starter_config(SCHEMA_NAME)),
        (schema, schema_text()),
    ):
        with disk_errors(file, "write the file"):
            file.write_text(text, encoding="utf-8")
    wrote(f"{path} and {schema}; next: hpsearch run {path}")
