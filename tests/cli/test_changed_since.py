"""What changed between two commands on one run: its code, its data, its own record."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.records import State
from hpsearch.store.rundir import RunFolder
from tests.shell import Shell

CONFIG = """
trainable: m.py:f
metric: {name: J, goal: minimize}
parameters: {a: {min: 0, max: 1}}
search: {max_trials: 3}
run: {workers: 1}
"""
CODE = "from helper import middle\n\n\ndef f(a):\n    return (a - middle) ** 2\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("c.yaml", CONFIG)
    shell.write("m.py", CODE)
    shell.write("helper.py", "middle = 0.3\n")
    return shell


def extend(shell: Shell, trials: int, *options: str) -> tuple[int, str]:
    done = shell("run", "c.yaml", "-q", "--set", f"search.max_trials={trials}", *options)
    assert "Traceback" not in done.err
    return done.code, done.err


def test_changed_code_is_refused_unless_it_is_accepted(shell: Shell) -> None:
    assert extend(shell, 3) == (0, "")
    shell.write("m.py", CODE.replace("return", "# a comment\n    return"))
    assert extend(shell, 4) == (0, "")
    shell.write("helper.py", "middle = 100\n")
    code, err = extend(shell, 5)
    assert code == 2
    assert "the code has changed (helper.py) since the run was started" in err
    assert "--accept-code" in err
    retest = shell("retest", "c", "--trial", "0")
    assert "note: the code has changed (helper.py)" in retest.err
    assert retest.code == 1  # and it did make a difference
    code, err = extend(shell, 5, "--accept-code")
    assert code == 0
    assert "note: the code has changed (helper.py); it is on record after 4 trials" in err
    assert 'code_changed_after_trials: "4"' in (shell.folder / "runs/c/resolved.yaml").read_text()
    assert extend(shell, 6) == (0, "")


def test_code_that_only_failed_may_be_mended(shell: Shell) -> None:
    shell.write("helper.py", "middle = None\n")
    code, _ = extend(shell, 2)
    assert code == 1
    shell.write("helper.py", "middle = 0.3\n")
    code, err = extend(shell, 4)
    assert code == 0
    assert "note: the code has changed (helper.py)" in err


def test_code_is_mended_to_train_failed_trials_again(shell: Shell) -> None:
    shell.write("helper.py", "middle = 0.3\n")
    broken = CODE.replace("return", "assert a < 0.5\n    return")
    shell.write("m.py", broken)
    assert extend(shell, 3)[0] == 0  # some do not fail
    shell.write("m.py", CODE)
    assert extend(shell, 3)[0] == 2
    code, err = extend(shell, 3, "--retry-failed")
    assert code == 0
    assert "note: the code has changed (m.py); it is on record after" in err
    folder = RunFolder(shell.folder / "runs" / "c")
    assert {result.state for result in folder.results()} == {State.DONE}


def test_where_nothing_failed_a_retry_takes_no_changed_code(shell: Shell) -> None:
    assert extend(shell, 3) == (0, "")
    shell.write("helper.py", "middle = 100\n")
    code, err = extend(shell, 4, "--retry-failed")
    assert code == 2
    assert "the code has changed (helper.py) since the run was started" in err
    assert len(shell.records("c")) == 3


def test_a_changed_record_is_refused_everywhere(shell: Shell) -> None:
    assert extend(shell, 3) == (0, "")
    resolved = shell.folder / "runs/c/resolved.yaml"
    resolved.write_text(resolved.read_text().replace("seed: 0", "seed: 4"))
    for command in (["run", "c.yaml"], ["report", "c"], ["retest", "c", "--trial", "0"]):
        done = shell(*command)
        assert done.code == 2, command
        assert "resolved.yaml: has been changed since hpsearch wrote it" in done.err
        assert done.err.count("\n") == 1
