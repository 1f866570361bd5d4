"""``hpsearch watch``: the same screen from a second terminal, reading only."""

import hashlib
import os
import re
import signal
import sys
import threading
from pathlib import Path

import pexpect
import pytest

from tests.shell import ENTER, LEAVE, TIMEOUT, Shell

QUICK = "def cost(w):\n    return w**2 - 10*w + 25\n"
SLOW = "import time\ndef cost(w):\n    time.sleep(0.3)\n    return w**2 - 10*w + 25\n"
HELD = """
import time
from pathlib import Path

def cost(w, trial):
    while trial and not Path(__file__).with_name("go").exists():
        time.sleep(0.02)
    return w**2 - 10*w + 25
"""  # all trials but the first wait for a file, so that the search lasts as long as a test needs it
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
    shell.write("objective.py", QUICK)
    shell.write("config.yaml", CONFIG)
    return shell


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ended(child: pexpect.spawn) -> int | None:
    child.expect_exact(LEAVE)
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_a_finished_run_is_shown_until_q_and_nothing_is_written(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q").code == 0
    before = contents(shell.folder)
    child = shell.spawn("watch", "slow")
    child.expect_exact(ENTER)
    child.expect("hpsearch watch")
    child.expect("20/20")
    child.expect("the run is complete; q leaves")
    child.send("xq")
    assert ended(child) == 0
    assert contents(shell.folder) == before


def test_ctrl_c_leaves_the_screen_and_not_the_search(shell: Shell) -> None:
    shell.write("objective.py", HELD)
    search = shell.start("run", "config.yaml", "-q")
    journal = shell.folder / "runs" / "slow" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes() != b"", search)
    child = shell.spawn("watch")
    child.expect("hpsearch watch")
    child.expect("running")
    child.sendintr()
    assert ended(child) == 0
    shell.write("go", "")
    out, err = search.communicate(timeout=TIMEOUT)
    assert search.returncode == 0, err
    assert "20/20 trials" in out


@pytest.mark.parametrize("ending", ["q", pytest.param("SIGTERM", marks=pytest.mark.slow)])
def test_the_terminal_is_left_as_it_was(shell: Shell, ending: str) -> None:
    assert shell("run", "config.yaml", "-q").code == 0
    # Within another process, which looks at the terminal afterwards.
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'hpsearch', 'watch'])\n"
        "print('pid', child.pid, flush=True)\n"
        "child.wait()\n"
        "subprocess.run(['stty', '-a'])\n"
    )
    child = pexpect.spawn(
        sys.executable,
        ["-c", script],
        cwd=str(shell.folder),
        encoding="utf-8",
        timeout=TIMEOUT,
        dimensions=(30, 100),
        env={k: v for k, v in os.environ.items() if k != "CI"} | {"TERM": "xterm-256color"},
    )
    child.expect(r"pid (\d+)")
    watcher = int(child.match[1])
    child.expect("the run is complete")
    if ending == "q":
        child.send("q")
    else:
        os.kill(watcher, signal.SIGTERM)
    child.expect_exact(LEAVE)
    child.expect(r"[^-]icanon.*[^-]echo ")
    child.expect(pexpect.EOF)


def test_a_search_that_was_killed_is_told(shell: Shell) -> None:
    shell.write("objective.py", HELD)
    search = shell.start("run", "config.yaml", "-q")
    journal = shell.folder / "runs" / "slow" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes() != b"", search)
    child = shell.spawn("watch", "slow")
    child.expect("hpsearch watch")
    shell.signal_group(search, signal.SIGKILL)
    search.communicate()
    child.expect("no process is at work on this run")
    child.send("q")
    assert ended(child) == 0


@pytest.mark.slow
def test_a_pipe_gets_lines_until_the_search_ends(shell: Shell) -> None:
    shell.write("objective.py", SLOW)
    search = shell.start("run", "config.yaml", "-q")
    journal = shell.folder / "runs" / "slow" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes() != b"", search)
    reader = threading.Thread(target=search.communicate, daemon=True)
    reader.start()
    seen = shell("watch", "slow", FORCE_COLOR="1", TERM="xterm-256color")
    reader.join(TIMEOUT)
    assert seen.code == 0, seen.err
    lines = seen.out.splitlines()
    assert "slow: " in lines[0]
    assert "best J" in lines[1]
    assert lines[-1] == "20/20 trials; the run is complete"
    assert "\x1b" not in seen.out


def test_a_finished_run_in_a_pipe_is_three_lines(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q").code == 0
    seen = shell("watch")
    best = min(record["value"] for record in shell.records("slow"))
    first, second, third = seen.out.splitlines()
    assert first == "slow: 20/20 trials"
    shown = re.match(r"best J ([\d.e-]+) \(trial", second)
    assert shown is not None
    assert float(shown[1]) == pytest.approx(best, rel=1e-2)
    assert third == "20/20 trials; the run is complete"


def test_a_run_that_is_not_there(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q").code == 0
    wrong = shell("watch", "slwo")
    assert wrong.code == 2
    assert "did you mean slow?" in wrong.err
