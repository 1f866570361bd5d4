"""From a config file to a checked :class:`Config`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config import recorded, synonyms
from hpsearch.config.advice import warn
from hpsearch.config.blocks import MISSING, check_keys, must_be, read_block, read_key
from hpsearch.config.constraints import check_shares, read_constraints
from hpsearch.config.data import check_folds, is_folds_alone, read_data
from hpsearch.config.estimators import check_estimator
from hpsearch.config.formulas import check_derived
from hpsearch.config.gpu_rules import check_gpus
from hpsearch.config.keys import keys_of
from hpsearch.config.metrics import check_task, fit_search, read_metrics
from hpsearch.config.model import (
    TOP_LEVEL,
    Config,
    RunConfig,
    SearchConfig,
    TrainableConfig,
)
from hpsearch.config.other_tools import tool_of
from hpsearch.config.overrides import Option, apply_overrides
from hpsearch.config.problems import Document, Problem, Problems, is_readable
from hpsearch.config.read_parameters import read_parameters
from hpsearch.config.repeated import expression_names
from hpsearch.config.retry_rules import check_retries
from hpsearch.config.search import check_sampler, read_search
from hpsearch.config.strict_yaml import parse, read
from hpsearch.config.sweeps import SWEEP_KEYS, is_sweep, say_that_it_is_a_sweep
from hpsearch.config.task import Settled, settle_task
from hpsearch.config.trainable import check_command, read_trainable
from hpsearch.config.wording import describe
from hpsearch.data.spec import DataSpec
from hpsearch.errors import ConfigError, DataError
from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.sampling.given import First, first_trials
from hpsearch.space.repeated import base
from hpsearch.store.names import LONGEST, is_run_name, possible_name
from hpsearch.text import nearest

SUFFIXES = (".yaml", ".yml")
LARGEST_GRID = 100_000


@dataclass(frozen=True)
class Loaded:
    """A config, the text it was read from, and a line for each thing that looks unintended.

    ``epochs_given`` is false if the number of epochs is the default one. ``task`` says which task
    the built-in network has and why, ``task_found`` if it is what the target looked like.
    """

    config: Config
    text: str
    warnings: list[str]
    epochs_given: bool = True
    document: Document | None = None
    task: str = ""
    task_found: bool = False

    @property
    def task_note(self) -> str | None:
        """What to say of a task that nobody named; ``None`` if it is the usual one, or named."""
        if not self.task_found:
            return None
        return f"the task is {self.task}; data.task: classification would have classes"

    def check_data(self) -> None:
        """Look for the files and columns that the config names, before anything is started.

        Raises:
            ConfigError: one is not there; names the line of the config that asks for it.
            DataError: the file cannot be understood.
        """
        if self.config.data is None:
            return
        from hpsearch.data.loading import check_columns  # noqa: PLC0415 - a list of runs reads no data

        try:
            check_columns(self.config.data)
        except DataError as e:
            if e.key is None or self.document is None:
                raise
            problems = Problems(self.document)
            problems.add(("data", e.key), e.detail)
            raise problems.error() from e

    def advice(self, by_epoch: bool) -> str | None:
        """What to say once it is known whether the trainable trains epoch after epoch."""
        if self.epochs_given or not by_epoch or self.config.epochs > 1:
            return None
        return "epochs is not set, so each trial has 1 epoch; write epochs: 10, say"


def load_config(path: str | FilePath, overrides: Sequence[str | Option] = ()) -> Loaded:
    """Read a config file and lay options such as ``search.max_trials=200`` over it.

    Raises:
        ConfigError: the file cannot be read, or something in it is wrong; one line for each.
    """
    file = FilePath(path)
    data = _read_bytes(file)
    if file.name == recorded.FILE:
        recorded.check_recorded(data, str(path))
    return load_text(data, str(path), file.parent, file.stem, overrides)


def read_document(path: str | FilePath) -> Document:
    """The values of any YAML or JSON file, and where each stands, whatever they mean.

    Raises:
        ConfigError: the file cannot be read, or its top level is not a mapping.
    """
    return parse(_read_bytes(FilePath(path)), str(path))


def load_text(
    data: str | bytes,
    source: str,
    folder: FilePath,
    name: str,
    overrides: Sequence[str | Option] = (),
) -> Loaded:
    """The same for a text; ``source`` is what messages call it, ``name`` the run's default name.

    Relative paths in it are relative to ``folder``; those in options, to the current folder.
    """
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    return checked(read(data, source), text, folder, name, overrides)


def checked(
    problems: Problems,
    text: str,
    folder: FilePath,
    name: str,
    overrides: Sequence[str | Option] = (),
) -> Loaded:
    """The config of a document that was read from a text.

    Raises:
        ConfigError: something in it is wrong; one line for each.
    """
    source, values = problems.document.source, problems.document.values
    if not isinstance(values, dict):
        raise problems.error()
    if (theirs := tool_of(values)) is not None:
        tool, key = theirs
        text = f"this is {tool}; `hpsearch import` translates it into a config"
        problems.add((key,), text, of_key=True)
        raise problems.error()
    values.pop(recorded.KEY, None)
    apply_overrides(problems, overrides)
    problems.document.folder = folder
    config, settled = _read_config(values, name, problems)
    if config is not None and FilePath(source).name != recorded.FILE:
        check_sampler(config.search, problems)
    if config is None or problems:
        raise problems.error()
    warn(config, values, problems)
    loaded = Loaded(config, text, problems.warnings, "epochs" in values, problems.document)
    if settled is None:
        return loaded
    return replace(loaded, task=settled.why, task_found=settled.found)


def _read_bytes(file: FilePath) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        if file.name == recorded.FILE:
            raise ConfigError(f"{file}: the file is missing; {recorded.LOST}") from None
        near = _near_file(file)
        advice = f"did you mean {near}?" if near else "`hpsearch init` writes one to start from"
        raise ConfigError(f"{file}: there is no such file; {advice}") from None
    except IsADirectoryError:
        found = _configs_in(file)
        advice = f"name a config in it, such as {found[0]}" if found else "name a config file"
        raise ConfigError(f"{file}: is a folder; {advice}") from None
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        raise ConfigError(f"{file}: cannot be read ({reason})") from None


def _configs_in(folder: FilePath) -> list[FilePath]:
    try:
        return sorted(f for f in folder.iterdir() if f.suffix in SUFFIXES)
    except OSError:
        return []


def _near_file(file: FilePath) -> FilePath | None:
    """A config in the same folder, or in ./configs, with a similar name."""
    for folder in dict.fromkeys((file.parent, file.parent / "configs", FilePath("configs"))):
        by_stem = {f.stem: f for f in _configs_in(folder)}
        near = nearest(file.stem, by_stem)
        if near is not None:
            return by_stem[near]
    return None


def _read_config(
    values: dict[str, Any], name: str, problems: Problems
) -> tuple[Config | None, Settled | None]:
    """The config, and how the built-in network came to its task."""
    trainable: TrainableConfig | None = TrainableConfig()
    own = values
    if is_sweep(values):
        say_that_it_is_a_sweep(values, problems)
        own = {key: value for key, value in values.items() if key not in SWEEP_KEYS}
        trainable = None
    elif "trainable" in values:
        trainable = read_trainable(values["trainable"], problems)
    check_keys(own, TOP_LEVEL, (), problems, _words_for_top_level())
    kind = trainable.kind if trainable else None
    metrics = read_metrics(values.get("metric", {}), kind, problems)
    declared = values.get("parameters")
    parameters = read_parameters(declared, kind, problems)
    if trainable is not None and kind == "command" and isinstance(declared, dict):
        check_command(trainable.reference, declared, problems)
    names = declared if isinstance(declared, dict) else {}
    in_expressions = expression_names(parameters, names)
    constraints = read_constraints(values.get("constraints", []), in_expressions, problems)
    search = read_search(values.get("search", {}), parameters, names, constraints, problems)
    search = fit_search(metrics, search, values.get("search"), problems)
    run = _read_run(values.get("run", {}), problems)
    data = _read_data_for(kind, values, problems)
    if kind == "object" and trainable is not None and is_folds_alone(values.get("data")):
        trainable = replace(trainable, folds=values["data"]["folds"])
    run_name = _read_name(values, name, problems)
    seed = read_key(Config, "seed", values, (), problems)
    epochs = read_key(Config, "epochs", values, (), problems)
    _check_search(search, kind, 1 + len(metrics.further), problems)
    if problems or trainable is None:
        return None, None
    settled = None
    if data is not None and kind == "network":
        settled = settle_task(data, metrics.first, metrics.named, metrics.name_at, problems)
        data, metrics = settled.data, replace(metrics, first=settled.metric)
        check_task(metrics, data, problems)
    config = Config(
        name=run_name,
        seed=0 if seed is MISSING else seed,
        data=data,
        epochs=(30 if kind == "network" else 1) if epochs is MISSING else epochs,
        trainable=trainable,
        metric=metrics.first,
        further=metrics.further,
        limits=metrics.limits,
        parameters=parameters,
        constraints=constraints,
        search=search,
        run=run or RunConfig(),
    )
    if FilePath(problems.document.source).name != recorded.FILE:
        check_shares(config.space(), problems)
        check_derived(config.space(), config.trainable.kind, problems)
        config = check_estimator(config, values, problems)
    return _with_trials(config, values, problems), settled


def _read_run(raw: Any, problems: Problems) -> RunConfig | None:
    """The block ``run``, with what its types cannot say."""
    run = read_block(RunConfig, raw, ("run",), problems, synonyms.RUN)
    if run is not None:
        check_gpus(run, problems)
        check_retries(run, problems)
    return run


def _check_search(search: SearchConfig, kind: str | None, goals: int, problems: Problems) -> None:
    """Report what of the search does not go with what is trained, or with several goals."""
    if search.confirm is not None and goals > 1:
        text = (
            f"names one winner, and this search has {goals} goals; delete it, or make limits of "
            f"all goals but one"
        )
        problems.add(("search", "confirm"), text)
    if kind != "told":
        return
    if search.confirm is not None:
        text = "trains trials again, and what is told is trained elsewhere; delete it"
        problems.add(("search", "confirm"), text)
    if search.repeats > 1:
        text = "trains each trial several times, and what is told is trained elsewhere; delete it"
        problems.add(("search", "repeats"), text)


def _words_for_top_level() -> dict[str, str]:
    """Other tools' words, and our own keys and hyperparameters one level too high."""
    settings = [*synonyms.NETWORK_PARAMETERS, *map(synonyms.plain, HYPERPARAMETERS)]
    found = dict.fromkeys(settings, "it belongs to parameters")
    for part, block, theirs in (
        ("run", RunConfig, synonyms.RUN),
        ("search", SearchConfig, synonyms.SEARCH),
    ):
        found |= {word: f"write {part}: {{{key}: …}}" for word, key in theirs.items()}
        found |= {synonyms.plain(key): f"write {part}: {{{key}: …}}" for key in keys_of(block)}
    return found | synonyms.TOP_LEVEL


