"""``--set search.max_trials=200``: values from the command line laid over those of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpsearch.config.problems import Path, Problem, Problems, dotted
from hpsearch.config.strict_yaml import read_value
from hpsearch.config.wording import describe


def apply_overrides(problems: Problems, overrides: Sequence[str]) -> None:
    """Lay options of the form ``path.to.key=value`` over the document, the last one winning."""
    for option in overrides:
        try:
            path, value = _parse(option)
            _lay_over(problems.document.values, path, value)
        except ValueError as e:
            problems.add_problem(Problem(f"--set {option}", None, (), str(e)))
        else:
            problems.document.options[path] = option


def _parse(option: str) -> tuple[Path, Any]:
    key, equals, text = option.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path):
        raise ValueError("write key=value, for example search.max_trials=200")
    return path, read_value(text)


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
