"""Several goals, and limits on a metric: strategies of hpsearch and Optuna's, side by side.

    python tests/bench/several_goals.py                     several goals, 5 seeds, 200 trials
    python tests/bench/several_goals.py --part limits       one goal and limits
    python tests/bench/several_goals.py --strategy random --strategy optuna-tpe --only zdt1

With several goals the score is the hypervolume of the trials' front, as a share (in %) of that of
the best front there is; with limits, the regret of the best feasible trial: 0 for the best there
is, 100 for the median of random feasible points and for who has found none, but no more than 100.
Trial i is proposed from the results of trials 0 … i - D; ``coarse-to-fine-8`` has D = 8. Optuna's
samplers run one trial after the other. Only they need Optuna (and PyTorch for its Gaussian
process).
"""

# ruff: noqa: E402 (the number of threads must be set before NumPy is imported)
from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np

from hpsearch.pareto import hypervolume, is_on_front
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation, count_known
from hpsearch.space import Number, Space

MARKS = (30, 60, 100, 200)
Vector = np.ndarray


@dataclass(frozen=True)
class Problem:
    """``losses`` and ``excesses`` of a point of the unit cube; a limit is kept at 0 and below.

    ``best`` is the front's hypervolume up to ``reference``, or with one goal the lowest loss.
    """

    name: str
    dimensions: int
    losses: Callable[[Vector], Vector]
    best: float
    reference: Vector | None = None
    excesses: Callable[[Vector], Vector] = lambda u: np.zeros(0)


def zdt1(u: Vector) -> Vector:
    g = 1 + 9 * u[1:].mean()
    return np.array([u[0], g * (1 - np.sqrt(u[0] / g))])


def dtlz2(goals: int) -> Callable[[Vector], Vector]:
    def losses(u: Vector) -> Vector:
        angles, rest = u[: goals - 1] * np.pi / 2, u[goals - 1 :]
        radius = 1 + ((rest - 0.5) ** 2).sum()
        values = np.full(goals, radius)
        for j in range(goals):
            values[j] *= np.prod(np.cos(angles[: goals - 1 - j]))
            if j:
                values[j] *= np.sin(angles[goals - 1 - j])
        return values

    return losses


def network_like(u: Vector) -> Vector:
    """An error that falls with the size and needs the right learning rate, and the size."""
    units, layers, alpha, drop = 8 * 64 ** u[0], 1 + np.floor(3 * u[1]), 4 * u[2] - 4, u[3]
    size = 64 * units + (layers - 1) * units**2 + 10 * units
    wanted = -1.3 - 0.4 * (layers - 1) - 0.5 * u[0]
    error = 0.015 + 0.5 * (size / 1000) ** -0.7 + 0.03 * (alpha - wanted) ** 2
    return np.array([error + 0.02 * (drop - 0.5 * u[0]) ** 2, np.log10(size)])


def gardner(u: Vector) -> tuple[Vector, Vector]:
    """Gardner et al., "Bayesian optimization with inequality constraints", 2014, the first."""
    x, y = 6 * u
    loss = np.cos(2 * x) * np.cos(y) + np.sin(x)
    return np.array([loss]), np.array([np.cos(x) * np.cos(y) - np.sin(x) * np.sin(y) - 0.5])


_REDUCER = np.array(
    [[2.6, 3.6], [0.7, 0.8], [17, 28], [7.3, 8.3], [7.8, 8.3], [2.9, 3.9], [5.0, 5.5]]
)


