"""Searches of users' own programs, from outside: where they run, their flags, what is noted."""

from pathlib import Path

import pytest

from tests.shell import Shell

PROGRAM = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--mom", type=float, default=0.5)
parser.add_argument("--nesterov", action="store_true")
parser.add_argument("--ema", action="store_true")
said = parser.parse_args()
for epoch in range(1, 4):
    print(f"epoch {epoch} loss: {1 / epoch + said.mom + said.nesterov + said.ema}")
"""

CONFIG = """
trainable: {command: "python3 train.py --mom {mom} {nesterov} {ema:flag}"}
metric: loss
parameters:
  opt: {values: [sgd, adam]}
  mom: {value: 0.1, when: {opt: sgd}}
  nesterov: {values: ['', --nesterov]}
  ema: {values: [true, false]}
search: {strategy: grid}
"""


@pytest.mark.slow
def test_a_program_beside_its_config_with_flags_and_more_epochs_than_one(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "project").mkdir()
    shell.write("project/train.py", PROGRAM)
    shell.write("project/c.yaml", CONFIG)
    done = shell("run", "project/c.yaml", "--workers", "1")
    assert done.code == 0, done.err
    records = shell.records("c")
    assert len(records) == 8
    for record in records:
        hparams = record["hparams"]
        added = (0.1 if hparams["opt"] == "sgd" else 0.5) + bool(hparams["nesterov"])
        expected = [1 / epoch + added + hparams["ema"] for epoch in (1, 2, 3)]
        assert [round(v, 12) for v in record["curves"]["loss"]] == [round(v, 12) for v in expected]
        assert record["value"] == min(record["curves"]["loss"])
        assert "the command printed 3 epochs" in record["notes"][0]
    assert done.out.count("note: ") == 1
    assert "note: 8 trials, the first of them 0: the command printed 3 epochs" in done.out
    again = shell("retest", "c", "--trial", "0")
    assert again.code == 0, again.out + again.err
    moved = tmp_path / "moved"
    (tmp_path / "project").rename(moved)
    assert shell("run", "moved/c.yaml").code == 0
    assert str(moved) in (tmp_path / "runs/c/resolved.yaml").read_text()


def test_a_package_beside_its_config(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "project/parts").mkdir(parents=True)
    shell.write("project/parts/__init__.py", "")
    shell.write("project/parts/model.py", "from . import __name__\ndef f(w): return w * w\n")
    shell.write("project/c.yaml", "trainable: parts.model:f\nparameters: {w: {values: [2, 3]}}\n")
    done = shell("run", "project/c.yaml", "--set", "search.max_trials=2", "--workers", "1")
    assert done.code == 0, done.err
    assert all(record["state"] == "done" for record in shell.records("c"))
