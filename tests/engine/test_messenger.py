"""The worker process beside a cluster's worker, and the messenger that talks to it."""

import dataclasses
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpsearch.engine import messenger as module
from hpsearch.engine.failures import WorkerDied
from hpsearch.engine.messenger import Abandoned, Messenger, Setup, versions
from hpsearch.errors import RunError
from tests.shell import TIMEOUT

FUNCTIONS = """
import ctypes, os, signal, subprocess, time
def about():
    return os.getcwd(), os.environ["OPENBLAS_NUM_THREADS"], signal.getsignal(signal.SIGINT).name
def die(): os.kill(os.getpid(), signal.SIGKILL)
def leave(): os._exit(7)
def fail(): raise ValueError("no")
def sleep(folder):
    command.running.add(subprocess.Popen(["sleep", "10000"], start_new_session=True).pid)
    with open(folder + "/pids", "w") as file:
        file.write(f"{os.getpid()} {min(command.running)} ")
    time.sleep(10000)
from hpsearch.training import command
"""


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    (tmp_path / "functions_for_a_child.py").write_text(FUNCTIONS)
    return Setup("a search", str(tmp_path), (str(tmp_path),), 3, versions())


@pytest.fixture
def messenger(setup: Setup) -> Iterator[Messenger]:
    messenger = Messenger()
    yield messenger
    messenger.end(setup)


def request(name: str, *arguments: Any) -> bytes:
    """A call of one of ``FUNCTIONS``, which this process does not know."""
    code = f"(lambda m: m.{name})(__import__('importlib').import_module('functions_for_a_child'))"
    return pickle.dumps((Call(code), arguments))


class Call:
    """Evaluates to a function where it is unpickled."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (self.code,)


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def wait_until(condition: Any, seconds: float = TIMEOUT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_process_is_set_up_once_and_kept(messenger: Messenger, setup: Setup) -> None:
    about = pickle.loads(messenger.ask(setup, request("about")))
    assert about == ((setup.folder, "3", "SIG_IGN"), None)
    first, second = (
        pickle.loads(messenger.ask(setup, pickle.dumps((os.getpid, ())))) for _ in range(2)
    )
    assert first == second
    assert first != (os.getpid(), None)
    result, error = pickle.loads(messenger.ask(setup, request("fail")))
    assert result is None
    assert repr(error) == "WorkerUnfit('ValueError: no')"
    assert pickle.loads(messenger.ask(setup, pickle.dumps((os.getpid, ())))) != first


@pytest.mark.parametrize(
    ("name", "how"), [("die", "killed by SIGKILL"), ("leave", r"\(exit code 7\)")]
)
def test_a_death_is_told_and_the_next_request_gets_another_process(
    messenger: Messenger, setup: Setup, name: str, how: str
) -> None:
    with pytest.raises(WorkerDied, match=how):
        messenger.ask(setup, request(name))
    assert pickle.loads(messenger.ask(setup, pickle.dumps((max, (1, 2))))) == (2, None)


def test_what_nobody_waits_for_ends_and_takes_its_command_along(
    messenger: Messenger, setup: Setup
) -> None:
    pids = Path(setup.folder, "pids")
    with pytest.raises(Abandoned):
        messenger.ask(
            setup, request("sleep", setup.folder), abandoned=lambda: len(_pids(pids)) == 2
        )
    wait_until(lambda: all(gone(pid) for pid in _pids(pids)))


def _pids(path: Path) -> list[int]:
    text = path.read_text() if path.exists() else ""
    return [int(word) for word in text.split(" ")[:-1]]


def test_ending_a_search_ends_its_processes_and_no_others(
    messenger: Messenger, setup: Setup
) -> None:
    other = dataclasses.replace(setup, search="another search")
    idle = pickle.loads(messenger.ask(other, pickle.dumps((os.getpid, ()))))[0]
    died: list[str] = []

    def ask() -> None:
        try:
            messenger.ask(setup, request("sleep", setup.folder))
        except WorkerDied as e:
            died.append(str(e))

    thread = threading.Thread(target=ask)
    thread.start()
    pids = Path(setup.folder, "pids")
    wait_until(lambda: len(_pids(pids)) == 2)
    messenger.end(setup)
    thread.join(20)
    assert died == ["ended by itself (exit code 1)"]
    wait_until(lambda: all(gone(pid) for pid in _pids(pids)))
    assert not gone(idle)
    messenger.end(other)
    assert gone(idle)


def test_an_interrupt_at_the_terminal_is_not_for_the_process(
    messenger: Messenger, setup: Setup
) -> None:
    pid = pickle.loads(messenger.ask(setup, pickle.dumps((os.getpid, ()))))[0]
    os.kill(pid, signal.SIGINT)
    assert pickle.loads(messenger.ask(setup, pickle.dumps((os.getpid, ())))) == (pid, None)


def test_other_versions_and_missing_folders_end_the_search(
    messenger: Messenger, setup: Setup
) -> None:
    older = dataclasses.replace(setup, versions=(*setup.versions[:-1], ("NumPy", "1.0.0")))
    with pytest.raises(RunError, match=r"NumPy is .* and 1\.0\.0 where the search is run"):
        messenger.ask(older, b"")
    with pytest.raises(RunError, match=r"/no/such/folder: is not there on .* a disk they share"):
        messenger.ask(dataclasses.replace(setup, folder="/no/such/folder"), b"")


def test_a_process_that_is_gone_before_it_is_sent_to_has_died(
    setup: Setup, messenger: Messenger, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = module._start

    def started_and_ended(*arguments: Any) -> Any:
        process = start(*arguments)
        process.wait()
        return process

    monkeypatch.setattr(module, "START", "raise SystemExit(7)")
    monkeypatch.setattr(module, "_start", started_and_ended)
    with pytest.raises(WorkerDied, match="exit code 7"):
        messenger.ask(setup, request("about"))
