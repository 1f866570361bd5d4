"""``hpsearch preview``: what a config would search, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import config_argument, debug_option, set_option

if TYPE_CHECKING:
    from rich.table import Table

    from hpsearch.config import Config
    from hpsearch.data.dataset import Facts
    from hpsearch.records import Trial
    from hpsearch.space import Parameter

SHOWN = 8  # names of columns in a line


@click.command()
@config_argument
@set_option
@click.option(
    "-n", "--trials", "count", type=click.IntRange(0), default=8, show_default=True, metavar="N",
    help="How many of the first trials to show; at most search.lookahead are known beforehand.",
)  # fmt: skip
@debug_option
def preview(config: Path, overrides: tuple[str, ...], count: int) -> None:
    r"""Show what CONFIG would search: data, scales, conditions and the first trials.

    Nothing is trained or written. The trials shown are the ones that `hpsearch run` would train.

    \b
    Example:
      hpsearch preview config.yaml --set seed=8
    """
    from rich.console import Console

    from hpsearch.caviar import first_trials
    from hpsearch.config import load_config

    loaded = load_config(config, overrides)
    for warning in loaded.warnings:
        click.echo(click.style("warning: ", fg="yellow") + warning, err=True)
    trials = first_trials(loaded.config, count)
    console = Console(highlight=False)
    for line in (*subject_lines(loaded.config), ""):
        console.print(line, markup=False)
    console.print(space_table(loaded.config))
    if trials:
        console.print(trials_table(loaded.config, trials))


def subject_lines(config: Config) -> list[str]:
    """What is trained, on what, for how long and how it is searched, a line each."""
    from hpsearch.data import load
    from hpsearch.trainables.prepare import data_spec

    search = config.search
    what = config.trainable.reference or "the built-in network"
    lines = [
        f"{config.name}: {what}, {config.epochs} epoch{'s' * (config.epochs > 1)} a trial, "
        f"{config.metric.goal} {config.metric.name}",
        f"{search.strategy}, {search.max_trials} trials, lookahead {search.lookahead}, "
        f"seed {config.seed}",
    ]
    spec = data_spec(config)
    if spec is not None:
        lines += facts_lines(load(spec, config.seed).facts)
    return lines


def facts_lines(facts: Facts) -> list[str]:
    """What was found in the data: rows, features, classes, and whatever was done to columns."""
    rows = ", ".join(f"{count:,} {part}" for part, count in facts.rows.items())
    totals = {name: sum(by_part.values()) for name, by_part in facts.class_counts.items()}
    rarest, commonest = min(totals, key=totals.__getitem__), max(totals, key=totals.__getitem__)
    balance = f"{totals[rarest]:,} rows of {rarest!r} to {totals[commonest]:,} of {commonest!r}"
    lines = [
        f"data: {', '.join(facts.files)}",
        f"  rows: {rows}",
        f"  features: {facts.features} from {facts.columns} columns",
        f"  classes: {len(totals)}, {balance}",
    ]
    details = {
        "one-hot": [f"{name} ({count})" for name, count in facts.one_hot.items()],
        "constant in train, so of no use": list(facts.constant),
        "empty cells filled in": [f"{name} ({count})" for name, count in facts.imputed.items()],
        "words not seen in train": [f"{name} ({count})" for name, count in facts.unknown.items()],
        "note": list(facts.notes),
    }
    for title, names in details.items():
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            lines.append(f"  {title}: {', '.join(names[:SHOWN])}{more}")
    return lines


def space_table(config: Config) -> Table:
    """The parameters: range, scale, number of values, condition and tier."""
    from rich.table import Table
    from rich.text import Text

    table = Table("parameter", "range", "scale", "values", "only when", "tier", box=None)
    for parameter in config.space().parameters:
        when = " and ".join(
            f"{condition.parent} = {' or '.join(map(str, condition.values))}"
            for condition in parameter.when
        )
        levels = "" if parameter.levels is None else str(parameter.levels)
        tier = "" if parameter.tier is None else str(parameter.tier)
        cells = [parameter.name, range_text(parameter), parameter.scale_label, levels, when, tier]
        table.add_row(*map(Text, cells))
    return table


def range_text(parameter: Parameter) -> str:
    """What values a parameter can have, as in ``0.0001 to 1`` or ``adam, momentum``."""
    from hpsearch.space import Choice, Constant, Number, format_value

    if isinstance(parameter, Number):
        step = parameter.step is not None and not (parameter.integer and parameter.step == 1)
        by = f" by {parameter.step:g}" if step else ""
        return f"{parameter.low:g} to {parameter.high:g}{by}"
    if isinstance(parameter, Choice):
        return ", ".join(map(format_value, parameter.values))
    assert isinstance(parameter, Constant)
    return format_value(parameter.value)


def trials_table(config: Config, trials: list[Trial]) -> Table:
    """The first trials, one row each."""
    from rich.table import Table
    from rich.text import Text

    from hpsearch.space import format_value

    names = [parameter.name for parameter in config.space().searched]
    table = Table("trial", box=None, title="first trials", title_justify="left")
    for name in names:
        table.add_column(Text(name))
    for trial in trials:
        values = [format_value(trial.hparams.get(name)) for name in names]
        table.add_row(str(trial.index), *map(Text, values))
    return table
