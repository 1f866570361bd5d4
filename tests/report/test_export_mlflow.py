"""MLflow's store, read back by MLflow; skipped where that is not installed, and slow."""

import math
from dataclasses import replace

import pytest
from exported_run import RUN, export, of_state

from hpsearch.errors import UsageError
from hpsearch.records import State

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of its own libraries
]


def test_mlflow_reads_the_experiment(tmp_path):
    tracking = pytest.importorskip("mlflow.tracking")
    few = [of_state(state) for state in State]
    export("mlflow", replace(RUN, results=few), tmp_path / "ml.db")
    client = tracking.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/ml.db")
    experiment = client.get_experiment_by_name("signs-6")
    runs = {r.data.tags["state"]: r for r in client.search_runs([experiment.experiment_id])}
    assert {state: run.info.status for state, run in runs.items()} == {
        "done": "FINISHED",
        "stopped": "KILLED",
        "diverged": "FAILED",
        "failed": "FAILED",
    }
    done = of_state(State.DONE)
    run = runs["done"]
    assert run.info.run_name == f"trial {done.trial.index}"
    assert float(run.data.params["alpha"]) == done.trial.hparams["alpha"]
    assert run.data.metrics["value"] == done.value
    curve = client.get_metric_history(run.info.run_id, "dev_error")
    assert [(m.step, m.value) for m in sorted(curve, key=lambda m: m.step)] == list(
        enumerate(done.curves["dev_error"], start=1)
    )
    assert runs["failed"].data.tags["error"] == of_state(State.FAILED).error
    assert math.isclose(run.info.end_time - run.info.start_time, done.seconds * 1000, abs_tol=1)
    with pytest.raises(UsageError, match="has an experiment 'signs-6' already"):
        export("mlflow", RUN, tmp_path / "ml.db")
