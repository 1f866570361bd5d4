"""What a babysat run says in lines: where it stands, its best, its tree, its log, comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from hpsearch.panda.compare import Comparison
from hpsearch.panda.grammar import SETTING, WORDS, Word
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch
from hpsearch.panda.probe import Tried, steepest
from hpsearch.records import Hparams, train_counterpart
from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.lineage_story import log_entries, value_text
from hpsearch.report.text.charts import bar
from hpsearch.report.text.glyphs import DATA, LABEL, TOP, WRONG
from hpsearch.report.text.lines import TextColumn, cells, join, sentence, table, truncate, wrap
from hpsearch.text import clean, number, numbers

HINT = "yellow"
_SPARK = 24
_BAR = 20
_LEAST_HELP = 28  # columns for what a command does, beside how it is used


def status_lines(
    lineage: Lineage, effective: Hparams, names: Sequence[str], width: int
) -> list[Text]:
    """The ``now`` and ``best`` lines; ``names`` are the settings to show."""
    chain = lineage.chain()
    now = [join(("now   ", ""), (str(lineage.position), "bold"))]
    now += _values(lineage, chain[-1]) if chain else [Text("untrained", style=LABEL)]
    now += settings_pieces(lineage.hparams, effective, names)
    lines = wrap(now, width)
    best = lineage.best()
    if best is not None:
        place = join(("best  ", LABEL), (str(best.position), ""))
        kept = Text(f"checkpoints/{best.position.branch}-{best.position.epoch}", style=LABEL)
        lines += wrap([place, *_values(lineage, best)[:2], kept], width)
    return lines


def _values(lineage: Lineage, epoch: Epoch) -> list[Text]:
    """The metric on the training set, the metric, and the gap between them."""
    name = lineage.start.metric.name
    other = train_counterpart(name, list(epoch.values))
    value = epoch.values[name]
    if other is None:
        return [join((f"{clean(name)} {value_text(value)}", TOP))]
    train = epoch.values[other]
    gap = abs(value - train)
    return [
        join((f"{clean(other)} {value_text(train)}", DATA)),
        join((f"{clean(name)} {value_text(value)}", TOP)),
        *([Text(f"gap {number(gap)}", style=LABEL)] if math.isfinite(gap) else []),
    ]


def settings_pieces(hparams: Hparams, effective: Hparams, names: Sequence[str]) -> list[Text]:
    """``alpha 0.1 (0.083 after decay)`` and so on, one piece each."""
    pieces = []
    for name in names:
        scheduled = f" ({number(effective[name])} after its schedule)" if name in effective else ""
        pieces.append(join(f"{clean(name)} {number(hparams[name])}", (scheduled, LABEL)))
    return pieces


def journal_lines(lineage: Lineage, width: int) -> list[Text]:
    """What was done, for a narrow panel: where and what, and not when."""
    styles = {"diverged": WRONG, "set": HINT, "note": "italic"}
    return [
        truncate(join((f"{e.at} ", LABEL), (e.text, styles.get(e.kind, ""))), width)
        for e in log_entries(lineage)
    ]


def diff_lines(lineage: Lineage, comparison: Comparison, width: int) -> list[Text]:
    """Two chains side by side: where they part, what is set differently, their curves."""
    a, b = str(comparison.a), str(comparison.b)
    metric = lineage.start.metric
    lines = [Text(f"{a} and {b} share the epochs up to {comparison.fork}")]
    if comparison.settings:
        settings = [f"{n} {number(x)} | {number(y)}" for n, (x, y) in comparison.settings.items()]
        lines += wrap([Text("settings at their ends", style=LABEL), *map(Text, settings)], width)
    left, right = ([row[i] for row in comparison.rows] for i in (1, 2))
    better = [
        ""
        if x is None or y is None or x == y
        else a
        if metric.goal.loss(x) < metric.goal.loss(y)
        else b
        for _, x, y in comparison.rows
    ]
    columns = [
        TextColumn("epoch", cells([str(row[0]) for row in comparison.rows]), right=True),
        TextColumn(a, cells(numbers(left)), right=True),
        TextColumn(b, cells(numbers(right)), right=True),
        TextColumn("better", cells(better, DATA)),
    ]
    lines += table(columns, width) if comparison.rows else []
    ends = [
        f"{name} best {value_text(best.values[metric.name])} @{best.position.epoch}"
        for name, best in zip((a, b), comparison.best, strict=True)
        if best is not None
    ]
    return [*lines, *wrap([Text(end) for end in ends], width)]


def probe_lines(lineage: Lineage, name: str, results: Sequence[Tried], width: int) -> list[Text]:
    """What an epoch with each value came to, and the value after which training was best."""
    metric = lineage.start.metric
    if not results:
        return [Text("no value was tried", style=LABEL)]
    best = steepest(results, metric.goal.loss)
    axis = value_axis([r.train for r in results if r.train is not None], metric.goal)
    bars = []
    for tried in results:
        if tried.train is None:
            bars.append(Text("not finite", style=WRONG))
        else:
            share = axis.position(tried.train)
            bars.append(bar(share, _BAR, TOP if tried is best else DATA))
    train = (
        train_counterpart(metric.name, list(lineage.chain()[-1].values))
        if lineage.chain()
        else None
    )
    here = lineage.hparams[name]
    values = [Text(f"{'>' if r.value == here else ' '} {number(r.value)}") for r in results]
    columns = [
        TextColumn(name, values),
        TextColumn(train or metric.name, cells(numbers([r.train for r in results])), right=True),
        TextColumn("after one epoch", bars, drop=1),
    ]
    if train:
        watched = cells(numbers([r.metric for r in results]))
        columns.append(TextColumn(metric.name, watched, right=True, drop=2))
    lines = table(columns, width)
    if best is not None:
        advice = (
            f"best on what it trains on: {name} {number(best.value)}; the state is as it was before"
        )
        lines.append(truncate(Text(advice, style=HINT), width))
    return lines


def help_lines(topic: str | None, width: int) -> list[Text]:
    """All commands, or the one that is asked for."""
    entries = {"NAME": SETTING, **WORDS}
    if topic in entries:
        entries = {topic: entries[topic]}
    return [line for entry in entries.values() for line in _help_entry(entry, width)]


def _help_entry(entry: Word, width: int) -> list[Text]:
    """How a command is used, and what it does: beside it, or below it where there is no room."""
    left = f"{entry.usage:16} "
    beside = width - len(left) >= _LEAST_HELP
    if not beside:
        left = "  "
    does = sentence(entry.does, width - len(left))
    lines = [join((left, "bold"), piece) for piece in does]
    if beside:
        return [lines[0], *(join(" " * len(left), piece) for piece in does[1:])]
    return [Text(entry.usage, style="bold"), *lines]
