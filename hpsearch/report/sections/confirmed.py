"""The confirmed winner in a report, and how far a dev metric may be off by its rows alone."""

from __future__ import annotations

from hpsearch.report.analysis.confirmed import confirmation_sentences, verdict
from hpsearch.report.analysis.rows import Summary
from hpsearch.report.sections.model import (
    AnyColumn,
    Block,
    Cell,
    Column,
    Fact,
    Look,
    Report,
    Section,
    Sentence,
    Table,
    texts,
)
from hpsearch.significance import rate_interval
from hpsearch.text import clean, number, numbers

_RATES = {"dev_error": "wrong", "dev_accuracy": "right"}
"""The metrics of the built-in network that are shares of the dev rows."""


def confirmed_blocks(summary: Summary) -> tuple[Block, ...]:
    """Who won on fresh seeds, and how every candidate did; nothing without a confirmation."""
    known = summary.view.confirmation
    if known is None:
        return ()
    name = clean(summary.metric.name)
    standings = known.race.standings
    looks = [Look.BEST if one == known.winner else Look.PLAIN for one in standings]
    means = numbers(one.mean for one in standings)
    columns: list[AnyColumn] = [
        Column("trial", texts([f"#{one.trial}" for one in standings]), short="candidate"),
        Column(f"confirmed {name}", tuple(map(Cell, means, looks)), numbers=True, narrow="mean"),
        Column("±", texts([number(one.error, 2) for one in standings]), numbers=True),
        Column("seeds", texts([str(len(one.values)) for one in standings]), numbers=True, drop=2),
        Column(
            "observed",
            texts(numbers(known.observed[one.trial].value for one in standings)),
            numbers=True,
            drop=1,
        ),
        Column("verdict", texts([verdict(known, one) for one in standings])),
    ]
    if known.weights:
        sizes = [known.weights.get(one.trial) for one in standings]
        shown = texts(["-" if size is None else f"{size:,}" for size in sizes])
        columns.append(Column("weights", shown, numbers=True, drop=3))
    sentences = confirmation_sentences(known, summary.view.name)
    return (Sentence(" ".join(sentences)), Table("Confirmed on fresh seeds", tuple(columns)))


def rate_fact(summary: Summary) -> Fact | None:
    """The interval in which the best trial's rate lies, by the number of dev rows.

    It is Clopper and Pearson's: the dev rows are a sample, and another would have given another
    number. That the best was chosen by the same rows is not in it.
    """
    rows, value, what = summary.view.dev_rows, summary.best_value, _RATES.get(summary.metric.name)
    if rows is None or value is None or what is None:
        return None
    hits = value * rows
    low, high = rate_interval(hits, rows)
    detail = f"95% interval: {number(round(hits, 6))} of {rows:,} dev rows {what}"
    return Fact("by its rows", f"{_percent(low)} to {_percent(high)}", detail)


def _percent(rate: float) -> str:
    return f"{number(100 * rate, 2)}%"


def confirm_report(summary: Summary) -> Report:
    """What ``hpsearch confirm`` shows: the confirmation alone."""
    section = Section("", confirmed_blocks(summary))
    return Report("confirm", summary.view.name, (clean(summary.metric.name),), (section,))
