"""An error of the disk at any step: one line, nothing lost, and the same command goes on."""

import errno
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shell import Shell

HERE = Path(__file__).with_name("io_errors")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EMFILE, errno.EACCES, errno.EROFS)
NETWORK = """\
name: s
seed: 3
data: digits
epochs: 2
parameters: {alpha: {min: 1e-3, max: 1e-1, scale: log}, hidden_units: 8, batch_size: 512}
search: {max_trials: 3, lookahead: 1}
run: {workers: 1, checkpoint_every: 0.001, kernels: numpy}
"""
OBJECT = """\
name: s
seed: 3
trainable: model.py:Toy
metric: loss
epochs: 3
parameters: {x: {min: 0, max: 1}}
search: {max_trials: 3, lookahead: 1}
run: {workers: 1, checkpoint_every: 0.001}
"""
COMMAND = """\
name: s
seed: 3
trainable: {command: 'echo "loss: {x}"'}
metric: loss
parameters: {x: {min: 0, max: 1}}
search: {max_trials: 3, lookahead: 1, strategy: random}
run: {workers: 1}
"""
MODEL = """\
import numpy as np
class Toy:
    def __init__(self, x, seed):
        self.x, self.done = x, 0
    def train_epoch(self, epoch):
        self.done += 1
        return {"loss": (self.x - 0.3) ** 2 + 1 / self.done}
    def save(self):
        return {"done": np.array(self.done)}
    def load(self, state):
        self.done = int(state["done"])
"""
SESSION = ("--epochs", "1", "--set", "alpha=0.03", "-q")


def shell_in(folder: Path, config: str) -> Shell:
    folder.mkdir()
    shell = Shell(folder)
    shell.write("c.yaml", config)
    shell.write("model.py", MODEL)
    return shell


def steps_of(shell: Shell, role: str, *arguments: str) -> int:
    """How many steps an undisturbed command takes; of workers, the one that takes most."""
    counts = shell.folder / "steps.txt"
    fault = f"{role}:0:0:{shell.folder / 'runs'}"
    done = shell(*arguments, PYTHONPATH=str(HERE), IO_ERROR=fault, IO_STEPS=str(counts))
    assert done.code == 0, done.err
    # A worker is ended without a last word; it takes fewer steps than its coordinator.
    return max(map(int, counts.read_text().split())) if counts.exists() else 0


def faults(steps: int, chosen: int | None) -> Iterator[tuple[int, int]]:
    """A step and an error for it, in turn; of all steps, or of some at even distances."""
    numbers = range(1, steps + 1)
    if chosen is not None:
        numbers = numbers[:: max(1, steps // chosen)]
    return zip(numbers, itertools.cycle(ERRORS), strict=False)


def timeless(journal: Path) -> list[dict[str, Any]]:
    """The records of a journal without what depends on the clock."""
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    clock = ("time", "seconds", "crc")
    return [{key: r[key] for key in r if key not in clock} for r in records]


def search(tmp_path: Path, config: str, role: str, chosen: int | None) -> int:
    """Let a search fail at each step, and go on; how many failures there were."""
    whole = shell_in(tmp_path / "whole", config)
    steps = steps_of(whole, "coordinator", "run", "c.yaml", "-q")
    whole_records = timeless(whole.folder / "runs" / "s" / "trials.jsonl")
    tries = 0
    for step, number in faults(steps if role == "coordinator" else 60, chosen):
        shell = shell_in(tmp_path / "broken", config)
        fault = f"{role}:{step}:{number}:{shell.folder / 'runs'}"
        failed = shell("run", "c.yaml", "-q", PYTHONPATH=str(HERE), IO_ERROR=fault)
        where = f"{role}, step {step}, {errno.errorcode[number]}: {failed}"
        assert failed.code in (0, 1), where
        assert "Traceback" not in failed.out + failed.err, where
        assert "bug in hpsearch" not in failed.err, where
        if failed.code:
            assert failed.err.count("error: ") == 1, where
        again = shell("run", "c.yaml", "-q")
        assert again.code == 0, f"{where}\nthen {again}"
        assert timeless(shell.folder / "runs" / "s" / "trials.jsonl") == whole_records, where
        shutil.rmtree(shell.folder)
        tries += 1
    return tries


KINDS = {"network": NETWORK, "object": OBJECT, "command": COMMAND}


@pytest.mark.parametrize("role", ["coordinator", "worker"])
def test_a_search_goes_on_after_an_error_at_some_steps(tmp_path: Path, role: str) -> None:
    assert search(tmp_path, NETWORK, role, chosen=6) >= 6


@pytest.mark.long
@pytest.mark.parametrize("role", ["coordinator", "worker"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_search_goes_on_after_an_error_at_any_step(
    tmp_path: Path, kind: str, role: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("tries", search(tmp_path, KINDS[kind], role, chosen=None))


def babysit(tmp_path: Path, chosen: int | None) -> int:
    """Let a babysit session fail at each step; what it recorded is a beginning of the whole."""
    whole = shell_in(tmp_path / "whole", NETWORK)
    steps = steps_of(whole, "coordinator", "babysit", "c.yaml", *SESSION)
    ledger = Path("runs", "s-panda", "ledger.jsonl")
    records = timeless(whole.folder / ledger)
    tries = 0
    for step, number in faults(steps, chosen):
        shell = shell_in(tmp_path / "broken", NETWORK)
        fault = f"coordinator:{step}:{number}:{shell.folder / 'runs'}"
        failed = shell("babysit", "c.yaml", *SESSION, PYTHONPATH=str(HERE), IO_ERROR=fault)
        where = f"step {step}, {errno.errorcode[number]}: {failed}"
        assert failed.code in (0, 1), where
        assert "Traceback" not in failed.out + failed.err, where
        assert "bug in hpsearch" not in failed.err, where
        if (shell.folder / "runs" / "s-panda").exists():
            kept = timeless(shell.folder / ledger)
            assert kept == records[: len(kept)], where
            resumed = shell("babysit", "--resume", "--epochs", "1")
            assert resumed.code == 0, f"{where}\nthen {resumed}"
            replayed = shell("replay", "s-panda")
            assert replayed.code == 0, f"{where}\nthen {replayed}"
        shutil.rmtree(shell.folder)
        tries += 1
    return tries


def test_babysitting_goes_on_after_an_error_at_some_steps(tmp_path: Path) -> None:
    assert babysit(tmp_path, chosen=4) >= 4


@pytest.mark.long
def test_babysitting_goes_on_after_an_error_at_any_step(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("tries", babysit(tmp_path, chosen=None))
