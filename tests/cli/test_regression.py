"""The built-in network predicts a number: from ``init`` to ``predict``. Real processes."""

import csv
import io
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.shell import Shell

CONFIG = """
name: houses
seed: 4
data: {path: houses.csv, target: price, test: 0.2}
epochs: 12
parameters:
  alpha: {min: 1e-3, max: 1e-1, scale: log}
  hidden_units: {min: 8, max: 32, type: int}
search: {max_trials: 6, lookahead: 4}
run: {workers: 1, checkpoint_every: 0.001}
"""


def houses(seed: int, count: int) -> list[tuple[str, str, str]]:
    """A size and a quarter make the price, up to 5,000."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        size, quarter = rng.uniform(40, 200), ("old town", "harbour")[i % 2]
        price = 3000 * size + (100_000 if quarter == "harbour" else 0) + rng.uniform(-5e3, 5e3)
        rows.append((f"{size:.1f}", quarter, f"{price:.2f}"))
    return rows


def table(header: str, rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header.split(","), *rows])
    return text.getvalue()


def begin(folder: Path) -> Shell:
    shell = Shell(folder)
    shell.write("houses.csv", table("size,quarter,price", houses(0, 300)))
    shell.write("new.csv", table("size,quarter,price", houses(1, 40)))
    shell.write("config.yaml", CONFIG)
    return shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A finished search."""
    shell = begin(tmp_path_factory.mktemp("houses"))
    done = shell("run", "config.yaml")
    assert done.code == 0, done.err
    assert "note: the task is regression, since the target holds 300 different" in done.err
    assert "best dev_rmse " in done.out
    assert "test split, 60 rows, scored once: RMSE " in done.out
    return shell


def test_the_metrics_are_in_the_targets_units(shell: Shell) -> None:
    best = min(shell.records("houses"), key=lambda record: record["value"])
    # The mean for all is off by about 150,000; the noise is 5,000 / √3 = 2,900.
    assert 2_500 < best["value"] < 30_000
    last = {name: curve[-1] for name, curve in best["curves"].items()}
    assert set(last) == {
        f"{p}_{m}" for p in ("train", "dev") for m in ("loss", "rmse", "mae", "r2")
    }
    assert 0 < last["dev_mae"] <= last["dev_rmse"]
    assert 0.9 < last["dev_r2"] < 1


def test_predictions_are_in_the_targets_units(shell: Shell) -> None:
    done = shell("predict", "houses", "new.csv")
    assert done.code == 0, done.err
    found = [float(row["prediction"]) for row in csv.DictReader(io.StringIO(done.out))]
    prices = np.array([float(price) for _, _, price in houses(1, 40)])
    rmse = float(np.sqrt(np.mean((np.array(found) - prices) ** 2)))
    assert rmse < 30_000
    scored = shell("predict", "houses", "new.csv", "--score")
    assert scored.code == 0, scored.err
    shown = dict(line.split() for line in scored.out.splitlines())
    assert list(shown) == ["rows", "RMSE", "MAE", "R2", "loss"]
    assert float(shown["RMSE"].replace(",", "")) == pytest.approx(rmse, rel=0.01)


def test_new_rows_need_no_target(shell: Shell) -> None:
    shell.write("bare.csv", table("quarter,size", [(q, s) for s, q, _ in houses(1, 40)]))
    with_target = shell("predict", "houses", "new.csv")
    assert shell("predict", "houses", "bare.csv").out == with_target.out
    refused = shell("predict", "houses", "bare.csv", "--score")
    assert refused.code == 2
    assert "has no labels to score with; add them in a column 'price'" in refused.err


def test_a_number_has_no_probabilities(shell: Shell) -> None:
    refused = shell("predict", "houses", "new.csv", "--proba")
    assert refused.code == 2
    assert "houses predicts a number, which has no classes; leave out --proba" in refused.err


def test_numpy_alone_can_use_the_model(shell: Shell) -> None:
    m = np.load(shell.folder / "runs/houses/model.npz")
    assert m["classes"].size == 0
    row = np.zeros(len(m["mean"]))
    row[list(m["columns"]).index("size")] = 100.0
    size, words = len(m["columns"]) - 1, [str(word) for word in m["category_words"]]
    row[size + words.index("harbour")] = 1
    a = (row - m["mean"]) / m["scale"]
    a = np.maximum(0, a @ m["W1"] + m["b1"])
    a = np.maximum(0, a @ m["W2"] + m["b2"])
    price = (a @ m["W3"] + m["b3"])[0] * m["target_scale"] + m["target_mean"]
    shell.write("one.csv", table("size,quarter", [("100", "harbour")]))
    predicted = float(shell("predict", "houses", "one.csv").out.splitlines()[1])
    assert predicted == pytest.approx(price, rel=1e-5)


