"""How near importance comes to the truth, and how long it takes, beside Optuna's evaluators.

Constant under study: which trials decide once a search has zoomed in. Six parameters; the error is
a known function of them, so its analysis of variance can be computed by integration. The
trials are drawn evenly from the whole space, or coarse to fine. Each row is the root mean square
error of the six shares, the median of 3 searches, and seconds for one evaluation. Optuna's
shares are normalised to 1, so the interplay of parameters is spread over them; the row "sums to
1" is ours, normalised alike.

    pip install optuna scikit-learn
    python tests/bench/importance.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

from hpsearch.records import Metric, State, Trial, TrialResult
from hpsearch.report.analysis.importance import measure_importance
from hpsearch.space import Number, Space

NAMES = ("a", "b", "c", "d", "e", "f")
SPACE = Space(tuple(Number(name) for name in NAMES))
METRIC = Metric("error")
SEARCHES = 3


def error(units: np.ndarray) -> np.ndarray:
    """Two valleys that meet, a step, a slope, and two parameters that do nothing. Shape (n, 6).

    10 is added so that the metric is drawn, and therefore measured, on a linear axis.
    """
    a, b, c, d = units[:, :4].T
    valley = 4 * (a - 0.45) ** 2 + 1.5 * (b - 0.6) ** 2 + np.abs(a - 0.45) * b
    return 10 + valley + 0.2 * (c > 0.5) + 0.1 * d


def true_shares() -> np.ndarray:
    units = np.random.default_rng(0).random((400_000, len(NAMES)))
    values = error(units)
    shares = []
    for column in units.T:
        cells = (column * 50).astype(int)
        shares.append((np.bincount(cells, values) / np.bincount(cells)).var() / values.var())
    return np.array(shares)


def whole_space(count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.random((count, len(NAMES)))


def coarse_to_fine(count: int, rng: np.random.Generator) -> np.ndarray:
    """12 even trials, then boxes around the best tenth that shrink; 1 in 20 stays even."""
    units = rng.random((12, len(NAMES)))
    while len(units) < count:
        best = units[np.argsort(error(units))[: max(3, len(units) // 10)]]
        point = best[rng.integers(len(best))].copy()
        finest = max(6 / len(units), 0.01)
        width = rng.choice([1, finest, finest**0.5])
        moved = rng.random(len(NAMES)) < 0.5
        point[moved] = np.clip(point + width * (rng.random(len(NAMES)) - 0.5), 0, 1)[moved]
        if rng.random() < 0.05:
            point = rng.random(len(NAMES))
        units = np.vstack([units, point])
    return units


def ours(units: np.ndarray, values: np.ndarray) -> np.ndarray:
    results = [
        TrialResult(
            Trial(i, i, dict(zip(NAMES, map(float, u), strict=True)), tuple(map(float, u))),
            State.DONE,
            float(v),
            1,
            1,
            {},
        )
        for i, (u, v) in enumerate(zip(units, values, strict=True))
    ]
    shares = measure_importance(SPACE, METRIC, results, 0).shares
    return np.array([shares[name].value if shares else np.nan for name in NAMES])


def ours_normalised(units: np.ndarray, values: np.ndarray) -> np.ndarray:
    shares = ours(units, values)
    return shares / shares.sum()


def optunas(kind: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray] | None:
    try:
        import optuna  # noqa: PLC0415  only the comparison needs it
    except ImportError:
        return None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    evaluators = {
        "fANOVA": optuna.importance.FanovaImportanceEvaluator(seed=0),
        "PED-ANOVA": optuna.importance.PedAnovaImportanceEvaluator(),
    }
    ranges = {name: optuna.distributions.FloatDistribution(0, 1) for name in NAMES}

    def measure(units: np.ndarray, values: np.ndarray) -> np.ndarray:
        study = optuna.create_study()
        study.add_trials(
            [
                optuna.trial.create_trial(
                    params=dict(zip(NAMES, map(float, u), strict=True)),
                    distributions=ranges,
                    value=float(v),
                )
                for u, v in zip(units, values, strict=True)
            ]
        )
        found = optuna.importance.get_param_importances(study, evaluator=evaluators[kind])
        return np.array([found[name] for name in NAMES])

    return measure


def main() -> None:
    truth = true_shares()
    print(f"{platform.machine()}, NumPy {np.__version__}, one thread")
    print("true shares", dict(zip(NAMES, truth.round(3).tolist(), strict=True)))
    rows = {
        "hpsearch": ours,
        "hpsearch, sums to 1": ours_normalised,
        "Optuna fANOVA": optunas("fANOVA"),
        "Optuna PED-ANOVA": optunas("PED-ANOVA"),
    }
    for draw in (whole_space, coarse_to_fine):
        for count in (60, 200):
            print(f"\n{draw.__name__}, {count} trials: error of the shares, seconds")
            for name, measure in rows.items():
                if measure is None:
                    continue
                errors, seconds = [], []
                for seed in range(SEARCHES):
                    rng = np.random.default_rng(seed)
                    units = draw(count, rng)
                    values = error(units) + 0.02 * rng.normal(size=count)
                    start = time.perf_counter()
                    found = measure(units, values)
                    seconds.append(time.perf_counter() - start)
                    errors.append(float(np.sqrt(np.mean((found - truth) ** 2))))
                print(
                    f"  {name:22}{statistics.median(errors):8.3f}"
                    f"{statistics.median(seconds):9.2f} s"
                )


if __name__ == "__main__":
    main()
