"""From the arguments of a call to a config: the one that the command line would read from YAML."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config import Loaded, Option, TrainableConfig, load_arguments, load_config
from hpsearch.config.problems import Path
from hpsearch.engine.by_value import pickled
from hpsearch.errors import HpsearchError, UsageError
from hpsearch.store.names import possible_name
from hpsearch.training.objects import name_of, object_digests, reference_to
from hpsearch.training.reference import OF_PROCESS

Trainable = Callable[..., Any] | str | os.PathLike[str] | Mapping[str, Any]
"""A function, generator function or class; a reference or a command as in YAML; a config file."""

_PATHS: dict[str, tuple[str, ...]] = {
    "train": ("trainable",),
    "hparams": ("parameters",),  # what is wrong with a parameter is told of the space after it
    "space": ("parameters",),
    "metric": ("metric",),
    "goal": ("metric", "goal"),
    "max_trials": ("search", "max_trials"),
    "strategy": ("search", "strategy"),
    "workers": ("run", "workers"),
    **{key: (key,) for key in ("name", "seed", "epochs", "data", "constraints", "search", "run")},
}
"""Where the value of each argument stands in a config."""

_IN_PYTHON: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"hpsearch babysit (\S+) --fresh((?: --set \S+=\S+)+)", lambda m: _fresh_call(m[1], m[2])),
    (r"hpsearch babysit --resume (\S+)", r'hpsearch.babysit("\1")'),
    (r"hpsearch babysit --from (\S+) --fresh", r'hpsearch.babysit("\1", fresh=True)'),
    (r"hpsearch babysit --from (\S+)", r'hpsearch.babysit("\1")'),
    (r"hpsearch babysit CONFIG --fresh", "hpsearch.babysit(CONFIG, fresh=True)"),
    (r"hpsearch babysit CONFIG", "hpsearch.babysit(CONFIG)"),
    (r"train with: go (\d+)", r"train with: go(\1)"),
    (r"go there with: switch (\S+)", r'go there with: switch("\1")'),
    (r"--name NEW", 'name="NEW"'),
    (r"another --name\b", "another name="),
    (r"--(fresh|resume|accept-code|retry-failed)\b", r"\1=True"),
    (r"--workers (\d+)", r"workers=\1"),
    (r"the same command", "the same call"),
)


@dataclass(frozen=True)
class Settings:
    """The arguments that a call may give beside what is trained and its space.

    What is ``None`` is not given: the config file, or the usual value, says it.
    """

    metric: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None
    goal: str | None = None
    max_trials: int | None = None
    seed: int | None = None
    workers: int | None = None
    epochs: int | None = None
    name: str | None = None
    data: str | Mapping[str, Any] | None = None
    strategy: str | Mapping[str, Any] | None = None
    search: Mapping[str, Any] | None = None
    run: Mapping[str, Any] | None = None
    hparams: Mapping[str, Any] | None = None
    constraints: Sequence[str] | None = None

    def given(self) -> dict[str, Any]:
        """Those that are given, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


def as_config(
    train: Trainable,
    space: object,
    settings: Settings,
    source: str = "hpsearch.run",
    name: str = "search",
) -> Loaded:
    """The config of a call, which messages call ``source``.

    ``name`` is the run's where neither an argument nor what is trained has one.

    Raises:
        ConfigError: an argument is wrong, or the config file is; a line for each thing.
        TrainableError: the function cannot be sent to workers.
    """
    if space is None and isinstance(train, str | os.PathLike):
        return load_config(FilePath(train), _options(settings))
    if space is None:
        raise UsageError(f"{source}: space is missing; give a dict of hyperparameters after train")
    if not isinstance(space, Mapping):
        kind = type(space).__name__
        raise UsageError(f"{source}: space must be a dict of hyperparameters, not of type {kind}")
    target = train if callable(train) else None
    reference, folder = _reference(train)
    values: dict[str, Any] = {"trainable": reference, "parameters": _parameters(space)}
    for argument, value in settings.given().items():
        _put(values, _PATHS[argument], value, f"{source}: {argument}")
    if "metric" not in values and target is not None:
        raise UsageError(
            f"{source}: metric is missing; name what train gives, such as metric='dev_error'"
        )
    arguments: dict[Path, str] = {path: argument for argument, path in _PATHS.items()}
    name = possible_name(name_of(target)) if target is not None else name
    loaded = load_arguments(_ordered(values), arguments, source, FilePath(folder), name)
    if target is None or not _is_of_process(reference):
        return loaded
    return replace(loaded, config=replace(loaded.config, trainable=trainable_of(target)))


