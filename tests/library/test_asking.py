"""Ask and tell: by one process, by many, by killed ones; always the table of ``hpsearch run``."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

import hpsearch
from hpsearch.errors import NotYet, UsageError
from hpsearch.records import Goal, Metric, State
from hpsearch.records import Trial as Proposed
from hpsearch.search.asking import result_of
from tests.library.scripts import start
from tests.shell import TIMEOUT, Shell

YAML = """
name: cost
seed: 7
trainable: objective.py:cost
metric: {name: J}
epochs: 4
parameters:
  w: {min: -10, max: 20}
  b: {values: [1, 2, 3]}
search: {max_trials: 24, lookahead: 6}
run: {workers: 2}
"""
OBJECTIVE = """
def cost(w, b, epochs):
    for epoch in range(epochs):
        yield (w - 5) ** 2 / (epoch + 1) + b
"""
ASKING = """
import math, sys, time
import hpsearch
from objective import cost
search = hpsearch.open("told.yaml", lost_after=1.0)
while (trial := search.ask(wait=math.inf)) is not None:
    time.sleep(0.05)
    search.tell(trial, [*cost(**trial.hparams, epochs=4)])
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    shell = Shell(tmp_path_factory.mktemp("itself"))
    shell.write("config.yaml", YAML)
    shell.write("objective.py", OBJECTIVE)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    return shell.table("cost")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("objective.py", OBJECTIVE)
    shell.write("told.yaml", YAML.replace("objective.py:cost", "told"))
    return shell


def space() -> dict[str, object]:
    return {"w": hpsearch.linear(-10, 20), "b": [1, 2, 3]}


def cost(w: float, b: int) -> list[float]:
    return [(w - 5) ** 2 / (epoch + 1) + b for epoch in range(4)]


def test_one_process_gets_the_table_of_a_search_that_trains_itself(
    shell: Shell, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shell.folder)
    search = hpsearch.open(
        space(), metric="J", seed=7, epochs=4, max_trials=24, name="cost", search={"lookahead": 6}
    )
    waiting: list[hpsearch.Trial] = []
    order = random.Random(3)
    while True:
        try:
            trial = search.ask()
        except NotYet:
            assert 0 < len(waiting) <= 6
            waiting.sort(key=lambda _: order.random())
            told = search.tell(waiting[-1], cost(**waiting.pop().hparams))  # type: ignore[arg-type]
            assert told.state in ("done", "stopped")
            continue
        if trial is None:
            break
        assert trial.state == "asked"
        waiting.append(trial)
    assert not waiting
    assert shell.table("cost") == table
    assert search.run.complete


def test_whoever_has_to_wait_is_told_for_how_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = {"metric": "J", "search": {"lookahead": 2}, "max_trials": 9}
    search = hpsearch.open(space(), **more, lost_after=30)  # type: ignore[arg-type]
    first = search.ask()
    search.ask()
    with pytest.raises(NotYet, match=r"before the results of 2 trials are told \(0, 1\)") as error:
        search.ask()
    assert 0 < error.value.seconds <= 30
    with pytest.raises(NotYet):
        search.ask(wait=0.2)
    assert first is not None
    assert search.tell(first, {"J": 0.5, "train_J": 0.4}).curves["train_J"] == (0.4,)
    third = search.ask()
    assert third is not None
    assert third.number == 2
    with pytest.raises(hpsearch.HpsearchError, match=r"^trial 1: tell its value, or error="):
        search.tell(1)


