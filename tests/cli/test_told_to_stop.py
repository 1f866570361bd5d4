"""Told to stop now, a search ends: whatever it is at, and leaves nothing behind."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shell import Shell

TOLD = [signal.SIGTERM, signal.SIGHUP]
OBJECT = """
name: c
trainable: m.py:f
metric: {name: J, goal: minimize}
parameters: {w: {min: 0, max: 1}}
search: {max_trials: 2}
"""
NETWORK = """
name: c
data: {path: digits, test: 0.2}
epochs: 1
parameters: {alpha: {min: 1e-3, max: 1e-1, scale: log}}
search: {strategy: random, max_trials: 2}
"""
BEGUN = "pathlib.Path('begun').touch()"
BUSY = {
    "asleep": "time.sleep(10**6)",
    "giving nobody a turn": "ctypes.PyDLL(None).sleep(10**6)",
}


def stop(shell: Shell, number: signal.Signals, ready: Callable[[], bool]) -> None:
    """Start the search, wait until it is there, and tell all its processes to stop."""
    process = shell.start("run", "c.yaml", "-w", "1", "-q")
    shell.wait_for(ready, process)
    shell.signal_group(process, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert [line.split(";")[0] for line in err.splitlines()] == [
        "stopping now",
        "interrupted with everything saved",
    ]
    shell.no_process_left(process)


@pytest.mark.slow
@pytest.mark.parametrize("number", TOLD)
@pytest.mark.parametrize("busy", BUSY)
@pytest.mark.parametrize("stage", ["set-up", "training"])
def test_while_code_of_the_users_runs(
    tmp_path: Path, stage: str, busy: str, number: signal.Signals
) -> None:
    lines = f"import ctypes, pathlib, time\n{BEGUN}; {BUSY[busy]}\ndef f(w): return w\n"
    if stage == "training":
        lines = f"import ctypes, pathlib, time\ndef f(w):\n    {BEGUN}; {BUSY[busy]}\n"
    shell = Shell(tmp_path)
    shell.write("c.yaml", OBJECT)
    shell.write("m.py", lines)
    stop(shell, number, (tmp_path / "begun").exists)
    assert shell.records("c") == []


@pytest.mark.parametrize("number", [TOLD[0], pytest.param(TOLD[1], marks=pytest.mark.slow)])
def test_while_the_test_split_is_scored(tmp_path: Path, number: signal.Signals) -> None:
    shell = Shell(tmp_path)
    shell.write("c.yaml", NETWORK)
    assert shell("run", "c.yaml", "-q").code == 0
    run = tmp_path / "runs/c"
    before = (run / "test.json").read_bytes()
    (run / "test.json").unlink()
    # The worker that scores the model waits for one to come through a pipe.
    model = run / "model.npz"
    model.rename(tmp_path / "kept")
    os.mkfifo(model)
    writers: list[int] = []

    def scoring() -> bool:
        try:
            writers.append(os.open(model, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody reads it yet
            return False
        return True

    try:
        stop(shell, number, scoring)
    finally:
        for writer in writers:
            os.close(writer)
    assert not (run / "test.json").exists()
    (tmp_path / "kept").replace(model)
    assert shell("run", "c.yaml", "-q").code == 0
    assert (run / "test.json").read_bytes() == before


class Pipe:
    """A config that is a pipe: whoever reads it waits for its end."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._path = path
        self._end: int | None = None

    def is_read(self) -> bool:
        """Whether somebody waits for what it says."""
        try:
            self._end = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody has opened it to read
            return False
        return True

    def close(self) -> None:
        """Let the reader go on."""
        if self._end is not None:
            os.close(self._end)


@pytest.mark.parametrize("number", TOLD)
def test_while_the_config_is_read(tmp_path: Path, number: signal.Signals) -> None:
    shell = Shell(tmp_path)
    pipe = Pipe(tmp_path / "c.yaml")
    process = shell.start("run", "c.yaml", "-q")
    shell.wait_for(pipe.is_read, process)
    process.send_signal(number)
    pipe.close()  # a signal just before the read would wait for its end
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "stopped; all that was recorded is kept\n")
