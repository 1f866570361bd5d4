"""A run as a study in Optuna's storage, so that optuna-dashboard and Optuna's own tools open it.

| here                    | there                                                              |
| ----------------------- | ------------------------------------------------------------------ |
| linear, log             | FloatDistribution or IntDistribution, with ``log`` and ``step``     |
| 1-beta                  | FloatDistribution; 1 - value as the user attribute ``1 - NAME``     |
| choices                 | CategoricalDistribution                                             |
| fixed values            | the study's user attribute ``fixed``                                |
| done                    | COMPLETE                                                            |
| stopped at a cut-off    | PRUNED, with the last epoch's value                                 |
| diverged, failed        | FAIL, with the user attribute ``error``                             |
| the metric's curve      | intermediate values, the epoch as the step                          |
| limits                  | constraints: how far each is passed, as a share of the bound        |

Each trial's user attributes also have its number, state, round, origin, seed and best epoch. The
study's say which scale each parameter was searched on. Optuna has no log scale with steps, so a
stepped parameter keeps its scale, and its steps are told by the values.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hpsearch import __version__
from hpsearch.errors import UsageError
from hpsearch.records import State, TrialResult, finite
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.optional import optional, told_in_one_line
from hpsearch.space import LINEAR, LOG, Derived, Listed, Number, Parameter

JOURNALS = (".log", ".journal", ".jsonl")
"""Endings of Optuna's journal files; every other file is an SQLite database."""

SCHEMA = 1

CONSTRAINTS = "constraints"
"""Under this key of a trial's system attributes Optuna's samplers keep what they were told."""

LOG_OF = {LINEAR.name: False, LOG.name: True}
"""The scales that Optuna has, and its word ``log`` for them; on others numbers are plain."""


def storage_uri(place: str) -> str:
    """What Optuna and its dashboard are told: a URL, or the path of a journal."""
    if "://" in place or place.endswith(JOURNALS):
        return place
    return f"sqlite:///{place}"


def write_optuna(view: RunView, place: str) -> None:
    """Add the run as a study of its name to a storage, which is made if it is missing.

    Args:
        view: the run.
        place: a file, SQLite or a journal by its ending, or the URL of a database.

    Raises:
        UsageError: Optuna is not installed, or the storage has a study of that name.
        RunError: the storage cannot be written.
    """
    optuna = optional("optuna", "optuna")
    loudness = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with told_in_one_line(place, "Optuna"):
            _write(view, place, optuna)
    finally:
        optuna.logging.set_verbosity(loudness)


def _write(view: RunView, place: str, optuna: Any) -> None:
    storage = _storage(place, optuna)
    if view.name in optuna.get_all_study_names(storage):
        raise UsageError(
            f"{place} has a study {view.name!r} already; choose another file, "
            f"or remove it with: optuna delete-study --study-name {view.name} "
            f"--storage {storage_uri(place)}"
        )
    directions = [str(goal.goal) for goal in view.metric.goals]
    study = optuna.create_study(study_name=view.name, storage=storage, directions=directions)
    study.set_metric_names([goal.name for goal in view.metric.goals])
    for name, value in study_attributes(view).items():
        study.set_user_attr(name, value)
    started = datetime.now()  # Optuna stores local times without a zone
    for result in view.results:
        study.add_trial(frozen_trial(view, result, started, optuna))
        started += timedelta(seconds=result.seconds)


def _storage(place: str, optuna: Any) -> Any:
    if re.match(r"[a-z+]+://", place):
        return optuna.storages.RDBStorage(place)
    if place.endswith(JOURNALS):
        backend = optuna.storages.journal.JournalFileBackend(place)
        return optuna.storages.JournalStorage(backend)
    return _sqlite(Path(place).absolute(), optuna)


def _sqlite(path: Path, optuna: Any) -> Any:
    """An SQLite database; a new one is not synced to the disk after each of its many commits.

    After a power failure within, the export can be made again. What others have put into a
    database that exists cannot, so there every commit is synced.
    """
    new = not path.exists()
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    if new:

        def loosen(connection: Any, record: object) -> None:
            del record
            connection.execute("PRAGMA synchronous = OFF")

        optional("sqlalchemy", "optuna").event.listen(storage.engine, "connect", loosen)
        storage.engine.dispose()  # the connections that were opened before
    return storage


