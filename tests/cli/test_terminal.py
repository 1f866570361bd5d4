"""``hpsearch run`` on a real pseudo-terminal: the live screen, Ctrl-C, and what is left behind."""

import fcntl
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pexpect
import pytest

from tests.shell import ENTER, LEAVE, TIMEOUT, Shell

SLOW = "import time\ndef cost(w):\n    time.sleep(0.15)\n    return w**2 - 10*w + 25\n"
CONFIG = """
name: slow
trainable: objective.py:cost
metric: J
parameters:
  w: {min: -10, max: 20}
search: {max_trials: 20, lookahead: 4}
run: {workers: 2}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("objective.py", SLOW)
    shell.write("config.yaml", CONFIG)
    return shell


def test_live_on_the_alternate_screen_and_the_summary_on_the_normal_one(shell: Shell) -> None:
    child = shell.spawn("run", "config.yaml")
    child.expect_exact(ENTER)
    child.expect("search ranges")
    child.expect_exact(LEAVE)
    child.expect("best J .*wrote runs/slow/best.yaml.*next: hpsearch report slow")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_ctrl_c_lets_the_running_trials_finish(shell: Shell) -> None:
    shell.write("objective.py", SLOW.replace("0.15", "1.5"))
    child = shell.spawn("run", "config.yaml")
    child.expect("search ranges")
    child.expect("best J")
    child.sendintr()
    child.expect("press Ctrl-C again")
    child.expect_exact(LEAVE)
    child.expect("interrupted with everything saved; go on with: hpsearch run config.yaml")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert 0 < len(shell.records("slow")) < 20


@pytest.mark.parametrize(
    "environment", [pytest.param({"TERM": "dumb"}, marks=pytest.mark.slow), {"CI": "true"}]
)
def test_plain_where_a_live_screen_makes_no_sense(
    shell: Shell, environment: dict[str, str]
) -> None:
    child = shell.spawn("run", "config.yaml", **environment)
    child.expect("20/20 trials")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert ENTER not in (child.before or "")


def test_a_pipe_gets_no_cursor_codes_even_with_forced_colour(shell: Shell) -> None:
    done = shell("run", "config.yaml", FORCE_COLOR="1", TERM="xterm-256color")
    assert done.code == 0
    assert ENTER not in done.err
    assert "\x1b[?25l" not in done.err
    assert "20/20 trials" in done.err


@pytest.mark.slow
def test_a_terminal_that_is_closed_stops_the_search_with_everything_saved(shell: Shell) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hpsearch", "run", "config.yaml", "--progress", "plain"],
        cwd=shell.folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
    )
    os.close(slave)
    journal = shell.folder / "runs/slow/trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 2, process)
    os.close(master)
    assert process.wait(TIMEOUT) == 130
    shell.no_process_left(process)
    assert {record["state"] for record in shell.records("slow")} == {"done"}
    assert shell("run", "config.yaml", "-q").code == 0
    assert len(shell.records("slow")) == 20