def trainable_of(target: Callable[..., Any]) -> TrainableConfig:
    """A function or class of this process alone, as a config has it here.

    Raises:
        TrainableError: something that it uses cannot leave this process.
    """
    return TrainableConfig(
        kind="object",
        reference=f"{OF_PROCESS}:{name_of(target)}",
        pickled=pickled(target, name_of(target)),
        code=tuple(object_digests(target).items()),
    )


@contextlib.contextmanager
def said_in_python() -> Iterator[None]:
    """Errors whose advice names an option name the argument of that meaning."""
    try:
        yield
    except HpsearchError as e:
        raise in_python(e) from None


def in_python(error: HpsearchError) -> HpsearchError:
    """The error with what it advises said as arguments in place of options."""
    message = error.message
    for option, argument in _IN_PYTHON:
        message = re.sub(option, argument, message)
    message = re.sub(r"\w+(-\w+)+(?==True)", lambda word: word[0].replace("-", "_"), message)
    return type(error)(message)


def _fresh_call(config: str, sets: str) -> str:
    """The call that starts a model of a config afresh, with settings as ``--set`` has them."""
    pairs = [text.partition("=") for text in sets.replace(" --set ", "\n").split()]
    values = ", ".join(f'"{name}": {_literal(text)}' for name, _, text in pairs)
    return f'hpsearch.babysit("{config}", fresh=True, hparams={{{values}}})'


def _literal(text: str) -> str:
    """A value of the command line as Python writes it.

    >>> _literal("0.1"), _literal("true"), _literal("adam")
    ('0.1', 'True', "'adam'")
    """
    if text in ("true", "false"):
        return text.capitalize()
    try:
        float(text)
    except ValueError:
        return repr(text)
    return text


def _reference(train: object) -> tuple[str | dict[str, Any], str]:
    """The trainable as the YAML has it, and the folder to which it is relative."""
    if isinstance(train, Mapping):
        return dict(train), str(FilePath.cwd())
    if not callable(train):
        return str(train), str(FilePath.cwd())
    found = reference_to(train)
    return found or (f"{OF_PROCESS}:{name_of(train)}", str(FilePath.cwd()))


def _is_of_process(reference: object) -> bool:
    return isinstance(reference, str) and reference.startswith(f"{OF_PROCESS}:")


def _parameters(space: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"values": list(value)}
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
        for name, value in space.items()
    }


def _put(values: dict[str, Any], path: Sequence[str], value: Any, argument: str) -> None:
    """Lay the value of an argument into the config, beside what stands there."""
    *above, last = path
    for part in above:
        inner = values.setdefault(part, {})
        if isinstance(inner, str):  # metric="loss" is short for a name
            inner = values[part] = {"name": inner}
        if not isinstance(inner, dict):
            raise UsageError(f"{argument}: {part} must be a dict to go with it")
        values = inner
    if isinstance(value, Mapping):
        before = values.get(last)
        value = {**(before if isinstance(before, dict) else {}), **value}
    values[last] = value


def _ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys in the order in which a config is read: the space last but for how it is run."""
    first = ("name", "seed", "data", "trainable", "epochs", "metric", "parameters", "constraints")
    return {key: values[key] for key in (*first, "search", "run") if key in values}


def _options(settings: Settings) -> list[str | Option]:
    """The arguments laid over a config file."""
    options: list[str | Option] = []
    for argument, value in settings.given().items():
        if isinstance(value, Mapping):
            for key, inner in value.items():
                path = (*_PATHS[argument], str(key))
                options.append(Option(f"{argument}[{key!r}] =", path, inner))
        else:
            options.append(Option(f"{argument} =", _PATHS[argument], value))
    return options
