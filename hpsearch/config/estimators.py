"""Reading a scikit-learn estimator by name: ``{sklearn: RandomForestClassifier}``.

Its parameters are the space. What it takes is asked of scikit-learn itself, when a config is read
and not of one on record: another version should not keep anyone from reading that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hpsearch.config.blocks import check_keys
from hpsearch.config.model import Config, TrainableConfig
from hpsearch.config.parameters import Formula, ParameterConfig
from hpsearch.config.problems import Path, Problems
from hpsearch.config.wording import describe
from hpsearch.data.task import Task
from hpsearch.errors import UsageError
from hpsearch.estimators import (
    parameter_complaint,
    predicts_classes,
    scorer_complaint,
    step_complaints,
    steps_of,
    value_complaint,
)

AT: Path = ("trainable", "sklearn")
FORM = "a class such as RandomForestClassifier, or the steps of a pipeline, {name: class, …}"
WORDS = dict.fromkeys(
    ("fold", "folds", "cv", "nfold", "nsplits"), "write data: {path: …, folds: 5}"
)


def read_estimator(raw: Mapping[str, Any], problems: Problems) -> TrainableConfig | None:
    """The estimator, or the pipeline, as it is written; ``None`` if it cannot be understood."""
    before = len(problems)
    check_keys(raw, ("sklearn",), AT[:1], problems, WORDS)
    named = raw["sklearn"]
    classes = list(named.values()) if isinstance(named, dict) else named
    listed = classes if isinstance(classes, list) else [classes]
    if not listed or not all(isinstance(item, str) and item for item in listed):
        problems.add(AT, f"must be {FORM}, not {describe(named)}")
    if isinstance(named, dict):
        for name in named:
            if not name.isidentifier() or "__" in name:
                text = "a step's name is a word, without two _ beside each other; rename it"
                problems.add((*AT, name), text, of_key=True)
    if len(problems) > before:
        return None
    steps = tuple(steps_of(named))
    if len({name for name, _ in steps}) < len(steps):
        problems.add(AT, "two steps have one name; write {name: class, …} with names of your own")
        return None
    reference = " + ".join(class_name for _, class_name in steps)
    return TrainableConfig(kind="sklearn", reference=reference, steps=steps)


def check_estimator(config: Config, given: Mapping[str, Any], problems: Problems) -> Config:
    """The config with the metric that the estimator has, and all that it does not take reported."""
    if config.trainable.kind != "sklearn":
        return config
    if config.epochs != 1:
        text = "an estimator of scikit-learn is trained once in a trial; delete epochs"
        problems.add(("epochs",), text)
    steps = config.trainable.steps
    try:
        wrong = list(step_complaints(steps))
    except UsageError as e:
        problems.add(AT, e.message.removeprefix("trainable.sklearn: "))
        return config
    for number, text in wrong:
        name = steps[number][0]
        places = ((*AT, name), (*AT, number), AT)
        problems.add(next(p for p in places if p in problems.document.value_at or p == AT), text)
    if wrong:
        return config
    for name, parameter in config.parameters.items():
        path: Path = ("parameters", name)
        unknown = parameter_complaint(steps, name)
        if unknown is not None:
            problems.add(path, unknown, of_key=True)
            continue
        for key, value in _some_values(name, parameter):
            refused = value_complaint(steps, name, value)
            if refused is not None:
                whole = " int " in refused and key == ("min",) and isinstance(value, float)
                at = problems.document.written((*path, *key))
                problems.add(at, refused + ("; add type: int" if whole else ""))
                break
    return _with_task(_with_metric(config, given.get("metric", {}), problems), problems)


def _some_values(name: str, parameter: ParameterConfig) -> Iterator[tuple[Path, Any]]:
    """Values that a parameter can take, and the keys that they stand under."""
    if isinstance(parameter.value, Formula):
        return  # it is known in each trial only
    if parameter.value is not None:
        yield ("value",), parameter.real(parameter.value)
    elif parameter.values is not None:
        for number, value in enumerate(parameter.values):
            yield ("values", number), parameter.real(value)
    else:
        axis = parameter.parameter(name)
        yield ("min",), axis.decode(0.0)
        yield ("max",), axis.decode(1.0)


def _with_task(config: Config, problems: Problems) -> Config:
    """With data for what the estimator predicts."""
    task: Task = "classification" if predicts_classes(config.trainable.steps) else "regression"
    assert config.data is not None
    if config.data.task not in (None, task):
        what = "classes" if task == "classification" else "numbers"
        text = f"{config.trainable.reference} predicts {what}; delete it, or name another estimator"
        problems.add(problems.blame(("data", "task"), AT), text)
    return replace(config, data=replace(config.data, task=task))


def _with_metric(config: Config, raw: Any, problems: Problems) -> Config:
    """With scorers as the metrics; of all of them, more is better."""
    several = isinstance(raw, list)
    for place, entry in enumerate(raw if several else [raw]):
        path: Path = ("metric", place) if several else ("metric",)
        said = {"name": entry} if isinstance(entry, str) else entry
        text = scorer_complaint(said["name"]) if "name" in said else None
        if text is not None:
            problems.add(problems.document.written((*path, "name")), text)
        elif said.get("goal", "maximize") != "maximize":
            text = "of every scorer more is better; write goal: maximize"
            problems.add(problems.blame((*path, "goal"), (*path, "name")), text)
    named = isinstance(raw, str | list) or "name" in raw
    usual = "accuracy" if predicts_classes(config.trainable.steps) else "r2"
    name = config.metric.name if named else usual
    return replace(
        config,
        metric=replace(config.metric, name=name, goal="maximize"),
        further=tuple(replace(metric, goal="maximize") for metric in config.further),
    )
