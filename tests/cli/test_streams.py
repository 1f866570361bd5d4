"""Streams that are closed, full or left: the work is done, and the exit code says how it went."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.cli.streams import Lenient, failure_of
from tests.shell import Shell

HPSEARCH = f"{sys.executable} -m hpsearch"
CONFIG = """
trainable: objective.py:cost
metric: J
parameters: {w: {min: -10, max: 20}}
search: {max_trials: 3, lookahead: 2}
run: {workers: 1}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    shell.write("objective.py", "def cost(w):\n    return w**2 - 10*w + 25\n")
    return shell


def sh(shell: Shell, line: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["bash", "-c", line], cwd=shell.folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("redirected", "code"),
    [
        (">&-", 0),
        pytest.param("2>&-", 0, marks=pytest.mark.slow),
        ("<&- >&- 2>&-", 0),
        pytest.param("2>/dev/full", 0, marks=pytest.mark.slow),
        (">/dev/full", 1),  # the results are in the run, but what was asked for is lost
        pytest.param(">/dev/full 2>&1", 1, marks=pytest.mark.slow),
    ],
)
def test_a_search_ends_well_whoever_listens(shell: Shell, redirected: str, code: int) -> None:
    found, out, err = sh(shell, f"{HPSEARCH} run config.yaml {redirected}")
    assert found == code
    assert [record["state"] for record in shell.records("config")] == ["done"] * 3
    assert "bug" not in out + err
    if redirected == ">/dev/full":
        told = "error: the output cannot be written: No space left on device"
        assert err.splitlines()[-1] == told


def test_a_search_whose_reader_leaves_goes_on(shell: Shell) -> None:
    line = f"{HPSEARCH} run config.yaml --json 2>&1 | head -1; exit ${{PIPESTATUS[0]}}"
    code, out, _ = sh(shell, line)
    assert (code, out.count("\n")) == (0, 1)
    assert len(shell.records("config")) == 3


@pytest.mark.parametrize(
    ("command", "code"),
    [("list", 0), ("report nothing", 2), ("--help", 0), ("--no-such", 2), ("babysit x.yaml", 2)],
)
def test_exit_codes_do_not_need_a_listener(shell: Shell, command: str, code: int) -> None:
    assert sh(shell, f"{HPSEARCH} {command} >&- 2>&-") == (code, "", "")


def test_a_report_whose_reader_leaves_is_quiet(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q").code == 0
    code, _, err = sh(shell, f"{HPSEARCH} report --format csv | true; exit ${{PIPESTATUS[0]}}")
    assert (code, err) == (0, "")
    # Following a run for nobody would never end.
    code, _, err = sh(shell, f"{HPSEARCH} watch | true; exit ${{PIPESTATUS[0]}}")
    assert (code, err) == (0, "")


def test_user_code_that_closes_stdout_takes_it_from_nobody(shell: Shell) -> None:
    shell.write(
        "objective.py",
        "import sys\ndef cost(w):\n    sys.stdout.close()\n    sys.stderr.close()\n    return w\n",
    )
    done = shell("check", "config.yaml")
    assert "bug" not in done.err
    assert "ok" in done.out


def test_a_pipe_that_does_not_block_gets_everything() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    code = (
        "import sys; from hpsearch.cli.streams import open_streams; open_streams();"
        "sys.stdout.write('x' * 1_000_000); sys.stdout.flush()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=writing) as process:
        os.close(writing)
        with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor
            assert len(pipe.read()) == 1_000_000
        assert process.wait() == 0


def test_the_first_failure_is_remembered() -> None:
    with Path("/dev/full").open("w") as full:
        raw = Lenient(full.fileno(), "wb", closefd=False)
        assert raw.write(b"lost") == 4
        assert raw.failure is not None
        assert raw.failure.strerror == "No space left on device"
    assert failure_of(sys.__stdout__) is None  # type: ignore[arg-type]
