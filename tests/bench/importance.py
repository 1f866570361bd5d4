"""How near importance comes to the truth, beside Optuna's evaluators.

    pip install optuna scikit-learn
    python tests/bench/importance.py                  30, 60, 100 and 200 trials, 3 searches each
    python tests/bench/importance.py --trials 30 --searches 10

The functions are such that the share of the variance that each parameter explains alone (its first
Sobol index) is known in closed form. The trials come from random search and from coarse to fine.
Each number is the root mean square error of the shares, in points of 100: the mean over the
functions, and the median of the searches. "shares" are parts of the whole variance, of which
interactions have theirs; "normalised" shares sum to 1, like Optuna's by default, and are compared
with the true shares normalised alike. "dead" is the mean share, normalised, of a parameter without
any effect: the truth is 0.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hpsearch.records import Metric, State, Trial, TrialResult
from hpsearch.report.analysis.importance import measure_importance
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.strategy import Observation, count_known
from hpsearch.space import LOG, ONE_MINUS, Choice, Number, Space

METRIC = Metric("error")
NOISE = 0.1  # standard deviation, beside the function's own
LOOKAHEAD = 8


@dataclass(frozen=True)
class Problem:
    """A function of unit vectors (n, d), with mean square and closed-form shares ``alone`` (d,)."""

    space: Space
    value: Callable[[np.ndarray], np.ndarray]
    variance: float
    alone: np.ndarray


def numbers(count: int) -> Space:
    return Space(tuple(Number(f"x{j}") for j in range(count)))


def additive() -> Problem:
    """Slopes 4, 2, 1, 0, 0: each variance is slope² / 12."""
    slopes = np.array([4.0, 2.0, 1.0, 0.0, 0.0])
    variances = slopes**2 / 12
    total = variances.sum()
    return Problem(numbers(5), lambda u: u @ slopes, total, variances / total)


def product() -> Problem:
    """x0 x1: E = 1/4, V = 1/9 - 1/16 = 7/144, alone 1/48 each; x2 and x3 are dead."""
    total = 7 / 144
    alone = np.array([1 / 48, 1 / 48, 0, 0]) / total
    return Problem(numbers(4), lambda u: u[:, 0] * u[:, 1], total, alone)


def ishigami(a: float = 7.0, b: float = 0.1) -> Problem:
    """Source: Ishigami and Homma, 1990."""
    pi4 = math.pi**4
    alone = np.array([(1 + b * pi4 / 5) ** 2 / 2, a**2 / 8, 0.0])
    total = a**2 / 8 + b * pi4 / 5 + b**2 * pi4**2 / 18 + 1 / 2

    def value(u: np.ndarray) -> np.ndarray:
        x, y, z = (math.pi * (2 * u - 1)).T
        return np.sin(x) + a * np.sin(y) ** 2 + b * z**4 * np.sin(x)

    return Problem(numbers(3), value, total, alone / total)


def g_function() -> Problem:
    """Source: Saltelli and Sobol, 1995: V_j = 1 / (3 (1 + a_j)²), V = prod(1 + V_j) - 1."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    variances = 1 / (3 * (1 + a) ** 2)
    total = float(np.prod(1 + variances) - 1)
    return Problem(
        numbers(5),
        lambda u: np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1),
        total,
        variances / total,
    )


def mixed() -> Problem:
    """A bowl on a log scale, whole numbers, a choice, and two dead ones: additive."""
    space = Space(
        (
            Number("alpha", low=1e-4, high=1.0, scale=LOG),
            Number("layers", low=1, high=3, step=1, integer=True),
            Choice("activation", values=("relu", "tanh", "sigmoid")),
            Number("beta1", low=0.8, high=0.999, scale=ONE_MINUS),
            Number("dropout", low=0.0, high=0.5),
        )
    )
    third, fifth = (0.3**3 + 0.7**3) / 3, (0.3**5 + 0.7**5) / 5
    variances = np.array([fifth - third**2, 0.1**2 * 2 / 3, 0.2**2 * 2 / 9, 0.0, 0.0])
    total = variances.sum()

    def value(u: np.ndarray) -> np.ndarray:
        layers, activation = (np.minimum(np.floor(3 * u[:, j]), 2) for j in (1, 2))
        return (u[:, 0] - 0.7) ** 2 + 0.1 * layers + 0.2 * (activation == 1)

    return Problem(space, value, total, variances / total)


PROBLEMS = {p.__name__: p() for p in (additive, product, ishigami, g_function, mixed)}


def measured(problem: Problem, units: np.ndarray, seed: int) -> np.ndarray:
    """Losses with noise, so far from 0 that the metric is read on a linear axis."""
    deviation = math.sqrt(problem.variance)
    noise = np.array([np.random.default_rng([seed, i]).normal() for i in range(len(units))])
    return 50 + problem.value(units) / deviation + NOISE * noise


