"""``run.retries``: what may pass by itself is tried again, on record, and leaves no trace else."""

import json
import os
from pathlib import Path

import pytest

from tests.shell import Shell

CODE = """
import os
import signal
import time
from pathlib import Path


def calls(name):
    path = Path(__file__).with_name(f"{name}.count")
    path.write_text(path.read_text() + "x" if path.exists() else "x")
    return len(path.read_text())


def f(w):
    if w > 15 and calls("f") <= TIMES:
        FAULT
    return (w - 5) ** 2
"""
FAULTS = {
    "none": "pass",
    "worker": "os.kill(os.getpid(), signal.SIGKILL)",
    "time": "time.sleep(1000)",
    "error": "raise ConnectionError('reset by peer')",
    "printed": "print('out of memory on device 0'); raise RuntimeError('see above')",
    "other": "raise ValueError('a mistake')",
}
CONFIG = """
name: c
seed: 3
trainable: m.py:f
metric: J
parameters: {w: {min: 0, max: 16, step: 1}}
search: {strategy: grid, lookahead: 4}
run: {workers: 2, time_limit: 20, retries: 1, retry_on: "reset|out of memory"}
"""


def shell_with(folder: Path, fault: str, times: int) -> Shell:
    shell = Shell(folder)
    code = CODE.replace("TIMES", str(times)).replace("FAULT", FAULTS[fault])
    shell.write("m.py", code)
    shell.write("c.yaml", CONFIG)
    return shell


def tries(shell: Shell) -> list[dict[str, object]]:
    path = shell.folder / "runs" / "c" / "tries.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def called(shell: Shell) -> int:
    return len((shell.folder / "f.count").read_text())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    shell = shell_with(tmp_path_factory.mktemp("whole"), "none", 0)
    assert shell("run", "c.yaml", "-q").code == 0
    return shell.table("c")


@pytest.mark.parametrize(
    ("fault", "times", "error"),
    [
        ("worker", 3, "its worker process was killed by SIGKILL"),
        pytest.param("time", 1, "it took longer than run.time_limit", marks=pytest.mark.slow),
        pytest.param("error", 1, "ConnectionError: reset by peer", marks=pytest.mark.slow),
        ("printed", 1, "RuntimeError: see above"),
    ],
)
def test_what_passes_leaves_the_table_of_an_undisturbed_search(
    tmp_path: Path, undisturbed: str, fault: str, times: int, error: str
) -> None:
    shell = shell_with(tmp_path, fault, times)
    limit = ("--set", "run.time_limit=0.5") if fault == "time" else ()
    done = shell("run", "c.yaml", *limit)
    assert done.code == 0, done.err
    assert shell.table("c") == undisturbed
    [record] = tries(shell)
    assert (record["trial"], record["try"]) == (16, 1)
    assert str(record["error"]).startswith(error)
    assert f"note: trial 16: it took 2 tries; before: {error}" in done.out
    assert "it took 2 tries" in shell("report", "c", "--trial", "16").out


def test_a_mistake_is_not_tried_again(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, "other", 1)
    assert shell("run", "c.yaml", "-q").code == 0
    assert (called(shell), tries(shell)) == (1, [])
    assert shell.records("c")[-1]["state"] == "failed"


def test_what_does_not_pass_fails_in_the_end(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, "error", 99)
    done = shell("run", "c.yaml", "--set", "run.retries=2")
    assert done.code == 0, done.err
    assert (called(shell), len(tries(shell))) == (3, 2)
    [failed] = [record for record in shell.records("c") if record["state"] == "failed"]
    assert failed["error"].startswith("ConnectionError: reset by peer")
    assert failed["notes"][-1].startswith("it took 3 tries; before: ConnectionError")
    # At the user's wish it has as many tries once more.
    assert shell("run", "c.yaml", "-q", "--retry-failed").code == 0
    assert (called(shell), len(tries(shell))) == (5, 3)


@pytest.mark.slow
def test_what_an_earlier_try_printed_does_not_count(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, "printed", 1)
    code = (shell.folder / "m.py").read_text()
    shell.write("m.py", code.replace("    return (w", "    assert w <= 15\n    return (w"))
    assert shell("run", "c.yaml", "-q", "--set", "run.retries=5").code == 0
    assert (called(shell), len(tries(shell))) == (2, 1)


@pytest.mark.slow
def test_killed_between_two_tries_it_has_no_more_than_it_may(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, "error", 99)
    code = (shell.folder / "m.py").read_text()
    slow = "time.sleep(1000) if os.environ.get('SLOW') and calls('f') > 2 else "
    shell.write("m.py", code.replace("raise Conn", f"{slow}exec('pass'); raise Conn"))
    process = shell.start("run", "c.yaml", "-q", SLOW="1")
    shell.wait_for(lambda: bool(tries(shell)), process)
    os.kill(process.pid, 9)
    process.wait()
    done = shell("run", "c.yaml", "-q")
    assert done.code == 0, done.err
    assert len(tries(shell)) == 1
    assert [r["trial"] for r in shell.records("c") if r["state"] == "failed"] == [16]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("retry_on: '('", "run.retry_on: is no regular expression of Python's: missing )"),
        ("retries: -1", "run.retries: must be a whole number from 0 to 1000, not -1"),
        ("retry_on: [a]", "run.retry_on: must be a regular expression, not a list"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, key: str, message: str) -> None:
    shell = Shell(tmp_path)
    shell.write("c.yaml", f"trainable: m.py:f\nmetric: J\nparameters: {{w: 1}}\nrun:\n  {key}\n")
    done = shell("preview", "c.yaml")
    assert done.code == 2
    assert f"c.yaml:5:{3 + key.index(' ') + 1}: {message}" in done.err


def test_a_pattern_without_retries_is_warned_of(tmp_path: Path) -> None:
    shell = shell_with(tmp_path, "none", 0)
    done = shell("preview", "c.yaml", "--set", "run.retries=0")
    assert "run.retry_on: has no effect without retries: 2, say" in done.err
    told = " ".join(shell("preview", "c.yaml", "--set", "run.memory_limit=2GB").out.split())
    assert "run.time_limit, or that fits run.retry_on, is tried again 1 time at most" in told
    assert "a trial fails that uses more than 2 GB" in told
