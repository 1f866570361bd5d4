"""Limits on a metric, from outside: what counts, and what is said of it. Real processes."""

import csv
import io
import json
from pathlib import Path

import pytest
import yaml

from tests.shell import Shell

LIMITED = """
name: sized
seed: 3
trainable: sized.py:train
epochs: 3
metric: [{name: error, goal: minimize}, {name: size_kb, max: 200}]
parameters:
  units: {min: 8, max: 512, type: int, scale: log}
  alpha: {min: 0, max: 1}
search: {max_trials: 24, lookahead: 4}
"""

TRAIN = """
def train(units, alpha, epochs=3):
    for e in range(epochs):
        yield {"error": 5 / units + (alpha - 0.3)**2 + 0.5 / (e + 1), "size_kb": units**2 / 20}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", LIMITED)
    shell.write("sized.py", TRAIN)
    return shell


def rows(shell: Shell, name: str = "sized") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(shell.table(name))))


def test_the_best_is_the_best_of_the_feasible(shell: Shell) -> None:
    done = shell("run", "config.yaml", "-w", "1")
    assert done.code == 0, done.err
    table = rows(shell)
    feasible = [row for row in table if float(row["size_kb"]) <= 200]
    assert [row["feasible"] for row in table] == [
        str(float(row["size_kb"]) <= 200).lower() for row in table
    ]
    best = min(feasible, key=lambda row: (float(row["value"]), int(row["trial"])))
    lower = [row for row in table if float(row["value"]) < float(best["value"])]
    assert lower, "better trials were too large"
    written = yaml.safe_load((shell.folder / "runs/sized/best.yaml").read_text())
    assert written["parameters"]["units"] == int(best["units"])
    assert written["metric"] == [
        {"name": "error", "goal": "minimize", "pick": "best"},
        {"name": "size_kb", "max": 200},
    ]
    infeasible = len(table) - len(feasible)
    assert f"; {infeasible} infeasible" in done.out
    assert "(at most 200)" in done.out
    report = shell("report").out
    assert f"{infeasible} infeasible" in report
    assert "with size_kb not at most 200" in " ".join(report.split())
    assert f"#{best['trial']}" in report
    assert shell("list").out.count(f"{float(best['value']):.3g}") == 1
    of_lower = shell("report", "--trial", lower[0]["trial"]).out
    assert "infeasible" in of_lower
    assert "not at most 200" in of_lower
    data = json.loads(shell("report", "--format", "json").out)
    assert data["metric"]["limits"] == [{"name": "size_kb", "min": None, "max": 200}]
    assert [t["feasible"] for t in data["trials"]] == [row["feasible"] == "true" for row in table]


def test_where_nothing_is_feasible_the_nearest_is_named(shell: Shell) -> None:
    shell.write("config.yaml", LIMITED.replace("max: 200", "max: 1"))
    done = shell("run", "config.yaml", "-w", "1", "-q", "--set", "search.max_trials=9")
    assert done.code == 1
    assert "no trial keeps the limits yet; the nearest is #" in done.out
    assert "size_kb 3.2, not at most 1" in done.out
    assert not (shell.folder / "runs/sized/best.yaml").exists()
    assert "no trial keeps the limits yet" in shell("report").out
    assert "no trial of sized keeps the limits: there is nothing" in shell("confirm", "sized").out
    adopted = shell("babysit", "--from", "sized#best")
    assert (adopted.code, adopted.out) == (2, "")
    assert "no trial of sized keeps the limits; there is none to adopt" in adopted.err
    page = shell("report", "--html", "--output", "page.html")
    assert page.code == 0, page.err


def test_a_metric_that_is_not_given_is_asked_for(shell: Shell) -> None:
    shell.write("sized.py", TRAIN.replace("size_kb", "size"))
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 1
    asked = "the search needs 'size_kb' as well; give it with error"
    assert asked in done.out + done.err
    checked = shell("check", "config.yaml")
    assert checked.code == 2
    assert asked in checked.err


def test_a_command_prints_it_in_the_line_or_before(shell: Shell) -> None:
    shell.write(
        "train.sh",
        'echo "size_kb: $1"\nfor e in 3 2 1; do echo "error: $e"; done\n',
    )
    config = LIMITED.replace("sized.py:train", '{command: "sh train.sh {units}"}')
    shell.write("config.yaml", config)
    assert shell("check", "config.yaml").code == 0
    done = shell("run", "config.yaml", "-w", "1", "-q", "--set", "search.max_trials=4")
    assert done.code == 0, done.err
    assert all(row["size_kb"] == f"{float(row['units'])!r}" for row in rows(shell))


def test_the_same_table_for_two_workers_and_after_a_kill(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-w", "1", "-q").code == 0
    undisturbed = shell.table("sized")
    assert shell("run", "config.yaml", "-w", "2", "-q", "--name", "two").code == 0
    assert shell.table("two") == undisturbed
    again = ("run", "config.yaml", "-w", "2", "-q", "--name", "killed")
    shell.kill_at(shell.folder / "runs/killed/trials.jsonl", 9, *again)
    assert shell(*again).code == 0
    assert shell.table("killed") == undisturbed


def test_another_limit_is_another_search(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-w", "1", "-q", "--set", "search.max_trials=4").code == 0
    shell.write("config.yaml", LIMITED.replace("max: 200", "max: 300"))
    refused = shell("run", "config.yaml", "-w", "1", "-q")
    assert refused.code == 2
    assert "200" in refused.err
    assert "300" in refused.err


def test_asked_and_told(shell: Shell) -> None:
    shell.write("told.yaml", LIMITED.replace("sized.py:train", "told").replace("sized", "told"))
    assert shell("ask", "told.yaml").code == 0
    lacking = shell("tell", "told", "0", "0.1")
    assert lacking.code == 2
    assert "was told error, and not size_kb" in lacking.err
    assert shell("tell", "told", "0", '{"error": [0.1], "size_kb": [900]}').code == 0
    assert not (shell.folder / "runs/told/best.yaml").exists()
    assert shell("ask", "told.yaml").code == 0
    assert shell("tell", "told", "1", '{"error": [0.4], "size_kb": [100]}').code == 0
    assert (shell.folder / "runs/told/best.yaml").exists()
