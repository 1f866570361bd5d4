"""``run.memory_limit``: trials that need more fail, one by one, whatever they allocate with."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hpsearch.engine.memory import memory_of_all
from hpsearch.text import bytes_of, size
from tests.shell import Shell

MEGABYTE = 10**6
CODE = """
import subprocess
import sys
import time

import numpy as np

CHILD = "import time; kept = b'x' * 150_000_000; time.sleep(1000)"


def at_once(mb):
    return float(np.ones(int(mb) * 125_000).sum())


def bit_by_bit(mb):
    kept = []
    for _ in range(int(mb) // 5):
        kept.append(bytearray(b"x") * 5_000_000)
        time.sleep(0.01)
    return len(kept)


def by_children(mb):
    if mb > 200:
        # Each of them stays within the limit, and all together do not.
        started = [subprocess.Popen([sys.executable, "-c", CHILD]) for _ in range(3)]
        for child in started:
            child.wait()
    return mb
"""
CONFIG = """
name: c
trainable: m.py:{name}
metric: mb
parameters: {{mb: {{values: [10, 2000]}}}}
search: {{strategy: grid, max_trials: 2}}
run: {{workers: {workers}, memory_limit: 400MB}}
"""
SAID = "it used more memory than run.memory_limit"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses what goes beyond")
@pytest.mark.parametrize(
    ("name", "workers"),
    [
        ("at_once", 1),
        pytest.param("bit_by_bit", 1, marks=pytest.mark.slow),
        pytest.param("by_children", 1, marks=pytest.mark.slow),
        ("by_children", 2),
    ],
)
def test_a_trial_that_needs_too_much_fails_and_the_others_go_on(
    tmp_path: Path, name: str, workers: int
) -> None:
    shell = Shell(tmp_path)
    shell.write("m.py", CODE)
    shell.write("c.yaml", CONFIG.format(name=name, workers=workers))
    done = shell("run", "c.yaml", "-q")
    assert done.code == 0, done.err
    fine, failed = sorted(shell.records("c"), key=lambda record: record["hparams"]["mb"])
    assert (fine["state"], failed["state"]) == ("done", "failed")
    assert failed["error"].startswith(SAID)
    log = (tmp_path / "runs" / "c" / "trials" / f"{failed['trial']:04}" / "log.txt").read_text()
    assert "m.py" in log or "in by_children" in log  # where it stood


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses what goes beyond")
def test_a_set_up_that_needs_too_much_is_told_once(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("m.py", "kept = []\nwhile True:\n    kept.append(bytearray(b'x') * 5_000_000)\n")
    shell.write("c.yaml", CONFIG.format(name="f", workers=1))
    done = shell("run", "c.yaml", "-q")
    assert done.code == 2
    assert "m.py" in done.err or "used more memory than run.memory_limit (400 MB)" in done.err
    assert not (tmp_path / "runs" / "c").exists()


def test_the_memory_of_a_process_and_its_children_is_counted() -> None:
    # An array that is written to; what was never touched takes no memory.
    code = "import time; kept = b'x' * 50_000_000; print('ready', flush=True); time.sleep(1000)"
    before = memory_of_all(os.getpid())
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        kept = np.ones(50 * MEGABYTE // 8)
        grown = memory_of_all(os.getpid()) - before
        child.kill()
    assert kept.nbytes == 50 * MEGABYTE
    assert 90 * MEGABYTE < grown < 160 * MEGABYTE
    assert memory_of_all(child.pid) == 0


def test_amounts_are_read_as_they_are_written() -> None:
    assert bytes_of("2GB") == 2e9
    assert bytes_of("512 MiB") == 512 * 2**20
    assert bytes_of(250) == 250e6
    assert (size(2e9), size(4e8)) == ("2 GB", "400 MB")


@pytest.mark.parametrize("wrong", ["0", "lots", "2 gigs", "-1"])
def test_what_is_no_amount_is_refused(tmp_path: Path, wrong: str) -> None:
    shell = Shell(tmp_path)
    shell.write("m.py", CODE)
    shell.write("c.yaml", CONFIG.format(name="at_once", workers=1).replace("400MB", wrong))
    done = shell("preview", "c.yaml")
    assert done.code == 2
    assert "c.yaml:7:" in done.err
    assert "run.memory_limit: must be a number above 0 or an amount such as 2GB, not" in done.err
