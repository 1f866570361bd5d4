"""``hpsearch report``: which trials, in which format, and where to."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.shell import Shell

CODE = """
def train(w):
    print("w is", w)
    if w > 8:
        raise ValueError(f"{w:.0f} is too much")
    for epoch in range(3):
        yield {"loss": (w - 5) ** 2 + 1 / (epoch + 1)}
"""
CONFIG = """
name: own
trainable: objective.py:train
metric: loss
epochs: 3
parameters:
  w: {min: 0, max: 10}
search: {strategy: random, max_trials: 20}
run: {workers: 2}
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("report"))
    shell.write("objective.py", CODE)
    shell.write("config.yaml", CONFIG)
    assert shell("run", "config.yaml", "-q").code == 0
    return shell


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_best_few(shell: Shell) -> None:
    ranked = sorted((r["value"], r["trial"]) for r in shell.records("own") if r["value"])
    chosen = rows(shell("report", "own", "--top", "3", "--format", "csv").out)
    assert [int(row["trial"]) for row in chosen] == [trial for _, trial in ranked[:3]]
    shown = shell("report", "own", "--top", "3").out
    assert all(f"#{trial}" in shown for _, trial in ranked[:3])
    assert f"#{ranked[3][1]} " not in shown


def test_what_failed(shell: Shell) -> None:
    failed = [r["trial"] for r in shell.records("own") if r["state"] == "failed"]
    assert failed, "the search has to come across w > 8"
    found = json.loads(shell("report", "own", "--failed", "--format", "json").out)["trials"]
    assert [trial["trial"] for trial in found] == sorted(failed)
    assert all("is too much" in trial["error"] for trial in found)
    shown = shell("report", "own", "--failed").out
    assert all(f"#{trial}" in shown for trial in failed)


def test_one_trial_with_its_log_and_the_command_that_trains_it_again(shell: Shell) -> None:
    record = next(r for r in shell.records("own") if r["state"] == "failed")
    shown = shell("report", "own", "--trial", str(record["trial"])).out
    assert f"seed {record['seed']}" in shown
    assert f"w is {record['hparams']['w']}" in shown, "the end of its log"
    assert "worker.py" not in shown, "our own calls say nothing to its author"
    assert "ValueError" in shown
    command = f"hpsearch retest own --trial {record['trial']}"
    assert command in shown
    assert shell(*command.split()[1:]).code == 0
    [only] = rows(shell("report", "own", "--trial", "4", "--format", "csv").out)
    assert only["trial"] == "4"


def test_why_a_trial_got_its_point(shell: Shell) -> None:
    blind = shell("report", "own", "--trial", "15", "--why").out
    assert "a random point of the whole space" in blind
    assert "no result: this strategy chooses without" in blind
    zooming = ("--name", "zooms", "--set", "search.strategy=coarse-to-fine")
    done = shell("run", "config.yaml", "-q", *zooming, "--set", "search.lookahead=2")
    assert done.code == 0
    first = shell("report", "zooms", "--trial", "0", "--why").out
    assert "no result: none was known that early" in first
    shown = shell("report", "zooms", "--trial", "19", "--why").out
    assert "the results of trials #0 to #17; #18 was still under way" in shown
    assert "expected  loss " in shown
    records = [r for r in shell.records("zooms") if r["trial"] < 18]
    ranked = sorted((r for r in records if r["value"] is not None), key=lambda r: r["value"])
    _, _, elites = shown.partition("\nelite")
    listed = [line.split()[0] for line in elites.splitlines() if line.startswith("#")]
    assert listed == [f"#{record['trial']}" for record in ranked[:3]]


def test_machine_formats_without_a_choice_have_every_trial(shell: Shell) -> None:
    table = shell("report", "own", "--format", "csv").out
    assert table.splitlines()[0] == "trial,round,state,epochs,value,w,seconds"
    assert [int(row["trial"]) for row in rows(table)] == list(range(20))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--top", "2", "--failed"],
            "--failed, --top and --trial choose different trials; give one",
        ),
        (["--top", "2", "--html"], "show all trials"),
        (["--trial", "77"], "has no recorded trial 77; its trials go from 0 to 19"),
        (
            ["--trial", "77", "--format", "csv"],
            "has no recorded trial 77; its trials go from 0 to 19",
        ),
        (["--top", "0"], "--top"),
        (["--why"], "--why goes with --trial N"),
        (["--why", "--trial", "3", "--format", "json"], "and without --format"),
        (["--why", "--trial", "77"], "has no recorded trial 77; its trials go from 0 to 19"),
    ],
)
def test_what_cannot_be(shell: Shell, arguments: list[str], told: str) -> None:
    wrong = shell("report", "own", *arguments)
    assert wrong.code == 2
    assert told in wrong.err
    assert wrong.err.count("\n") == 1


def test_into_a_file(shell: Shell, tmp_path: Path) -> None:
    for arguments in (["--top", "3"], ["--failed"], ["--trial", "4"], []):
        path = tmp_path / "report.txt"
        done = shell("report", "own", *arguments, "-o", str(path))
        assert (done.code, done.out) == (0, "")
        assert done.err == f"wrote {path}\n"
        assert "own" in path.read_text()
