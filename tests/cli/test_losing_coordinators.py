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
TOLD = r"error: runs/c: process \d+ on .* is at work on this run; .*\n"
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
    processes = [shell.start("run", "c.yaml", "-q", "-w", "1") for _ in range(5)]
    deadline = time.monotonic() + TIMEOUT
    while sum(process.poll() is None for process in processes) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    shell.write("go", "")
    ended = [(*process.communicate(timeout=60), process.returncode) for process in processes]
    assert sorted(code for _, _, code in ended) == [0, 1, 1, 1, 1]
    for _, err, code in ended:
        if code == 1:
            assert re.fullmatch(
                r"error: runs/c: process \d+ on .* is at work on this run; .*\n", err
            )
    assert shell("report", "c", "--format", "csv").out.count(",done,") == 3
