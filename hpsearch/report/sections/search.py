"""``hpsearch report`` on a search, in sections."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.records import Goal, State, is_number
from hpsearch.report.analysis.axis import value_axis
from hpsearch.report.analysis.confirmed import observed_how, with_error
from hpsearch.report.analysis.edges import edge_sentences
from hpsearch.report.analysis.noise import noise_sentences
from hpsearch.report.analysis.rows import ParameterRow, RoundRow, Summary, TrialRow
from hpsearch.report.analysis.sentences import importance_sentence, inside_sentence, span_text
from hpsearch.report.analysis.stopped import early_stopping
from hpsearch.report.analysis.weighed import (
    infeasible_sentence,
    limit_range,
    nothing_feasible,
)
from hpsearch.report.sections.confirmed import confirmed_blocks, rate_fact
from hpsearch.report.sections.model import (
    PARAMETERS_DRAWN,
    AnyColumn,
    Block,
    Boxes,
    Caption,
    Cell,
    Column,
    Fact,
    Facts,
    Look,
    Plot,
    PlotKind,
    Repeat,
    Report,
    Section,
    Sentence,
    Table,
    texts,
)
from hpsearch.report.sections.trials import NO_VALUE, failures, front_table, trial_table
from hpsearch.space import LINEAR, Number
from hpsearch.space.averages import range_of_steps, steps
from hpsearch.text import clean, duration, number, numbers, percent, plural, signed

RANGES_SHOWN = 6
"""Ranges beside the rounds: those of the parameters that mattered most."""

FRONT_SHOWN = 12
"""Trials of the front in its table, from the best in the first goal on."""

ROUNDS_SHOWN = 12
"""The first round and the last ones."""


def search_report(summary: Summary, rows: Sequence[TrialRow]) -> Report:
    """The whole report; ``rows`` are the ranked trials that its table has room for, best first."""
    drawn = _drawn(summary, rows)
    sections = (
        Section("", (_lead(summary),)),
        Section("Confirmed on fresh seeds", confirmed_blocks(summary)),
        Section("Noise", tuple(map(Sentence, noise_sentences(summary.view)))),
        Section("The front", _front(summary), width=6),
        Section("Hypervolume", _hypervolume(summary), width=6),
        Section("Best so far", _best_so_far(summary, drawn), width=8),
        Section("What mattered", _importance(summary), width=4),
        Section("On the edge", tuple(map(Sentence, edge_sentences(summary)))),
        Section("Coarse to fine", _rounds(summary)),
        Section("One parameter at a time", _parameters(summary)),
        Section("Parallel coordinates", _parallel(summary)),
        Section("Learning curves", _curves(summary), width=7),
        _inside(summary),
        Section("Trials", _trials(summary, rows, drawn)),
        Section("Outside the limits", _infeasible(summary)),
        Section("What failed", _failures(summary)),
        Section("To repeat it", (_repeat(summary),)),
    )
    return Report("report", summary.view.name, _facts(summary), sections)


def _facts(summary: Summary) -> tuple[str, ...]:
    """How many trials in how many rounds, how they ended, how long they took."""
    planned, recorded = summary.view.max_trials, len(summary.trials)
    trials = plural(recorded, "trial")
    if planned is not None and planned > recorded:
        trials = f"{recorded:,} of {plural(planned, 'trial')}"
    facts = [f"{trials} in {plural(len(summary.rounds), 'round')}"]
    ended = (State.FAILED, State.DIVERGED, State.STOPPED)
    facts += [f"{count:,} {state}" for state in ended if (count := summary.count(state))]
    if summary.front is not None:
        facts.append(f"{len(summary.front.trials):,} on the front")
    if summary.infeasible:
        facts.append(f"{summary.infeasible:,} infeasible")
    if recorded:
        facts.append(f"{duration(summary.seconds)} of training")
    facts += summary.view.begins
    if summary.view.ended is not None:
        facts.append(summary.view.ended)
    if summary.view.clock is not None and planned is not None and planned > recorded:
        facts.append(f"their number depends on the clock ({summary.view.clock})")
    return tuple(facts)


def _lead(summary: Summary) -> Facts:
    """The best value, its training counterpart, the gain, the test score, and the best setting."""
    best = summary.best
    if best is None or best.value is None:
        name = f"best {clean(summary.metric.name)}"
        why = nothing_feasible(summary.view.results, summary.metric) or NO_VALUE
        return Facts((Fact(name, "none", why, Look.BEST),), {})
    facts = [_best(summary, best)]
    if interval := rate_fact(summary):
        facts.append(interval)
    if best.train is not None and summary.train_metric:
        gap = f"gap {signed(best.value - best.train)}"
        facts.append(Fact(f"{clean(summary.train_metric)} there", number(best.train), gap))
    facts += _beside(summary, best)
    if summary.observed is not None and summary.observed.value is not None:
        facts += _gain(summary, summary.observed.round, summary.observed.value)
    if test := summary.view.test:
        detail = f"on {int(test['rows']):,} rows kept out of the search"
        if test["uses"] > 1:
            detail += f", used {int(test['uses'])} times"
        name = "error" if "error" in test else "rmse"
        facts.append(Fact(f"test {name}", number(test[name]), detail))
    return Facts(tuple(facts), best.hparams)


def _best(summary: Summary, best: TrialRow) -> Fact:
    """The best trial's value, and how it is known: confirmed, or observed once."""
    name, confirmed = clean(summary.metric.name), summary.confirmed
    if confirmed is not None:
        where = f"trial #{best.trial}, mean of {plural(len(confirmed.values), 'fresh seed')}"
        return Fact(f"confirmed {name}", with_error(confirmed), where, Look.BEST)
    epoch = f", epoch {best.best_epoch}" if best.best_epoch else ""
    where = f"trial #{best.trial}, round {best.round}{epoch}, {observed_how(best.repeats)}"
    return Fact(f"best {name}", number(best.value), where, Look.BEST)


