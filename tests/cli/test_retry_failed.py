"""Searches that fail alike stop, and failed trials are trained again: from end to end."""

import signal
import time
from pathlib import Path

import pytest

from tests.shell import Shell

BROKEN = """
import os, pathlib, time
def f(x, trial):
    time.sleep(0.05)
    if not pathlib.Path("mended").exists() and {when}:
        raise ImportError(f"no module named foo, at {{x}}")
    return (x - 0.3) ** 2
"""
CONFIG = """
name: c
trainable: f.py:f
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1}}
search: {max_trials: 24, lookahead: 4}
"""


def shell_in(folder: Path, when: str = "True") -> Shell:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)
    shell.write("f.py", BROKEN.format(when=when))
    shell.write("c.yaml", CONFIG)
    return shell


@pytest.mark.slow
def test_a_search_that_fails_alike_stops_with_the_same_record(tmp_path: Path) -> None:
    tables = []
    for workers in ("1", "3"):
        shell = shell_in(tmp_path / workers)
        done = shell("run", "c.yaml", "-w", workers, "-q")
        assert done.code == 1
        assert done.err.startswith(
            "error: the first 10 trials all failed with the same error, so the search stopped: "
            "ImportError: no module named foo, at 0."
        )
        assert "--retry-failed" in done.err
        tables.append(shell.table("c"))
        again = shell("run", "c.yaml", "-w", workers, "-q")
        assert (again.code, again.err) == (1, done.err)
        assert shell.table("c") == tables[-1]
    assert tables[0] == tables[1]
    assert len(tables[0].splitlines()) == 1 + 10


@pytest.mark.slow
def test_trials_that_kill_their_workers_in_a_row_stop_it(tmp_path: Path) -> None:
    shell = shell_in(tmp_path)
    shell.write(
        "f.py", "import os\ndef f(x, trial):\n    if trial > 1: os._exit(9)\n    return x\n"
    )
    done = shell("run", "c.yaml", "-w", "2", "-q", "--set", "search.max_failures=2")
    assert done.code == 1
    assert "trials 2 to 3 all ended their worker processes" in done.err
    assert "ended by itself (exit code 9)" in done.err
    assert len(shell.records("c")) == 4


def test_failures_may_be_expected(tmp_path: Path) -> None:
    shell = shell_in(tmp_path)
    done = shell("run", "c.yaml", "-w", "2", "-q", "--set", "search.max_failures=0")
    assert done.code == 1
    assert len(shell.records("c")) == 24


@pytest.mark.parametrize("workers", ["1", pytest.param("3", marks=pytest.mark.slow)])
def test_mended_and_trained_again_after_the_breaker(tmp_path: Path, workers: str) -> None:
    whole = shell_in(tmp_path / "whole", "False")
    assert whole("run", "c.yaml", "-w", "1", "-q").code == 0
    shell = shell_in(tmp_path / "broken")
    assert shell("run", "c.yaml", "-w", workers, "-q").code == 1
    shell.write("mended", "")
    done = shell("run", "c.yaml", "-w", workers, "-q", "--retry-failed")
    assert done.code == 0, done.err
    assert "note: 10 failed trials will be trained again" in done.err
    # Nothing was proposed yet from what had failed but trials 4 to 9, so their points may differ.
    rows, undisturbed = shell.table("c").splitlines(), whole.table("c").splitlines()
    assert rows[1:5] == undisturbed[1:5]
    assert [row.split(",")[2] for row in rows[1:]] == ["done"] * 24
    assert len(shell.records("c")) == 24 + 10
    again = shell("run", "c.yaml", "-q", "--retry-failed")
    assert "note: no trial has failed" in again.err
    assert shell("report", "c").code == 0


@pytest.mark.slow
def test_a_retry_that_is_killed_goes_on_to_the_same_table(tmp_path: Path) -> None:
    when = "trial in (2, 3, 7, 15)"
    tables = []
    for name in ("undisturbed", "killed"):
        shell = shell_in(tmp_path / name, when)
        done = shell("run", "c.yaml", "-w", "2", "--set", "search.max_trials=18")
        assert done.code == 0
        assert "--retry-failed" in done.out
        shell.write("mended", "")
        command = ("run", "c.yaml", "-w", "2", "-q")
        if name == "killed":
            process = shell.start(*command, "--retry-failed")
            shell.wait_for(lambda s=shell: len(s.records("c")) >= 20, process)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            time.sleep(0.3)  # its workers end within a moment
            done = shell(*command)  # the wish is on record: no need to say it again
        else:
            done = shell(*command, "--retry-failed")
        assert done.code == 0, done.err
        tables.append(shell.table("c"))
        attempts = [(r["trial"], r["attempt"]) for r in shell.records("c") if "attempt" in r]
        assert sorted(attempts) == [(2, 2), (3, 2), (7, 2), (15, 2)]
    assert tables[0] == tables[1]
    assert ",failed," not in tables[0]
    why = shell("report", "c", "--trial", "20", "--why")
    assert why.code == 0, why.err


def test_two_kinds_of_beginning_exclude_each_other(tmp_path: Path) -> None:
    shell = shell_in(tmp_path)
    assert shell("run", "c.yaml", "--fresh", "--retry-failed").code == 2
    done = shell("run", "c.yaml", "--retry-failed")
    assert done.code == 2
    assert "to retry; leave out --retry-failed" in done.err
