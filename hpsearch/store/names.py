"""What a run can be called, its name being also its folder's, and which folder holds the runs.

Every rule about a run's name stands here: config, schema, ``--name`` and the list of runs ask it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from hpsearch.errors import UsageError

RUNS = "runs"
RUNS_VARIABLE = "HPSEARCH_RUNS"
"""The folder that holds the runs, where nothing is said, and the variable that says another."""

LONGEST = 64
"""Characters of a run's name at most."""

PATTERN = f"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST - 1}}}"
"""A regular expression of the whole name, as JSON Schema has them too."""


def usual_runs() -> Path:
    """The folder that holds the runs, where no option says another."""
    return Path(os.environ.get(RUNS_VARIABLE) or RUNS)


def is_run_name(name: str) -> bool:
    """Whether a run can have that name."""
    return re.fullmatch(PATTERN, name) is not None


def check_name(name: str) -> None:
    """Refuse a name that cannot be a run's.

    Raises:
        UsageError: says the rule.
    """
    if not is_run_name(name):
        raise UsageError(
            f"{name!r} cannot be the name of a run: use 1 to {LONGEST} letters, digits, "
            "dots, hyphens and underscores, the first a letter or digit"
        )


def possible_name(wanted: str) -> str:
    """A name that a run can have, as much like another as it can be.

    >>> possible_name("my run/2"), possible_name("…")
    ('my-run-2', 'my-run')
    """
    return re.sub("[^A-Za-z0-9._-]+", "-", wanted).strip("-._")[:LONGEST] or "my-run"


def with_ending(name: str, ending: str) -> str:
    """A name with something after it, cut so that it is not too long.

    >>> with_ending("digits", "-2")
    'digits-2'
    """
    return name[: LONGEST - len(ending)] + ending
