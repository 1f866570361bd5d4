"""Whose fault it was, from end to end: what a trial did not do is never recorded against it."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.shell import Shell, children_of, is_worker

CONFIG = """
name: c
trainable: m.py:f
metric: {name: J, goal: minimize}
parameters: {a: {min: 0, max: 1}}
search: {max_trials: 6}
"""
PLAIN = "def f(a):\n    return (a - 0.3) ** 2\n"


def shell_in(folder: Path, code: str, config: str = CONFIG) -> Shell:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)
    shell.write("m.py", code)
    shell.write("c.yaml", config)
    return shell


def states(shell: Shell) -> list[str]:
    return [record["state"] for record in shell.records("c")]


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_words_in_a_log_are_not_a_time_limit(tmp_path: Path, workers: str) -> None:
    code = (
        "import os, time\n"
        "def f(w):\n"
        "    if w == 0: os._exit(3)\n"
        "    print('Timeout (connect timeout=5), hpsearch: this took longer', flush=True)\n"
        "    time.sleep(0.2)\n"
        "    return w\n"
    )
    config = CONFIG.replace("a: {min: 0, max: 1}", "w: {values: [3, 0, 2, 1]}")
    config = config.replace("{max_trials: 6}", "{strategy: grid, lookahead: 4}")
    shell = shell_in(tmp_path, code, config)
    shell("run", "c.yaml", "-w", workers, "-q", "--set", "run.time_limit=100")
    records = {record["hparams"]["w"]: record for record in shell.records("c")}
    assert [records[w]["state"] for w in (3, 0, 2, 1)] == ["done", "failed", "done", "done"]
    assert records[0]["error"] == "its worker process ended by itself (exit code 3), 2 times"
    assert records[0]["died"] is True


def test_a_disk_that_fails_ends_the_search_and_blames_no_trial(tmp_path: Path) -> None:
    whole = shell_in(tmp_path / "whole", PLAIN)
    assert whole("run", "c.yaml", "-w", "1", "-q").code == 0
    shell = shell_in(tmp_path / "disturbed", PLAIN)
    assert shell("run", "c.yaml", "-w", "1", "-q", "--set", "search.max_trials=2").code == 0
    trials = tmp_path / "disturbed/runs/c/trials"
    shutil.rmtree(trials, ignore_errors=True)
    trials.touch()
    done = shell("run", "c.yaml", "-w", "1", "-q")
    assert done.code == 1
    assert "cannot open the trial's log" in done.err
    assert "Traceback" not in done.err
    assert states(shell) == ["done"] * 2
    trials.unlink()
    assert shell("run", "c.yaml", "-w", "1", "-q").code == 0
    assert shell.table("c") == whole.table("c")


@pytest.mark.parametrize("then", ["", "; raise OSError(28, 'No space left on device')"])
def test_a_full_disk_of_the_trials_own_is_the_trials_fault(tmp_path: Path, then: str) -> None:
    # To the trial it is as if its log were on a full disk; the log itself can be written.
    code = (
        "import os\n"
        "def f(a):\n"
        f"    os.dup2(os.open('/dev/full', 1), 1); print('x'){then}\n"
        "    return a\n"
    )
    shell = shell_in(tmp_path, code)
    shell("run", "c.yaml", "-w", "1", "-q", "--set", "search.max_trials=1")
    assert states(shell) == ["failed"]
    assert "No space left on device (m.py:3)" in shell.records("c")[0]["error"]
    assert (
        "so what failed was another file" in (tmp_path / "runs/c/trials/0000/log.txt").read_text()
    )


def test_a_file_that_is_taken_away_ends_the_search(tmp_path: Path) -> None:
    code = (
        "import os, pathlib\n"
        "def f(a, trial):\n"
        "    if trial == 2 and pathlib.Path('m.py').exists(): os.rename('m.py', 'away')\n"
        "    return a\n"
    )
    shell = shell_in(tmp_path, code)
    done = shell("run", "c.yaml", "-w", "1", "-q")
    assert done.code == 1
    assert "there is no file" in done.err
    assert "nothing is recorded against trial 3" in done.err
    assert states(shell) == ["done"] * 3
    (tmp_path / "away").rename(tmp_path / "m.py")
    assert shell("run", "c.yaml", "-w", "1", "-q").code == 0
    assert states(shell) == ["done"] * 6


@pytest.mark.parametrize("raises", ["RuntimeError('no text')", "SystemExit", "KeyboardInterrupt"])
def test_an_exception_that_cannot_be_told_is_its_kind(tmp_path: Path, raises: str) -> None:
    code = f"class E(Exception):\n    def __str__(self): raise {raises}\ndef f(a):\n    raise E\n"
    shell = shell_in(tmp_path, code)
    shell("run", "c.yaml", "-w", "1", "-q", "--set", "search.max_trials=1")
    assert [record["error"] for record in shell.records("c")] == ["E (m.py:4)"]


HANGING = {
    "constructor": "class f:\n    def __init__(self, a): time.sleep(10**6)\n"
    "    def train_epoch(self, e): return 1.0\n",
    "import": "time.sleep(10**6)\ndef f(a): return a\n",
}


@pytest.mark.parametrize("where", HANGING)
def test_a_set_up_that_hangs_runs_into_the_time_limit(tmp_path: Path, where: str) -> None:
    shell = shell_in(tmp_path, "import time\n" + HANGING[where])
    done = shell("run", "c.yaml", "-w", "1", "-q", "--set", "run.time_limit=0.5")
    assert done.code == 2
    assert done.err == (
        "error: the trainable took longer than run.time_limit (0.5 seconds) to be set up\n"
    )


GIVES_NOBODY_A_TURN = {
    "sum": "sum(range(10**12))",
    "backtracking": "re.match('(a+)+$', 'a' * 64 + 'b')",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", GIVES_NOBODY_A_TURN.values(), ids=GIVES_NOBODY_A_TURN)
@pytest.mark.parametrize("stage", ["set-up", "training"])
def test_code_that_gives_nobody_a_turn_runs_into_the_time_limit(
    tmp_path: Path, stage: str, code: str
) -> None:
    lines = f"import re\ndef f(a):\n    {code}\n"
    if stage == "set-up":
        lines = f"import re\n{code}\ndef f(a): return a\n"
    shell = shell_in(tmp_path, lines)
    limit = ("--set", "run.time_limit=0.5", "--set", "search.max_trials=1")
    done = shell("run", "c.yaml", "-w", "1", "-q", *limit)
    if stage == "set-up":
        assert done.code == 2
        assert "took longer than run.time_limit (0.5 seconds) to be set up" in done.err
    else:
        assert [r["error"] for r in shell.records("c")] == ["it took longer than run.time_limit"]
        assert "m.py" in (tmp_path / "runs/c/trials/0000/log.txt").read_text(), "where it stood"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_what_a_trial_left_to_others_ends_at_its_time_limit(tmp_path: Path) -> None:
    # The grandchild holds the pipe for as long as it lives; its parent ends at once.
    code = (
        "import os, subprocess, time\n"
        "def f(a):\n"
        "    subprocess.run(['sh', '-c', 'exec 3>pipe; setsid sleep 100000 & exit'])\n"
        "    time.sleep(10**6)\n"
    )
    shell = shell_in(tmp_path, code)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        limit = ("--set", "run.time_limit=0.5", "--set", "search.max_trials=1")
        shell("run", "c.yaml", "-w", "1", "-q", *limit)
        assert [r["error"] for r in shell.records("c")] == ["it took longer than run.time_limit"]
        deadline = time.monotonic() + 20
        while not _at_its_end(reader):
            assert time.monotonic() < deadline, "the grandchild lives on"
            time.sleep(0.05)
    finally:
        os.close(reader)


def _at_its_end(reader: int) -> bool:
    """Whether nobody has the other end of a pipe any more."""
    try:
        return os.read(reader, 1) == b""
    except BlockingIOError:
        return False


@pytest.mark.parametrize("numbers", [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGHUP,)])
def test_a_set_up_that_hangs_hears_signals(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    hangs = "import pathlib, time\npathlib.Path('begun').touch()\n" + HANGING["import"]
    shell = shell_in(tmp_path, hangs)
    process = shell.start("run", "c.yaml", "-w", "1", "-q")
    shell.wait_for((tmp_path / "begun").exists, process)
    for number in numbers:
        shell.signal_group(process, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    shell.no_process_left(process)


def test_a_closed_terminal_is_an_interrupt_and_says_nothing_else(tmp_path: Path) -> None:
    code = "import pathlib, time\ndef f(a):\n    pathlib.Path('begun').touch(); time.sleep(1000)\n"
    shell = shell_in(tmp_path, code)
    process = shell.start("run", "c.yaml", "-w", "2", "-q")
    shell.wait_for((tmp_path / "begun").exists, process)
    shell.signal_group(process, signal.SIGHUP)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert [line for line in err.splitlines() if "interrupted" not in line] == ["stopping now"]
    shell.no_process_left(process)


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels have no such signal")
def test_code_that_gives_nobody_a_turn_ends_with_the_coordinator(tmp_path: Path) -> None:
    code = (
        "import ctypes, pathlib\n"
        "def f(a):\n    pathlib.Path('begun').touch(); ctypes.PyDLL(None).sleep(1000)\n"
    )
    shell = shell_in(tmp_path, code)
    process = shell.start("run", "c.yaml", "-w", "1", "-q")
    shell.wait_for((tmp_path / "begun").exists, process)
    workers = [pid for pid in children_of(process.pid) if is_worker(pid)]
    process.kill()
    process.communicate()
    assert workers
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_commands_children_end_with_the_coordinator(tmp_path: Path) -> None:
    config = CONFIG.replace("m.py:f", '{command: "sh run.sh {a}"}')
    shell = shell_in(tmp_path, "", config)
    shell.write("run.sh", "sleep 1000 &\necho $! > child\nwait\n")
    process = shell.start("run", "c.yaml", "-w", "1", "-q")
    child = tmp_path / "child"
    shell.wait_for(lambda: child.exists() and child.read_text().strip() != "", process)
    pid = int(child.read_text())
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "Z" not in _state(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_worker_is_born_deaf_to_the_terminal(tmp_path: Path) -> None:
    shell = shell_in(
        tmp_path,
        "import pathlib, signal, time\n"
        "def f(a):\n"
        "    pathlib.Path('begun').write_text(repr(signal.getsignal(signal.SIGHUP)))\n"
        "    time.sleep(0.1)\n    return a\n",
    )
    assert shell("run", "c.yaml", "-w", "1", "-q").code == 0
    assert "SIG_IGN" in (tmp_path / "begun").read_text()
