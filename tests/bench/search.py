"""How many trials does a search need? Strategies of hpsearch and Optuna's, side by side.

    python tests/bench/search.py                        the held-out problems, 20 seeds, 200 trials
    python tests/bench/search.py --part tuned           those on which constants were chosen
    python tests/bench/search.py --part many            20 to 200 parameters, of which six matter
    python tests/bench/search.py --strategy random --strategy optuna-tpe --seeds 5
    python tests/bench/search.py --speed                processor time a proposal

Under study: the normalised regret of the true loss of the trial with the best loss seen,
0 for the best there is and 100 for the median of random points. Trial i is proposed from the
results of trials 0 … i - D; ``coarse-to-fine-8`` has D = 8. Optuna's samplers run one trial after
the other (D = 1), get every parameter on the scale that it is declared on, and are otherwise as
they come, TPE with ``multivariate`` and ``group``. Only they need Optuna (with cmaes, and with
PyTorch for its Gaussian process). The results of each strategy, problem and seed are kept in the
file that ``--save`` names, so that a second call adds what is missing.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import json
import math
import os
import platform
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np
from search_problems import Problem, held_out, many_dimensions, tuned

from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation, count_known
from hpsearch.space import Choice, Number, Space

MARKS = (30, 60, 100, 200)
PARTS: dict[str, Callable[[], list[Problem]]] = {
    "held-out": held_out,
    "tuned": tuned,
    "many": lambda: many_dimensions(11),
    "many-tuned": lambda: many_dimensions(1),
}
Propose = Callable[[int, list[float]], np.ndarray]


# --- the contestants: index and the losses so far -> unit vector


def ours(problem: Problem, seed: int, lookahead: int, name: str, **options: str) -> Propose:
    strategy = make_strategy(name, problem.space, seed, lookahead, 1, early_stop="none", **options)
    units: list[tuple[float, ...]] = []
    history: list[Observation] = []

    def propose(index: int, losses: list[float]) -> np.ndarray:
        known = len(history)
        history.extend(map(Observation, units[known:], losses[known:]))
        front = count_known(index, lookahead)
        units.append(strategy.propose(index, history[:front], units[front:]).unit)
        return np.array(units[-1])

    return propose


def optunas(problem: Problem, seed: int, sampler: str) -> Propose:
    optuna = quiet_optuna()
    made = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
        "gp": lambda: optuna.samplers.GPSampler(seed=seed, deterministic_objective=False),
        "cma": lambda: optuna.samplers.CmaEsSampler(seed=seed),
    }[sampler]()
    study = optuna.create_study(sampler=made)
    asked: list[Any] = []

    def propose(index: int, losses: list[float]) -> np.ndarray:
        if index:
            study.tell(asked[-1], losses[-1])
        trial = study.ask()
        asked.append(trial)
        return suggested(problem.space, trial)

    return propose


def quiet_optuna() -> Any:
    import optuna  # noqa: PLC0415  (the other strategies do without it)

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    return optuna


def suggested(space: Space, trial: Any) -> np.ndarray:
    """Optuna's values for the active parameters, as a canonical unit vector."""
    unit, point = [], {}
    for parameter in space.parameters:
        name = parameter.name
        if not parameter.is_active(point):
            unit += [0.5] * parameter.searched
            continue
        if not parameter.searched:
            point[name] = parameter.decode(0.5)
            continue
        if isinstance(parameter, Choice):
            cell = trial.suggest_categorical(name, list(range(parameter.levels)))
            unit.append(float(parameter.center(np.array(cell))))
        elif parameter.levels is not None:
            cell = trial.suggest_int(name, 0, parameter.levels - 1)
            unit.append(float(parameter.center(np.array(cell))))
        else:
            assert isinstance(parameter, Number)
            unit.append(trial.suggest_float(name, 0.0, 1.0))
        point[name] = parameter.decode(unit[-1])
    return space.canonical(np.array(unit))


STRATEGIES: dict[str, Callable[[Problem, int], Propose]] = {
    "random": lambda p, s: ours(p, s, 1, "random"),
    "sobol": lambda p, s: ours(p, s, 1, "sobol"),
    "boxes-1": lambda p, s: ours(p, s, 1, "boxes"),
    "boxes-8": lambda p, s: ours(p, s, 8, "boxes"),
    "coarse-to-fine-1": lambda p, s: ours(p, s, 1, "coarse-to-fine"),
    "coarse-to-fine-8": lambda p, s: ours(p, s, 8, "coarse-to-fine"),
    "coarse-to-fine-16": lambda p, s: ours(p, s, 16, "coarse-to-fine"),
    "optuna-tpe": lambda p, s: optunas(p, s, "tpe"),
    "optuna-cma": lambda p, s: optunas(p, s, "cma"),
    "optuna-gp": lambda p, s: optunas(p, s, "gp"),
}


# --- running


def run(problem: Problem, strategy: str, seed: int, trials: int) -> tuple[list[float], float]:
    """The regret after each trial, and processor seconds a proposal."""
    propose = STRATEGIES[strategy](problem, seed)
    noise = np.random.default_rng([77, seed])
    assert problem.best is not None
    scale = problem.noise * (problem.median - problem.best)
    seen: list[float] = []
    regrets: list[float] = []
    best, seconds = math.inf, 0.0
    for index in range(trials):
        start = time.process_time()
        unit = propose(index, seen)
        seconds += time.process_time() - start
        loss = problem.loss(problem.space.decode(unit))
        seen.append(loss + scale * float(noise.standard_normal()))
        if seen[-1] < best:
            best, regret = seen[-1], problem.regret(loss)
        regrets.append(regret)
    return regrets, seconds / trials