def speed_reducer(u: Vector) -> tuple[Vector, Vector]:
    """Golinski's speed reducer: the weight of a gear box under 11 limits."""
    low, high = _REDUCER.T
    a, b, c, d, e, f, g = low + u * (high - low)
    c = np.round(c)
    weight = (
        0.7854 * a * b**2 * (3.3333 * c**2 + 14.9334 * c - 43.0934)
        - 1.508 * a * (f**2 + g**2)
        + 7.4777 * (f**3 + g**3)
        + 0.7854 * (d * f**2 + e * g**2)
    )
    limits = [
        27 / (a * b**2 * c) - 1,
        397.5 / (a * b**2 * c**2) - 1,
        1.93 * d**3 / (b * f**4 * c) - 1,
        1.93 * e**3 / (b * g**4 * c) - 1,
        np.sqrt((745 * d / (b * c)) ** 2 + 16.9e6) / (110 * f**3) - 1,
        np.sqrt((745 * e / (b * c)) ** 2 + 157.5e6) / (85 * g**3) - 1,
        b * c / 40 - 1,
        5 * b / a - 1,
        a / (12 * b) - 1,
        (1.5 * f + 1.9) / d - 1,
        (1.1 * g + 1.9) / e - 1,
    ]
    return np.array([weight]), np.array(limits)


def pressure_vessel(u: Vector) -> tuple[Vector, Vector]:
    """The cost of a vessel, by the thickness of shell and head, its radius and its length."""
    shell, head = np.round(1 + u[:2] * 31) * 0.0625
    radius, length = 10 + u[2] * 90, 10 + u[3] * 190
    cost = (
        0.6224 * shell * radius * length
        + 1.7781 * head * radius**2
        + 3.1661 * shell**2 * length
        + 19.84 * shell**2 * radius
    )
    volume = np.pi * radius**2 * length + 4 / 3 * np.pi * radius**3
    limits = [0.0193 * radius / shell - 1, 0.00954 * radius / head - 1, 1 - volume / 1_296_000]
    return np.array([cost]), np.array(limits)


def _limited(
    name: str, dimensions: int, both: Callable[[Vector], tuple[Vector, Vector]], best: float
) -> Problem:
    return Problem(
        name, dimensions, lambda u: both(u)[0], best, None, excesses=lambda u: both(u)[1]
    )


def _network_like() -> Problem:
    """Its best hypervolume is that of the best error at each size, by a fine grid."""
    reference = np.array([0.3, 6.0])
    steps = np.linspace(0, 1, 400)
    front = []
    for u in steps:
        for v in (0.1, 0.5, 0.9):
            layers = np.floor(3 * v)
            alpha = (4 - 1.3 - 0.4 * layers - 0.5 * u) / 4
            front.append(network_like(np.array([u, v, alpha, 0.5 * u])))
    return Problem("network", 4, network_like, hypervolume(np.array(front), reference), reference)


PARTS: dict[str, Callable[[], list[Problem]]] = {
    "goals": lambda: [
        Problem("zdt1", 6, zdt1, 0.11 + 0.1 + 2 / 3, np.array([1.1, 1.1])),
        Problem("dtlz2-2", 6, dtlz2(2), 1.21 - np.pi / 4, np.array([1.1, 1.1])),
        Problem("dtlz2-3", 6, dtlz2(3), 1.1**3 - np.pi / 6, np.array([1.1, 1.1, 1.1])),
        _network_like(),
    ],
    "limits": lambda: [
        _limited("gardner", 2, gardner, -2.0),
        _limited("speed-reducer", 7, speed_reducer, 2994.4711),
        _limited("pressure-vessel", 4, pressure_vessel, 6059.7143),
    ],
}

Evaluate = Callable[[Vector], tuple[Vector, Vector]]
Contestant = Callable[[Problem, int, int], list[Vector]]


def ours(name: str, lookahead: int) -> Contestant:
    def points(problem: Problem, seed: int, trials: int) -> list[Vector]:
        space = Space(
            tuple(Number(name=f"x{j}", low=0.0, high=1.0) for j in range(problem.dimensions))
        )
        first = np.full(problem.dimensions, 0.5)
        goals, limits = len(problem.losses(first)), len(problem.excesses(first))
        strategy = make_strategy(
            name, space, seed, lookahead, 1, early_stop="none", goals=goals, limits=limits
        )
        units: list[tuple[float, ...]] = []
        history: list[Observation] = []
        for index in range(trials):
            known = count_known(index, lookahead)
            unit = strategy.propose(index, history[:known], units[known:]).unit
            loss, *further = problem.losses(np.array(unit)).tolist()
            excesses = tuple(problem.excesses(np.array(unit)).tolist())
            history.append(Observation(unit, loss, (loss,), False, tuple(further), excesses))
            units.append(unit)
        return [np.array(unit) for unit in units]

    return points


