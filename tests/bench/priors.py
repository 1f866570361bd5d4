"""What a likely value is worth, where it is right, off, or plain wrong.

    python tests/bench/priors.py                 10 seeds
    python tests/bench/priors.py --seeds 20

Every number of a problem is given a likely value: the optimum's (*right*), a quarter of the range
beside it (*off*: a factor of 10 where the range has four powers of ten), or the end of the range
that is farther from it (*wrong*). Under study, for each problem: how many trials it takes to come
as close to the optimum as the median search without likely values comes in 20, 40 and 60 trials.
The table has the means over problems and seeds, as shares of those without.
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np
from search_problems import Problem, ackley, corner_bowl, ellipsoid, network, steps

from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation, count_known
from hpsearch.space import Choice

MARKS = (20, 40, 60)
TRIALS = 90  # a search that has not come there by then counts as if it came in the next trial
LOOKAHEAD = 8


def problems() -> list[Problem]:
    return [
        network(11, diverges=True),
        network(13, diverges=False),
        ellipsoid(11, 6),
        ackley(11, 5),
        corner_bowl(11, 7),
        steps(11),
    ]


def optimum(problem: Problem) -> np.ndarray:
    """The best point that a long local search finds, as a canonical unit vector."""
    rng = np.random.default_rng(1)
    units = problem.space.canonical(rng.random((2000, problem.space.dimensions)))
    losses = [problem.loss(problem.space.decode(unit)) for unit in units]
    best, least, width = units[int(np.argmin(losses))], min(losses), 0.3
    for _ in range(3000):
        step = rng.standard_normal(len(best)) * width * (rng.random(len(best)) < 0.4)
        other = problem.space.canonical(np.clip(best + step, 0, 1))
        loss = problem.loss(problem.space.decode(other))
        if loss < least:
            best, least = other, loss
        else:
            width = max(width * 0.995, 1e-3)
    return best


def likely(problem: Problem, arm: str) -> dict[str, tuple[object, ...]]:
    values: dict[str, tuple[object, ...]] = {}
    if arm == "none":
        return values
    for parameter, best in zip(problem.space.searched, optimum(problem), strict=True):
        if isinstance(parameter, Choice):
            continue
        aside = best + 0.25 if best < 0.5 else best - 0.25
        far = 1.0 if best < 0.5 else 0.0
        values[parameter.name] = (
            parameter.decode(float({"right": best, "off": aside, "wrong": far}[arm])),
        )
    return values


def regrets(problem: Problem, arm: str, seed: int) -> np.ndarray:
    """The regret of the true loss of the trial with the best loss seen, after each trial."""
    rng = np.random.default_rng([seed, 99])
    strategy = make_strategy(
        "coarse-to-fine",
        problem.space,
        seed,
        LOOKAHEAD,
        1,
        early_stop="none",
        likely=likely(problem, arm),
    )
    history: list[Observation] = []
    true: list[float] = []
    for index in range(TRIALS):
        front = count_known(index, LOOKAHEAD)
        pending = [seen.unit for seen in history[front:]]
        unit = strategy.propose(index, history[:front], pending).unit
        assert problem.best is not None
        loss = problem.loss(problem.space.decode(unit))
        noise = problem.noise * (problem.median - problem.best) * rng.standard_normal()
        true.append(loss)
        history.append(Observation(unit, loss + noise))
    seen = np.array([observation.loss for observation in history])
    chosen = [int(np.argmin(seen[: n + 1])) for n in range(TRIALS)]
    return np.array([problem.regret(true[place]) for place in chosen])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    arms = ("none", "right", "off", "wrong")
    needed = {arm: {mark: [] for mark in MARKS} for arm in arms}
    for problem in problems():
        curves = {arm: np.array([regrets(problem, arm, s) for s in seeds]) for arm in arms}
        for mark in MARKS:
            target = np.median(curves["none"][:, mark - 1])
            for arm in arms:
                there = np.minimum.accumulate(curves[arm], axis=1) <= target
                trials = np.where(there.any(axis=1), there.argmax(axis=1) + 1, TRIALS + 1)
                needed[arm][mark].append(float(trials.mean()))
        print(
            problem.name, {a: np.round([needed[a][m][-1] for m in MARKS], 1).tolist() for a in arms}
        )
    print("likely " + "".join(f"{f'to that of {mark}':>16}" for mark in MARKS))
    for arm in arms:
        shares = [np.mean(np.array(needed[arm][m]) / np.array(needed["none"][m])) for m in MARKS]
        print(f"{arm:7}" + "".join(f"{share:16.2f}" for share in shares))


if __name__ == "__main__":
    main()
