"""The runs that a command is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpsearch.store.rundir import RunFolder


def find_search(root: Path, run: str | None, job: str) -> RunFolder:
    """The folder of a search; ``job`` is what a babysat run cannot be asked to do.

    Raises:
        UsageError: there is no such run, or it is a babysat run.
        RunError: the folder cannot be read.
    """
    from hpsearch.errors import UsageError
    from hpsearch.store.rundir import find_run

    folder = find_run(root, run)
    if folder.is_babysat:
        raise UsageError(
            f"{folder.name} is a babysat run: it has no trials to {job}; "
            f"hpsearch report {folder.name} shows it"
        )
    return folder
