"""From the arguments of a call to a config: the one that the command line would read from YAML."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
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
    "space": ("parameters",),
    "metric": ("metric",),
    "goal": ("metric", "goal"),
    "max_trials": ("search", "max_trials"),
    "strategy": ("search", "strategy"),
    "workers": ("run", "workers"),
    **{key: (key,) for key in ("name", "seed", "epochs", "data", "search", "run")},
}
"""Where the value of each argument stands in a config."""

_IN_PYTHON = (
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

    metric: str | Mapping[str, Any] | None = None
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

    def given(self) -> dict[str, Any]:
        """Those that are given, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


def as_config(
    train: Trainable, space: object, settings: Settings, source: str = "hpsearch.run"
) -> Loaded:
    """The config of a call; ``source`` is what messages call it.

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
    name = possible_name(name_of(target)) if target is not None else "search"
    loaded = load_arguments(_ordered(values), arguments, source, FilePath(folder), name)
    if target is None or not _is_of_process(reference):
        return loaded
    trainable = TrainableConfig(
        kind="object",
        reference=str(reference),
        pickled=pickled(target, name_of(target)),
        code=tuple(object_digests(target).items()),
    )
    return replace(loaded, config=replace(loaded.config, trainable=trainable))


def in_python(error: HpsearchError) -> HpsearchError:
    """The error with what it advises said as arguments in place of options."""
    message = error.message
    for option, argument in _IN_PYTHON:
        message = re.sub(option, argument, message)
    message = re.sub(r"\w+(-\w+)+(?==True)", lambda word: word[0].replace("-", "_"), message)
    return type(error)(message)


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
    first = ("name", "seed", "data", "trainable", "epochs", "metric", "parameters")
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
