"""What a long record costs: list, report, going on, a proposal and the coordinator, by trials.

Run folders of 1,000, 10,000 and 100,000 trials of random search are made up: three parameters, one
curve of 30 epochs. Commands are whole processes (CPU seconds, their start included, and peak
memory); a proposal and the coordinator's share of a trial are the CPU time of what is called for
each, fsync taken out. The last column is the exponent b of cost ~ trials^b from the first size to
the last; where the start is most of the first cost it is too small.

    python tests/bench/records.py [--sizes 1000 10000 100000]
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from hpsearch.config import Config, load_config
from hpsearch.engine.worker import Checked, train
from hpsearch.records import State, TrialResult
from hpsearch.sampling.strategy import ObservationLog, Proposal, whole_ranges
from hpsearch.search import caviar
from hpsearch.search.proposals import as_trial, observation, strategy_of
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder
from hpsearch.training.environment import resolved_text

EPOCHS = 30
CALLS = 200
COORDINATED = 400
CONFIG = """\
name: run
seed: 3
trainable: objective.py:train
epochs: {epochs}
metric: {{name: dev_error}}
parameters:
  alpha: {{min: 1e-5, max: 1.0, scale: log}}
  beta: {{min: 0.9, max: 0.9999, scale: 1-beta}}
  hidden_units: {{min: 16, max: 512, type: int}}
search: {{strategy: random, max_trials: {trials}, lookahead: 16}}
run: {{workers: 1}}
"""
COMMANDS = {
    "list": ("list",),
    "report --trial 12": ("report", "run", "--trial", "12"),
    "report": ("report", "run"),
    "run, nothing to do": ("run", "config.yaml", "--quiet"),
}


def made_up_results(config: Config, trials: int) -> Iterator[TrialResult]:
    """Random points with random curves."""
    rng = np.random.default_rng(0)
    space = config.space()
    ranges = whole_ranges(space)
    for index in range(trials):
        unit = tuple(space.canonical(rng.random(space.dimensions)).tolist())
        trial = as_trial(config, space, index, Proposal(unit, "random", ranges=ranges))
        curve = tuple((0.1 + rng.random(EPOCHS)).tolist())
        best = min(curve)
        yield TrialResult(
            trial,
            State.DONE,
            best,
            curve.index(best) + 1,
            EPOCHS,
            {"dev_error": curve},
            seconds=0.01,
        )


@contextlib.contextmanager
def without_fsync() -> Iterator[None]:
    """Nothing is forced to the disk: what that costs depends on the disk."""
    fsync, os.fsync = os.fsync, lambda _: None
    try:
        yield
    finally:
        os.fsync = fsync


def make_run(folder: Path, trials: int) -> None:
    """A complete run under ``folder/runs``, and its config beside."""
    folder.mkdir()
    (folder / "objective.py").write_text("def train(alpha, beta, hidden_units):\n    yield alpha\n")
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(epochs=EPOCHS, trials=trials))
    config = load_config(path).config
    run = RunFolder(folder / "runs" / "run")
    run.create(path.read_text(), resolved_text(config))
    with without_fsync(), Journal(run.trials_path) as journal:
        results = made_up_results(config, trials)
        while some := list(itertools.islice(results, 1000)):
            journal.append_all(result.to_record() for result in some)


def cost_of(folder: Path, command: tuple[str, ...]) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of one command."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hpsearch", *command, "--runs", "runs"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6


def proposal_ms(folder: Path, trials: int, early_stop: str) -> float:
    """CPU milliseconds of a proposal of random search that knows so many trials."""
    config = load_config(folder / "config.yaml", [f"search.early_stop={early_stop}"]).config
    strategy, log = strategy_of(config), ObservationLog()
    seen = [
        observation(result, config.metric_record()) for result in made_up_results(config, CALLS)
    ]
    rng = np.random.default_rng(1)
    for number in range(trials):
        log.append(replace(seen[number % CALLS], unit=tuple(rng.random(3).tolist())))
    strategy.propose(trials, log.first(trials), [])
    start = time.process_time()
    for call, new in enumerate(seen, start=1):
        log.append(new)
        strategy.propose(trials + call, log.first(trials + call), [])
    return 1000 * (time.process_time() - start) / CALLS


class InstantPool:
    """A pool that has the result of a trial at once, and the answer to any question."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if function is train:
            trial = arguments[0].trial
            curve = tuple(
                1 + ((trial.index + 1) * (epoch + 1) % 97) / 97 for epoch in range(EPOCHS)
            )
            future.set_result(
                TrialResult(trial, State.DONE, min(curve), 1, EPOCHS, {"dev_error": curve})
            )
        else:
            future.set_result(Checked(None, False))
        return future

    def renew(self) -> None:
        """There is nobody to replace."""

    def close(self) -> None:
        """There is nothing to end."""


def coordinator_ms(folder: Path, trials: int) -> float:
    """CPU milliseconds that going on with a run takes the coordinator for each further trial.

    Scheduler, proposal, journal (without fsync) and everything else between a worker's result and
    the next trial; all in one process.
    """
    total = trials + COORDINATED
    longer = load_config(folder / "config.yaml", [f"search.max_trials={total}"]).config
    started: list[float] = []

    def observe(event: caviar.Event) -> None:
        if isinstance(event, caviar.TrialFinished):
            started.append(time.process_time())

    with without_fsync(), mock.patch.object(caviar, "pool_of", return_value=InstantPool()):
        caviar.search(RunFolder(folder / "runs" / "run"), longer, workers=1, observe=observe)
    return 1000 * (started[-1] - started[0]) / (len(started) - 1)


def row(name: str, sizes: list[int], costs: list[float]) -> None:
    """Print the costs at each size, and the exponent between the first and the last."""
    first, last = max(costs[0], 1e-3), max(costs[-1], 1e-3)
    exponent = math.log(last / first) / math.log(sizes[-1] / sizes[0])
    print(f"{name:34}" + "".join(f"{cost:12.2f}" for cost in costs) + f"{exponent:12.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    sizes: list[int] = parser.parse_args().sizes
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"{'trials':34}" + "".join(f"{size:12,}" for size in sizes) + f"{'exponent':>12}")
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(size) for size in sizes]
        for folder, size in zip(folders, sizes, strict=True):
            make_run(folder, size)
        for what, command in COMMANDS.items():
            costs = [cost_of(folder, command) for folder in folders]
            row(f"{what}, CPU s", sizes, [seconds for seconds, _ in costs])
            row(f"{what}, MB", sizes, [memory for _, memory in costs])
        for rule in ("none", "cautious"):
            proposals = [proposal_ms(f, n, rule) for f, n in zip(folders, sizes, strict=True)]
            row(f"proposal, early_stop: {rule}, ms", sizes, proposals)
        whole = [coordinator_ms(f, n) for f, n in zip(folders, sizes, strict=True)]
        beside = [max(a - b, 0.0) for a, b in zip(whole, proposals, strict=True)]
        row("coordinator beside it, ms", sizes, beside)


if __name__ == "__main__":
    main()
