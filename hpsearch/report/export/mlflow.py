"""A run as an experiment in MLflow's store: one MLflow run for each trial.

Hyperparameters are MLflow's parameters, every curve is a metric with the epoch as the step, and
``value`` is the trial's value at its best epoch. State, round, origin, seed and error are tags. A
trial that diverged or failed is FAILED; one that was stopped at a cut-off is KILLED.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hpsearch.errors import UsageError
from hpsearch.records import Metric, State, TrialResult
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.analysis.weighed import aims
from hpsearch.report.export.columns import FEASIBLE, VALUE, curve_names
from hpsearch.report.export.optional import optional, told_in_one_line
from hpsearch.report.export.tables import cell

STATUS = {
    State.DONE: "FINISHED",
    State.STOPPED: "KILLED",
    State.DIVERGED: "FAILED",
    State.FAILED: "FAILED",
}
MOST_AT_ONCE = 900
"""MLflow takes at most 1,000 metrics in one call."""

LONGEST_TAG = 4900


def store_uri(place: str) -> str:
    """What MLflow is told: the URL of a server or a database, or that of an SQLite file."""
    return place if "://" in place else f"sqlite:///{place}"


def write_mlflow(view: RunView, place: str) -> None:
    """Add the run as an experiment of its name to a store, which is made if it is missing.

    Args:
        view: the run.
        place: an SQLite file, or the URL of a tracking server or database.

    Raises:
        UsageError: MLflow is not installed, or the store has an experiment of that name.
        RunError: the store cannot be written.
    """
    tracking = optional("mlflow.tracking", "mlflow")
    entities = optional("mlflow.entities", "mlflow")
    uri = store_uri(place if "://" in place else str(Path(place).absolute()))
    with told_in_one_line(place, "MLflow"):
        client = tracking.MlflowClient(tracking_uri=uri)
        if client.get_experiment_by_name(view.name) is not None:
            raise UsageError(
                f"{place} has an experiment {view.name!r} already; choose another file, "
                f"or remove the experiment there"
            )
        experiment = client.create_experiment(view.name, tags=_experiment_tags(view))
        started = int(time.time() * 1000)
        for result in view.results:
            _write_trial(client, entities, experiment, result, started=started, metric=view.metric)
            started += round(result.seconds * 1000)


def _experiment_tags(view: RunView) -> dict[str, str]:
    constraints = "; ".join(map(str, view.space.constraints))
    return {
        "metric": view.metric.name,
        "goal": str(view.metric.goal),
        **({"aims": aims(view.metric)} if view.metric.needed[1:] or view.metric.limits else {}),
        "seed": str(view.seed),
        "scales": ", ".join(f"{p.name}: {p.scale_label}" for p in view.space.searched),
        **({"constraints": constraints} if constraints else {}),
    }


def _write_trial(
    client: Any,
    entities: Any,
    experiment: str,
    result: TrialResult,
    *,
    started: int,
    metric: Metric,
) -> None:
    trial = result.trial
    run = client.create_run(experiment, start_time=started, run_name=f"trial {trial.index}")
    tags = {
        "trial": str(trial.index),
        "state": str(result.state),
        "round": str(trial.round),
        "origin": trial.origin,
        "seed": str(trial.seed),
    }
    if metric.limits:
        tags[FEASIBLE] = cell(result.is_feasible(metric))
    if result.error is not None:
        tags["error"] = result.error[:LONGEST_TAG]
    params = [entities.Param(name, cell(v)) for name, v in trial.hparams.items()]
    client.log_batch(
        run.info.run_id, params=params, tags=[entities.RunTag(k, v) for k, v in tags.items()]
    )
    metrics = _metrics(entities, result, started)
    for first in range(0, len(metrics), MOST_AT_ONCE):
        client.log_batch(run.info.run_id, metrics=metrics[first : first + MOST_AT_ONCE])
    ended = started + round(result.seconds * 1000)
    client.set_terminated(run.info.run_id, STATUS[result.state], end_time=ended)


def _metrics(entities: Any, result: TrialResult, started: int) -> list[Any]:
    each = 1000 * result.seconds / max(result.epochs, 1)
    metrics = [
        entities.Metric(name, value, started + round(epoch * each), epoch)
        for name, curve in zip(curve_names(result), result.curves.values(), strict=True)
        for epoch, value in enumerate(curve, start=1)
        if value is not None
    ]
    if result.value is not None:
        step = result.best_epoch or result.epochs
        metrics.append(entities.Metric(VALUE, result.value, started + round(step * each), step))
    return metrics
