"""hpsearch where there is nothing of POSIX: no fcntl, process groups, most signals (Windows)."""

import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from hpsearch import portable
from hpsearch.engine import pools
from hpsearch.errors import UsageError
from hpsearch.store import system
from hpsearch.training.alarm import TimeIsUp, _by_thread
from tests.shell import Shell

WITHOUT_POSIX = {"PYTHONPATH": str(Path(__file__).with_name("without_posix"))}
NETWORK = """\
name: {name}
trainable: network
data: {{path: digits}}
epochs: 2
parameters: {{alpha: {{min: 1e-4, max: 1e-1, scale: log}}, hidden_units: {{values: [8, 16]}}}}
search: {{max_trials: 4, lookahead: 2}}
run: {{workers: 2}}
seed: 7
"""
COMMAND = """\
name: slow
trainable: {{command: '"{python}" model.py {{x}}'}}
metric: value
parameters: {{x: {{min: 0, max: 1}}}}
search: {{strategy: random, max_trials: 6, lookahead: 2}}
run: {{workers: 2, time_limit: 60}}
"""
MODEL = """\
import os, sys, time
while int(os.environ["HPSEARCH_TRIAL"]) > 2 and not os.path.exists("go"):
    time.sleep(0.05)
print("value:", (float(sys.argv[1]) - 0.3) ** 2)
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_the_search_of_another_system_has_the_same_table(shell: Shell) -> None:
    for name, environment in (("here", {}), ("there", WITHOUT_POSIX)):
        shell.write(f"{name}.yaml", NETWORK.format(name=name))
        done = shell("run", f"{name}.yaml", "-q", **environment)
        assert done.code == 0, done.err
    assert shell.table("here") == shell.table("there")


def test_every_command_works(shell: Shell) -> None:
    shell.write("c.yaml", NETWORK.format(name="c").replace("max_trials: 4", "max_trials: 1"))
    for line in (
        "--help",
        "init new.yaml",
        "check c.yaml",
        "preview c.yaml",
        "run c.yaml",
        "list",
        "report c",
        "report c --html",
        "export c out.csv --to csv",
        "retest c --trial 0",
        "watch c",
    ):
        done = shell(*line.split(), **WITHOUT_POSIX)
        assert done.code == 0, (line, done.err)
        assert "Traceback" not in done.out + done.err


def test_babysitting_goes_on_where_it_was_left(shell: Shell) -> None:
    shell.write("c.yaml", NETWORK.format(name="c"))
    started = shell("babysit", "c.yaml", "--epochs", "1", **WITHOUT_POSIX)
    assert started.code == 0, started.err
    resumed = shell("babysit", "--resume", "--set", "alpha /3", "--epochs", "1", **WITHOUT_POSIX)
    assert resumed.code == 0, resumed.err
    assert "main@2" in resumed.out


def test_a_search_that_was_ended_at_once_goes_on_to_the_same_table(shell: Shell) -> None:
    """What ends a process on Windows leaves it no moment; its workers see that it is gone."""
    shell.write("model.py", MODEL)
    shell.write("slow.yaml", COMMAND.format(python=sys.executable))
    coordinator = shell.start("run", "slow.yaml", "-q", **WITHOUT_POSIX)
    journal = shell.folder / "runs" / "slow" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1, coordinator)
    second = shell("run", "slow.yaml", **WITHOUT_POSIX)
    assert second.code == 1
    assert "is at work on this run" in second.err
    coordinator.send_signal(signal.SIGKILL)
    coordinator.wait()
    shell.write("go", "")
    again = shell("run", "slow.yaml", "-q", **WITHOUT_POSIX)
    assert again.code == 0, again.err
    whole = Shell(shell.folder / "whole")
    whole.folder.mkdir()
    for name in ("model.py", "slow.yaml", "go"):
        whole.write(name, (shell.folder / name).read_text())
    assert whole("run", "slow.yaml", "-q").code == 0
    assert shell.table("slow") == whole.table("slow")


def test_a_trial_that_takes_too_long_is_ended_with_what_it_started(shell: Shell) -> None:
    shell.write("600_seconds.py", "import time\ntime.sleep(600)\n")
    text = COMMAND.format(python=sys.executable).replace("time_limit: 60", "time_limit: 1")
    text = text.replace("model.py", "600_seconds.py")
    shell.write("slow.yaml", text.replace("max_trials: 6", "max_trials: 1"))
    done = shell("run", "slow.yaml", **WITHOUT_POSIX)
    assert done.code == 1
    assert "it took longer than run.time_limit" in done.out
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not any("600_seconds.py" in command for command in commands)


def test_a_config_and_data_with_the_line_ends_of_windows(shell: Shell) -> None:
    lines = ["a,b,label", *(f"{i},{i * i % 7},{'xy'[i % 2]}" for i in range(60))]
    (shell.folder / "rows.csv").write_bytes("\r\n".join(lines).encode() + b"\r\n")
    text = NETWORK.format(name="crlf").replace("path: digits", "path: rows.csv, target: label")
    (shell.folder / "c.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    done = shell("run", "c.yaml", "-q", **WITHOUT_POSIX)
    assert done.code == 0, done.err


# --- the parts


def test_on_windows_a_backslash_is_part_of_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    command = r'python C:\work\train.py --name "a b" {alpha}'
    assert portable.split_command(command)[1] == "C:worktrain.py"
    monkeypatch.setattr(portable.os, "name", "nt")
    words = portable.split_command(command)
    assert words == ["python", r"C:\work\train.py", "--name", "a b", "{alpha}"]
    assert portable.join_command(words) == command


def test_a_file_that_is_being_read_is_replaced_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new")
    old.write_text("old")
    refusals = [PermissionError(13, "in use"), PermissionError(13, "in use")]
    replace = Path.replace

    def once_free(source: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", once_free)
    monkeypatch.setattr(system, "POSIX", False)
    system.replace_file(new, old)
    assert old.read_text() == "new"


def test_a_limit_of_time_without_a_signal() -> None:
    def wait_for_ever() -> None:
        with _by_thread(0.05):
            while True:
                time.sleep(0.01)

    with pytest.raises(TimeIsUp):
        wait_for_ever()
    with _by_thread(60.0):
        assert "alarm" in {thread.name for thread in threading.enumerate()}
    assert "alarm" not in {thread.name for thread in threading.enumerate()}


def test_clusters_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WINDOWS", True)
    with pytest.raises(UsageError, match=r"dask needs Linux or macOS .* on Windows use loky"):
        pools.open_pool("dask", 1, 1)
