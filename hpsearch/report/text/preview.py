"""``hpsearch preview``: what a config would search, as lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rich.text import Text

from hpsearch.config import Config
from hpsearch.data.dataset import Facts
from hpsearch.engine.pools import workers_on_gpus
from hpsearch.panda.run_facts import space_shown
from hpsearch.records import Trial, is_number
from hpsearch.report.analysis.weighed import aims
from hpsearch.report.text.glyphs import DATA, LABEL
from hpsearch.report.text.lines import TextColumn, cells, labelled, piece, sentence, table, truncate
from hpsearch.search.begins import begins_words
from hpsearch.search.constraint_facts import constraint_facts
from hpsearch.search.deadline import clock_words
from hpsearch.search.proposals import planned_trials
from hpsearch.space import Branched, Choice, Constant, Derived, Listed, Number, Parameter
from hpsearch.space.averages import range_of_steps
from hpsearch.space.shares import in_percent
from hpsearch.text import bytes_of, in_full, number, plural, short_label, size
from hpsearch.training.prepare import folds_of

COLUMNS_NAMED = 8  # of the data, in a line
CLASSES_NAMED = 4


def preview_lines(
    config: Config, facts: Facts | None, trials: Sequence[Trial], width: int, task: str = ""
) -> list[Text]:
    """All of the preview, no line wider than ``width``; ``task`` is the network's, and why."""
    lines = subject_lines(config, width)
    if facts is not None:
        lines += facts_lines(facts, width, task)
    lines += [Text(), *space_lines(config, width), *constraint_lines(config, width)]
    if trials:
        lines += [Text(), piece("the first trials", LABEL), *trial_lines(config, trials, width)]
    return [truncate(line, width) for line in lines]


def subject_lines(config: Config, width: int) -> list[Text]:
    """What is trained, for how long, and how it is searched."""
    search = config.search
    planned = planned_trials(config)
    begins = "".join(f", {words}" for words in begins_words(config))
    all_points = ", which are all points" if planned < search.max_trials else ""
    what = config.trainable.reference or "the built-in network"
    confirm = ""
    if folds := folds_of(config):
        confirm = f"; {folds} folds, each the dev set once in every trial"
    if search.repeats > 1:
        confirm += f"; each trained {search.repeats} times, the {search.average} counts"
    if search.confirm is not None:
        seeds = plural(search.confirm.repeats, "fresh seed")
        confirm += f"; then the best {search.confirm.top} again, on up to {seeds} each"
    epochs = f"{plural(config.epochs, 'epoch')} a trial"
    about = f"{what}, {epochs}, {aims(config.metric_record())}"
    return [
        *labelled(f"{config.name}  ", about, width, label_style=f"bold {DATA}"),
        *sentence(
            f"{search.strategy}, {plural(planned, 'trial')}{all_points}{begins}, "
            f"lookahead {search.lookahead}, seed {config.seed}{confirm}",
            width,
        ),
        *(line for words in limit_sentences(config) for line in sentence(words, width)),
        *(sentence(workers_on_gpus(config.run), width) if config.run.gpus else []),
    ]


def limit_sentences(config: Config) -> list[str]:
    """What may end a search before its last trial, or a trial before its end, a sentence each."""
    found, search, run = [], config.search, config.run
    if search.target is not None:
        found.append(f"ends early once a trial reaches {number(search.target)} (search.target)")
    if search.patience is not None:
        some = plural(search.patience, "trial")
        found.append(f"ends early after {some} without a better one (search.patience)")
    clock = clock_words(search)
    if clock is not None:
        found.append(f"stops at {clock}: how many trials there are by then depends on the clock")
    if run.memory_limit is not None:
        found.append(f"a trial fails that uses more than {size(bytes_of(run.memory_limit))}")
    if run.retries:
        fits = ", or that fits run.retry_on," if run.retry_on is not None else ""
        times = plural(run.retries, "time")
        found.append(
            f"a trial whose worker died, or that ran into run.time_limit{fits} is tried again "
            f"{times} at most"
        )
    return found


def facts_lines(facts: Facts, width: int, task: str = "") -> list[Text]:
    """What was found in the data: rows, features, the target, and what was done to columns."""
    columns = {
        "data": [", ".join(facts.files)],
        "rows": [", ".join(f"{count:,} {part}" for part, count in facts.rows.items())],
        "features": [f"{facts.features:,} from {plural(facts.columns, 'column')}"],
        "task": [task] if task else [],
        **(_of_numbers(facts.target) if facts.target else _of_classes(facts)),
        "one-hot": [f"{name} ({count})" for name, count in facts.one_hot.items()],
        "constant": list(facts.constant),
        "filled in": [_filled_in(name, facts) for name in facts.imputed],
        "not in train": [f"{name} ({count})" for name, count in facts.unknown.items()],
        "note": list(facts.notes),
    }
    widest = max(map(len, columns))
    return [
        line
        for title, names in columns.items()
        if names
        for line in labelled(f"{title:{widest}}  ", _some(names), width)
    ]


def _of_classes(facts: Facts) -> dict[str, list[str]]:
    guess = number(guess_error(facts))
    return {
        "classes": [balance(facts)],
        "to beat": [f"an error of {guess} on dev, which one answer to all has"],
    }


def _of_numbers(target: Mapping[str, float]) -> dict[str, list[str]]:
    low, high, mean, std = (number(target[name]) for name in ("low", "high", "mean", "std"))
    guess = number(target["guess_rmse"])
    different = plural(int(target["different"]), "different number")
    return {
        "target": [f"{different}, {low} to {high}; in train mean {mean}, standard deviation {std}"],
        "to beat": [f"an rmse of {guess} on dev, which the mean for all has"],
    }


