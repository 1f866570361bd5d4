"""The two promises: the same table whatever happens (C1), and nothing lost (C2). Real processes."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shell import Shell, children_of, is_worker

CONFIGS = Path(__file__).parents[1] / "configs"

# Checkpoints after every epoch, so that a killed trial goes on from the middle.
NETWORK = """
name: network
seed: 11
data: digits
epochs: 6
parameters:
  alpha:        {min: 1e-4, max: 1, scale: log}
  optimizer:    {values: [momentum, adam]}
  beta1:        {min: 0.8, max: 0.999, scale: 1-beta, when: {optimizer: adam}}
  hidden_units: {min: 16, max: 64, type: int}
  dropout:      {min: 0, max: 0.5}
  batch_size:   128
search: {max_trials: 24, lookahead: 8}
run: {checkpoint_every: 0.001}
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The table of the network search on one worker."""
    shell = Shell(tmp_path_factory.mktemp("undisturbed"))
    shell.write("config.yaml", NETWORK)
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    table = shell.table("network")
    assert len(table.splitlines()) == 1 + 24
    return table


@pytest.mark.parametrize("workers", [pytest.param("2", marks=pytest.mark.slow), "4"])
def test_the_same_table_for_any_number_of_workers(
    tmp_path: Path, undisturbed: str, workers: str
) -> None:
    shell = Shell(tmp_path)
    shell.write("config.yaml", NETWORK)
    done = shell("run", "config.yaml", "-w", workers, "-q")
    assert done.code == 0, done.err
    assert shell.table("network") == undisturbed


def kill_once(shell: Shell, rng: random.Random) -> bool:
    """Start or go on, and kill it at a random moment; whether it was still at work then.

    The moment is some trials and a random while later, so that it falls into the work on slow
    machines and fast ones alike; now and then it falls into the start.
    """
    journal = shell.folder / "runs/network/trials.jsonl"
    before = journal.read_bytes().count(b"\n") if journal.exists() else 0
    more = rng.randrange(4)
    process = shell.start("run", "config.yaml", "-w", "2", "-q")
    while more and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= before + more:
            break
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.1) if more else rng.uniform(0, 1))
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    shell.no_process_left(process)
    return killed


def check_after_kills(shell: Shell, undisturbed: str) -> None:
    done = shell("run", "config.yaml", "-w", "2", "-q")
    assert done.code == 0, done.err
    assert shell.table("network") == undisturbed
    records = shell.records("network")
    assert sorted(record["trial"] for record in records) == list(range(24))
    trials = shell.folder / "runs/network/trials"
    assert list(trials.iterdir()) == [], "recorded trials that printed nothing leave no folder"


def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path, undisturbed: str) -> None:
    shell = Shell(tmp_path)
    shell.write("config.yaml", NETWORK)
    rng = random.Random(5)
    assert sum(kill_once(shell, rng) for _ in range(3)) >= 2
    check_after_kills(shell, undisturbed)


@pytest.mark.slow
def test_killed_at_twenty_random_moments_it_ends_the_same(
    tmp_path: Path, undisturbed: str, record_property: Callable[[str, object], None]
) -> None:
    killed = 0
    rng = random.Random(7)
    for number in range(20):
        shell = Shell(tmp_path / str(number))
        shell.folder.mkdir()
        shell.write("config.yaml", NETWORK)
        killed += kill_once(shell, rng)
        check_after_kills(shell, undisturbed)
    assert killed == 20
    record_property("tries", killed)


def test_killed_workers_cost_only_time(tmp_path: Path, undisturbed: str) -> None:
    shell = Shell(tmp_path)
    shell.write("config.yaml", NETWORK)
    process = shell.start("run", "config.yaml", "-w", "2", "-q")
    journal = shell.folder / "runs/network/trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 3, process)
    killed = [pid for pid in children_of(process.pid) if is_worker(pid)]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert killed
    assert process.returncode == 0, err
    assert shell.table("network") == undisturbed
