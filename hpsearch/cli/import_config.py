"""``hpsearch import``: a search space that was written for another tool."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import debug_option
from hpsearch.cli.output import give_text, warn, wrote
from hpsearch.errors import UsageError


@click.command("import")
@click.argument("sweep", type=click.Path(path_type=Path))
@click.argument("config", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@debug_option
def import_config(sweep: Path, config: Path | None, force: bool) -> int:
    """Translate SWEEP, another tool's search space, into CONFIG.

    SWEEP is a W&B sweep, an NNI experiment or search space, or a Hydra config with a sweeper.
    CONFIG is config.yaml in its folder unless named; - prints it. What cannot be carried over is
    said with its line, and stands in comments at the head of CONFIG.

    \b
    Example:
      hpsearch import sweep.yaml
      hpsearch preview config.yaml
    """
    from hpsearch.importing import import_config as translate
    from hpsearch.importing import left_to_do
    from hpsearch.store.disk import disk_errors

    target = config or sweep.with_name("config.yaml")
    printed = str(config) == "-"
    if not printed and target.exists() and not force:
        raise UsageError(f"{target} is already there; name another file behind it, or add --force")
    translation = translate(sweep)
    text = translation.text()
    if printed:
        give_text(text, None)
    else:
        with disk_errors(target, "write the file"):
            target.write_text(text, encoding="utf-8")
    for note in translation.sorted_notes:
        warn(f"{sweep}:{note}")
    problems = left_to_do(translation, target)
    for problem in problems:
        warn(f"mend this before you run it: {problem}")
    if not printed:
        wrote(f"{target}" if problems else f"{target}; next: hpsearch preview {target}")
    return 1 if problems else 0
