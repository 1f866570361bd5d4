"""Which task the built-in network has, to tell classes apart or to predict a number, and why.

``data.task`` says it; else the metric does, if only one of the tasks has it; else the target is
looked at. Either way it is settled before anything is trained, and recorded with the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from hpsearch.config import recorded
from hpsearch.config.model import MetricConfig
from hpsearch.config.problems import Path, Problems
from hpsearch.data.spec import DataSpec
from hpsearch.data.task import Task
from hpsearch.errors import DataError
from hpsearch.records import Goal

METRICS: Mapping[Task, Mapping[str, Goal]] = {
    "classification": {
        "dev_error": Goal.MINIMIZE,
        "dev_loss": Goal.MINIMIZE,
        "dev_accuracy": Goal.MAXIMIZE,
        "dev_macro_f1": Goal.MAXIMIZE,
        "train_error": Goal.MINIMIZE,
        "train_loss": Goal.MINIMIZE,
        "train_accuracy": Goal.MAXIMIZE,
    },
    "regression": {
        "dev_rmse": Goal.MINIMIZE,
        "dev_mae": Goal.MINIMIZE,
        "dev_r2": Goal.MAXIMIZE,
        "dev_loss": Goal.MINIMIZE,
        "train_rmse": Goal.MINIMIZE,
        "train_mae": Goal.MINIMIZE,
        "train_r2": Goal.MAXIMIZE,
        "train_loss": Goal.MINIMIZE,
    },
}
"""What the network gives each epoch, and the direction in which it gets better. The first one of a
task is its default."""

COSTS: Mapping[str, Goal] = {
    "parameters": Goal.MINIMIZE,
    "multiply_adds": Goal.MINIMIZE,
    "train_seconds": Goal.MINIMIZE,
}
"""What the network gives if the config asks for it: its size, and the time that it was trained."""

NETWORK_METRICS = {**METRICS["classification"], **METRICS["regression"], **COSTS}
"""Those of both tasks, and the costs."""


@dataclass(frozen=True)
class Settled:
    """The data with their task, the metric, and why it is this task; empty if it was not seen.

    ``found`` if nobody said so: the target was looked at.
    """

    data: DataSpec
    metric: MetricConfig
    why: str = ""
    found: bool = False


def settle_task(
    data: DataSpec, metric: MetricConfig, named: bool, name_at: Path, problems: Problems
) -> Settled:
    """Decide on a task; ``named`` if the config names its ``metric``, at ``name_at``."""
    of_metric = [task for task, metrics in METRICS.items() if metric.name in {**metrics, **COSTS}]
    if data.task is not None:
        settled = Settled(data, metric, f"{data.task}, as data.task says")
    elif FilePath(problems.document.source).name == recorded.FILE:
        settled = _with_task("classification", data, metric)  # older runs knew no other
    elif named and len(of_metric) == 1:
        settled = _with_task(of_metric[0], data, metric, f"as the metric {metric.name} says")
    else:
        settled = _looked_at(data, metric)
    task = settled.data.task
    assert task is not None
    if not named:
        name = next(iter(METRICS[task]))
        goal: Any = str(METRICS[task][name])
        return replace(settled, metric=replace(metric, name=name, goal=goal))
    if task not in of_metric:
        at = problems.blame(name_at, ("data", "task"))
        known = ", ".join([*METRICS[task], *COSTS])
        problems.add(at, f"{task} has no metric {metric.name}; it has {known}")
    return settled


def _with_task(task: Task, data: DataSpec, metric: MetricConfig, why: str = "") -> Settled:
    return Settled(replace(data, task=task), metric, why and f"{task}, {why}")


def _looked_at(data: DataSpec, metric: MetricConfig) -> Settled:
    """The task that the target looks like. Whoever reads the data tells what is wrong with them."""
    from hpsearch.data.loading import look_at_target  # noqa: PLC0415 - a recorded run needs no look

    try:
        found = look_at_target(data)
    except DataError:
        return _with_task("classification", data, metric)
    return replace(
        _with_task(found.task, data, metric, f"since {found.seen}"),
        found=found.task == "regression",
    )
