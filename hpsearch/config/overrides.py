"""``--set search.max_trials=200``: values from the command line laid over those of the file.

A value may have an option of its own, such as ``--name``; messages then name that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.config.problems import Path, Problem, Problems, dotted
from hpsearch.config.strict_yaml import read_value
from hpsearch.config.wording import describe


@dataclass(frozen=True)
class Option:
    """A value from an option of its own; ``name`` is the option's, with its dashes."""

    name: str
    path: Path
    value: Any


def apply_overrides(problems: Problems, overrides: Sequence[str | Option]) -> None:
    """Lay options over the document, the last one winning; text has the form path.to.key=value."""
    for option in overrides:
        source = (
            f"{option.name} {option.value}" if isinstance(option, Option) else f"--set {option}"
        )
        try:
            path, value = _parse(option)
            path = _of_dotted_name(path, problems.document.values)
            _lay_over(problems.document.values, path, value)
        except ValueError as e:
            problems.add_problem(Problem(source, None, (), str(e)))
        else:
            problems.document.options[path] = source


def _parse(option: str | Option) -> tuple[Path, Any]:
    if isinstance(option, Option):
        return option.path, option.value
    key, equals, text = option.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path):
        raise ValueError("write key=value, for example search.max_trials=200")
    return path, read_value(text)


def _of_dotted_name(path: Path, values: Any) -> Path:
    """The path with the parts of a parameter's name that has dots, such as optimizer.lr, in one."""
    declared = values.get("parameters") if path[0] == "parameters" else None
    if isinstance(declared, dict):
        for end in range(len(path), 2, -1):
            name = ".".join(map(str, path[1:end]))
            if name in declared:
                return ("parameters", name, *path[end:])
    return path


def _lay_over(values: Any, path: Path, value: Any) -> None:
    for depth, part in enumerate(path[:-1]):
        inner = values.get(part)
        if inner is None:
            inner = values[part] = {}
        if not isinstance(inner, dict):
            here = dotted(path[: depth + 1])
            raise ValueError(
                f"{here} is {describe(inner)} and has no keys; set it as a whole: {here}={{…}}"
            )
        values = inner
    values[path[-1]] = value
