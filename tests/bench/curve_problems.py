"""Problems with learning curves that no rule of early stopping was chosen on.

    python tests/bench/curve_problems.py        trains the networks of digits_adam() again

Other families than those of search_problems.with_curves() and of tuned_curve_problems.py. A trial's
value is its best epoch, so that the loss of a point is the lowest of its curve. Where the formulas
come from:

* power law and Weibull: T. Domhan, J. T. Springenberg, F. Hutter, "Speeding up automatic
  hyperparameter optimization of deep neural networks by extrapolation of learning curves",
  IJCAI 2015, table 1 (pow3 and Weibull).
* noisy quadratic: T. Schaul, S. Zhang, Y. LeCun, "No more pesky learning rates", ICML 2013; with
  batch sizes G. Zhang et al., "Which algorithmic choices matter at which batch sizes?", NeurIPS
  2019, section 3.
* overfitting: the shape of L. Prechelt, "Early stopping - but when?", 1998, figure 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from search_problems import Point, Problem

from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.errors import TrialDiverged
from hpsearch.network.network import Network
from hpsearch.seeds import Purpose, stream
from hpsearch.space import LOG, ONE_MINUS, Choice, Number, Parameter, Space

EPOCHS = 30
WORST = 2.3  # nats: a guess among ten classes
EPOCH = np.arange(1, EPOCHS + 1)
TABLE = Path(__file__).parent / "network_digits_adam.npz"
GRID = {
    "alpha": np.geomspace(1e-4, 0.3, 8).tolist(),
    "beta1": [0.5, 0.9],
    "batch_size": [64, 256],
    "hidden_units": [6, 16, 48],
    "dropout": [0.0, 0.25, 0.5],
}


def _problem(
    name: str,
    parameters: list[Parameter],
    curve: Callable[[Point], np.ndarray],
    noise: float,
) -> Problem:
    space = Space(tuple(parameters))
    return Problem(name, space, lambda p: float(curve(p).min()), noise, curve=curve)


def power_law(instance: int, noise: float) -> Problem:
    """loss = floor + (worst - floor) e^-power: the deeper, the slower and the lower."""
    rng = np.random.default_rng([21, instance])
    target, depth_wanted = rng.uniform(-7, -3), rng.uniform(3, 6)
    l2_wanted, gain = rng.uniform(-9, -4), rng.uniform(0.05, 0.12)

    def curve(p: Point) -> np.ndarray:
        off = (math.log(p["alpha"]) - target) / 3
        floor = 0.15 + gain * abs(p["layers"] - depth_wanted) ** 1.5
        floor += 0.006 * (math.log(p["l2"]) - l2_wanted) ** 2
        power = 1.4 * math.exp(-(off**2)) / (1 + 0.15 * p["layers"]) + 0.02
        return floor + (WORST - min(floor, WORST)) * EPOCH**-power

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("layers", low=1, high=8, step=1, integer=True),
        Number("l2", low=1e-6, high=0.1, scale=LOG),
    ]
    return _problem(f"power{instance}", parameters, curve, noise)


def late_bloomers(instance: int, noise: float) -> Problem:
    """Weibull: loss = worst - (worst - floor)(1 - exp(-(pace e)^shape)); the last ones win.

    A high momentum and a long warm-up lower the floor and bend the curve: nothing for a while, and
    then a fall below those that were ahead.
    """
    rng = np.random.default_rng([22, instance])
    target, warm_wanted = rng.uniform(-6, -3), rng.uniform(0.3, 0.8)
    memory_wanted = rng.uniform(3, 5)

    def curve(p: Point) -> np.ndarray:
        memory = -math.log(1 - p["beta"])
        off = math.log(p["alpha"]) + 0.5 * memory - target
        floor = 0.1 + 0.5 * (p["warm_up"] - warm_wanted) ** 2 + 0.06 * (memory - memory_wanted) ** 2
        floor = min(floor + 0.03 * off**2, WORST)
        shape = 0.7 + 2.0 * p["warm_up"]
        pace = 0.25 * math.exp(-0.15 * off**2) * (1 - 0.6 * p["warm_up"])
        return WORST - (WORST - floor) * (1 - np.exp(-((pace * EPOCH) ** shape)))

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("beta", low=0.5, high=0.999, scale=ONE_MINUS),
        Number("warm_up", low=0.0, high=1.0),
        Number("dead", low=0.0, high=1.0),
    ]
    return _problem(f"bloomers{instance}", parameters, curve, noise)


def noisy_quadratic(instance: int, noise: float) -> Problem:
    """Stochastic gradient descent on a quadratic, in expectation.

    In each direction of curvature h, the squared distance after t steps of size a on batches of B
    is (1 - a h)^2t d + (1 - (1 - a h)^2t) a s / (B (2 - a h)), the gradient's variance being h s:
    a large step is fast, and stays on a high plateau. The step may decay from epoch to epoch.
    """
    rng = np.random.default_rng([23, instance])
    curvature = np.arange(1, 33) ** -rng.uniform(0.8, 1.4)
    start, variance = WORST / (0.5 * curvature.sum()), rng.uniform(0.5, 3.0)
    examples = 2048

    def curve(p: Point) -> np.ndarray:
        distance = np.full(len(curvature), start)
        losses = np.empty(EPOCHS)
        for epoch in range(EPOCHS):
            step = p["alpha"] / (1 + p["decay"] * epoch)
            left = np.maximum(2 - step * curvature, 1e-3)  # none left: it diverges, see below
            shrink = np.clip(1 - step * curvature, -1, 1) ** (2 * (examples // p["batch_size"]))
            settled = step * variance / (p["batch_size"] * left)
            distance = np.where(
                step * curvature < 2, shrink * distance + (1 - shrink) * settled, 10 * start
            )
            losses[epoch] = 0.5 * (curvature * distance).sum()
        return np.minimum(losses, 2 * WORST)

    parameters: list[Parameter] = [
        Number("alpha", low=1e-3, high=10.0, scale=LOG),
        Number("batch_size", low=4, high=512, scale=LOG, step=1, integer=True),
        Number("decay", low=1e-3, high=3.0, scale=LOG),
    ]
    return _problem(f"quadratic{instance}", parameters, curve, noise)


def late_divergence(instance: int, noise: float) -> Problem:
    """The best step size is close to where training breaks, sooner or later, for good."""
    rng = np.random.default_rng([24, instance])
    edge, clip_wanted = rng.uniform(-4, -1.5), rng.uniform(0.2, 0.7)
    base = dict(zip(("sgd", "adam", "lion"), rng.permutation([0.0, 0.05, 0.15]), strict=True))

    def curve(p: Point) -> np.ndarray:
        off = (
            math.log(p["alpha"]) - edge + 2 * (clip_wanted - p["clip"]) * (p["clip"] < clip_wanted)
        )
        floor = 0.12 + base[p["optimizer"]] + 0.2 * (p["clip"] - clip_wanted) ** 2
        floor += 0.02 * min(off, 0.0) ** 2
        pace = 0.35 * math.exp(0.5 * min(off, 1.0))
        losses = floor + (WORST - floor) * np.exp(-pace * EPOCH)
        breaks = math.inf if off < 0 else 1 + 25 * math.exp(-3 * off)
        return np.where(breaks > EPOCH, losses, WORST + 0.5)

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("clip", low=0.0, high=1.0),
        Choice("optimizer", values=tuple(base)),
    ]
    return _problem(f"breaks{instance}", parameters, curve, noise)


def overfitting(instance: int, noise: float) -> Problem:
    """The loss on the dev set falls and rises again, the more so the larger the network."""
    rng = np.random.default_rng([25, instance])
    target, drop_wanted = rng.uniform(-6, -3), rng.uniform(0.1, 0.5)
    need = rng.uniform(0.4, 0.8)

    def curve(p: Point) -> np.ndarray:
        off = math.log(p["alpha"]) - target
        size = math.log(p["hidden_units"] / 8) / math.log(64)
        floor = 0.15 + 0.5 * max(need - size, 0.0) ** 2 + 0.03 * max(off, 0.0) ** 2
        floor = min(floor + 0.4 * (p["dropout"] - drop_wanted) ** 2, WORST)
        pace = 0.3 * math.exp(0.6 * off) / (1 + 2 * p["dropout"])
        excess = max(size * (1 - p["dropout"]) - 0.3, 0.0) * min(pace, 2.0)
        return floor + (WORST - floor) * np.exp(-pace * EPOCH) + 0.02 * excess * EPOCH

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("hidden_units", low=8, high=512, scale=LOG, step=1, integer=True),
        Number("dropout", low=0.0, high=0.7),
    ]
    return _problem(f"overfits{instance}", parameters, curve, noise)


def digits_adam() -> Problem:
    """The built-in network on digits with Adam and batch norm: the share of errors, tabulated."""
    errors = np.load(TABLE)["dev_error"].astype(float)
    errors = np.where(np.isnan(errors), 0.9, errors)

    def curve(p: Point) -> np.ndarray:
        row: np.ndarray = errors[tuple(p[name] for name in GRID)]
        return row

    return _problem(
        "digits, adam",
        [
            Number(name, low=0, high=len(values) - 1, step=1, integer=True)
            for name, values in GRID.items()
        ],
        curve,
        0.0,
    )


def held_out_curves() -> list[Problem]:
    """For early stopping: nothing was chosen on these."""
    return [
        digits_adam(),
        *(power_law(instance, noise) for instance, noise in ((1, 0.01), (2, 0.05))),
        *(late_bloomers(instance, noise) for instance, noise in ((1, 0.01), (2, 0.03))),
        *(noisy_quadratic(instance, noise) for instance, noise in ((1, 0.005), (2, 0.03))),
        *(late_divergence(instance, noise) for instance, noise in ((1, 0.01), (2, 0.03))),
        *(overfitting(instance, noise) for instance, noise in ((1, 0.01), (2, 0.03))),
    ]


def main() -> None:
    data = load(DataSpec(path="digits"), 0)
    shape = (*(len(values) for values in GRID.values()), EPOCHS)
    errors = np.full(shape, np.nan, dtype=np.float32)
    for cell in itertools.product(*map(range, shape[:-1])):
        hparams = {name: GRID[name][i] for name, i in zip(GRID, cell, strict=True)}
        hparams |= {"optimizer": "adam", "layers": 2, "batch_norm": True}
        seed = int(np.ravel_multi_index(cell, shape[:-1]))
        network = Network(
            data.train.X.shape[1], len(data.classes), hparams, stream(seed, Purpose.INIT)
        )
        for epoch in range(1, EPOCHS + 1):
            try:
                network.train_epoch(
                    data.train.X, data.train.y, stream(seed, Purpose.EPOCH, epoch), epoch
                )
            except TrialDiverged:
                break
            errors[cell][epoch - 1] = network.evaluate(data.dev.X, data.dev.y)["error"]
    np.savez_compressed(TABLE, dev_error=errors)


if __name__ == "__main__":
    main()
