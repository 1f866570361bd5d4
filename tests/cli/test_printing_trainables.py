"""What a trainable prints outside a trial: never between what hpsearch itself says."""

import json
from pathlib import Path

import pexpect
import pytest

from tests.shell import Shell

# By every way there is: Python's streams, the descriptors, a child's.
CODE = """
import os, subprocess, sys
def loud(when):
    print(when, "python", flush=True)
    print(when, "errors", file=sys.stderr, flush=True)
    os.write(1, f"{when} descriptor\\n".encode())
    subprocess.run(["sh", "-c", f"echo {when} child; echo {when} child >&2"])
loud("IMPORT")
class Model:
    def __init__(self, a):
        self.a = a
        loud("SET-UP")
    def train_epoch(self, epoch):
        return self.a / epoch
    def save(self):
        return {"a": self.a}
    def load(self, state):
        self.a = float(state["a"])
    def close(self):
        loud("CLOSE")
"""
CONFIG = """
name: c
trainable: m.py:Model
metric: {name: J, goal: minimize}
epochs: 2
parameters: {a: {min: 0, max: 1}}
search: {max_trials: 2}
"""
SAID = [
    f"{when} {how}" for when in ("IMPORT", "SET-UP") for how in ("python", "descriptor", "child")
]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("c.yaml", CONFIG)
    shell.write("m.py", CODE)
    return shell


@pytest.mark.parametrize("engine", ["loky", pytest.param("dask", marks=pytest.mark.slow)])
def test_a_search_keeps_it_in_a_file(shell: Shell, engine: str) -> None:
    done = shell("run", "c.yaml", "-w", "1", "--json", "--engine", engine)
    assert done.code == 0
    events = [json.loads(line)["event"] for line in done.out.splitlines()]
    assert (events[0], events[-1]) == ("start", "end")
    assert "IMPORT" not in done.err
    assert "SET-UP" not in done.err
    kept = (shell.folder / "runs/c/set-up.txt").read_text()
    assert [line for line in SAID if line not in kept] == []
    assert kept.count("CLOSE child") == 2


def test_a_live_screen_is_left_alone(shell: Shell) -> None:
    process = shell.spawn("run", "c.yaml", "-w", "1")
    process.expect(pexpect.EOF)
    assert "best J" in process.before
    assert "IMPORT" not in process.before
    assert "SET-UP" not in process.before


def test_one_that_prints_nothing_leaves_no_file(shell: Shell) -> None:
    shell.write(
        "m.py",
        "class Model:\n    def __init__(self, a): self.a = a\n"
        "    def train_epoch(self, epoch): return self.a\n",
    )
    assert shell("run", "c.yaml", "-w", "1", "-q").code == 0
    assert not (shell.folder / "runs/c/set-up.txt").exists()


def test_a_check_tells_it_beside_its_findings(shell: Shell) -> None:
    done = shell("check", "c.yaml", "--json")
    assert done.code == 0
    assert all("promise" in json.loads(line) for line in done.out.splitlines())
    assert [line for line in SAID if line not in done.err] == []


@pytest.mark.slow
def test_a_babysitter_tells_it_beside_its_objects(shell: Shell) -> None:
    done = shell("babysit", "c.yaml", "--set", "parameters.a=0.5", "--epochs", "1", "--json")
    assert done.code == 0, done.err
    assert all(json.loads(line) for line in done.out.splitlines())
    assert [line for line in SAID if line not in done.err] == []
