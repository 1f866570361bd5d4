"""``hpsearch compare`` in sections: several runs on one scale."""

from __future__ import annotations

from hpsearch.report.analysis.compare import Agreement, Compared, ComparedRun, shared_axis
from hpsearch.report.analysis.confirmed import confirmed_by, observed_how
from hpsearch.report.sections.model import (
    Block,
    Caption,
    Cell,
    Column,
    Listing,
    Look,
    Progress,
    Report,
    Section,
    Sentence,
    Strips,
    Table,
    texts,
)
from hpsearch.report.sections.seeds import seeds_blocks
from hpsearch.space import Number
from hpsearch.text import clean, duration, number, numbers, plural, span


def compare_report(compared: Compared) -> Report:
    """The whole comparison."""
    runs = plural(len(compared.runs), "run")
    sections = [
        Section("Runs", (_runs(compared),)),
        Section("Several seeds", seeds_blocks(compared)),
        Section("Best so far", _progress(compared)),
        Section("Best settings", _settings(compared)),
        Section("Where they agree", (_agreements(compared),)),
        Section("What differed in the configs", _differences(compared)),
    ]
    return Report(
        command="compare",
        title=" · ".join(run.name for run in compared.runs),
        facts=(runs, clean(compared.metric.name), *_first_of_several(compared)),
        sections=tuple(section for section in sections if section.blocks),
    )


def _first_of_several(compared: Compared) -> tuple[str, ...]:
    """That a run has other goals, or limits, which are not compared."""
    metrics = [run.summary.metric for run in compared.runs]
    facts = ["the first of several goals"] if any(m.further for m in metrics) else []
    if len({m.limits for m in metrics}) > 1:
        facts.append("under different limits")
    return tuple(facts)


def _runs(compared: Compared) -> Table:
    runs = compared.runs
    bests = [run.summary.best for run in runs]
    values = numbers(run.summary.best_value for run in runs)
    standings = [run.summary.confirmed for run in runs]
    known = [
        confirmed_by(standing) if standing else observed_how(best.repeats) if best else "-"
        for standing, best in zip(standings, bests, strict=True)
    ]
    winner = _winner(compared)
    return Table(
        "Runs",
        (
            Column("run", tuple(Cell(run.name, Look.NAME, k) for k, run in enumerate(runs))),
            Column(
                f"best {clean(compared.metric.name)}",
                tuple(
                    Cell(value, Look.BEST if place == winner else Look.PLAIN)
                    for place, value in enumerate(values)
                ),
                numbers=True,
            ),
            Column("known by", texts(known), drop=4),
            Column(
                "at trial",
                texts([f"#{best.trial}" if best else "-" for best in bests]),
                numbers=True,
                drop=2,
            ),
            Column("trials", texts([f"{len(r.summary.trials):,}" for r in runs]), numbers=True),
            Column("epochs", texts([f"{_epochs(run):,}" for run in runs]), numbers=True, drop=3),
            Column("training", texts([duration(run.summary.seconds) for run in runs]), drop=1),
        ),
    )


def _epochs(run: ComparedRun) -> int:
    return sum(row.epochs * max(len(row.repeats), 1) for row in run.summary.trials)


def _winner(compared: Compared) -> int | None:
    """The place of the run with the best value; the first among equals."""
    losses = [
        (compared.metric.goal.loss(value), place)
        for place, run in enumerate(compared.runs)
        if (value := run.summary.best_value) is not None
    ]
    return min(losses)[1] if losses else None


def _progress(compared: Compared) -> tuple[Block, ...]:
    if shared_axis(compared) is None:
        return ()
    caption = (
        "On one scale. Epochs and training time are those of all trials together:"
        " what the search cost, not how long it took."
    )
    return (Caption(caption), Progress(compared))


def _settings(compared: Compared) -> tuple[Block, ...]:
    """The best settings side by side."""
    names = compared.hyperparameters
    if not names:
        return ()
    looks = [Look.UNLIKE if _differs(compared, name) else Look.ALIKE for name in names]
    columns = [Column("hyperparameter", texts(names, Look.NAME), short="best setting")]
    for place, run in enumerate(compared.runs):
        point = run.summary.best.hparams if run.summary.best else {}
        shown = tuple(
            Cell(number(point.get(name)), look) for name, look in zip(names, looks, strict=True)
        )
        columns.append(Column(run.name, shown, numbers=True, drop=place, run=place))
    return (Table("Best settings, in bold where they differ", tuple(columns)),)


def _differs(compared: Compared, name: str) -> bool:
    bests = [run.summary.best for run in compared.runs]
    return len({repr(best.hparams.get(name)) for best in bests if best}) > 1


def _agreements(compared: Compared) -> Block:
    """The ranges that all runs searched last."""
    agreements = compared.agreements
    if not agreements:
        return Sentence("The runs searched different parameters.")
    strips = tuple(a.span if isinstance(a.parameter, Number) else None for a in agreements)
    names = [agreement.parameter.name for agreement in agreements]
    return Table(
        "Ranges that all runs searched last",
        (
            Column("hyperparameter", texts(names, Look.NAME), short="searched last by all"),
            Strips(strips, drop=1),
            Column("searched last by all", texts([_range(a) for a in agreements]), short=""),
        ),
    )


def _range(agreement: Agreement) -> str:
    if agreement.span is None:
        return "apart"
    values = agreement.span.values
    if isinstance(agreement.parameter, Number):
        return span(values[0], values[-1])
    return ", ".join(number(value) for value in values)


def _differences(compared: Compared) -> tuple[Block, ...]:
    """What in the configs was not as in the first run's."""
    first = compared.runs[0].name
    return tuple(
        Listing(place, run.name, f"config unlike {first}", run.differs)
        if run.differs
        else Listing(place, run.name, f"the same config as {first}")
        for place, run in enumerate(compared.runs[1:], start=1)
    )
