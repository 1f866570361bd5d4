"""Failed and diverged trials, grouped by what they say and by what they have in common.

Two messages that differ only in numbers (an epoch, a loss, an address) are one group, by the rule
with which a search counts how often it failed in one way (``portable.split_at_numbers``). For each
group the one-sided range of a number, or the one choice, is looked for that all of its trials
share and that the fewest other trials have: "alpha > 0.2" tells more than six tracebacks.
"""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.portable import split_at_numbers
from hpsearch.records import State
from hpsearch.report.analysis.rows import FailureRow, TrialRow
from hpsearch.space import Number, Ordered, Parameter, Space
from hpsearch.text import clean, number

FEWEST = 3
"""Two trials have something in common by chance."""

EXPLAINED = 20
"""Groups for which a shared range is looked for: a run may fail in thousands of ways."""

FAILED = (State.FAILED, State.DIVERGED)

FEW_OTHERS = 0.25
"""A range says something if at most this share of the other trials lie in it."""


def group_failures(space: Space, trials: Sequence[TrialRow]) -> tuple[FailureRow, ...]:
    """The groups, the largest first."""
    groups: dict[tuple[State, tuple[str, ...]], list[TrialRow]] = {}
    for row in trials:
        if row.state in FAILED:
            between, _ = split_at_numbers(first_line(row))
            groups.setdefault((row.state, between), []).append(row)
    others = [row for row in trials if row.state not in FAILED]
    largest_first = sorted(groups.items(), key=lambda group: (-len(group[1]), group[1][0].trial))
    rows = []
    for place, ((state, between), members) in enumerate(largest_first):
        rows.append(
            FailureRow(
                error=_shared_text(between, members),
                state=state,
                trials=tuple(row.trial for row in members),
                shared=_shared(space, members, others) if place < EXPLAINED else None,
            )
        )
    return tuple(rows)


def _shared_text(between: Sequence[str], members: Sequence[TrialRow]) -> str:
    """What all of them say, with … for each number in which they differ."""
    columns = zip(*(split_at_numbers(first_line(row))[1] for row in members), strict=True)
    numbers = [column[0] if len(set(column)) == 1 else "…" for column in columns]
    return "".join(map("".join, zip(between, [*numbers, ""], strict=True)))


def first_line(row: TrialRow) -> str:
    """The first line of what a failed trial said, or its state if it said nothing."""
    for line in (row.error or "").splitlines():
        if clean(line):
            return clean(line)
    return str(row.state)


def _shared(space: Space, members: Sequence[TrialRow], others: Sequence[TrialRow]) -> str | None:
    if len(members) < FEWEST or not others:
        return None
    best: tuple[float, str] | None = None
    for column, parameter in enumerate(space.searched):
        if any(parameter.name not in row.hparams for row in members):
            continue
        active = [row for row in others if parameter.name in row.hparams]
        for count, sentence in _candidates(parameter, column, members, active):
            share = count / len(others)
            if share <= FEW_OTHERS and (best is None or share < best[0]):
                best = (share, sentence)
    return best[1] if best else None


def _candidates(
    parameter: Parameter, column: int, members: Sequence[TrialRow], others: Sequence[TrialRow]
) -> list[tuple[int, str]]:
    """(other trials inside, sentence) for each simple range that holds all members."""
    name = clean(parameter.name)
    mine = [(row.unit[column], row.hparams[parameter.name]) for row in members]
    if isinstance(parameter, Number | Ordered):
        low, high = min(mine, key=lambda m: m[0]), max(mine, key=lambda m: m[0])
        above = sum(row.unit[column] >= low[0] for row in others)
        below = sum(row.unit[column] <= high[0] for row in others)
        return [
            (above, f"{name} ≥ {number(low[1])}"),
            (below, f"{name} ≤ {number(high[1])}"),
        ]
    values = {repr(value): value for _, value in mine}
    if len(values) > 1:
        return []
    same = sum(repr(row.hparams[parameter.name]) in values for row in others)
    return [(same, f"{name} = {number(mine[0][1])}")]
