"""A config from the arguments of a call in Python: the same config as the YAML would give.

The values become the text of a config file, which is what the run's folder keeps, and are read and
checked as one. What is wrong is told by the name of the argument.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config.load import Loaded, checked
from hpsearch.config.problems import Path, Problems
from hpsearch.config.strict_yaml import read
from hpsearch.config.wording import describe
from hpsearch.config.write import as_yaml
from hpsearch.records import is_number


def load_arguments(
    values: Mapping[str, Any],
    arguments: Mapping[Path, str],
    source: str,
    folder: FilePath,
    name: str,
) -> Loaded:
    """The config whose keys have these values; ``name`` is the run's where none is among them.

    ``arguments`` says by path which argument gave a value: ``{("parameters",): "space"}``;
    ``source`` is what messages call the call. Relative paths are relative to ``folder``.

    Raises:
        ConfigError: something in it is wrong; one line for each.
    """
    problems = read("{}", source)
    problems.name_arguments(arguments)
    plain = _plain(values, (), problems)
    if problems:
        raise problems.error()
    text = as_yaml(plain)
    problems = read(text, source)
    problems.name_arguments(arguments)
    return checked(problems, text, folder, name)


def _plain(value: Any, path: Path, problems: Problems) -> Any:
    """A value in the types that YAML has; NumPy's numbers are Python's."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                problems.add(path, f"{describe(key)} is no name; write it in quotes")
        return {str(key): _plain(item, (*path, str(key)), problems) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(item, (*path, number), problems) for number, item in enumerate(value)]
    if not isinstance(value, str | bool | int | float) and value is not None:
        # NumPy's scalars, and whatever else holds one plain value.
        item = getattr(value, "item", None)
        value = item() if callable(item) and getattr(value, "ndim", 0) == 0 else value
    if is_number(value) and not math.isfinite(value):
        problems.add(path, f"must be a finite number, not {value}")
    elif not isinstance(value, str | bool | int | float) and value is not None:
        kind = type(value).__name__
        problems.add(path, f"must be a number, a text, a list or a dict, not of type {kind}")
        return None
    return value