def _filled_in(name: str, facts: Facts) -> str:
    """A column with its empty cells, and the words in it that were taken for such."""
    spelt = facts.empty_words.get(name, {})
    words = "".join(f", {count} of them {word}" for word, count in spelt.items())
    return f"{name} ({facts.imputed[name]}{words})"


def balance(facts: Facts) -> str:
    """How many rows the classes have: each of a few, else the rarest and the commonest."""
    totals = {name: sum(by_part.values()) for name, by_part in facts.class_counts.items()}
    if len(totals) <= CLASSES_NAMED:
        return f"{len(totals)}: " + ", ".join(f"{count:,} of {n}" for n, count in totals.items())
    rarest, commonest = min(totals, key=totals.__getitem__), max(totals, key=totals.__getitem__)
    return (
        f"{len(totals)}, from {totals[rarest]:,} rows of {rarest} "
        f"to {totals[commonest]:,} of {commonest}"
    )


def guess_error(facts: Facts) -> float:
    """The share of dev that is wrong if every row gets the label that is commonest in train."""
    guess = max(facts.class_counts.values(), key=lambda by_part: by_part["train"])
    return 1 - guess["dev"] / facts.rows["dev"]


def space_lines(config: Config, width: int) -> list[Text]:
    """The parameters, a line each: range, scale, number of values, condition and tier."""
    parameters = space_shown(config.space()).parameters
    columns = [
        TextColumn("parameter", cells([p.name for p in parameters], "bold")),
        TextColumn("range", cells([range_text(p) for p in parameters], DATA)),
        TextColumn("scale", cells([scale_text(p) for p in parameters])),
        TextColumn("1/(1-β)", cells([range_of_steps(p) for p in parameters]), drop=3),
        TextColumn("likely", cells([likely_text(p, config) for p in parameters])),
        TextColumn("values", cells([levels_text(p) for p in parameters]), right=True, drop=2),
        TextColumn("tier", cells([str(p.tier or "") for p in parameters]), right=True, drop=1),
        TextColumn("only when", cells([condition_text(p) for p in parameters])),
    ]
    lines = table([c for c in columns if any(c.cells)], width)
    for parameter in parameters:
        if numbers_without_order(parameter):
            assert isinstance(parameter, Choice)
            first, second, third = map(in_full, parameter.values[:3])
            lines += sentence(
                f"{parameter.name}: with ordered: true the search also knows that {second} lies "
                f"between {first} and {third}",
                width,
            )
    return lines


def numbers_without_order(parameter: Parameter) -> bool:
    """Whether a choice is between numbers that rise, whose order the search does not use."""
    if not isinstance(parameter, Choice) or len(parameter.values) < 3:
        return False
    numbers = [value for value in parameter.values if is_number(value)]
    rising = all(a < b for a, b in pairwise(numbers))
    return rising and len(numbers) == len(parameter.values)


def scale_text(parameter: Parameter) -> str:
    """The scale by its name; what has an order that is not used is said to be unordered."""
    return "unordered" if numbers_without_order(parameter) else parameter.scale_label


def constraint_lines(config: Config, width: int) -> list[Text]:
    """The constraints, if any, each with the share of random points that keeps it."""
    facts = constraint_facts(config)
    if facts is None:
        return []
    columns = [
        TextColumn("constraint", cells(list(facts.texts), DATA)),
        TextColumn("kept by", cells(list(map(in_percent, facts.shares.each))), right=True),
    ]
    return [Text(), *table(columns, width), *sentence(facts.together, width)]


def range_text(parameter: Parameter) -> str:
    """What values a parameter can have, as in ``1e-4 to 1`` or ``momentum, adam``."""
    if isinstance(parameter, Branched):
        return " | ".join(f"{in_full(b.low)} to {in_full(b.high)}" for b in parameter.branches)
    if isinstance(parameter, Number):
        stepped = parameter.step is not None and not (parameter.integer and parameter.step == 1)
        by = f" by {in_full(parameter.step)}" if stepped else ""
        return f"{in_full(parameter.low)} to {in_full(parameter.high)}{by}"
    if isinstance(parameter, Listed):
        return ", ".join(map(in_full, parameter.values))
    if isinstance(parameter, Derived):
        return f"= {parameter.expression}"
    assert isinstance(parameter, Constant)
    return in_full(parameter.value)


def likely_text(parameter: Parameter, config: Config) -> str:
    """The values with which the search begins, as in ``0.01, 0.1``."""
    return ", ".join(map(in_full, config.likely().get(parameter.name, ())))


def levels_text(parameter: Parameter) -> str:
    """How many values a searched parameter has; empty if there is no end of them."""
    return f"{parameter.levels:,}" if parameter.searched and parameter.levels else ""


def condition_text(parameter: Parameter) -> str:
    """When the parameter is there, as in ``optimizer = momentum or rmsprop and layers >= 2``."""
    alternatives = [" and ".join(map(str, when)) for when in parameter.alternatives]
    return " | ".join(alternatives)


def trial_lines(config: Config, trials: Sequence[Trial], width: int) -> list[Text]:
    """The trials, a line each; the last parameters leave where it is narrow."""
    columns = [TextColumn("trial", cells([str(trial.index) for trial in trials]), right=True)]
    varied = [p for p in config.space().parameters if p.varies]
    for place, parameter in enumerate(varied):
        name = parameter.name
        values = cells([number(trial.hparams.get(name)) for trial in trials])
        right = not isinstance(parameter, Choice)
        columns.append(TextColumn(short_label(name), values, right=right, drop=place))
    return table(columns, width)


def _some(names: Sequence[str]) -> str:
    more = len(names) - COLUMNS_NAMED
    return ", ".join(names[:COLUMNS_NAMED]) + (f" and {more} more" if more > 0 else "")
