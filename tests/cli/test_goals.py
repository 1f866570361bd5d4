"""Several goals, from outside: the front on every screen, its files, and the same table."""

import csv
import io
import json
from pathlib import Path

import pytest
import yaml

import hpsearch
from hpsearch.report.live.live_lines import live_lines
from hpsearch.report.live.snapshot import LiveRun
from hpsearch.store.rundir import RunFolder
from tests.shell import Shell

GOALS = """
name: two
seed: 3
trainable: sized.py:train
epochs: 2
metric: [{name: error, goal: minimize}, {name: kept, goal: maximize}]
parameters:
  units: {min: 8, max: 512, type: int, scale: log}
  alpha: {min: 0, max: 1}
search: {max_trials: 24, lookahead: 4}
"""

TRAIN = """
def train(units, alpha, epochs=2):
    for e in range(epochs):
        yield {"error": 5 / units + (alpha - 0.3)**2 + 0.5 / (e + 1), "kept": -units**2 / 20}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", GOALS)
    shell.write("sized.py", TRAIN)
    return shell


def rows(shell: Shell) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(shell.table("two"))))


def front_by_hand(table: list[dict[str, str]]) -> set[str]:
    points = {row["trial"]: (float(row["value"]), -float(row["kept"])) for row in table}

    def dominated(a: tuple[float, float]) -> bool:
        return any(b[0] <= a[0] and b[1] <= a[1] and b != a for b in points.values())

    return {trial for trial, point in points.items() if not dominated(point)}


def test_the_front_its_ends_and_its_knee(shell: Shell) -> None:
    done = shell("run", "config.yaml", "-w", "1")
    assert done.code == 0, done.err
    table = rows(shell)
    front = {row["trial"] for row in table if row["front"] == "true"}
    assert front == front_by_hand(table)
    assert f"front: {len(front)} trials" in done.out
    by_trial = {row["trial"]: row for row in table}
    folder = shell.folder / "runs/two"
    of_error = min(front, key=lambda trial: float(by_trial[trial]["value"]))
    of_kept = max(front, key=lambda trial: float(by_trial[trial]["kept"]))
    for file, trial in (("best.yaml", of_error), ("best-kept.yaml", of_kept)):
        written = yaml.safe_load((folder / file).read_text())
        assert written["parameters"]["units"] == int(by_trial[trial]["units"])
        assert f"wrote runs/two/{file}" in done.out
    data = json.loads(shell("report", "--format", "json").out)
    assert data["front"]["ends"] == {"error": int(of_error), "kept": int(of_kept)}
    knee = yaml.safe_load((folder / "knee.yaml").read_text())
    assert knee["parameters"]["units"] == int(by_trial[str(data["front"]["knee"])]["units"])
    assert f"knee: trial {data['front']['knee']}" in done.out
    report = shell("report", "two").out
    assert f"{len(front)} on the front" in report
    assert "error against kept" in report
    assert "hypervolume by trials" in report
    page = shell("report", "two", "--html", "--output", "page.html")
    assert page.code == 0, page.err
    text = (shell.folder / "page.html").read_text()
    assert "The front" in text
    assert "trials on the front." in text
    assert shell("run", str(folder / "knee.yaml"), "-q").code == 0, "it can be run"


def test_from_python(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-w", "1", "-q").code == 0
    run = hpsearch.load(shell.folder / "runs/two")
    front = {str(trial.number) for trial in run.front}
    assert front == front_by_hand(rows(shell))
    assert run.front[0] == run.best
    assert run.knee is not None
    assert str(run.knee.number) in front


def test_the_same_table_for_two_workers_and_after_a_kill(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-w", "1", "-q").code == 0
    undisturbed = shell.table("two")
    knee = (shell.folder / "runs/two/knee.yaml").read_text()
    assert shell("run", "config.yaml", "-w", "2", "-q", "--name", "pair").code == 0
    assert shell.table("pair") == undisturbed
    again = ("run", "config.yaml", "-w", "2", "-q", "--name", "killed")
    shell.kill_at(shell.folder / "runs/killed/trials.jsonl", 9, *again)
    assert shell(*again).code == 0
    assert shell.table("killed") == undisturbed
    found = (shell.folder / "runs/killed/knee.yaml").read_text()
    assert found == knee.replace("run two", "run killed").replace(
        "retest two", "retest killed"
    ).replace("name: two", "name: killed")


@pytest.mark.parametrize("strategy", ["random", "boxes", "grid"])
def test_other_strategies(shell: Shell, strategy: str) -> None:
    config = GOALS.replace("{max_trials", f"{{strategy: {strategy}, max_trials")
    config = config.replace("scale: log}", "scale: log, count: 4}").replace(
        "max: 1}", "max: 1, count: 3}"
    )
    shell.write("config.yaml", config)
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    assert "front: " in done.out


def test_the_networks_costs(shell: Shell) -> None:
    shell.write(
        "config.yaml",
        """
name: two
data: digits
epochs: 1
metric: [dev_error, parameters, {name: multiply_adds, max: 5000}]
parameters: {hidden_units: {values: [8, 200]}, layers: 1, alpha: 0.01}
search: {strategy: grid}
""",
    )
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    small, large = rows(shell)
    features = (float(small["multiply_adds"]) - 8 * 10) / 8
    assert float(large["multiply_adds"]) == 200 * (features + 10)
    # batch norm has gamma and beta for each hidden unit, and the last layer 10 biases
    assert float(small["parameters"]) == float(small["multiply_adds"]) + 2 * 8 + 10
    assert (small["feasible"], large["feasible"]) == ("true", "false")
    timed = shell("preview", "config.yaml", "--set", "metric=[dev_error, train_seconds]")
    assert "train_seconds is another each time" in timed.err + timed.out


def test_what_needs_one_goal_says_so(shell: Shell) -> None:
    for option in ("search.early_stop=bold", "search.target=0.1", "search.patience=5"):
        refused = shell("run", "config.yaml", "-w", "1", "-q", "--set", option)
        assert refused.code == 2
        assert "a trial that is behind in error may be ahead in kept" in refused.err


def test_a_list_from_python_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    def train(x: float) -> dict[str, float]:
        return {"error": x, "size": 1 - x}

    space = {"x": hpsearch.linear(0, 1)}
    run = hpsearch.run(
        train,
        space,
        metric=["error", {"name": "size", "goal": "minimize", "max": 0.5}],
        max_trials=8,
        workers=1,
        quiet=True,
        runs=tmp_path,
    )
    assert all(trial.hparams["x"] >= 0.5 for trial in run.front)
    assert run.front
    with pytest.raises(
        hpsearch.HpsearchError, match=r"metric\[1\]\.max: must be a number, not 'x'"
    ):
        hpsearch.run(train, space, metric=["error", {"name": "size", "max": "x"}], runs=tmp_path)


def test_the_live_screen_counts_the_front_and_what_is_infeasible(shell: Shell) -> None:
    config = GOALS.replace(
        "{name: kept, goal: maximize}", "{name: kept, goal: maximize, min: -500}"
    )
    shell.write("config.yaml", config)
    assert shell("run", "config.yaml", "-w", "1", "-q").code == 0
    table = rows(shell)
    seen = LiveRun(RunFolder(shell.folder / "runs/two")).snapshot()
    assert seen.infeasible == sum(row["feasible"] == "false" for row in table) > 0
    assert seen.on_front == sum(row["front"] == "true" for row in table) > 0
    shown = "\n".join(line.plain for line in live_lines(seen, 120, 30, 2))
    assert f"front {seen.on_front}" in shown
    assert f"infeasible {seen.infeasible}" in shown
