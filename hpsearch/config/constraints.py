"""``constraints``: what has to be true of every point, as in ``beta1 < beta2``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hpsearch.config.formulas import check_names
from hpsearch.config.problems import Path, Problems, is_readable
from hpsearch.config.wording import describe
from hpsearch.space import ExpressionError, Space, parse
from hpsearch.space.shares import LEAST_SHARE, Shares, in_percent, shares

KEY = "constraints"
FIRST_DRAWS = 1_000  # enough where the share is nowhere near the least
EXAMPLE = 'constraints: ["hidden_units * layers <= 600"]'


def read_constraints(raw: Any, declared: Collection[str], problems: Problems) -> tuple[str, ...]:
    """The texts of the constraints, each of which can be parsed and names declared parameters."""
    if raw is None or not is_readable(raw):
        return ()
    if not isinstance(raw, list):
        problems.add((KEY,), f"must be a list, not {describe(raw)}; write for example {EXAMPLE}")
        return ()
    before = len(problems)
    for number, text in enumerate(raw):
        _check(text, (KEY, number), declared, problems)
    return tuple(raw) if len(problems) == before else ()


def _check(text: Any, path: Path, declared: Collection[str], problems: Problems) -> None:
    if not isinstance(text, str):
        problems.add(path, f"must be a text, not {describe(text)}; write for example {EXAMPLE}")
        return
    try:
        constraint = parse(text)
    except ExpressionError as error:
        problems.add_inside(path, error.column, str(error))
        return
    if not constraint.tree.is_truth:
        problems.add(path, f"is neither true nor false; compare something, as in {text} <= 600")
    elif not constraint.names:
        problems.add(path, "names no parameter; delete it")
    else:
        check_names(constraint, declared, path, problems)


def check_shares(space: Space, problems: Problems) -> None:
    """Refuse constraints that leave next to nothing, and warn of those that take nothing away."""
    if not space.constraints:
        return
    found = shares(space, FIRST_DRAWS)
    if found.together < 20 * LEAST_SHARE or 1.0 in found.each:
        found = shares(space)
    if found.together < LEAST_SHARE:
        problems.add((KEY, found.strictest), _too_strict(found, space))
    for number, share in enumerate(found.each):
        if share == 1.0 and space.judge.searched:
            text = f"has no effect: all of {found.draws:,} random points keep it"
            problems.warn((KEY, number), text)


def _too_strict(found: Shares, space: Space) -> str:
    if not space.judge.searched:
        return "is false, and what it names is fixed; delete it, or change a value"
    strictest = found.each[found.strictest]
    alone = strictest < LEAST_SHARE or len(found.each) == 1
    kept = strictest if alone else found.together
    share = in_percent(kept) if kept else "0 %"
    whose = "keep it" if alone else "keep all constraints"
    which = "" if alone else f" ({in_percent(strictest)} keep this one, the strictest)"
    return (
        f"{share} of {found.draws:,} random points {whose}{which}; at least "
        f"{in_percent(LEAST_SHARE)} have to: loosen it, or move the ranges"
    )
