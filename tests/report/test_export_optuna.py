"""Optuna's storages, read back by Optuna; skipped where that is not installed."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from exported_run import RUN, export
from synthetic_runs import SPACE, result

from hpsearch.errors import UsageError
from hpsearch.records import Goal, Limit, Metric, State
from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.optuna import distribution
from hpsearch.space import LINEAR, LOG, ONE_MINUS, Constant, Number, Scale, Space

optuna = pytest.importorskip("optuna")


def load_study(place, name="signs-6"):
    return optuna.load_study(study_name=name, storage=place)


@pytest.mark.parametrize("ending", ["db", "log"])
def test_optuna_reads_the_study(tmp_path, ending):
    place = tmp_path / f"studies.{ending}"
    export("optuna", RUN, place)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backend = optuna.storages.journal.JournalFileBackend(str(place))
        storage = (
            f"sqlite:///{place}" if ending == "db" else optuna.storages.JournalStorage(backend)
        )
        study = load_study(storage)
        trials = study.trials
        names = study.metric_names
    best = min((r for r in RUN.results if r.state is State.DONE), key=lambda r: r.value)
    assert study.best_trial.user_attrs["trial"] == best.trial.index
    assert study.best_value == best.value
    assert names == ["dev_error"]
    assert study.user_attrs["scales"]["beta"] == "1-β"
    there = {State.DONE: "COMPLETE", State.STOPPED: "PRUNED"}
    assert [t.state.name for t in trials] == [there.get(r.state, "FAIL") for r in RUN.results]
    assert {r.state for r in RUN.results} == set(State)
    for trial, ours in zip(trials, RUN.results, strict=True):
        assert trial.params == dict(ours.trial.hparams)
        curve = ours.curves.get("dev_error", ())
        assert trial.intermediate_values == {
            epoch: value for epoch, value in enumerate(curve, start=1) if value is not None
        }
        seconds = (trial.datetime_complete - trial.datetime_start).total_seconds()
        assert seconds == pytest.approx(ours.seconds, abs=1e-5)
        assert trial.user_attrs["1 - beta"] == pytest.approx(1 - trial.params["beta"], rel=1e-12)
        assert trial.user_attrs.get("error") == ours.error
        assert ("1 - beta2" in trial.user_attrs) == (trial.params["optimizer"] == "adam")
    kinds = trials[0].distributions
    assert kinds["alpha"] == optuna.distributions.FloatDistribution(1e-5, 1.0, log=True)
    assert kinds["beta"] == optuna.distributions.FloatDistribution(0.9, 0.9999)
    assert kinds["hidden_units"] == optuna.distributions.IntDistribution(16, 512)
    assert kinds["batch_size"].choices == (32, 64, 128, 256)


def test_optuna_has_the_last_value_of_a_pruned_trial(tmp_path):
    point = SPACE.decode([0.5] * SPACE.dimensions)
    stopped = result(
        0,
        0.2,
        point,
        state=State.STOPPED,
        epochs=3,
        best_epoch=2,
        curves={"dev_error": (0.5, 0.2, 0.4)},
    )
    export("optuna", replace(RUN, results=[stopped]), tmp_path / "a.db")
    (trial,) = load_study(f"sqlite:///{tmp_path}/a.db").trials
    assert (trial.state.name, trial.value) == ("PRUNED", 0.4)


def test_optuna_with_steps_and_fixed_values_and_to_maximise(tmp_path):
    space = Space(
        (
            Number("tenth", low=0.1, high=0.95, step=0.1, scale=LINEAR),  # 0.1, 0.2 … 0.9
            Number("units", low=8, high=64, step=8, integer=True, scale=LINEAR),
            Number("wide", low=8, high=64, step=8, integer=True, scale=LOG),
            Number("near", low=0.5, high=0.9, step=0.1, scale=ONE_MINUS),
            Number("steps", low=0.01, high=0.1, step=0.01, scale=LOG),
            Constant("fixed", value="relu"),
        )
    )
    points = [space.decode([u] * 5) for u in (0.0, 0.3, 0.7, 1.0)]
    metric = Metric("accuracy", Goal.MAXIMIZE)
    results = [
        result(i, i / 10, p, space, curves={"accuracy": (i / 10,)}) for i, p in enumerate(points)
    ]
    view = RunView("steps", space, metric, results, seed=1)
    export("optuna", view, tmp_path / "a.db")
    study = load_study(f"sqlite:///{tmp_path}/a.db", "steps")
    assert study.best_value == 0.3
    assert study.direction is optuna.study.StudyDirection.MAXIMIZE
    assert [t.params for t in study.trials] == [
        {name: value for name, value in p.items() if name != "fixed"} for p in points
    ]
    assert study.user_attrs["fixed"] == {"fixed": "relu"}
    kinds = study.trials[0].distributions
    assert kinds["tenth"] == optuna.distributions.FloatDistribution(0.1, 0.9, step=0.1)
    assert kinds["units"] == optuna.distributions.IntDistribution(8, 64, step=8)
    assert kinds["wide"] == optuna.distributions.IntDistribution(8, 64, log=True)
    assert kinds["steps"].log


def test_a_study_of_the_same_name_is_refused_and_others_stand_beside_it(tmp_path):
    place = tmp_path / "studies.db"
    export("optuna", replace(RUN, results=RUN.results[:3]), place)
    with pytest.raises(UsageError, match="has a study 'signs-6' already"):
        export("optuna", RUN, place)
    export("optuna", replace(RUN, name="other", results=RUN.results[:2]), place)
    assert len(load_study(f"sqlite:///{place}").trials) == 3
    assert len(load_study(f"sqlite:///{place}", "other").trials) == 2


def test_a_scale_that_optuna_does_not_have_is_a_plain_number():
    root = Scale("sqrt", "√", np.sqrt, np.square, above=0.0)
    parameter = Number("a", low=1.0, high=9.0, scale=root)
    assert distribution(parameter, optuna) == optuna.distributions.FloatDistribution(1.0, 9.0)


def test_limits_are_constraints_and_goals_are_directions(tmp_path):
    limit = Limit("train_error", max=0.1)
    metric = Metric("dev_error", further=(Metric("train_error", Goal.MAXIMIZE),), limits=(limit,))
    place = f"sqlite:///{tmp_path / 'studies.db'}"
    export("optuna", replace(RUN, metric=metric), tmp_path / "studies.db")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = load_study(place)
        assert study.metric_names == ["dev_error", "train_error"]
    assert [direction.name for direction in study.directions] == ["MINIMIZE", "MAXIMIZE"]
    for trial, ours in zip(study.trials, RUN.results, strict=True):
        if ours.state is State.DONE:
            assert trial.values == [ours.value, ours.figure("train_error")]
            excess = limit.excess(ours.figure("train_error"))
            assert trial.system_attrs["constraints"] == [excess]
    feasible = [r for r in RUN.results if r.state is State.DONE and r.is_feasible(metric)]
    assert 0 < len(feasible) < len(RUN.results)
    assert {t.user_attrs["trial"] for t in study.best_trials} <= {r.trial.index for r in feasible}
