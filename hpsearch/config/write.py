"""From a config to YAML, and what makes two configs the same run."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from hpsearch.config.keys import Scalar
from hpsearch.config.model import Config, MetricConfig, OptunaConfig
from hpsearch.config.parameters import Formula, ParameterConfig
from hpsearch.config.scalars import flow
from hpsearch.config.values import as_written as values_as_written
from hpsearch.engine.table import ON_THIS_MACHINE
from hpsearch.records import Hparams, TrialResult, same_value
from hpsearch.space import Parameter
from hpsearch.space.meanings import short_name
from hpsearch.space.repeated import base, gathered
from hpsearch.store.names import with_ending
from hpsearch.text import number

NOT_IDENTITY = (
    ("name",),
    ("search", "max_trials"),
    ("search", "max_failures"),
    ("search", "confirm"),
    ("search", "patience"),
    ("search", "target"),
    ("search", "timeout"),
    ("search", "until"),
    ("run", "workers"),
    ("run", "engine"),
    ("run", "address"),
    ("run", "gpus"),
    ("run", "trials_per_gpu"),
    ("run", "time_limit"),
    ("run", "memory_limit"),
    ("run", "retries"),
    ("run", "retry_on"),
    ("run", "log_limit"),
    ("run", "checkpoint_every"),
)
"""What may change while a run goes on: the trials stay the same, or more are added."""

ABSENT = object()


def dump(config: Config) -> str:
    """All values as YAML, in the order of the model; reading it gives an equal config."""
    return as_yaml(_as_written(config))


def as_yaml(values: dict[str, Any]) -> str:
    """Plain values as the text of a config file: a line for each key, and for each parameter."""
    lines: list[str] = []
    for key, value in values.items():
        if key in ("data", "search", "run", "parameters") and isinstance(value, dict):
            lines.append(f"{key}:")
            lines += [f"  {flow(inner)}: {flow(v)}" for inner, v in value.items()]
        else:
            lines.append(f"{key}: {flow(value)}")
    return "\n".join(lines) + "\n"


def best_config(
    config: Config,
    best: TrialResult,
    name: str,
    confirmed: str | None = None,
    *,
    what: str = "The best trial",
    ending: str = "-best",
) -> str:
    """A config with the hyperparameters of the best trial of run ``name``, fixed, as YAML.

    ``confirmed`` is what a confirmation says of its value, if there was one. Another trial than the
    best has words of its own for ``what`` it is, and another ``ending`` of the name.
    """
    trial = best.trial
    constants = fixed_parameters(config, trial.hparams)
    if config.trainable.kind in ("command", "object"):
        # Its braces, or its arguments, may name parameters that were not active; they stay
        # declared, and inactive.
        for parameter in config.space().parameters:
            key = base(parameter.name)
            if key not in constants:
                constants[key] = _inactive(config.parameters[key], parameter)
    fixed = replace(
        config,
        name=with_ending(name, ending),
        parameters=constants,
        constraints=(),
        run=replace(
            config.run,
            workers=None,
            engine=ON_THIS_MACHINE,
            address=None,
            gpus=None,
            trials_per_gpu=1,
        ),
    )
    # Nothing else in this block has an effect on a single trial, and what has none is warned of.
    written = _as_written(fixed) | {"search": {"strategy": "random", "max_trials": 1}}
    said = (
        f"The confirmed winner of the run {name}, trial {trial.index}: "
        f"{config.metric.name} {confirmed}"
        if confirmed
        else f"{what} of the run {name}, number {trial.index}: "
        f"{config.metric.name} {number(best.value)}"
    )
    for goal in config.further:
        said += f", {goal.name} {number(best.figure(goal.name))}"
    return (
        f"# {said}.\n"
        f"# Run again from this file it has a seed of its own, so the value may differ a little.\n"
        f"# Bit for bit: hpsearch retest {name} --trial {trial.index}\n{as_yaml(written)}"
    )


def fixed_parameters(config: Config, hparams: Hparams) -> dict[str, ParameterConfig]:
    """Parameters that are fixed at the values of a point; those that are repeated as a list."""
    fixed: dict[str, ParameterConfig] = {}
    for name, value in gathered(hparams).items():
        declared = config.parameters.get(name)
        if isinstance(value, list):
            real = [declared.real(each) if declared else each for each in value]
            short = short_name(real)
            fixed[name] = ParameterConfig(value=short, meanings={str(short): real})
        else:
            meanings = declared.meanings if declared is not None else {}
            fixed[name] = ParameterConfig(value=value, meanings=meanings)
    return fixed


def _inactive(declared: ParameterConfig, parameter: Parameter) -> ParameterConfig:
    """A parameter that the best trial does not have, with some value, and its conditions."""
    if parameter.needs or declared.branches or declared.per:
        return declared
    return ParameterConfig(
        value=parameter.decode(0.5), when=declared.when, meanings=declared.meanings
    )


def identity(config: Config) -> dict[str, Any]:
    """The part of a config that determines the trial table, as plain JSON values.

    ``order`` has the searched parameters in the order of their coordinates. To compare two
    configs, ask for :func:`differences`: in Python, 1 == True.
    """
    # Where a project lies changes no trial: it may be moved, or run elsewhere.
    trainable = replace(config.trainable, folder="")
    values = _as_written(replace(config, trainable=trainable))
    for *parts, last in NOT_IDENTITY:
        inner = values
        for part in parts:
            inner = inner[part]
        del inner[last]
    for key in ("start_from", "trials"):
        if key in values["search"]:
            values["search"][key] = getattr(config.search, key).identity()
    return values | {"order": [p.name for p in config.space().searched]}


def differences(a: Config, b: Config) -> list[str]:
    """What differs between the identities of two configs; empty if they give the same trials.

    One line for each value, such as ``parameters.alpha.max: 1 -> 0.1``.
    """
    old, new = identity(a), identity(b)
    if set(old["order"]) != set(new["order"]):
        del old["order"], new["order"]  # what was added or taken away says it all
    return _differences(old, new, "")


def _differences(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        inside = path and f"{path}."
        lines = [_differences(old.get(k, ABSENT), new.get(k, ABSENT), inside + k) for k in keys]
        return [line for part in lines for line in part]
    return [] if _same(old, new) else [f"{path}: {_shown(old)} -> {_shown(new)}"]


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return same_value(old, new)


def _shown(value: Any) -> str:
    return "(not there)" if value is ABSENT else flow(value)


def _as_written(config: Config) -> dict[str, Any]:
    """The values in the form of the YAML: what is fixed by a plain value is a plain value."""
    values: dict[str, Any] = _plain(asdict(config))
    trainable = config.trainable
    folder = {"folder": trainable.folder} if trainable.folder else {}
    if trainable.kind in ("network", "told"):
        values["trainable"] = trainable.kind
    elif trainable.kind == "object":
        as_object = {"object": trainable.reference, **folder}
        values["trainable"] = as_object if folder else trainable.reference
        if trainable.folds is not None:
            values["data"] = {"folds": trainable.folds}
    elif trainable.kind == "sklearn":
        steps = dict(trainable.steps)
        values["trainable"] = {"sklearn": steps.get("", steps)}
    else:
        values["trainable"] = {"command": trainable.reference, **folder}
    _write_beginning(config, values["search"])
    if isinstance(config.search.strategy, OptunaConfig):
        values["search"]["strategy"] = config.search.strategy.as_written()
    if values["data"] is None:
        del values["data"]
    if not config.constraints:
        del values["constraints"]
    del values["further"], values["limits"]
    values["metric"] = _metric_as_written(config)
    values["parameters"] = {n: _parameter_as_written(p) for n, p in config.parameters.items()}
    return values


def _metric_as_written(config: Config) -> Any:
    """One mapping; a list where there are several goals, or limits."""
    goals = [
        {"name": m.name, "goal": m.goal, "pick": m.pick, **_limits_as_written(m)}
        for m in (config.metric, *config.further)
    ]
    for further in goals[1:]:
        del further["pick"]  # the first goal's alone is asked for
    limits = [{"name": m.name, **_limits_as_written(m)} for m in config.limits]
    return goals[0] if len(goals) + len(limits) == 1 else [*goals, *limits]


def _limits_as_written(metric: MetricConfig) -> dict[str, float]:
    ends = {"min": metric.min, "max": metric.max}
    return {end: value for end, value in ends.items() if value is not None}


def _write_beginning(config: Config, search: dict[str, Any]) -> None:
    """What the search begins with, where somebody said so."""
    if not config.search.start:
        del search["start"]
    for key in ("start_from", "trials"):
        taken = getattr(config.search, key)
        del search[key]
        if taken is not None:
            search[key] = taken.as_written()


def _plain(value: Any) -> Any:
    """Tuples as lists, as JSON and YAML have them."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _parameter_as_written(parameter: ParameterConfig) -> Any:
    if parameter.branches:
        return [_parameter_as_written(branch) for branch in parameter.branches]
    written = {k: v for k, v in _plain(asdict(parameter)).items() if v is not None}
    del written["meanings"], written["branches"]
    if parameter.min is None:
        del written["scale"], written["type"]
    if isinstance(parameter.value, Formula):
        return written | {"value": str(parameter.value)}
    if parameter.values is not None:
        written["values"] = values_as_written(parameter.values, parameter.meanings)
    if parameter.value is not None:
        written["value"] = parameter.real(parameter.value)
    plain = list(written) == ["value"] and isinstance(written["value"], Scalar)
    return written["value"] if plain else written
