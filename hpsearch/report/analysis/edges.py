"""Where the best trial lies on an edge of what was declared, and what to write to look farther."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.records import Value, is_number
from hpsearch.report.analysis.rows import ParameterRow, Summary
from hpsearch.space import Number, Parameter
from hpsearch.space.parameters import Listed, numbers_only
from hpsearch.space.scales import LOG, ONE_MINUS
from hpsearch.text import clean, in_full, number

NEAR = 0.02
"""So close to an end, as a share of the axis, a continuous value lies on the edge."""

FARTHER = 1 / 3
"""A range is widened by this share of its axis."""

FEWEST_TRIALS = 10
"""With fewer trials the best is anywhere."""

NEXT_BEST = 4


@dataclass(frozen=True)
class Edge:
    """One parameter whose best value lies on an edge.

    ``upper`` says on which; ``key`` and ``value`` are what to write in the config; ``others`` how
    many of the next best trials that have the parameter, ``of`` so many, lie there as well.
    """

    name: str
    best: Value
    upper: bool
    key: str
    value: str
    others: int
    of: int


def edges_of(summary: Summary) -> list[Edge]:
    """The parameters whose best value lies on an edge beyond which there may be something."""
    if len(summary.ranked) < FEWEST_TRIALS or summary.best is None:
        return []
    found = []
    for row in summary.parameters:
        if row.best_unit is None:
            continue
        for upper in (False, True):
            if not _is_at(row.parameter, row.best_unit, upper=upper):
                continue
            wider = _wider(row.parameter, upper=upper)
            if wider is not None:
                found.append(_edge(summary, row, *wider, upper=upper))
    return found


def edge_sentences(summary: Summary) -> list[str]:
    """What lies on an edge, and the command that looks beyond it."""
    edges = edges_of(summary)
    if not edges:
        return []
    said = "; ".join(_said(edge) for edge in edges)
    text = f"On the edge of its range: {said}. The best may lie beyond."
    written = [f"parameters.{edge.name}.{edge.key}={edge.value}" for edge in edges]
    if summary.view.command is None or any("." in edge.name for edge in edges):
        wider = ", ".join(f"{clean(e.name)} {e.key}: {e.value}" for e in edges)
        return [f"{text} To look there, write {wider}."]
    sets = " ".join(f"--set {shlex.quote(words)}" for words in written)
    return [f"{text} To look there: {summary.view.command} {sets}"]


def _said(edge: Edge) -> str:
    end = "upper" if edge.upper else "lower"
    others = f" (as in {edge.others} of the next {edge.of})" if edge.others else ""
    return f"the best {clean(edge.name)}, {number(edge.best)}, at the {end} end{others}"


def _edge(summary: Summary, row: ParameterRow, key: str, value: str, *, upper: bool) -> Edge:
    rivals = [one for one in summary.ranked if one is not summary.best and row.name in one.hparams]
    units = [one.unit[row.column] for one in rivals[:NEXT_BEST]]
    others = sum(_is_at(row.parameter, unit, upper=upper) for unit in units)
    return Edge(row.name, row.best, upper, key, value, others, len(units))


def _is_at(parameter: Parameter, unit: float, *, upper: bool) -> bool:
    if parameter.levels is None:
        return unit >= 1 - NEAR if upper else unit <= NEAR
    return parameter.decode(unit) == parameter.decode(1.0 if upper else 0.0)


def _wider(parameter: Parameter, *, upper: bool) -> tuple[str, str] | None:
    """The key and what to write for it; ``None`` where there is nothing beyond."""
    if isinstance(parameter, Number):
        end = _number_beyond(parameter, upper=upper)
        return None if end is None else ("max" if upper else "min", in_full(end))
    if isinstance(parameter, Listed):
        values = _values_beyond(parameter, upper=upper)
        return None if values is None else ("values", values)
    return None


def _number_beyond(parameter: Number, *, upper: bool) -> float | None:
    """The new end of a range: a third of its axis farther, in round numbers."""
    low, high, warp = parameter.low, parameter.high, parameter.scale.warp
    reach = FARTHER * float(warp(high) - warp(low))
    old = high if upper else low
    new = float(parameter.scale.unwarp(float(warp(old)) + (reach if upper else -reach)))
    if parameter.step is not None:
        steps = max(round(abs(new - old) / parameter.step), 1) * parameter.step
        new = float(f"{old + steps if upper else old - steps:.12g}")
    elif parameter.scale is ONE_MINUS:
        new = float(f"{1 - float(f'{1 - new:.1g}'):.12g}")
    else:
        new = _rounded(new, old)
    new = _allowed(parameter, new, old, upper=upper)
    if (new <= old) if upper else (new >= old):
        return None
    return round(new) if parameter.integer else new


def _rounded(new: float, old: float) -> float:
    """The new end with as few digits as leave it at least half as far from the old one.

    >>> _rounded(21.5, 1.0), _rounded(13.3, 10.0)
    (20.0, 13.0)
    """
    return next(
        short
        for digits in range(1, 18)
        if abs((short := float(f"{new:.{digits}g}")) - old) >= abs(new - old) / 2
        and (short - old) * (new - old) > 0
    )


def _allowed(parameter: Parameter, new: float, old: float, *, upper: bool) -> float:
    """The new end, no farther than the parameter can go."""
    bound, is_open = _natural_end(parameter, upper=upper)
    if bound is None or (new < bound if upper else new > bound):
        return new
    return (old + bound) / 2 if is_open else bound


def _natural_end(parameter: Parameter, *, upper: bool) -> tuple[float | None, bool]:
    """Beyond what a parameter has no meaning, and whether that itself has none.

    It is known of the network's own; of others it is guessed: what is not negative stays so, a
    count from 1 begins at 1, and a share of 1 is all.
    """
    known = HYPERPARAMETERS.get(parameter.name)
    if known is not None:
        return (known.high, known.high_open) if upper else (known.low, known.low_open)
    low, high = _ends(parameter)
    if upper:
        return (1.0, False) if low >= 0 and high <= 1 and not _is_log(parameter) else (None, False)
    if isinstance(parameter, Number) and parameter.integer and low >= 1:
        return 1.0, False
    return (0.0, False) if low >= 0 else (None, False)


def _is_log(parameter: Parameter) -> bool:
    """Whether ratios matter: such a number is no share of anything."""
    return isinstance(parameter, Number) and parameter.scale is LOG


def _ends(parameter: Parameter) -> tuple[float, float]:
    if isinstance(parameter, Number):
        return parameter.low, parameter.high
    assert isinstance(parameter, Listed)
    values = [float(v) for v in parameter.values if is_number(v)]
    return min(values), max(values)


def _values_beyond(parameter: Listed, *, upper: bool) -> str | None:
    """A list of rising numbers with one more, as far from the last as that from the one before."""
    values = [v for v in parameter.values if is_number(v)]
    if len(values) < 3 or not numbers_only(parameter.values) or values != sorted(set(values)):
        return None
    first, *rest = map(float, reversed(values) if upper else values)
    new = _next(first, rest[0], rest[1])
    new = _allowed(parameter, new, first, upper=upper)
    if (new <= first) if upper else (new >= first):
        return None
    whole = all(isinstance(v, int) for v in values) and math.isclose(new, round(new))
    added: Value = round(new) if whole else float(f"{new:.6g}")
    return _listed([*values, added] if upper else [added, *values])


def _next(last: float, before: float, earlier: float) -> float:
    """The value after ``last``: by their ratio, where that is the same for all three.

    >>> _next(64, 32, 16), _next(3, 2, 1), _next(5, 2, 1)
    (128.0, 4, 8)
    """
    if before and earlier and math.isclose(last / before, before / earlier):
        return last * last / before
    return 2 * last - before


def _listed(values: Sequence[Value]) -> str:
    return f"[{', '.join(map(in_full, values))}]"
