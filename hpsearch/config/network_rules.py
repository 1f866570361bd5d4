"""What the built-in network asks of the parameters, from its own table of hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from hpsearch.config.parameters import Formula, ParameterConfig
from hpsearch.config.problems import Path, Problems
from hpsearch.config.sweeps import turned_advice
from hpsearch.config.synonyms import BELONGS_ELSEWHERE, NETWORK_PARAMETERS, plain
from hpsearch.config.wording import number_hint
from hpsearch.network.hyperparameters import HYPERPARAMETERS, problem_of
from hpsearch.records import is_number, same_value
from hpsearch.text import nearest


def check_for_network(
    parameters: Mapping[str, ParameterConfig], declared: Mapping[str, Any], problems: Problems
) -> None:
    """Check every declared name, and every value that a readable parameter can have."""
    for name in declared:
        if name not in HYPERPARAMETERS:
            text = f"the network has no such hyperparameter; {_meant(name, declared[name])}"
            problems.add(("parameters", name), text, of_key=True)
    for name, parameter in parameters.items():
        if name in HYPERPARAMETERS:
            _check_parameter(name, parameter, problems)
    _check_batch_norm(parameters, problems)


def _meant(name: str, raw: Any) -> str:
    word = name.lower().replace("-", "_")
    turned = turned_advice(word, raw)
    if turned is not None:
        return turned
    near = NETWORK_PARAMETERS.get(plain(name))
    if near is not None:
        return f"here it is called {near}"
    elsewhere = BELONGS_ELSEWHERE.get(plain(name))
    if elsewhere is not None:
        return elsewhere
    near = nearest(name, HYPERPARAMETERS)
    return f"did you mean {near}?" if near else f"it has {', '.join(HYPERPARAMETERS)}"


def _check_parameter(name: str, parameter: ParameterConfig, problems: Problems) -> None:
    path: Path = ("parameters", name)
    if isinstance(parameter.value, Formula):
        return  # its values are computed, and then checked
    if parameter.value is not None:
        at = problems.document.written((*path, "value"))
        _check_value(name, parameter.real(parameter.value), at, problems)
        return
    if parameter.values is not None:
        for number, value in enumerate(parameter.values):
            at = (*path, "values", str(value))  # of a mapping; else its place in the list
            if at not in problems.document.value_at:
                at = (*path, "values", number)
            _check_value(name, parameter.real(value), at, problems)
        return
    known = HYPERPARAMETERS[name]
    if known.kind in ("choice", "bool"):
        values = ", ".join(known.choices or ("true", "false"))
        problems.add(path, f"is not a number; write {{values: [{values}]}}")
        return
    if known.kind == "int" and parameter.type != "int":
        at = problems.blame(path, (*path, "type"))
        problems.add(at, f"{name} is a whole number; add type: int")
        return
    for bound in ("min", "max"):
        _check_value(name, getattr(parameter, bound), (*path, bound), problems)


def _check_value(name: str, value: Any, path: Path, problems: Problems) -> None:
    wrong = problem_of(name, value)
    if wrong is None:
        return
    hint = ""
    if isinstance(value, str):
        near = nearest(value, HYPERPARAMETERS[name].choices)
        hint = f"; did you mean {near}?" if near else number_hint(value)
    elif HYPERPARAMETERS[name].high == 1 and _is_percentage(value):
        hint = f"; if {value} % is meant, write {value / 100:g}"
    problems.add(path, wrong + hint)


def _is_percentage(value: object) -> TypeGuard[float]:
    return is_number(value) and 2 <= value < 100


def _check_batch_norm(parameters: Mapping[str, ParameterConfig], problems: Problems) -> None:
    """Batch norm cannot take a single row; it is on unless the config says otherwise."""
    size = parameters.get("batch_size")
    fixed = {name: p.value for name, p in parameters.items() if not p.when}
    if size is None or fixed.get("batch_norm") is False or fixed.get("layers") == 0:
        return
    if {"batch_norm", "layers"} & set(size.when or {}):
        return
    for key, sizes in (("min", [size.min]), ("values", size.values), ("value", [size.value])):
        if any(same_value(size, 1) for size in sizes or ()):
            text = "one row has no variance for batch norm; write 2 or more, or batch_norm: false"
            problems.add(problems.document.written(("parameters", "batch_size", key)), text)
