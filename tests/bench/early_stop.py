"""What does early stopping save, and what does it cost? On problems with learning curves.

    python tests/bench/early_stop.py                  the held-out problems, 20 seeds
    python tests/bench/early_stop.py --part tuned     those on which rules and constants were chosen

Under study, in 100 trials of 30 epochs: the normalised regret of search.py (of the true loss at
the epoch that looked best), and the share of all epochs that were trained, for the rules of coarse
to fine (D = 8) and for Optuna's TPE with its pruners (D = 1). What a rule costs is told beside it:
its regret less that of the first rule of the list, problem by problem and seed by seed, with the
standard error of the mean. "lost" are trials that were stopped and would have won.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np
from curve_problems import held_out_curves
from search import MARKS, machine, quiet_optuna, suggested
from search_problems import Problem, with_curves
from tuned_curve_problems import more_tuned_curves

from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation

EPOCHS = 30


@dataclass
class Course:
    """One search with early stopping: regret and share of all epochs used after each trial.

    ``lost`` counts the stopped trials that would have come to less than the winner.
    """

    regret: list[float]
    epochs: list[float]
    lost: int = 0


def stopping_ours(problem: Problem, seed: int, trials: int, rule: str) -> Course:
    """Coarse to fine with D = 8 and one of its rules."""
    return _ours(problem, seed, trials, rule)[0]


def observed_curves(problem: Problem, seed: int, trials: int) -> list[Observation]:
    """What coarse to fine with D = 8 sees of its trials, all trained to the end."""
    return _ours(problem, seed, trials, "none")[1]


def _ours(problem: Problem, seed: int, trials: int, rule: str) -> tuple[Course, list[Observation]]:
    strategy = make_strategy("coarse-to-fine", problem.space, seed, 8, EPOCHS, early_stop=rule)
    units: list[tuple[float, ...]] = []
    history: list[Observation] = []

    def train(index: int, curve: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, int]:
        front = max(0, index - 7)
        proposal = strategy.propose(index, history[:front], units[front:])
        units.append(proposal.unit)
        seen = curve(np.array(proposal.unit))
        behind = (e for e, worst in sorted(proposal.cutoffs.items()) if seen[e - 1] > worst)
        end = next(behind, EPOCHS)
        history.append(Observation(proposal.unit, seen[end - 1], tuple(seen[:end]), end < EPOCHS))
        return seen, end

    return course(problem, seed, trials, train), history


def stopping_optunas(problem: Problem, seed: int, trials: int, pruner: str) -> Course:
    """TPE with one of Optuna's pruners."""
    optuna = quiet_optuna()
    made = {
        "median": lambda: optuna.pruners.MedianPruner(n_warmup_steps=3),
        "hyperband": lambda: optuna.pruners.HyperbandPruner(3, EPOCHS),
    }[pruner]()
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    study = optuna.create_study(sampler=sampler, pruner=made)

    def train(index: int, curve: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, int]:
        trial = study.ask()
        seen = curve(suggested(problem.space, trial))
        for epoch, loss in enumerate(seen[:-1], start=1):
            trial.report(loss, epoch)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                return seen, epoch
        study.tell(trial, seen[-1])
        return seen, EPOCHS

    return course(problem, seed, trials, train)


def course(problem: Problem, seed: int, trials: int, train: Callable[..., Any]) -> Course:
    noise = np.random.default_rng([77, seed])
    assert problem.curve is not None
    assert problem.best is not None
    scale = problem.noise * (problem.median - problem.best)
    true: list[np.ndarray] = []
    observed: list[np.ndarray] = []

    def curve(unit: np.ndarray) -> np.ndarray:
        true.append(problem.curve(problem.space.decode(unit)))
        observed.append(true[-1] + scale * noise.standard_normal(EPOCHS))
        return observed[-1] if problem.last else np.minimum.accumulate(observed[-1])

    best, used = math.inf, 0
    result = Course([], [])
    given_up: list[float] = []
    for index in range(trials):
        seen, end = train(index, curve)
        used += end
        if seen[end - 1] < best:
            best = seen[end - 1]
            chosen = end - 1 if problem.last else np.argmin(observed[-1][:end])
            regret = problem.regret(float(true[-1][chosen]))
        if end < EPOCHS:
            given_up.append(seen[-1])
        result.regret.append(regret)
        result.epochs.append(100 * used / EPOCHS / (index + 1))
    result.lost = sum(value < best for value in given_up)
    return result


STOPPING: dict[str, Callable[[Problem, int, int], Course]] = {
    "none": lambda p, s, t: stopping_ours(p, s, t, "none"),
    "cautious": lambda p, s, t: stopping_ours(p, s, t, "cautious"),
    "bold": lambda p, s, t: stopping_ours(p, s, t, "bold"),
    "tpe, median": lambda p, s, t: stopping_optunas(p, s, t, "median"),
    "tpe, hyperband": lambda p, s, t: stopping_optunas(p, s, t, "hyperband"),
}


PARTS: dict[str, Callable[[], list[Problem]]] = {
    "held-out": held_out_curves,
    "tuned": lambda: [*with_curves(), *more_tuned_curves()],
}


def compare(part: str, rules: list[str], seeds: int, trials: int) -> None:
    problems = PARTS[part]()
    marks = [m for m in MARKS if m <= trials]
    print(
        f"{len(problems)} {part} problems with learning curves, {seeds} seeds: regret in % "
        f"(epochs in %)\nby problem @{marks[-1]}: {', '.join(p.name for p in problems)}"
    )
    print(f"{'':16}" + "".join(f"{f'@{m}':>14}" for m in marks) + f"{'cost':>16}{'lost':>7}")
    first: np.ndarray | None = None
    for name in rules:
        runs = [[STOPPING[name](p, seed, trials) for seed in range(seeds)] for p in problems]
        regret = np.array([[r.regret for r in row] for row in runs])
        epochs = np.array([[r.epochs for r in row] for row in runs])
        lost = np.mean([r.lost for row in runs for r in row])
        cells = [
            f"{regret[..., m - 1].mean():6.2f} ({epochs[..., m - 1].mean():3.0f})" for m in marks
        ]
        last = regret[..., -1]
        first = last if first is None else first
        cost = last - first
        error = math.sqrt((cost.var(axis=1) / max(seeds - 1, 1)).mean() / len(problems))
        cells.append(f"{cost.mean():+.2f} ± {error:.2f}")
        print(
            f"{name:16}" + "".join(f"{c:>14}" for c in cells[:-1]) + f"{cells[-1]:>16}{lost:7.1f}"
        )
        each = zip(last.mean(axis=1), epochs[..., -1].mean(axis=1), strict=True)
        print("    " + "  ".join(f"{r:.2f} ({e:.0f})" for r, e in each), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--part", choices=list(PARTS), default="held-out")
    parser.add_argument("--rule", action="append", choices=list(STOPPING))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=100)
    args = parser.parse_args()
    print(machine())
    compare(args.part, args.rule or list(STOPPING), args.seeds, args.trials)


if __name__ == "__main__":
    main()
