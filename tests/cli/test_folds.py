"""``data: {folds: 5}``: every trial trained once for each fold."""

import json
from pathlib import Path
from statistics import mean

import pytest

from tests.shell import Shell

OWN = """
name: own
seed: 4
trainable: objective.py:train
metric: loss
data: {folds: 4}
parameters:
  w: {min: 0, max: 10}
search: {strategy: random, max_trials: 8, lookahead: 4}
run: {workers: 2}
"""
OBJECTIVE = """
def train(w, fold, folds, seed):
    assert folds == 4
    return w + [0, 3, 5, 8][fold] + (seed % 100) / 1000
"""
NETWORK = """
name: net
seed: 3
data: {path: rows.csv, target: y, folds: 3, test: 0.2}
epochs: 3
parameters:
  alpha: {min: 1e-3, max: 1, scale: log}
  hidden_units: {min: 2, max: 9, type: int}
search: {max_trials: 6, lookahead: 4}
run: {workers: 2, kernels: numpy}
"""


def rows() -> str:
    lines = ["a,b,y"]
    for i in range(80):
        a, b = (i * 37 % 80) / 80, (i * 53 % 80) / 80
        lines.append(f"{a:.4f},{b:.4f},{'up' if a + 0.3 * ((i * 7) % 5) > b + 0.6 else 'down'}")
    return "\n".join(lines) + "\n"


def test_a_function_that_takes_a_fold(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("objective.py", OBJECTIVE)
    shell.write("config.yaml", OWN)
    preview = " ".join(shell("preview", "config.yaml").out.split())
    assert "4 folds, each the dev set once in every trial" in preview
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    for record in shell.records("own"):
        own = record["hparams"]["w"] + (record["seed"] % 100) / 1000
        assert record["repeats"] == pytest.approx([own, own + 3, own + 5, own + 8])
        assert record["value"] == pytest.approx(mean(record["repeats"]))
    # What the folds do to all trials alike is no noise: w decides, and nothing else.
    assert "Another fold moves" not in shell("report", "own").out
    assert shell("run", "config.yaml", "-q", "-w", "1", "--name", "one").code == 0
    assert shell.table("one") == shell.table("own")
    assert shell("run", "runs/own/resolved.yaml", "-q").code == 0, "what is recorded is read again"
    assert shell("confirm", "own", "--top", "2", "--repeats", "2").code == 0
    changed = shell("run", "config.yaml", "--set", "data.folds=5")
    assert changed.code == 2
    assert "data.folds: 4 -> 5" in changed.err


def test_the_network_with_folds(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("rows.csv", rows())
    shell.write("config.yaml", NETWORK)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    whole = [record for record in shell.records("net") if record["state"] == "done"]
    assert whole
    for record in whole:
        assert len(record["repeats"]) == 3
        assert record["value"] == pytest.approx(mean(record["repeats"]))
    # 80 rows, 16 of them for the test: all the others are dev once.
    assert "of 64 dev rows wrong" in " ".join(shell("report", "net").out.split())
    assert json.loads((tmp_path / "runs" / "net" / "test.json").read_text())["rows"] == 16
    assert shell("predict", "net", "rows.csv", "--score").code == 0
    first = whole[0]["trial"]
    assert "equal: " in shell("retest", "net", "--trial", str(first)).out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("folds: 4", "folds: 1"), "data.folds: must be a whole number of at least 2, not 1"),
        (("{folds: 4}", "{folds: 4, path: x.csv}"), "data: only the network"),
        (
            ("def train(w, fold, folds, seed)", "def train(w, folds, seed)"),
            "takes no argument 'fold'",
        ),
    ],
)
def test_what_has_no_folds_is_refused_in_one_line(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    shell = Shell(tmp_path)
    shell.write("objective.py", OBJECTIVE.replace(*change))
    shell.write("config.yaml", OWN.replace(*change))
    done = shell("run", "config.yaml", "-q")
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