def end_one(process: "subprocess.Popen[str]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize(("count", "kills"), [(2, 2), pytest.param(8, 12, marks=pytest.mark.slow)])
def test_processes_that_are_killed_at_random_give_the_same_table(
    shell: Shell, table: str, count: int, kills: int
) -> None:
    chance = random.Random(11)
    processes = [start(shell.folder, ASKING, name=f"asking{n}.py") for n in range(count)]
    for _ in range(kills):
        time.sleep(chance.uniform(0.5, 1.5))
        number = chance.randrange(count)
        end_one(processes[number])
        processes[number] = start(shell.folder, ASKING, name=f"asking{number}.py")
    for process in processes:
        _, err = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0, err
    assert shell.table("cost") == table


def test_the_shell_asks_and_tells(shell: Shell) -> None:
    few = ("--set", "search.max_trials=2", "--set", "search.lookahead=1")
    asked = shell("ask", "told.yaml", *few)
    assert asked.code == 0, asked.err
    trial = json.loads(asked.out)
    assert list(trial) == ["run", "trial", "seed", "epochs", "hparams", "cutoffs"]
    assert (trial["run"], trial["trial"], trial["epochs"]) == ("runs/cost", 0, 4)
    busy = shell("ask", "told.yaml", *few, "--no-wait")
    assert busy.code == 1
    assert busy.err.splitlines()[-1].startswith(
        "error: no trial can be given out before the results of 1 trial are told (0); ask again in"
    )
    lost = shell("ask", "told.yaml", *few, "--lost-after", "0.01")
    assert json.loads(lost.out) == trial
    told = shell("tell", "cost", "0", "3", "-2.5", "-1")
    assert told.out == "cost: trial 0 done after 3 epochs: J -2.5\n", told.err
    again = shell("tell", "cost", "0", "7")
    assert again.out == told.out
    assert json.loads(shell("ask", "told.yaml", *few).out)["trial"] == 1
    failed = shell("tell", "cost", "1", "--failed", "the robot fell")
    assert failed.out == "cost: trial 1 failed after 0 epochs\n"
    end = shell("ask", "told.yaml", *few)
    assert (end.code, end.out) == (0, "")
    assert end.err.endswith("cost: all trials are recorded\n")
    assert "the robot fell" in shell("report", "cost").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("3", "0.1"), "cost: nobody has asked for trial 3; ask first, and tell the number that"),
        (("0",), "tell a VALUE, or --failed and why there is none"),
        (("0", "much"), "VALUE must be a number, or a JSON object; could not convert string"),
        (("0", "{"), "VALUE is not a JSON object: "),
        (("0", '{"K": 1}'), "trial 0 was told K, and not J"),
        (("0", '{"J": [1, 2], "K": 1}'), "trial 0: one number an epoch for each metric; not J 2"),
        (
            ("0", '{"J": "low"}'),
            "trial 0: J must be a number or a list of numbers, not of type str",
        ),
    ],
)
def test_what_cannot_be_told(shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    assert shell("ask", "told.yaml").code == 0
    done = shell("tell", "cost", *arguments)
    assert done.code == 2
    assert message in done.err
    assert shell.records("cost") == []


def test_a_search_that_is_told_is_not_run(shell: Shell) -> None:
    done = shell("run", "told.yaml")
    assert done.code == 2
    assert "trainable: told means that no code here trains: ask for trials and tell" in done.err


TRIAL = Proposed(0, 1, {}, (), cutoffs={2: 0.5, 4: 0.3})


@pytest.mark.parametrize(
    ("told", "state", "value", "best_epoch", "epochs"),
    [
        ([0.4], State.DONE, 0.4, 1, 1),
        ([0.9, 0.6, 0.1], State.STOPPED, 0.6, 2, 2),
        ([0.9, 0.5, 0.4, 0.35], State.STOPPED, 0.35, 4, 4),
        ([0.9, 0.5, 0.4, 0.3, 0.2, 0.1], State.DONE, 0.2, 5, 5),
        ([0.9, float("nan"), 0.1], State.DIVERGED, None, None, 2),
    ],
)
def test_a_curve_ends_as_in_a_worker(
    told: list[float], state: State, value: float | None, best_epoch: int | None, epochs: int
) -> None:
    result = result_of(TRIAL, {"J": told, "K": told}, Metric("J", Goal.MINIMIZE), 5)
    assert (result.state, result.value, result.best_epoch) == (state, value, best_epoch)
    assert result.epochs == len(result.curves["J"]) == len(result.curves["K"]) == epochs


def test_a_trial_without_the_metric_is_refused() -> None:
    with pytest.raises(UsageError, match="trial 0 was told nothing, and not J"):
        result_of(TRIAL, {}, Metric("J"), 5)
