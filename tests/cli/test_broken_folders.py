"""Outputs, disks and run folders that fail the user: one clear line, and what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell import Shell

CONFIG = """
trainable: objective.py:cost
metric: J
parameters:
  w: {min: -10, max: 20}
search: {max_trials: 3, lookahead: 2}
run: {workers: 1}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder with a run called config."""
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    shell.write("objective.py", "def cost(w):\n    return w**2 - 10*w + 25\n")
    assert shell("run", "config.yaml", "-q").code == 0
    return shell


def test_an_output_that_cannot_be_written(shell: Shell) -> None:
    for command in (["list"], ["report", "config", "--format", "csv"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "hpsearch", *command],
                cwd=shell.folder,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        told = "error: the output cannot be written: No space left on device\n"
        assert (done.returncode, done.stderr) == (1, told)


def test_a_folder_in_place_of_a_file_to_write(shell: Shell) -> None:
    done = shell("export", "config", ".", "--to", "csv")
    assert done.code == 1
    assert "Is a directory; a folder stands where a file should be" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_resolved_config_that_is_not_text(shell: Shell) -> None:
    (shell.folder / "runs/config/resolved.yaml").write_bytes(b"\xff\xfe\x80garbage")
    for command in (("report", "config"), ("run", "config.yaml", "-q")):
        done = shell(*command)
        assert done.code == 2
        assert "runs/config/resolved.yaml" in done.err
        assert "bug" not in done.err
        assert len(done.err.splitlines()) == 1


def test_a_report_can_do_without_the_given_config(shell: Shell) -> None:
    (shell.folder / "runs/config/config.yaml").unlink()
    done = shell("report", "config", "--html")
    assert (done.code, done.err) == (0, "wrote runs/config/report.html\n")


@pytest.mark.parametrize("what", [pytest.param("missing", marks=pytest.mark.slow), "empty"])
def test_a_run_without_its_resolved_config(shell: Shell, what: str) -> None:
    path = shell.folder / "runs/config/resolved.yaml"
    whole = path.read_text()
    if what == "missing":
        path.unlink()
    else:
        path.write_text("")
    told = f"error: runs/config/resolved.yaml: the file is {what}; put the run's own back"
    for command in (["report"], ["report", "config"], ["run", "config.yaml", "-q"], ["watch"]):
        done = shell(*command)
        assert done.code == 2
        assert done.err.startswith(told)
        assert done.err.count("\n") == 1
    assert "damaged" in shell("list").out
    assert f"the file is {what}" in shell("list", "--json").out
    # Both pieces of advice work.
    assert shell("run", "config.yaml", "-q", "--fresh").code == 0
    path.write_text(whole)
    assert shell("report", "config").code == 0
    assert shell("run", "config.yaml", "-q").code == 0
