"""How far do forecasts of stopped trials err? On searches that trained every trial to its end.

    python tests/bench/forecasts.py                    the tuned problems of early_stop.py, 2 seeds
    python tests/bench/forecasts.py --part held-out

Under study: coarse to fine without early stopping, 100 trials of 30 epochs. On its curves the bold
rule's cut-offs are then applied as if it had been in force, and after 40, 70 and 100 trials what
the stopped ones are believed to come to is compared with what they came to. All numbers are in % of
(median of random points - best); "good" are stopped trials that are, or are believed to be, in the
better half. An error's share of its own forecast's deviation is 1 where the deviations are right.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np
from early_stop import EPOCHS, PARTS, observed_curves
from search import machine
from search_problems import Problem

from hpsearch.sampling.cutoffs import RULES
from hpsearch.sampling.history import History
from hpsearch.sampling.strategy import Observation
from hpsearch.space import Choice

LOOKAHEAD = 8


def stopped_at(history: list[Observation], problem: Problem) -> list[Observation]:
    """The same trials with the bold rule in force."""
    seen: list[Observation] = []
    for index, whole in enumerate(history):
        known = as_arrays(seen[: max(0, index - LOOKAHEAD + 1)], problem)
        cutoffs = sorted(RULES["bold"](known).items())
        end = next((e for e, worst in cutoffs if whole.curve[e - 1] > worst), EPOCHS)
        curve = whole.curve[:end]
        seen.append(Observation(whole.unit, curve[-1], curve, end < EPOCHS))
    return seen


def as_arrays(observations: list[Observation], problem: Problem) -> History:
    choices = np.array([isinstance(p, Choice) for p in problem.space.searched], dtype=bool)
    return History.of(observations, problem.space.dimensions, EPOCHS, choices)


def errors(problem: Problem, seed: int) -> list[tuple[float, ...]]:
    """After 40, 70 and 100 trials: rms and mean of the errors of the good, rms of their share."""
    assert problem.best is not None
    scale = (problem.median - problem.best) / 100
    history = observed_curves(problem, seed, 100)
    seen = stopped_at(history, problem)
    found: list[tuple[float, ...]] = []
    for count in (40, 70, 100):
        known = as_arrays(seen[:count], problem)
        final = np.array([whole.loss for whole in history[:count]])
        middle = np.median(final)
        rows = np.flatnonzero(
            known.stopped & ((final <= middle) | (known.imputed_losses <= middle))
        )
        if not len(rows):
            continue
        error = (known.imputed_losses[rows] - final[rows]) / scale
        deviation = np.sqrt(np.diag(known.imputation_covariance(rows))) / scale
        share = error / np.maximum(deviation, 0.1)
        found.append(
            (np.sqrt((error**2).mean()), error.mean(), np.sqrt((share**2).mean()), len(rows))
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--part", choices=list(PARTS), default="tuned")
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()
    print(machine())
    print(f"{'':14}{'rms error':>12}{'mean error':>12}{'of deviation':>14}{'good stopped':>14}")
    rows = []
    for problem in PARTS[args.part]():
        found = [row for seed in range(args.seeds) for row in errors(problem, seed)]
        if found:
            rows.append(np.mean(found, axis=0))
            show(problem.name, rows[-1])
    show("mean", np.mean(rows, axis=0))


def show(name: str, numbers: np.ndarray) -> None:
    rms, mean, share, count = numbers
    print(f"{name:14}{rms:12.2f}{mean:+12.2f}{share:14.2f}{count:14.1f}", flush=True)


if __name__ == "__main__":
    main()
