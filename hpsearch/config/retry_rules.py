"""What ``run.retry_on`` has to be, and what is probably not meant by it."""

from __future__ import annotations

import re

from hpsearch.config.model import Config, RunConfig
from hpsearch.config.problems import Path, Problems

_RETRY_ON: Path = ("run", "retry_on")


def check_retries(run: RunConfig, problems: Problems) -> None:
    """Report a pattern that is no regular expression."""
    if run.retry_on is None:
        return
    try:
        re.compile(run.retry_on)
    except re.error as e:
        problems.add(_RETRY_ON, f"is no regular expression of Python's: {e}")


def warn_about_retries(config: Config, problems: Problems) -> None:
    """Warn of a pattern after which nothing is tried again."""
    if config.run.retry_on is not None and not config.run.retries:
        problems.warn(_RETRY_ON, "has no effect without retries: 2, say")
