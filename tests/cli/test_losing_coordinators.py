"""Many coordinators on one fresh run folder: one searches, the others are told who does."""

import re
import time
from pathlib import Path

import pytest

from tests.shell import TIMEOUT, Shell

CODE = """
import os, time
def f(w):
    while not os.path.exists("go"):
        time.sleep(0.05)
    return w
"""
TOLD = r"error: runs/c: process {pid} on .* \(hpsearch run c.yaml .*\) is at work on this run; .*\n"
CONFIG = """
trainable: m.py:f
metric: {name: J, goal: minimize}
parameters: {w: {min: 0, max: 1}}
search: {max_trials: 3}
"""


@pytest.mark.slow
def test_one_of_many_wins_and_the_others_are_told_who(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("m.py", CODE)
    shell.write("c.yaml", CONFIG)
    processes = [shell.start("run", "c.yaml", "-q", "-w", "1") for _ in range(10)]
    deadline = time.monotonic() + TIMEOUT
    while sum(process.poll() is None for process in processes) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    [winner] = [process.pid for process in processes if process.poll() is None]
    shell.write("go", "")
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
    assert sorted(code for _, code in ended) == [0] + [1] * 9
    for err, code in ended:
        if code == 1:
            assert re.fullmatch(TOLD.format(pid=winner), err)
    assert shell("report", "c", "--format", "csv").out.count(",done,") == 3
    undisturbed = shell("run", "c.yaml", "-q", "-w", "1", "--name", "undisturbed")
    assert undisturbed.code == 0
    assert shell.table("c") == shell.table("undisturbed")


@pytest.mark.slow
def test_many_that_want_a_run_of_their_own_get_one_each(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("m.py", "def f(w):\n    return w\n")
    shell.write("c.yaml", CONFIG)
    processes = [shell.start("run", "c.yaml", "-q", "-w", "1", "--fresh") for _ in range(10)]
    ended = [(process.communicate(timeout=TIMEOUT)[1], process.returncode) for process in processes]
    assert ended == [("", 0)] * 10
    names = {path.name for path in (tmp_path / "runs").iterdir()}
    assert names == {"c", *(f"c-{number}" for number in range(2, 11))}
    assert len({shell.table(name) for name in names}) == 1
