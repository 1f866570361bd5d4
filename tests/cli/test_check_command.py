"""``hpsearch check`` from outside."""

import json
from pathlib import Path

import pytest

from tests.cli.test_babysit import SLOW_CLASS
from tests.shell import Shell


@pytest.mark.slow
def test_a_class_a_config_and_what_is_missing(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("model.py", SLOW_CLASS.replace("time.sleep(0.25)", "pass"))
    fine = shell("check", "model.py:Model", "--set", "alpha=0.5", "--metric", "loss")
    assert fine.code == 0, fine.err
    assert "ok    it resumes" in fine.out
    assert "ok    alpha can change" in fine.out
    shell.write("deaf.py", SLOW_CLASS.replace("self.alpha = value", "pass"))
    shell.write("deaf.yaml", "trainable: deaf.py:Model\nparameters: {alpha: {min: 0.1, max: 1}}\n")
    deaf = shell("check", "deaf.yaml", "--json")
    assert deaf.code == 1, deaf.err
    found = [json.loads(line) for line in deaf.out.splitlines()]
    assert [f["kept"] for f in found] == [True, True, True, True, False]
    shell.write(
        "c.yaml",
        "trainable: {command: \"echo 'train/loss: 9 | loss: 1,234.5'\"}\nmetric: loss\n"
        "parameters: {w: {min: 0, max: 1}}\n",
    )
    command = shell("check", "c.yaml")
    assert command.code == 0, command.err
    assert "stdout is read: 'train/loss: 9 | loss: 1,234.5' gives loss 1234.5" in command.out
    bare = shell("check", "model.py:Model")
    assert bare.code == 2
    assert "--set NAME=VALUE" in bare.err