def search(problem: Problem, strategy: str, count: int, seed: int) -> np.ndarray:
    """The points of a search, shape (count, d)."""
    chooses = make_strategy(strategy, problem.space, seed, LOOKAHEAD, 1, early_stop="none")
    units: list[tuple[float, ...]] = []
    for index in range(count):
        known = count_known(index, LOOKAHEAD)
        losses = measured(
            problem, np.array(units[:known]).reshape(known, problem.space.dimensions), seed
        )
        history = [Observation(u, float(v)) for u, v in zip(units, losses, strict=False)]
        units.append(chooses.propose(index, history, units[known:]).unit)
    return np.array(units)


def ours(problem: Problem, units: np.ndarray, values: np.ndarray) -> np.ndarray:
    results = [
        TrialResult(
            Trial(i, i, problem.space.decode(u), tuple(map(float, u))),
            State.DONE,
            float(v),
            1,
            1,
            {},
        )
        for i, (u, v) in enumerate(zip(units, values, strict=True))
    ]
    shares = measure_importance(problem.space, METRIC, results, 0).shares
    names = [p.name for p in problem.space.searched]
    return np.array([shares[name].value if shares else np.nan for name in names])


def optunas(problem: Problem, units: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Optuna's fANOVA on the unit cube; choices are categories."""
    import optuna  # noqa: PLC0415  only the comparison needs it

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    ranges: dict[str, optuna.distributions.BaseDistribution] = {}
    columns = []
    for j, p in enumerate(problem.space.searched):
        if isinstance(p, Choice):
            ranges[p.name] = optuna.distributions.CategoricalDistribution(range(len(p.values)))
            columns.append([int(cell) for cell in p.cell(units[:, j])])
        elif p.levels is not None:
            ranges[p.name] = optuna.distributions.IntDistribution(0, p.levels - 1)
            columns.append([int(cell) for cell in p.cell(units[:, j])])
        else:
            ranges[p.name] = optuna.distributions.FloatDistribution(0, 1)
            columns.append([float(u) for u in units[:, j]])
    study = optuna.create_study()
    for row, value in zip(zip(*columns, strict=True), values, strict=True):
        params = dict(zip(ranges, row, strict=True))
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=ranges, value=float(value))
        )
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    shares = optuna.importance.get_param_importances(study, evaluator=evaluator, normalize=False)
    return np.array([shares[name] for name in ranges])


def scores(problem: Problem, shares: np.ndarray) -> tuple[float, float, float]:
    """Errors of the shares and of the normalised shares, and the mean share of dead parameters."""
    normalised = shares / shares.sum()
    truth = problem.alone / problem.alone.sum()
    dead = problem.alone == 0
    return (
        100 * float(np.sqrt(np.mean((shares - problem.alone) ** 2))),
        100 * float(np.sqrt(np.mean((normalised - truth) ** 2))),
        100 * float(normalised[dead].mean()) if dead.any() else math.nan,
    )


def rows(trials: list[int], searches: int) -> Iterator[str]:
    measures = {"hpsearch": ours, "Optuna fANOVA": optunas}
    for strategy in ("random", "coarse-to-fine"):
        for count in trials:
            by_measure: dict[str, list[list[tuple[float, float, float]]]] = {
                m: [] for m in measures
            }
            for problem in PROBLEMS.values():
                points = [search(problem, strategy, count, seed) for seed in range(searches)]
                for name, measure in measures.items():
                    by_measure[name].append(
                        [
                            scores(problem, measure(problem, u, measured(problem, u, seed)))
                            for seed, u in enumerate(points)
                        ]
                    )
            for name, by_problem in by_measure.items():
                medians = np.nanmedian(np.array(by_problem), axis=1)  # (problems, 3)
                each = " ".join(f"{m:5.1f}" for m in medians[:, 1])
                shares, normalised, dead = np.nanmean(medians, axis=0)
                yield (
                    f"{strategy:15}{count:5}  {name:14}{shares:8.1f}{normalised:11.1f}{dead:7.1f}"
                    f"   {each}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, nargs="+", default=[30, 60, 100, 200])
    parser.add_argument("--searches", type=int, default=3)
    args = parser.parse_args()
    for name, problem in PROBLEMS.items():
        print(f"{name:12}", *(f"{share:.3f}" for share in problem.alone))
    print(f"{'':36}shares normalised   dead   normalised, by function: {', '.join(PROBLEMS)}")
    for row in rows(args.trials, args.searches):
        print(row, flush=True)


if __name__ == "__main__":
    main()