def collect(
    problems: list[Problem], strategies: list[str], seeds: int, trials: int, save: Path | None
) -> dict[tuple[str, str], np.ndarray]:
    """Regrets by strategy and problem, shape (seeds, trials), and CPU seconds last."""
    kept: dict[tuple[str, str, int], list[float]] = {}
    if save is not None and save.exists():
        for line in save.read_text().splitlines():
            strategy, problem_name, seed, numbers = json.loads(line)
            kept[strategy, problem_name, seed] = numbers
    found: dict[tuple[str, str], np.ndarray] = {}
    for strategy in strategies:
        for problem in problems:
            rows = []
            for seed in range(seeds):
                key = (strategy, problem.name, seed)
                if len(kept.get(key, ())) <= trials:
                    regrets, seconds = run(problem, strategy, seed, trials)
                    kept[key] = [*(round(r, 4) for r in regrets), seconds]
                    if save is not None:
                        with save.open("a") as file:
                            file.write(json.dumps([*key, kept[key]]) + "\n")
                rows.append(kept[key][:trials] + kept[key][-1:])
            found[strategy, problem.name] = np.array(rows)
        print(f"# {strategy}: done", flush=True)
    return found


# --- showing


def print_table(found: dict[tuple[str, str], np.ndarray], reference: str) -> None:
    strategies = list(dict.fromkeys(s for s, _ in found))
    problems = list(dict.fromkeys(p for _, p in found))
    trials = next(iter(found.values())).shape[1] - 1
    marks = [m for m in MARKS if m <= trials] or [trials]
    stack = {s: np.stack([found[s, p] for p in problems]) for s in strategies}
    last = np.array([stack[s][:, :, marks[-1] - 1].mean(axis=1) for s in strategies])
    ranks = np.argsort(np.argsort(last, axis=0), axis=0).mean(axis=1) + 1
    goal = stack[reference][:, :, trials - 1].mean() if reference in stack else None
    head = "".join(f"{f'@{m}':>7}" for m in marks)
    print(f"\n{'regret in %, mean':20}{head}   quartiles@{marks[-1]:<4} rank  to match  ms")
    for s, rank in zip(strategies, ranks, strict=True):
        mean = stack[s][:, :, :trials].mean(axis=(0, 1))
        low, high = np.quantile(stack[s][:, :, marks[-1] - 1], (0.25, 0.75))
        row = "".join(f"{mean[m - 1]:7.2f}" for m in marks)
        reached = np.flatnonzero(mean <= goal) if goal is not None else []
        match = str(reached[0] + 1) if len(reached) else f">{trials}"
        ms = 1000 * stack[s][:, :, -1].mean()
        print(f"{s:20}{row}   {low:5.2f} {high:7.2f}  {rank:5.1f}  {match:>8}  {ms:5.1f}")
    print(f"'to match': trials to the mean regret of {reference} after {trials}")
    for mark in marks:
        print(f"\n{f'by problem @{mark}':20}" + "".join(f"{s:>18}" for s in strategies))
        for p in problems:
            cells = (f"{found[s, p][:, mark - 1].mean():18.2f}" for s in strategies)
            print(f"{p:20}" + "".join(cells))


def speed() -> None:
    """Processor time of coarse-to-fine's proposals, refits included."""
    problem = held_out()[0]
    dimensions, epochs = problem.space.dimensions, 20
    rng = np.random.default_rng(0)
    print(f"coarse-to-fine, D = 8, {dimensions} dimensions, 30 % stopped, 60 proposals in a row")
    print(f"{'trials':>8}{'median ms':>11}{'mean ms':>9}{'largest ms':>12}")
    for count in (100, 1_000, 10_000):
        strategy = make_strategy("coarse-to-fine", problem.space, 0, 8, epochs)
        rows = problem.space.canonical(rng.random((count + 67, dimensions)))
        units = list(map(tuple, rows.tolist()))
        history = []
        for unit in units:
            loss = problem.loss(problem.space.decode(unit))
            curve = tuple(loss + np.linspace(1, 0, epochs))
            end = int(rng.integers(4, epochs)) if rng.random() < 0.3 else epochs
            history.append(Observation(unit, curve[end - 1], curve[:end], end < epochs))
        times = []
        for index in range(count + 7, count + 67):
            start = time.process_time()
            strategy.propose(index, history[: index - 7], units[index - 7 : index])
            times.append(1000 * (time.process_time() - start))
        # The first proposal of a process converts the whole history.
        print(
            f"{count:8}{np.median(times[1:]):11.1f}{np.mean(times[1:]):9.1f}{max(times[1:]):12.1f}"
        )


def machine() -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, 1 thread"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--part", choices=list(PARTS), default="held-out")
    parser.add_argument("--strategy", action="append", choices=list(STRATEGIES))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--only", default="", help="problems whose name contains this")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    print(machine())
    if args.speed:
        speed()
        return
    problems = [p for p in PARTS[args.part]() if args.only in p.name]
    strategies = args.strategy or [s for s in STRATEGIES if s != "optuna-gp"]
    print(f"{len(problems)} {args.part} problems, {args.seeds} seeds, {args.trials} trials")
    found = collect(problems, strategies, args.seeds, args.trials, args.save)
    print_table(found, "optuna-tpe")


if __name__ == "__main__":
    main()
