"""A real search: how many epochs until the built-in network reads letters as well as TPE's best?

    python tests/bench/letters.py path/to/letter-recognition.csv
    python tests/bench/letters.py path/to/letter-recognition.csv --seeds 3 --save letters.jsonl

configs/letters.yaml, 30 epochs a trial. For each seed Optuna's TPE (multivariate) with its median
pruner trains 60 trials, one after the other. Then coarse to fine (D = 8) with each rule of early
stopping searches on the same split of the data until it has as good a trial. What counts is all
epochs trained until then, those of stopped trials among them. ``--save`` names a file that keeps
what was trained, so that a second call adds what is missing.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np
from search import machine, quiet_optuna, suggested

from hpsearch.config import Config, load_config
from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.errors import TrialDiverged
from hpsearch.network.network import Network
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation, count_known
from hpsearch.seeds import Purpose, stream, trial_seed

CONFIG = Path(__file__).parents[2] / "configs" / "letters.yaml"
TPE_TRIALS, MOST_TRIALS = 60, 120
LOOKAHEAD = 8

Course = list[tuple[int, float]]
"""For each trial its epochs and its value, the lowest dev error."""

Train = Callable[[int, dict[str, object]], Iterator[float]]


def trainer(config: Config, path: Path) -> Train:
    """Trains the network: the lowest dev error so far after each epoch; ends where it diverges."""
    data = load(DataSpec(path=str(path), target="Letter", dev=0.2), config.seed)

    def train(index: int, hparams: dict[str, object]) -> Iterator[float]:
        seed = trial_seed(config.seed, index)
        rng = stream(seed, Purpose.INIT)
        network = Network(data.train.X.shape[1], len(data.classes), hparams, rng)
        best = math.inf
        for epoch in range(1, config.epochs + 1):
            try:
                order = stream(seed, Purpose.EPOCH, epoch)
                network.train_epoch(data.train.X, data.train.y, order, epoch)
                best = min(best, network.evaluate(data.dev.X, data.dev.y)["error"])
            except TrialDiverged:
                return
            yield best

    return train


def ours(config: Config, train: Train, rule: str, goal: float) -> Course:
    """Coarse to fine until a trial is as good as ``goal``."""
    space = config.space()
    strategy = make_strategy(
        "coarse-to-fine", space, config.seed, LOOKAHEAD, config.epochs, early_stop=rule
    )
    course: Course = []
    units: list[tuple[float, ...]] = []
    history: list[Observation] = []
    while len(course) < MOST_TRIALS and min((v for _, v in course), default=math.inf) > goal:
        index = len(course)
        front = count_known(index, LOOKAHEAD)
        proposal = strategy.propose(index, history[:front], units[front:])
        curve: list[float] = []
        stopped = False
        for value in train(index, dict(space.decode(proposal.unit))):
            curve.append(value)
            stopped = value > proposal.cutoffs.get(len(curve), math.inf)
            if stopped:
                break
        diverged = not stopped and len(curve) < config.epochs
        loss = math.inf if diverged else curve[-1]
        units.append(proposal.unit)
        history.append(Observation(proposal.unit, loss, tuple(curve), stopped))
        course.append((max(len(curve), 1), loss))
    return course


def tpe_with_median_pruner(config: Config, train: Train) -> Course:
    """Optuna's search for 60 trials."""
    optuna = quiet_optuna()
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=config.seed, multivariate=True, group=True),
        pruner=optuna.pruners.MedianPruner(n_warmup_steps=3),
    )
    space, course = config.space(), Course()
    for index in range(TPE_TRIALS):
        trial = study.ask()
        curve: list[float] = []
        pruned = False
        for value in train(index, dict(space.decode(suggested(space, trial)))):
            curve.append(value)
            trial.report(value, len(curve))
            pruned = len(curve) < config.epochs and trial.should_prune()
            if pruned:
                break
        state = optuna.trial.TrialState
        if pruned:
            study.tell(trial, state=state.PRUNED)
        elif len(curve) < config.epochs:
            study.tell(trial, state=state.FAIL)
        else:
            study.tell(trial, curve[-1])
        course.append((max(len(curve), 1), min(curve, default=math.inf)))
    return course


def best(course: Course) -> float:
    return min(value for _, value in course)


def compare(data: Path, rules: list[str], seeds: int, save: Path | None) -> None:
    """Run what is missing, and print a row for each seed."""
    kept: dict[tuple[str, int], Course] = {}
    if save is not None and save.exists():
        for line in save.read_text().splitlines():
            who, seed, course = json.loads(line)
            kept[who, seed] = [(epochs, value) for epochs, value in course]

    def course_of(who: str, seed: int, search: Callable[[], Course]) -> Course:
        if (who, seed) not in kept:
            kept[who, seed] = search()
            if save is not None:
                with save.open("a") as file:
                    file.write(json.dumps([who, seed, kept[who, seed]]) + "\n")
        return kept[who, seed]

    used: dict[str, list[int]] = {rule: [] for rule in rules}
    theirs: list[int] = []
    print(f"{'seed':>4}  TPE + median pruner   " + "".join(f"{rule:>24}" for rule in rules))
    for seed in range(seeds):
        config = load_config(CONFIG, (f"seed={seed}", f"data.path={data}")).config
        train = trainer(config, data)
        tpe = course_of("tpe", seed, lambda: tpe_with_median_pruner(config, train))  # noqa: B023
        theirs.append(sum(epochs for epochs, _ in tpe))
        row = f"{seed:4}  {best(tpe):.5f} {theirs[-1]:6} epochs "
        for rule in rules:
            mine = course_of(rule, seed, lambda: ours(config, train, rule, best(tpe)))  # noqa: B023
            used[rule].append(sum(epochs for epochs, _ in mine))
            mark = "" if best(mine) <= best(tpe) else ">"
            row += f"{mark + str(used[rule][-1]):>12} in {len(mine):3} trials"
        print(row, flush=True)
    for rule in rules:
        ratios = np.array(used[rule]) / np.array(theirs)
        print(
            f"{rule}: {np.mean(used[rule]):.0f} epochs against {np.mean(theirs):.0f} on average; "
            f"ratio {np.median(ratios):.2f} in the median, from {ratios.min():.2f} to "
            f"{ratios.max():.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--rule", action="append", choices=["none", "cautious", "bold"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--save", type=Path)
    args = parser.parse_args()
    print(machine())
    compare(args.data.resolve(), args.rule or ["cautious", "bold"], args.seeds, args.save)


if __name__ == "__main__":
    main()
