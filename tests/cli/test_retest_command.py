"""``hpsearch retest``: one trial again, alone, and the run's folder as it was."""

from pathlib import Path

import pytest

from hpsearch.records import State, Trial, TrialResult
from hpsearch.search.retest import result_differences
from tests.shell import Shell

NETWORK = """
name: network
seed: 11
data: digits
epochs: 4
parameters:
  alpha:        {min: 1e-3, max: 1, scale: log}
  dropout:      {min: 0, max: 0.5}
  hidden_units: 24
search: {max_trials: 12, lookahead: 4}
run: {workers: 2}
"""
OWN = """
name: own
trainable: objective.py:train
metric: loss
epochs: 3
parameters:
  w: {min: 0, max: 10}
search: {strategy: random, max_trials: 6}
run: {workers: 2}
"""


def state_of(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("network"))
    shell.write("config.yaml", NETWORK)
    assert shell("run", "config.yaml", "-q").code == 0
    return shell


def test_the_best_trial_comes_out_equal_and_its_model_too(network: Shell) -> None:
    before = state_of(network.folder)
    records = network.records("network")
    best = min(records, key=lambda r: (r["value"], r["trial"]))["trial"]
    done = network("retest", "network", "--trial", str(best), "-o", "kept")
    assert done.code == 0, done.out + done.err
    assert "and model.npz byte for byte" in done.out
    kept = network.folder / "kept" / "model.npz"
    assert "wrote kept/model.npz" in done.out
    assert kept.read_bytes() == (network.folder / "runs/network/model.npz").read_bytes()
    kept.unlink()
    assert state_of(network.folder) == before


def test_a_trial_in_the_middle_needs_no_other(network: Shell) -> None:
    stopped = [r["trial"] for r in network.records("network") if r["state"] == "stopped"]
    index = stopped[0] if stopped else 7
    done = network("retest", "network", "--trial", str(index))
    assert done.code == 0, done.out + done.err
    assert "equal: the state, the value and every number of every epoch\n" in done.out
    assert "model.npz" not in done.out


def test_a_trial_that_is_not_recorded(network: Shell) -> None:
    wrong = network("retest", "network", "--trial", "99")
    assert wrong.code == 2
    assert "has no recorded trial 99; its trials go from 0 to 11" in wrong.err


def own_run(folder: Path, code: str, config: str = OWN) -> Shell:
    shell = Shell(folder)
    shell.write("objective.py", code)
    shell.write("config.yaml", config)
    assert shell("run", "config.yaml", "-q").code == 0
    return shell


def test_code_that_draws_its_own_numbers_is_found_out(tmp_path: Path) -> None:
    code = (
        "import os\n\ndef train(w):\n"
        "    for epoch in range(3):\n"
        "        yield {'loss': w + epoch + (0 if epoch < 2 else os.urandom(8)[0] / 1000 - 5)}\n"
    )
    shell = own_run(tmp_path, code)
    done = shell("retest", "own", "--trial", "2")
    if done.code == 0:  # one chance in 256 to draw the same byte
        done = shell("retest", "own", "--trial", "3")
    assert done.code == 1
    assert "not equal:" in done.out
    assert "loss from epoch 3 on: " in done.out
    assert "value: " in done.out
    assert "random numbers" in done.out


def test_a_trial_that_failed_fails_again_and_prints_its_log(tmp_path: Path) -> None:
    code = (
        "def train(w):\n"
        "    print('w is', w)\n"
        "    if w > 5:\n"
        "        raise ValueError(f'{w} is too much')\n"
        "    yield {'loss': w}\n"
    )
    shell = own_run(tmp_path, code)
    failed = next(r for r in shell.records("own") if r["state"] == "failed")
    done = shell("retest", "own", "--trial", str(failed["trial"]), "-o", "kept")
    assert done.code == 0, done.out + done.err
    assert "is too much" in done.out
    assert f"w is {failed['hparams']['w']}" in (tmp_path / "kept" / "log.txt").read_text()


@pytest.mark.slow
def test_a_trial_that_kills_its_worker_does_so_again(tmp_path: Path) -> None:
    code = "import os\n\ndef train(w):\n    if w > 5:\n        os._exit(3)\n    yield {'loss': w}\n"
    shell = own_run(tmp_path, code)
    failed = next(r for r in shell.records("own") if r["state"] == "failed")
    done = shell("retest", "own", "--trial", str(failed["trial"]), "-o", "kept")
    assert done.code == 0, done.out + done.err
    assert "its worker process ended by itself (exit code 3)" in done.out
    assert "nothing to keep" in done.err


def test_changed_data_are_refused(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(60)]
    shell.write("rows.csv", "\n".join(["x,y,label", *rows]) + "\n")
    config = NETWORK.replace("data: digits", "data: {path: rows.csv, target: label, dev: 0.25}")
    shell.write("config.yaml", config)
    assert shell("run", "config.yaml", "-q", "--set", "search.max_trials=2").code == 0
    shell.write("rows.csv", "\n".join(["x,y,label", *rows[::-1]]) + "\n")
    done = shell("retest", "network", "--trial", "0")
    assert done.code == 2
    assert "have changed since the run was started" in done.err


def result(**changes: object) -> TrialResult:
    trial = Trial(index=3, seed=9, hparams={"w": 1.0}, unit=(0.1,))
    fields = {
        "trial": trial,
        "state": State.DONE,
        "value": 0.25,
        "best_epoch": 2,
        "epochs": 2,
        "curves": {"loss": (0.5, 0.25), "other": (1.0, None)},
        "seconds": 1.0,
    }
    return TrialResult(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"seconds": 2.0}, []),
        ({"value": 0.25000000000000006}, ["value: 0.25 -> 0.25000000000000006"]),
        (
            {"curves": {"loss": (0.5, 0.2), "other": (1.0, None)}},
            ["loss from epoch 2 on: 0.25 -> 0.2"],
        ),
        (
            {"curves": {"loss": (0.5, 0.25), "other": (1.0, 2.0)}},
            ["other from epoch 2 on: null -> 2.0"],
        ),
        ({"curves": {"loss": (0.5, 0.25)}}, ["other: 2 -> 0 epochs"]),
        ({"curves": {"loss": (0.5,), "other": (1.0, None)}}, ["loss: 2 -> 1 epochs"]),
        (
            {"state": State.FAILED, "error": "x\ny"},
            ['state: "done" -> "failed"', 'error: null -> "x\\ny"'],
        ),
        (
            {"curves": {"loss": (0.5, 0.25), "other": (-0.0, None)}},
            ["other from epoch 1 on: 1.0 -> -0.0"],
        ),
    ],
)
def test_differences_worked_by_hand(changes: dict[str, object], told: list[str]) -> None:
    assert result_differences(result(), result(**changes)) == told


def test_zero_and_minus_zero_are_other_bits() -> None:
    one, other = result(value=0.0), result(value=-0.0)
    assert result_differences(one, other) == ["value: 0.0 -> -0.0"]
