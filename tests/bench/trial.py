"""How much of a small trial's CPU time is training, and where the rest goes.

    python tests/bench/trial.py

Trials of configs/digits.yaml, 20 epochs each, train one after the other in this process, as a
worker trains them. Process CPU of one BLAS thread is measured around what a trial does (its whole
way through ``engine.worker.train``) and around its parts; shares are of one run, the table's
figures medians over rounds. Training is the passes over the train split, and nothing else: the
evaluation of the dev split counts as overhead.
"""

# ruff: noqa: E402 - the settings come before what reads them

from __future__ import annotations

import os

for _setting in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_setting, None)
for _setting in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_setting] = "1"

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hpsearch.config import load_config
from hpsearch.engine import worker
from hpsearch.engine.worker import Job
from hpsearch.network.kernels import resolved
from hpsearch.network.network import Network
from hpsearch.search.proposals import as_trial, strategy_of
from hpsearch.store.curves import CurveWriter
from hpsearch.store.rundir import RunFolder
from hpsearch.training.network import NetworkTrainable
from hpsearch.training.prepare import prepare_spec

CONFIG = Path(__file__).parents[2] / "configs" / "digits.yaml"
TRIALS = 12  # from 1: trial 0 alone tries whether it can be saved
ROUNDS = 5

TRAINING = "training: the passes over the train split"
PARTS: dict[str, tuple[Any, str]] = {
    TRAINING: (Network, "train_epoch"),
    "evaluating the dev split": (Network, "evaluate"),
    "batch norm multiplied into the weights": (Network, "model"),
    "the model of the best epoch": (NetworkTrainable, "model"),
    "making the network": (NetworkTrainable, "__init__"),
    "the curve's file: begun": (CurveWriter, "__init__"),
    "the curve's file: epochs": (CurveWriter, "append"),
    "packing the model": (worker, "pack_arrays"),
    "tidying the folder": (worker, "tidy"),
}


@contextmanager
def measured(spent: dict[str, float]) -> Iterator[None]:
    """Add up the CPU seconds of each of the :data:`PARTS`; those within another count in both."""
    originals = {part: getattr(*place) for part, place in PARTS.items()}

    def timed(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return call(*arguments, **named)
            finally:
                spent[part] += time.process_time() - began

        return wrapper

    for part, place in PARTS.items():
        setattr(*place, timed(part, originals[part]))
    try:
        yield
    finally:
        for part, place in PARTS.items():
            setattr(*place, originals[part])


def jobs(folder: Path, kernels: str) -> list[Job]:
    """The first trials of the search, to be trained in a run folder of their own."""
    config = load_config(CONFIG).config
    space, strategy = config.space(), strategy_of(config)
    run = RunFolder(folder / f"digits-{kernels}")
    text = CONFIG.read_text(encoding="utf-8")
    run.create(text, text)
    spec = replace(prepare_spec(config), kernels=kernels)
    trials = (
        as_trial(config, space, index, strategy.propose(index, [], []))
        for index in range(1, TRIALS + 1)
    )
    return [worker.job(run, config, space, spec, trial) for trial in trials]


def one_round(trials: Sequence[Job]) -> tuple[float, dict[str, float]]:
    """CPU seconds of all the trials, and of their parts."""
    spent: dict[str, float] = defaultdict(float)
    with measured(spent):
        began = time.process_time()
        for job in trials:
            worker.train(job)
        return time.process_time() - began, spent


def main() -> None:
    """Print the table for each kind of kernels that is installed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    for kernels in dict.fromkeys(("numpy", resolved("auto"))):
        with tempfile.TemporaryDirectory() as folder:
            trials = jobs(Path(folder), kernels)
            one_round(trials)  # reads the data, compiles
            rounds = [one_round(trials) for _ in range(options.rounds)]
        total = statistics.median(whole for whole, _ in rounds) / TRIALS
        shares = sorted(spent[TRAINING] / whole for whole, spent in rounds)
        print(
            f"{kernels}: {1000 * total:.1f} ms a trial of 20 epochs; "
            f"{statistics.median(shares):.1%} of it is training "
            f"(from {shares[0]:.1%} to {shares[-1]:.1%})"
        )
        for part in PARTS:
            seconds = statistics.median(spent[part] for _, spent in rounds) / TRIALS
            share = statistics.median(spent[part] / whole for whole, spent in rounds)
            print(f"  {part:44} {1000 * seconds:8.3f} ms {share:7.1%}")
        rest = statistics.median(whole - sum(s.values()) for whole, s in rounds) / TRIALS
        print(f"  {'everything else':44} {1000 * rest:8.3f} ms {rest / total:7.1%}")


if __name__ == "__main__":
    main()