def test_the_report_and_the_record(shell: Shell) -> None:
    shown = shell("report", "houses")
    assert shown.code == 0, shown.err
    assert "test rmse " in shown.out
    record = json.loads((shell.folder / "runs/houses/test.json").read_text())
    assert {"rows", "loss", "rmse", "mae", "r2"} <= set(record)
    resolved = (shell.folder / "runs/houses/resolved.yaml").read_text()
    assert "  task: regression\n" in resolved
    page = shell("report", "houses", "--html")
    assert page.code == 0, page.err


def test_going_on_with_it_asks_nothing_again(shell: Shell) -> None:
    done = shell("run", "config.yaml")
    assert done.code == 0, done.err
    assert "the task is" not in done.err


def test_a_killed_search_goes_on_to_the_same_table(tmp_path: Path, shell: Shell) -> None:
    other = begin(tmp_path)
    journal = other.folder / "runs/houses/trials.jsonl"
    rng = random.Random(3)
    for killed in range(2):
        process = other.start("run", "config.yaml", "-q")
        while process.poll() is None:
            if journal.exists() and journal.read_bytes().count(b"\n") > killed:
                break
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
        if process.poll() is None:
            process.kill()
        process.wait()
    done = other("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    assert other.table("houses") == shell.table("houses")


def test_preview_and_check_say_the_task_and_why(shell: Shell) -> None:
    shown = shell("preview", "config.yaml")
    assert shown.code == 0, shown.err
    words = " ".join(shown.out.split())
    assert "task regression, since the target holds 300 different numbers with fractions" in words
    assert "target 300 different numbers, " in words
    assert "to beat an rmse of " in words
    checked = shell("check", "config.yaml")
    assert checked.code == 0, checked.out + checked.err
    assert "its task: regression, since the target holds 300 different numbers" in checked.out
    said = shell("preview", "config.yaml", "--set", "metric=dev_mae")
    assert "regression, as the metric dev_mae says" in " ".join(said.out.split())


def test_it_can_be_babysat(shell: Shell) -> None:
    story = "go 3\nalpha /3 # calm\ngo 2\n"
    words = [sys.executable, "-m", "hpsearch", "babysit", "config.yaml", "--name", "one"]
    done = subprocess.run(
        words, cwd=shell.folder, input=story, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "dev_rmse" in done.stdout
    replayed = shell("replay", "one")
    assert replayed.code == 0, replayed.out + replayed.err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("metric=dev_error", "set data.task: regression to predict the number"),
        ("data.task=classification", "these are no classes"),
        ("metric.name=dev_rmsee", "did you mean dev_rmse?"),
        ("metric={name: dev_r2, goal: minimize}", "dev_r2 gets better the other way"),
        ("data.target=quarter", None),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    shell: Shell, option: str, message: str | None
) -> None:
    name = ["--set", "search.max_trials=1", "--set", "epochs=1", "--name", "refused", "--fresh"]
    done = shell("run", "config.yaml", "--set", option, *name)
    if message is None:  # words are classes, and the metric follows
        assert done.code == 0, done.err
        assert "best dev_error" in done.out
        return
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_metric_of_the_other_task_is_refused_with_its_place(shell: Shell) -> None:
    shell.write(
        "mixed.yaml",
        "data: {path: houses.csv, target: price, task: regression}\n"
        "metric: dev_accuracy\nparameters: {alpha: 0.01}\n",
    )
    done = shell("run", "mixed.yaml")
    assert done.code == 2
    assert (
        "mixed.yaml:2:9: metric: regression has no metric dev_accuracy; it has dev_rmse, "
        "dev_mae, dev_r2" in done.err
    )


def test_init_takes_the_task_from_the_file(tmp_path: Path) -> None:
    shell = begin(tmp_path)
    done = shell("init", "number.yaml", "--data", "houses.csv")
    assert done.code == 0, done.err
    text = (tmp_path / "number.yaml").read_text()
    assert "data: {path: houses.csv, target: price, dev: 0.2}" in text
    assert "metric: {name: dev_rmse, goal: minimize}" in text
    assert "The last column is taken for the target." in text
    done = shell("run", "number.yaml", "-q", "--set", "search.max_trials=1", "--set", "epochs=1")
    assert done.code == 0, done.err
    done = shell("init", "class.yaml", "--data", "houses.csv", "--target", "quarter", "--force")
    assert done.code == 0, done.err
    text = (tmp_path / "class.yaml").read_text()
    assert "target: quarter" in text
    assert "metric: {name: dev_error, goal: minimize}" in text
    refused = shell("init", "none.yaml", "--target", "price")
    assert (refused.code, (tmp_path / "none.yaml").exists()) == (2, False)
    refused = shell("init", "none.yaml", "--data", "houses.csv", "--target", "prize")
    assert refused.code == 2
    assert "did you mean 'price'?" in refused.err