def _front(summary: Summary) -> tuple[Block, ...]:
    """Where the goals are weighed: every trial, and those that no other dominates."""
    front = summary.front
    if front is None or not front.trials:
        return ()
    on_front = {row.trial: row for row in summary.trials if row.on_front}
    rows = [on_front[index] for index in front.indices]
    caption = (
        "Every trial by two goals; on the line are those that no other is better than in one goal "
        "and as good as in the others. The knee is nearest to the best of all goals at once."
    )
    return (
        Caption(caption),
        Plot(PlotKind.FRONT, summary),
        front_table(summary, rows[:FRONT_SHOWN]),
        *([Sentence(more)] if (more := _left_out(len(rows))) else []),
    )


def _left_out(on_front: int) -> str:
    return f"and {on_front - FRONT_SHOWN:,} more on the front" if on_front > FRONT_SHOWN else ""


def _hypervolume(summary: Summary) -> tuple[Block, ...]:
    if summary.front is None or not summary.front.trials:
        return ()
    caption = (
        "How much the front dominates, of the box from the best of each goal to a tenth beyond the "
        "front's worst."
    )
    return (Caption(caption), Plot(PlotKind.HYPERVOLUME, summary))


def _beside(summary: Summary, best: TrialRow) -> list[Fact]:
    """What the best trial has in the metrics that are weighed beside."""
    asked = {limit.name: limit_range(limit) for limit in summary.metric.limits}
    return [
        Fact(f"{clean(name)} there", number(value), asked.get(name, "a goal as well"))
        for name, value in best.beside.items()
    ]


def _gain(summary: Summary, best_round: int, value: float) -> list[Fact]:
    """What the later rounds improved: nothing if the best is of the first."""
    first = summary.rounds[0]
    if first.best is None or best_round == first.round:
        return []
    relative = first.best > 0 and value > 0
    amount = percent(value / first.best - 1) if relative else signed(value - first.best, 3)
    sign = "+" if relative and value > first.best else ""
    return [Fact("gain over round 1", sign + amount, f"{number(first.best)} → {number(value)}")]


def _best_so_far(summary: Summary, drawn: str) -> tuple[Block, ...]:
    better = "Lower" if summary.metric.goal is Goal.MINIMIZE else "Higher"
    values = [row.value for row in summary.ranked if row.value is not None]
    scale = value_axis(values, summary.metric.goal).scale
    on = "" if scale is LINEAR else f", {scale.label} scale"
    caption = f"Every trial in order; the line is the best so far. {better} is better{on}."
    return (Caption(f"{caption} {drawn}".rstrip()), Plot(PlotKind.BEST_SO_FAR, summary))


def _importance(summary: Summary) -> tuple[Block, ...]:
    if not summary.parameters:
        return ()
    sentences = [Sentence(importance_sentence(summary.importance))]
    sentences += [
        Sentence(f"{clean(row.name)} averages over 1/(1-β) values: {words}.")
        for row in summary.parameters
        if (words := _averages(row))
    ]
    constraints = [clean(str(constraint)) for constraint in summary.view.space.constraints]
    if constraints:
        sentences.append(Sentence(f"Every point keeps {'; '.join(constraints)}."))
    if summary.importance.shares is None:
        return (Plot(PlotKind.IMPORTANCE, summary), *sentences)
    return (
        Caption("Lines: 9 of 10 resamples."),
        Plot(PlotKind.IMPORTANCE, summary),
        *sentences,
    )


def _averages(row: ParameterRow) -> str:
    """The length of an average over the range of its weight, and at the best."""
    over = range_of_steps(row.parameter)
    at_best = f", {steps(row.best)} at the best" if over and is_number(row.best) else ""
    return f"{over}{at_best}"


