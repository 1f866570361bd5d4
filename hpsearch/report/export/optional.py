"""Libraries that are installed only where they are wanted."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Iterator
from typing import Any

from hpsearch.errors import HpsearchError, RunError, UsageError


def optional(module: str, extra: str) -> Any:
    """A module of the package that the extra of this name installs.

    Raises:
        UsageError: it is not installed; the message has the command that installs it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(module)
    except ImportError as e:
        name = module.partition(".")[0]
        raise UsageError(
            f"exporting to {extra} needs {name}: pip install 'hpsearch[{extra}]'"
        ) from e


@contextlib.contextmanager
def told_in_one_line(place: str, library: str) -> Iterator[None]:
    """Turn whatever a library raises in the body into one line; its warnings are not for users.

    Raises:
        RunError: in place of any error but ours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except HpsearchError:
        raise
    except Exception as e:
        lines = str(e).strip().splitlines()
        reason = f"{type(e).__name__}: {lines[0]}" if lines else type(e).__name__
        raise RunError(f"{place}: {library} cannot write to it: {reason[:300]}") from e
