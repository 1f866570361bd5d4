"""The time limit: a fact that only the worker can write, and an end for all that it started."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpsearch.engine.limits import EXIT_CODE, TrialLimits, limited, passed
from hpsearch.records import Trial
from hpsearch.store.rundir import RunFolder

START = """
import subprocess, sys, time
from pathlib import Path
from hpsearch.engine.limits import limited
from hpsearch.processes import adopt_orphans
adopt_orphans()
"""
CHILDREN = """
with limited(0.5, Path("mark")):
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    subprocess.run(["sh", "-c", "sleep 1000 & sh -c 'sleep 1000; :' & exit"])
    time.sleep(1000)
"""
LOCKED = """
import ctypes
with limited(0.2, Path("mark")):
    ctypes.PyDLL(None).sleep(1000)
"""


def with_mark(mark: str) -> list[str]:
    """The names of the living processes that have ``mark`` in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            alive = (path / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if alive and f"MARK={mark}".encode() in (path / "environ").read_bytes():
                found.append((path / "comm").read_text().strip())
        except OSError:
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_all_that_was_started_ends_with_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", START + CHILDREN], cwd=tmp_path, env={"MARK": str(tmp_path)}
    )
    assert process.wait(60) == EXIT_CODE
    told = passed(tmp_path / "mark")
    assert told is not None
    assert told.startswith("hpsearch: this took longer than 0.5 seconds\n")
    assert 'File "<string>"' in told, "where it stood"
    deadline = time.monotonic() + 20
    while with_mark(str(tmp_path)):
        assert time.monotonic() < deadline, with_mark(str(tmp_path))
        time.sleep(0.05)


def test_code_that_gives_nobody_a_turn_ends_too(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", START + LOCKED], cwd=tmp_path)
    assert process.wait(60) != 0
    assert "Timeout (" in (passed(tmp_path / "mark") or "")


def test_in_time_nothing_is_left(tmp_path: Path) -> None:
    mark = tmp_path / "folder" / "mark"
    with limited(1000.0, mark):
        assert mark.read_bytes() == b""
        assert passed(mark) is None
    assert not mark.exists()
    with limited(None, mark):
        assert not mark.exists()


def test_only_a_mark_with_something_in_it_and_only_with_a_limit(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "runs" / "test")
    run.create("", "")
    trial = Trial(3, 0, {}, ())
    mark, log = run.limit_path(3), run.log_path(3)
    mark.parent.mkdir(parents=True)
    log.write_text("requests: Timeout (connect timeout=5)\n")
    assert not TrialLimits(run, 5.0).passed(trial)
    mark.write_text("")
    assert not TrialLimits(run, 5.0).passed(trial)
    mark.write_text("it stood here\n")
    assert not TrialLimits(run, None).passed(trial)
    assert TrialLimits(run, 5.0).passed(trial)
    assert log.read_text() == "requests: Timeout (connect timeout=5)\nit stood here\n"
    assert not TrialLimits(run, 5.0).passed(trial), "it is told once"
    mark.write_text("of an earlier attempt\n")
    TrialLimits(run, 5.0).forget(trial)
    assert not TrialLimits(run, 5.0).passed(trial)