def optunas(name: str, **arguments: object) -> Contestant:
    def points(problem: Problem, seed: int, trials: int) -> list[Vector]:
        import optuna  # noqa: PLC0415

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore")
        first = np.full(problem.dimensions, 0.5)
        goals, limited = len(problem.losses(first)), len(problem.excesses(first)) > 0
        if limited:
            arguments["constraints_func"] = lambda trial: trial.user_attrs["excesses"]
        sampler = getattr(optuna.samplers, name)(seed=seed, **arguments)
        study = optuna.create_study(directions=["minimize"] * goals, sampler=sampler)
        chosen = []
        for _ in range(trials):
            trial = study.ask()
            u = np.array([trial.suggest_float(f"x{j}", 0, 1) for j in range(problem.dimensions)])
            trial.set_user_attr("excesses", problem.excesses(u).tolist())
            study.tell(trial, problem.losses(u).tolist())
            chosen.append(u)
        return chosen

    return points


STRATEGIES: dict[str, Contestant] = {
    "coarse-to-fine-1": ours("coarse-to-fine", 1),
    "coarse-to-fine-8": ours("coarse-to-fine", 8),
    "boxes-8": ours("boxes", 8),
    "random": ours("random", 1),
    "optuna-nsga2": optunas("NSGAIISampler"),
    "optuna-tpe": optunas("TPESampler", multivariate=True),
    "optuna-gp": optunas("GPSampler"),
}


def scores(problem: Problem, points: Sequence[Vector], median: float) -> list[float]:
    """The score after each of the marks."""
    losses = np.array([problem.losses(u) for u in points])
    excesses = np.array([problem.excesses(u) for u in points])
    kept = (excesses <= 0).all(axis=1)
    found = []
    for mark in (mark for mark in MARKS if mark <= len(points)):
        if problem.reference is not None:
            front = losses[:mark][is_on_front(losses[:mark])]
            found.append(100 * hypervolume(front, problem.reference) / problem.best)
            continue
        best = losses[:mark][kept[:mark]].min(initial=np.inf)
        found.append(min(100.0, 100 * (best - problem.best) / (median - problem.best)))
    return found


def median_of_random(problem: Problem) -> float:
    """The median loss of random feasible points."""
    rng = np.random.default_rng(0)
    points = rng.random((20_000, problem.dimensions))
    kept = [u for u in points if (problem.excesses(u) <= 0).all()]
    print(f"{problem.name}: {len(kept) / len(points):.2%} of random points are feasible")
    return float(np.median([problem.losses(u)[0] for u in kept]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--part", choices=list(PARTS), default="goals")
    parser.add_argument("--strategy", action="append", choices=list(STRATEGIES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--only", default="", help="problems whose name contains this")
    given = parser.parse_args()
    marks = [mark for mark in MARKS if mark <= given.trials]
    for problem in PARTS[given.part]():
        if given.only not in problem.name:
            continue
        limited = problem.reference is None
        median = median_of_random(problem) if limited else 0.0
        what = "regret in %" if limited else "hypervolume in %"
        head = "".join(f"{mark:>9}" for mark in marks)
        print(f"{problem.name + ', ' + what:32}{head}   worst seed@{marks[-1]}  ms a proposal")
        for name in given.strategy or STRATEGIES:
            start = time.process_time()
            rows = [
                scores(problem, STRATEGIES[name](problem, seed, given.trials), median)
                for seed in range(given.seeds)
            ]
            ms = 1000 * (time.process_time() - start) / given.seeds / given.trials
            means = "".join(f"{mean:9.2f}" for mean in np.mean(rows, axis=0))
            last = [row[-1] for row in rows]
            worst = max(last) if limited else min(last)
            print(f"  {name:30}{means}   {worst:14.2f}  {ms:13.1f}", flush=True)


if __name__ == "__main__":
    main()