def _read_data_for(kind: str | None, values: dict[str, Any], problems: Problems) -> DataSpec | None:
    if kind in ("network", "sklearn"):
        if "data" not in values:
            problems.add(("data",), "missing; write data: digits, or {path: file.csv, target: …}")
            return None
        return read_data(values["data"], problems)
    if "data" in values and kind is None:
        read_data(values["data"], problems)  # for its problems
    elif kind == "object" and is_folds_alone(values.get("data")):
        check_folds(values["data"]["folds"], problems)
    elif "data" in values:
        text = (
            "only the network and scikit-learn are given data; delete it, and read the data in "
            "your own code"
        )
        problems.add(("data",), text, of_key=True)
    return None


def _read_name(values: dict[str, Any], default: str, problems: Problems) -> str:
    name = values.get("name", default)
    if not is_readable(name) or (isinstance(name, str) and is_run_name(name)):
        return str(name)
    if isinstance(name, str):
        plain = possible_name(name)
        rule = f"cannot be a folder's name: letters, digits, '.', '_' and '-', at most {LONGEST}"
        option = problems.document.option(("name",)) or ""
        if "name" not in values:
            text = f"the file's name {describe(name)} {rule}; write name: {plain} in it"
            problems.add_problem(Problem(problems.document.source, None, (), text))
        elif option.startswith("--name "):
            text = f"{describe(name)} {rule}; write --name {plain}"
            problems.add_problem(Problem("--name", None, (), text))
        else:
            problems.add(("name",), f"{describe(name)} {rule}; write name: {plain}")
    elif name is None:
        problems.add(("name",), "has no value; write text, or delete it")
    else:
        problems.add(("name",), must_be(Config, "name", name))
    return default


def _with_trials(config: Config, values: dict[str, Any], problems: Problems) -> Config:
    """The config with its default for ``max_trials``, which follows from the space."""
    searched = config.space().searched
    counts = config.counts()
    size = 1
    for parameter in searched:
        points = [n for n in (counts.get(parameter.name), parameter.levels) if n is not None]
        if not points and config.search.strategy == "grid":
            name = base(parameter.name)
            text = f"a grid needs a count on {name}, which is continuous; for example count: 5"
            problems.add(problems.blame(("parameters", name), ("search", "strategy")), text)
        size *= min(points, default=1)
    given = [First(point, "start") for point in config.search.start]
    size += len(first_trials(given, config.likely()))
    if "max_trials" in (values.get("search") or {}) or problems:
        return config
    if searched and config.search.strategy != "grid":
        return config
    if size > LARGEST_GRID:
        text = f"the grid has more than {LARGEST_GRID:,} points; give counts, or set max_trials"
        problems.add(("search", "strategy"), text)
    search = replace(config.search, max_trials=size)
    return replace(config, search=search)
