"""Searches over a scikit-learn estimator, from its name to the report. Real processes."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.shell import Shell

TREE = """
name: tree
seed: 3
trainable: {sklearn: DecisionTreeClassifier}
data: {path: digits, folds: 3}
parameters:
  max_depth: {min: 2, max: 12, type: int}
  criterion: {values: [gini, entropy]}
  max_features: {values: [null, 0.5, sqrt]}
search: {max_trials: 12, lookahead: 4}
run: {workers: 2}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def hidden(tmp_path: Path) -> str:
    """A search path on which scikit-learn cannot be imported."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "sklearn.py").write_text("raise ImportError('hidden')\n")
    return f"{tmp_path / 'hidden'}{os.pathsep}{Path(__file__).parents[2]}"


def test_without_scikit_learn_it_is_said_in_one_line(shell: Shell, hidden: str) -> None:
    shell.write("tree.yaml", TREE)
    done = shell("run", "tree.yaml", PYTHONPATH=hidden)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: tree.yaml:4:22: trainable.sklearn: it needs scikit-learn; install it with: "
        "pip install 'hpsearch[sklearn]'\n"
    )


def test_killed_and_gone_on_with_it_is_the_table_of_one_worker(shell: Shell, hidden: str) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    shell.write("tree.yaml", TREE)
    done = shell("run", "tree.yaml", "-w", "1", "-q", "--name", "whole")
    assert done.code == 0, done.err
    process = shell.start("run", "tree.yaml", "-q")
    journal = shell.folder / "runs" / "tree" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > 2, process)
    shell.signal_group(process, 9)
    process.communicate()
    done = shell("run", "tree.yaml", "-q")
    assert done.code == 0, done.err
    assert shell.table("tree") == shell.table("whole")
    assert all(record["state"] == "done" for record in shell.records("tree"))
    # What is on record is read without scikit-learn.
    seen = shell("report", "tree", PYTHONPATH=hidden)
    assert seen.code == 0, seen.err
    assert "accuracy" in seen.out


def test_a_trials_value_is_what_scikit_learn_says(shell: Shell) -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    y = (X[:, 0] + 0.5 * rng.normal(size=120) > 0).astype(int)
    for name, part in (("train", slice(0, 80)), ("dev", slice(80, 120))):
        np.savez(shell.folder / f"{name}.npz", X=X[part].astype(np.float32), y=y[part])
    shell.write(
        "logistic.yaml",
        "trainable: {sklearn: {scale: StandardScaler, model: LogisticRegression}}\n"
        "data: {path: train.npz, dev: dev.npz, standardize: false}\n"
        "metric: neg_log_loss\n"
        "parameters:\n  model__C: {value: 0.25}\n  model__max_iter: 500\n"
        "search: {strategy: random, max_trials: 1}\nrun: {workers: 1}\n",
    )
    done = shell("run", "logistic.yaml", "-q")
    assert done.code == 0, done.err
    model = make_pipeline(StandardScaler(), linear.LogisticRegression(C=0.25, max_iter=500))
    X32 = X.astype(np.float32)
    answer = model.fit(X32[:80], y[:80]).predict_proba(X32[80:])[np.arange(40), y[80:]]
    record = shell.records("logistic")[0]
    assert record["value"] == pytest.approx(np.log(answer).mean(), rel=1e-6)
    resolved = (shell.folder / "runs" / "logistic" / "resolved.yaml").read_text()
    assert "scikit-learn: " in resolved
    assert "name: neg_log_loss, goal: maximize" in resolved


def test_everything_wrong_is_said_at_once_with_its_place(shell: Shell) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    shell.write(
        "wrong.yaml",
        "trainable: {sklearn: DecisionTreeClassifier}\n"
        "data: digits\n"
        "epochs: 5\n"
        "metric: {name: accuracy, goal: minimize}\n"
        "parameters:\n"
        "  max_dept: {min: 2, max: 12, type: int}\n"
        "  max_depth: {min: 2, max: 12}\n"
        "  criterion: {values: [gini, enthropy]}\n"
        "  min_samples_leaf: 0\n",
    )
    done = shell("run", "wrong.yaml")
    assert done.code == 2
    starts = [line.split(": ")[1] + " " + line.split(": ")[2] for line in done.err.splitlines()]
    assert starts == [
        "wrong.yaml:3:9 epochs",
        "wrong.yaml:4:32 metric.goal",
        "wrong.yaml:6:3 parameters.max_dept",
        "wrong.yaml:7:20 parameters.max_depth.min",
        "wrong.yaml:8:30 parameters.criterion.values[1]",
        "wrong.yaml:9:21 parameters.min_samples_leaf",
    ]
    assert "did you mean max_depth?" in done.err
    assert "add type: int" in done.err


def test_from_python(shell: Shell) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    code = (
        "import hpsearch, json\n"
        "if __name__ == '__main__':\n"
        "    run = hpsearch.run({'sklearn': 'KNeighborsClassifier'},\n"
        "        {'n_neighbors': hpsearch.linear(1, 9, type='int')}, name='knn',\n"
        "        data={'path': 'digits', 'folds': 3},\n"
        "        max_trials=3, workers=1, quiet=True)\n"
        "    print(json.dumps([run.best.value, len(run.best.curves['accuracy'])]))\n"
    )
    from tests.library.scripts import run_script  # noqa: PLC0415

    done = run_script(shell.folder, code)
    assert done.code == 0, done.err
    value, epochs = json.loads(done.out)
    assert 0.9 < value <= 1
    assert epochs == 1
    repeats = [record["repeats"] for record in shell.records("knn")]
    assert all(len(scores) == 3 for scores in repeats)


def test_a_regressor_learns_numbers_in_their_own_units(shell: Shell) -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 2)).round(3)
    y = (300 + 50 * X[:, 0] + rng.normal(size=100)).round(2)
    for name, rows in (("train", slice(0, 70)), ("dev", slice(70, 100))):
        lines = ["a,b,price", *(f"{a},{b},{c}" for (a, b), c in zip(X[rows], y[rows], strict=True))]
        shell.write(f"{name}.csv", "\n".join(lines) + "\n")
    config = (
        "trainable: {sklearn: Ridge}\n"
        "data: {path: train.csv, target: price, dev: dev.csv, standardize: false}\n"
        "metric: neg_mean_absolute_error\n"
        "parameters: {alpha: {value: 2.5}}\n"
        "search: {strategy: random, max_trials: 1}\nrun: {workers: 1}\n"
    )
    shell.write("ridge.yaml", config)
    done = shell("run", "ridge.yaml", "-q")
    assert done.code == 0, done.err
    predicted = linear.Ridge(alpha=2.5).fit(X[:70], y[:70]).predict(X[70:])
    expected = -np.abs(predicted - y[70:]).mean()
    assert shell.records("ridge")[0]["value"] == pytest.approx(expected, rel=1e-4)
    shell.write("wrong.yaml", config.replace("standardize: false", "task: classification"))
    wrong = shell("run", "wrong.yaml")
    assert wrong.code == 2
    assert "wrong.yaml:2:60: data.task: Ridge predicts numbers; delete it" in wrong.err
    shell.write("r2.yaml", config.replace("metric: neg_mean_absolute_error\n", ""))
    assert shell("run", "r2.yaml", "-q").code == 0
    assert 0.9 < shell.records("r2")[0]["value"] < 1


def test_several_scorers_are_goals_and_limits(shell: Shell) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    config = (
        "seed: 1\ntrainable: {sklearn: DecisionTreeClassifier}\ndata: digits\n"
        "metric: [balanced_accuracy, neg_log_loss, {name: f1_macro, min: 0.3}]\n"
        "parameters:\n  max_depth: {min: 2, max: 12, type: int}\n"
        "search: {max_trials: 3}\nrun: {workers: 1}\n"
    )
    shell.write("several.yaml", config)
    done = shell("run", "several.yaml", "-q")
    assert done.code == 0, done.err
    names = {"balanced_accuracy", "neg_log_loss", "f1_macro"}
    assert all({*record["curves"]} == names for record in shell.records("several"))
    resolved = (shell.folder / "runs" / "several" / "resolved.yaml").read_text()
    assert "minimize" not in resolved.split("metric:")[1].splitlines()[0].split("f1_macro")[0]
    shell.write("wrong.yaml", config.replace("neg_log_loss", "log_loss"))
    wrong = shell("run", "wrong.yaml")
    assert wrong.code == 2
    assert "wrong.yaml:4:29: metric[1]: scikit-learn has no scorer 'log_loss'" in wrong.err


def test_a_test_split_is_kept_out_and_not_scored(shell: Shell) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    held_out = TREE.replace("folds: 3}", "test: 0.2}").replace("max_trials: 12", "max_trials: 3")
    shell.write("tree.yaml", held_out)
    done = shell("run", "tree.yaml", "-q")
    assert (done.code, done.err) == (0, "")
    done = shell("confirm", "tree", "--top", "2", "--repeats", "2")
    assert done.code == 0, done.err
    assert not (shell.folder / "runs" / "tree" / "test.json").exists()
