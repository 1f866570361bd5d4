"""Parameters that are computed of others: which texts are formulas, and what is wrong with them.

The text under ``value`` is a formula where it operates on declared parameters: ``units1 // 2`` and
``max(a, b)``, but not ``resnet-50``, a word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from hpsearch.config.parameters import Formula, ParameterConfig
from hpsearch.config.problems import Path, Problems
from hpsearch.network.hyperparameters import problem_of
from hpsearch.records import Value
from hpsearch.space import CannotCompute, Derived, Expression, ExpressionError, Space, parse
from hpsearch.space.judge import holds
from hpsearch.space.repeated import base
from hpsearch.text import in_full, nearest

SAMPLED = 256
"""Random points at which formulas are tried, beside those at the ends of the ranges."""

_WORD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_OPERATOR = re.compile(r"[-+*/%^(<>=]")


def is_formula(text: str, declared: Collection[str]) -> bool:
    """Whether a text under ``value`` is meant to be computed; it may still be a wrong formula.

    >>> [is_formula(text, ["a"]) for text in ("2 * a", "a", "resnet-a", "2 * (a", "relu")]
    [True, False, False, True, False]
    """
    spaced = " " in text.strip()
    try:
        expression = parse(text)
    except ExpressionError:
        named = any(word in declared for word in _WORD.findall(text))
        return spaced and named and _OPERATOR.search(text) is not None
    known = [base(name) in declared for name in expression.names]
    if expression.is_word:
        return any(known) and expression.names[0] not in declared  # units[1], and not units
    if known and all(known):
        return True
    return spaced and (any(known) or any(nearest(name, declared) for name in expression.names))


def read_formula(text: str, path: Path, problems: Problems) -> Formula | None:
    """The formula of a text that is one; ``None`` if it cannot be parsed."""
    try:
        parse(text)
    except ExpressionError as error:
        problems.add_inside(path, error.column, str(error))
        return None
    return Formula(text)


def check_names(
    expression: Expression, declared: Collection[str], path: Path, problems: Problems
) -> None:
    """Report the first name in an expression that is no parameter; ``path`` leads to its text."""
    for name in expression.named:
        if name.name not in declared:
            text = f"there is no parameter {name.name}; {_meant(name.name, declared, expression)}"
            problems.add_inside(path, name.column, text)
            return  # the others of the same text are often parts of the same name


def _meant(name: str, declared: Collection[str], expression: Expression) -> str:
    hyphenated = next((n for n in declared if "-" in n and n in expression.text), None)
    if hyphenated is not None:
        return f"- is minus here: rename {hyphenated} to {hyphenated.replace('-', '_')}"
    repeated = next((n for n in declared if base(n) == name), None)
    if repeated is not None:
        return f"it has a value for each of a count; write {repeated}"
    near = nearest(name, declared)
    return f"did you mean {near}?" if near else "declare it under parameters"


def check_formulas(
    parameters: Mapping[str, ParameterConfig], declared: Collection[str], problems: Problems
) -> None:
    """Check that what formulas name is declared."""
    for name, parameter in parameters.items():
        if isinstance(parameter.value, Formula):
            path = ("parameters", name, "value")
            others = [other for other in declared if base(other) != name]
            known = declared if name in parameter.depends_on else others  # a circle, told as one
            check_names(parse(parameter.value), known, path, problems)


def check_derived(space: Space, kind: str, problems: Problems) -> None:
    """Compute every derived parameter at many points, to refuse what would fail in a trial."""
    derived = [p for p in space.parameters if isinstance(p, Derived)]
    if not derived:
        return
    every = map(space.decode, space.canonical(_tried_units(space.dimensions)))
    points = [point for point in every if all(holds(c, point) for c in space.constraints)]
    for parameter in derived:
        text = next(_complaints(parameter, points, for_network=kind == "network"), None)
        if text is not None:
            problems.add(("parameters", parameter.name, "value"), text)


def _tried_units(dimensions: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Unit vectors, shape (points, dimensions): the ends of each range, and random ones."""
    low, high = np.full((2, dimensions, dimensions), 0.5)
    np.fill_diagonal(low, 0.0)
    np.fill_diagonal(high, 1.0)
    random = np.random.default_rng(0).random((SAMPLED, dimensions))
    return np.concatenate([np.zeros((1, dimensions)), np.ones((1, dimensions)), low, high, random])


def _complaints(
    parameter: Derived, points: list[dict[str, Value]], for_network: bool
) -> Iterator[str]:
    for point in points:
        if not all(name in point for name in parameter.needs):
            continue
        where = ", ".join(f"{name} = {in_full(point[name])}" for name in parameter.needs)
        try:
            value = parameter.expression.value(point)
        except CannotCompute as error:
            yield f"cannot be computed with {where}: {error}"
            continue
        wrong = problem_of(parameter.name, value) if for_network else None
        if wrong is not None:
            whole = "; write // or round( … )" if "whole" in wrong else ""
            yield f"with {where}: {parameter.name} {wrong}{whole}"
