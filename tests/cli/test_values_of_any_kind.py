"""A search over values that are not plain, from the config to every place where they are seen."""

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

import hpsearch
from tests.shell import Shell

TRAIN = """
import time

LAYERS = {"[64, 64]": 0.3, "[512, 256, 128]": 0.2, "[]": 0.5}

def train(arch, rnn, optimizer, size):
    assert isinstance(arch, list) and (rnn is None or isinstance(rnn, str))
    assert isinstance(size, int) and set(optimizer) <= {"name", "lr"}
    time.sleep(0.01)
    return LAYERS[str(arch)] + 0.1 * (rnn is not None) + optimizer.get("lr", 0.05) + size / 1000
"""

CONFIG = """
name: c
trainable: train.py:train
metric: loss
parameters:
  arch: {values: {small: [64, 64], large: [512, 256, 128], none: []}}
  rnn: {values: [null, LSTM, GRU]}
  optimizer.name: {values: [adam, sgd]}
  optimizer.lr: {min: 1e-4, max: 1e-1, scale: log, when: {optimizer.name: adam}}
  size: {values: [16, 32, 64, 128], ordered: true}
search: {max_trials: 24, lookahead: 4}
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder in which the search was run by one worker."""
    shell = Shell(tmp_path_factory.mktemp("values"))
    shell.write("train.py", TRAIN)
    shell.write("config.yaml", CONFIG)
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    return shell


def rows(shell: Shell, run: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(shell.table(run))))


def test_tables_have_the_short_names(shell: Shell) -> None:
    table = rows(shell, "c")
    assert len(table) == 24
    assert all(row["state"] == "done" for row in table)
    assert {row["arch"] for row in table} <= {"small", "large", "none"}
    assert {"null"} < {row["rnn"] for row in table} <= {"null", "LSTM", "GRU"}
    assert all((row["optimizer.lr"] == "") == (row["optimizer.name"] == "sgd") for row in table)
    assert [r["hparams"]["arch"] for r in shell.records("c")] == [row["arch"] for row in table]


def test_python_has_the_values(shell: Shell) -> None:
    run = hpsearch.load(shell.folder / "runs/c")
    for trial, row in zip(run.trials, rows(shell, "c"), strict=True):
        assert isinstance(trial.hparams["arch"], list)
        assert trial.hparams["rnn"] == (None if row["rnn"] == "null" else row["rnn"])
        assert trial.hparams["optimizer"]["name"] == row["optimizer.name"]
    assert run.best is not None
    assert set(run.importance()) == {"arch", "rnn", "optimizer.name", "optimizer.lr", "size"}


def test_screens_retests_and_the_best_as_a_config(shell: Shell) -> None:
    for words in (["report", "c"], ["preview", "config.yaml"], ["report", "c", "--html"]):
        done = shell(*words)
        assert done.code == 0, done.err
    preview = shell("preview", "config.yaml").out
    assert "small, large, none" in preview
    assert "ordered" in preview
    assert "equal" in shell("retest", "c", "--trial", "7").out
    best = hpsearch.load(shell.folder / "runs/c").best
    assert best is not None
    shell.write("best.yaml", (shell.folder / "runs/c/best.yaml").read_text())
    assert shell("run", "best.yaml", "--name", "again", "-q").code == 0
    again = hpsearch.load(shell.folder / "runs/again").trials[0]
    assert (again.hparams, again.value) == (best.hparams, best.value)


@pytest.mark.parametrize("workers", ["2", "4"])
def test_killed_and_with_other_workers_the_table_is_the_same(
    shell: Shell, tmp_path: Path, workers: str
) -> None:
    other = Shell(tmp_path)
    other.write("train.py", TRAIN)
    other.write("config.yaml", CONFIG)
    journal = tmp_path / "runs/c/trials.jsonl"
    command = ("run", "config.yaml", "-w", workers, "-q")
    other.kill_at(journal, 3, *command, pause=random.Random(int(workers)).uniform(0, 0.05))
    assert other(*command).code == 0
    assert other.table("c") == shell.table("c")


def test_asked_by_python_and_by_command(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG.replace("train.py:train", "told"))
    asked: dict[str, Any] = json.loads(shell("ask", "config.yaml").out)
    assert isinstance(asked["hparams"]["arch"], list)
    assert "name" in asked["hparams"]["optimizer"]
    search = hpsearch.open(
        {"arch": hpsearch.choice({"s": [8], "m": [16, 8]}, ordered=True), "opt.lr": [0.1, None]},
        metric="loss",
        max_trials=3,
        name="p",
        runs=tmp_path / "runs",
    )
    trial = search.ask()
    assert trial is not None
    assert trial.hparams["arch"] in ([8], [16, 8])
    assert trial.hparams["opt"]["lr"] in (0.1, None)
    assert search.tell(trial, 0.5).hparams == trial.hparams


def test_a_command_gets_json(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("t.py", "import json, sys\nprint('loss:', len(json.loads(sys.argv[1])))\n")
    shell.write(
        "config.yaml",
        "name: c\ntrainable: {command: 'python t.py {m.arch}'}\nmetric: loss\n"
        "parameters: {m.arch: {values: [[64, 64], [1, 2, 3]]}}\nsearch: {strategy: grid}\n",
    )
    assert shell("run", "config.yaml", "-q").code == 0
    values = {record["trial"]: record["value"] for record in shell.records("c")}
    assert values == {0: 2.0, 1: 3.0}


MODEL = """
class Model:
    adjustable = ("arch",)

    def __init__(self, arch):
        self.arch, self.epochs = arch, 0

    def train_epoch(self, epoch):
        self.epochs += 1
        return sum(self.arch) / self.epochs

    def save(self):
        return {"epochs": self.epochs}

    def load(self, state):
        self.epochs = int(state["epochs"])

    def adjust(self, name, value):
        assert isinstance(value, list)
        self.arch = value
"""


def test_a_model_is_babysat_by_the_names_and_given_the_values(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("m.py", MODEL)
    shell.write(
        "config.yaml",
        "name: m\ntrainable: m.py:Model\nmetric: loss\nepochs: 4\n"
        "parameters: {arch: {values: {small: [1], large: [6]}}}\n",
    )
    checked = shell("check", "config.yaml")
    assert "arch large -> small counts from the next epoch on" in checked.out
    again = ["--resume", "m-panda", "--set", "arch small", "--epochs", "1"]
    for words in (["config.yaml", "--epochs", "1"], again):
        done = shell("babysit", *words)
        assert done.code == 0, done.err
    ledger = (tmp_path / "runs/m-panda/ledger.jsonl").read_text().splitlines()
    values = [json.loads(line)["values"]["loss"] for line in ledger if '"values"' in line]
    assert values == [6.0, 0.5]