def _rounds(summary: Summary) -> tuple[Block, ...]:
    if len(summary.rounds) < 2:
        return ()
    caption = (
        "What each round drew from, on the scales searched. Later rounds follow the best trials "
        "so far; a range may grow again."
    )
    if sum(isinstance(row.parameter, Number) for row in summary.parameters) < 2:
        caption += " A film strip needs two numeric parameters."
    rows = (*summary.rounds[:1], *summary.rounds[1:][1 - ROUNDS_SHOWN :])
    return (Caption(caption), Plot(PlotKind.ROUNDS, summary), _round_table(summary, rows))


def _round_table(summary: Summary, rows: Sequence[RoundRow]) -> Table:
    """Trials, values and the ranges that changed, round by round."""
    axis = value_axis([v for row in rows for v in row.quartiles or ()], summary.metric.goal)
    best = summary.observed.value if summary.observed else None
    looks = [Look.BEST if row.best == best else Look.PLAIN for row in rows]
    columns: list[AnyColumn] = [
        Column("round", texts(str(row.round) for row in rows), numbers=True),
        Column("trials", texts(f"{row.trials:,}" for row in rows), numbers=True),
        Column("best", tuple(map(Cell, numbers(row.best for row in rows), looks)), numbers=True),
        Column("median", texts(numbers(row.median for row in rows)), numbers=True, drop=1),
        Boxes(f"{clean(summary.metric.name)} spread", tuple(r.quartiles for r in rows), axis, 2),
    ]
    changed = [p for p in summary.parameters if len({r.spans[p.name].values for r in rows}) > 1]
    for place, parameter in enumerate(changed[:RANGES_SHOWN]):
        ranges = texts(span_text(row.spans[parameter.name], parameter) for row in rows)
        columns.append(Column(clean(parameter.name), ranges, drop=3 + place))
    return Table("Rounds", tuple(columns))


def _parameters(summary: Summary) -> tuple[Block, ...]:
    caption = "Each on the scale it was searched on. The band is the last round's range."
    hidden = len(summary.parameters) - PARAMETERS_DRAWN
    if hidden > 0:
        caption += f" The {PARAMETERS_DRAWN} that mattered most; {hidden} more are in the table."
    return (Caption(caption), Plot(PlotKind.PARAMETERS, summary))


def _parallel(summary: Summary) -> tuple[Block, ...]:
    caption = (
        "One line per trial. Drag along an axis to select a range: it filters every figure;"
        " click the axis to clear it. With the keyboard: arrows move the lower end,"
        " shift and arrows the upper end, Escape clears."
    )
    return (Caption(caption), Plot(PlotKind.PARALLEL, summary))


def _curves(summary: Summary) -> tuple[Block, ...]:
    caption = f"{clean(summary.metric.name)} by epoch, best 80 trials; the best twelve in colour."
    stopped = early_stopping(summary.view)
    return (
        Caption(caption),
        Plot(PlotKind.CURVES, summary),
        *([Sentence(" ".join(stopped))] if stopped else []),
    )


def _inside(summary: Summary) -> Section:
    title = f"Inside trial #{summary.best.trial}" if summary.best else ""
    blocks = (Caption(inside_sentence(summary)), Plot(PlotKind.INSIDE, summary))
    return Section(title, blocks, width=5)


def _trials(summary: Summary, rows: Sequence[TrialRow], drawn: str) -> tuple[Block, ...]:
    table = (trial_table(summary, rows),) if rows else ()
    return (*([Caption(drawn)] if drawn else []), *table)


def _infeasible(summary: Summary) -> tuple[Block, ...]:
    text = infeasible_sentence(summary.view.results, summary.metric)
    return (Sentence(text),) if text else ()


def _failures(summary: Summary) -> tuple[Block, ...]:
    if not summary.failures:
        return ()
    return (failures(summary, f"hpsearch report {summary.view.name} --failed lists them"),)


def _drawn(summary: Summary, rows: Sequence[TrialRow]) -> str:
    """How many of the ranked trials are drawn, where it is not all of them."""
    drawn, ranked = len(rows), len(summary.ranked)
    if drawn == ranked:
        return ""
    return (
        f"{drawn:,} of {ranked:,} trials are drawn: the best {drawn // 2} and an even sample"
        " of the rest; the table file has all of them."
    )


def _repeat(summary: Summary) -> Repeat:
    """What repeats the run: command, seed, versions, config."""
    view = summary.view
    facts = dict(view.facts or {})
    if view.seed is not None:
        facts = {"seed": str(view.seed), **facts}
    if view.workers is not None:
        facts["workers"] = str(view.workers)
    return Repeat(view.command, facts, view.config)