def study_attributes(view: RunView) -> dict[str, Any]:
    """What is known of the whole run and has no field in Optuna."""
    parameters = view.space.parameters
    derived = {p.name: str(p.expression) for p in parameters if isinstance(p, Derived)}
    constraints = list(map(str, view.space.constraints))
    return {
        "hpsearch": __version__,
        "schema": SCHEMA,
        "seed": view.seed,
        "scales": {p.name: p.scale_label for p in view.space.searched},
        "fixed": {p.name: p.decode(0.5) for p in parameters if not p.varies},
        **({"derived": derived} if derived else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def frozen_trial(view: RunView, result: TrialResult, started: datetime, optuna: Any) -> Any:
    """One trial as Optuna keeps it."""
    searched = {p.name: p for p in view.space.searched if p.name in result.trial.hparams}
    params = {name: result.trial.hparams[name] for name in searched}
    steps = {
        epoch: value
        for epoch, value in enumerate(result.curves.get(view.metric.name, ()), start=1)
        if value is not None
    }
    trial = optuna.trial.create_trial(
        state=_state(result, optuna),
        **_values(view, result, steps),
        params=params,
        distributions={name: distribution(p, optuna) for name, p in searched.items()},
        intermediate_values={} if view.metric.further else steps,
        user_attrs=_attributes(result, searched),
        system_attrs=_constraints(view, result),
    )
    trial.datetime_start = started
    trial.datetime_complete = started + timedelta(seconds=result.seconds)
    return trial


def _has_value(result: TrialResult) -> bool:
    return finite(result.value) is not None


def _state(result: TrialResult, optuna: Any) -> Any:
    states = optuna.trial.TrialState
    if not _has_value(result):
        return states.FAIL
    return states.PRUNED if result.state is State.STOPPED else states.COMPLETE


def _value(result: TrialResult, steps: dict[int, float]) -> float | None:
    """The trial's value; of a pruned one the last that was reported, as Optuna itself has it."""
    if not _has_value(result):
        return None
    return steps.get(result.epochs, result.value) if result.state is State.STOPPED else result.value


def _constraints(view: RunView, result: TrialResult) -> dict[str, Any]:
    """How far each limit is passed, where there are limits: 0 and below where it is kept."""
    if not view.metric.limits or not _has_value(result):
        return {}
    return {CONSTRAINTS: list(result.excesses(view.metric))}


def _values(view: RunView, result: TrialResult, steps: dict[int, float]) -> dict[str, Any]:
    """The trial's value, or one for each of several goals, for which Optuna knows no steps."""
    if not view.metric.further:
        return {"value": _value(result, steps)}
    figures = [result.figure(goal.name) for goal in view.metric.goals]
    return {"values": figures if _has_value(result) else None}


def _attributes(result: TrialResult, searched: dict[str, Parameter]) -> dict[str, Any]:
    trial = result.trial
    attributes: dict[str, Any] = {
        "trial": trial.index,
        "state": str(result.state),
        "round": trial.round,
        "origin": trial.origin,
        "seed": trial.seed,
        "epochs": result.epochs,
        "best_epoch": result.best_epoch,
    }
    if result.error is not None:
        attributes["error"] = result.error
    for name, parameter in searched.items():
        value = trial.hparams[name]
        if isinstance(parameter, Number) and parameter.scale.name not in LOG_OF:
            assert isinstance(value, int | float)
            attributes |= _distance(name, value, parameter.scale.below)
    return attributes


def _distance(name: str, value: float, end: float) -> dict[str, float]:
    """How far a value is from its scale's upper end, which Optuna draws no axis for."""
    return {f"{end:g} - {name}": float(f"{end - value:.15g}")} if math.isfinite(end) else {}


def distribution(parameter: Parameter, optuna: Any) -> Any:
    """The distribution of one searched parameter."""
    kinds = optuna.distributions
    if isinstance(parameter, Listed):
        return kinds.CategoricalDistribution(parameter.values)
    assert isinstance(parameter, Number)
    log = LOG_OF.get(parameter.scale.name, False)
    high = parameter.high
    if parameter.step is not None:
        high = float(f"{parameter.low + ((parameter.levels or 1) - 1) * parameter.step:.12g}")
    if parameter.integer:
        step = 1 if log else round(parameter.step or 1)
        return kinds.IntDistribution(round(parameter.low), round(high), log=log, step=step)
    step_ = None if log or parameter.scale.name not in LOG_OF else parameter.step
    return kinds.FloatDistribution(float(parameter.low), high, log=log, step=step_)
