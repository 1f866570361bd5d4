"""Runs that differ in seed alone, as groups, in a comparison."""

from __future__ import annotations

from hpsearch.report.analysis.compare import Compared
from hpsearch.report.analysis.seeds import Difference, Group, Seeds
from hpsearch.report.sections.model import Block, Column, Look, Sentence, Table, texts
from hpsearch.significance import CONFIDENCE
from hpsearch.text import clean, number, numbers, plural, signed

DIFFERENCES_NAMED = 2


def seeds_blocks(compared: Compared) -> tuple[Block, ...]:
    """Each group's mean with its interval, and whether they differ; nothing without groups."""
    seeds = compared.seeds
    if seeds is None:
        return ()
    name = clean(compared.metric.name)
    groups = seeds.groups
    intervals = [group.interval for group in groups]
    ends = ["-" if i is None else f"{signed(i[0], 3)} to {signed(i[1], 3)}" for i in intervals]
    table = Table(
        "Groups of runs that differ in seed alone",
        (
            Column("group", texts([_named(group) for group in groups], Look.NAME)),
            Column("seeds", texts([str(len(group.values)) for group in groups]), numbers=True),
            Column(f"mean best {name}", texts(numbers(g.mean for g in groups)), numbers=True),
            Column(f"{CONFIDENCE * 100:.0f}% interval", texts(ends)),
            Column("unlike the first", texts([_unlike(group) for group in groups]), drop=1),
        ),
    )
    return (table, Sentence(" ".join(seeds_sentences(seeds, name))))


def seeds_sentences(seeds: Seeds, metric: str) -> list[str]:
    """What the groups say of each other, with how it was asked."""
    first = _named(seeds.groups[0])
    lines = [_said(one, first, metric) for one in seeds.differences]
    alone = len(seeds.groups) - 1 - len(seeds.differences)
    if alone:
        groups = plural(alone, "group")
        lines.append(f"{groups} with a single seed cannot be compared: run more seeds.")
    what = "means over fresh seeds" if seeds.confirmed else "best values observed"
    lines.append(f"Of the {what} after {plural(seeds.trials, 'trial')} of each run.")
    return lines


def _said(one: Difference, first: str, metric: str) -> str:
    low, high = one.interval
    how = f"t-test on {one.pairs} paired seeds" if one.pairs else "Welch's t-test"
    found = f"{CONFIDENCE * 100:.0f}% interval {signed(low)} to {signed(high)}, {how}"
    found += f", p = {number(one.p, 2)}"
    if not one.is_clear:
        return (
            f"({_named(one.group)}) and ({first}) cannot be told apart: {metric} better by "
            f"{signed(one.mean)} ({found})."
        )
    better, worse = (_named(one.group), first) if one.mean > 0 else (first, _named(one.group))
    return (
        f"({better}) is better than ({worse}) in {metric} by {number(abs(one.mean), 2)} ({found})."
    )


def _named(group: Group) -> str:
    """The runs of a group: ``digits``, ``digits and 2 more``."""
    more = len(group.names) - 1
    return clean(group.names[0]) + (f" and {more} more" if more else "")


def _unlike(group: Group) -> str:
    more = len(group.differs) - DIFFERENCES_NAMED
    shown = "; ".join(group.differs[:DIFFERENCES_NAMED])
    return f"{shown}; and {more} more" if more > 0 else shown or "-"
