"""``hpsearch schema``: the config's JSON Schema, for editors."""

from __future__ import annotations

import click

from hpsearch.cli.options import debug_option
from hpsearch.cli.output import say


@click.command()
@debug_option
def schema() -> None:
    """Print the JSON Schema of a config.

    Editors with a YAML language server complete and check a config whose first line names it.

    \b
    Example:
      hpsearch schema > hpsearch.schema.json
      # yaml-language-server: $schema=hpsearch.schema.json    (first line of the config)
    """
    from hpsearch.config.schema_file import schema_text

    say(schema_text().rstrip("\n"))
