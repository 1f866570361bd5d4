"""Problems with known answers, to measure a search on: closed forms, and two tables of networks.

A problem is a space and a loss. ``loss(point)`` is the true loss; what a search sees is that plus
noise. On :func:`tuned` the product's constants were chosen; :func:`held_out` has other families
and other random instances, and was not looked at for that (its table of digits was, for early
stopping).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.space import LOG, ONE_MINUS, Choice, Condition, Number, Parameter, Space

Point = Mapping[str, Any]
SAMPLE = 4000  # random points that tell the median and help to find the best


@dataclass
class Problem:
    """A space, its true loss, the best loss there is, and the noise beside median - best.

    ``last`` says of a problem with learning curves that a trial's value is its last epoch, not its
    best one so far.
    """

    name: str
    space: Space
    loss: Callable[[Point], float]
    noise: float = 0.0
    best: float | None = None
    curve: Callable[[Point], np.ndarray] | None = None
    last: bool = False

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        units = self.space.canonical(rng.random((SAMPLE, self.space.dimensions)))
        losses = np.array([self.loss(self.space.decode(u)) for u in units])
        if self.best is None:
            self.best = self._search(units, losses, rng)
        self.median = float(np.median(losses))

    def _search(self, units: np.ndarray, losses: np.ndarray, rng: np.random.Generator) -> float:
        """A long local search from the 8 best random points, where no closed form is known."""
        best = math.inf
        for start in np.argsort(losses)[:8]:
            unit, loss = units[start], losses[start]
            width = 0.3
            for _ in range(1500):
                step = rng.standard_normal(len(unit)) * width * (rng.random(len(unit)) < 0.4)
                other = self.space.canonical(np.clip(unit + step, 0, 1)[None])[0]
                value = self.loss(self.space.decode(other))
                if value < loss:
                    unit, loss = other, value
                else:
                    width = max(width * 0.995, 1e-3)
            best = min(best, loss)
        return best

    def regret(self, loss: float) -> float:
        """0 for the best there is, 100 for the median of random points."""
        assert self.best is not None
        return 100 * (min(loss, 1e6) - self.best) / (self.median - self.best)


# --- families --------------------------------------------------------------------------------


def network(instance: int, *, diverges: bool, dead: int = 2, noise: float = 0.03) -> Problem:
    """Like the error of a network: only alpha / (1 - beta) / sqrt(batch) matters of the three."""
    rng = np.random.default_rng([1, instance])
    target = rng.uniform(-6, -2.5)  # ln of the best effective rate
    edge = target + rng.uniform(1.0, 2.5)  # ln of the rate at which it diverges
    units_wanted = rng.uniform(0.3, 1.0)
    l2_wanted, drop_wanted = rng.uniform(-9, -4), rng.uniform(0.0, 0.4)
    activation = dict(
        zip(("relu", "tanh", "sigmoid"), rng.permutation([0, 0.05, 0.2]), strict=True)
    )
    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("beta", low=0.8, high=0.999, scale=ONE_MINUS),
        Number("batch_size", low=16, high=512, scale=LOG, step=1, integer=True),
        Number("hidden_units", low=16, high=256, step=1, integer=True),
        Number("l2", low=1e-6, high=0.1, scale=LOG),
        Number("dropout", low=0.0, high=0.6),
        Choice("activation", values=tuple(activation)),
    ]
    parameters += [Number(f"dead{j}", low=0.0, high=1.0) for j in range(dead)]

    def loss(p: Point) -> float:
        rate = math.log(p["alpha"] / (1 - p["beta"]) / math.sqrt(p["batch_size"]))
        if diverges and rate > edge:
            return 2.3 + 0.2 * min(rate - edge, 3)
        off = rate - target
        value = 0.04 * off**2 if off < 0 else 0.10 * off**2
        value += 0.15 * (math.log(p["hidden_units"] / 256) / math.log(16) + 1 - units_wanted) ** 2
        value += 0.004 * (math.log(p["l2"]) - l2_wanted) ** 2
        value += 0.4 * (p["dropout"] - drop_wanted) ** 2
        return min(0.1 + value + activation[p["activation"]], 2.3)

    return Problem(
        f"network{instance}{'d' if diverges else ''}",
        Space(tuple(parameters)),
        loss,
        noise,
        best=0.1,
    )


def cube(
    name: str, d: int, f: Callable[[np.ndarray], float], best: float | None, noise: float = 0.0
) -> Problem:
    names = [f"x{j}" for j in range(d)]
    space = Space(tuple(Number(n, low=0.0, high=1.0) for n in names))
    return Problem(name, space, lambda p: f(np.array([p[n] for n in names])), noise, best)


def rotation(rng: np.random.Generator, d: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


def sphere(instance: int, d: int) -> Problem:
    at = np.random.default_rng([2, instance]).uniform(0.1, 0.9, d)
    return cube(f"sphere{d}", d, lambda x: float(((x - at) ** 2).sum()), 0.0)


def ellipsoid(instance: int, d: int, noise: float = 0.0) -> Problem:
    rng = np.random.default_rng([3, instance])
    at, turn, scale = rng.uniform(0.2, 0.8, d), rotation(rng, d), 30 ** (np.arange(d) / (d - 1))
    return cube(
        f"ellipsoid{d}", d, lambda x: float((scale * (turn @ (x - at)) ** 2).sum()), 0.0, noise
    )


def rosenbrock(d: int) -> Problem:
    def f(x: np.ndarray) -> float:
        y = 3 * x - 1.2
        return float(np.log1p((100 * (y[1:] - y[:-1] ** 2) ** 2 + (1 - y[:-1]) ** 2).sum()))

    return cube(f"rosenbrock{d}", d, f, 0.0)


def rastrigin(instance: int, d: int, turned: bool) -> Problem:
    rng = np.random.default_rng([4, instance])
    at, turn = rng.uniform(0.25, 0.75, d), rotation(rng, d) if turned else np.eye(d)

    def f(x: np.ndarray) -> float:
        y = 4 * (turn @ (x - at))
        return float((y**2 + 1.5 * (1 - np.cos(2 * math.pi * y))).sum())

    return cube(f"rastrigin{d}{'r' if turned else ''}", d, f, 0.0)


def ridge(instance: int, d: int) -> Problem:
    rng = np.random.default_rng([5, instance])
    at, turn = rng.uniform(0.2, 0.8, d), rotation(rng, d)

    def f(x: np.ndarray) -> float:
        y = turn @ (x - at)
        return float(y[0] ** 2 + 2 * np.sqrt((y[1:] ** 2).sum()))

    return cube(f"ridge{d}", d, f, 0.0)


def corner(instance: int, d: int, noise: float = 0.0) -> Problem:
    """A slope: the best point is a corner of the cube."""
    rng = np.random.default_rng([6, instance])
    side, slope = rng.integers(0, 2, d), rng.uniform(0.3, 2, d)
    return cube(
        f"corner{d}", d, lambda x: float((slope * np.abs(x - side) ** 0.8).sum()), 0.0, noise
    )


def edge(instance: int, d: int) -> Problem:
    """Half of the coordinates want an end of their range, the others a middle."""
    rng = np.random.default_rng([7, instance])
    at = np.where(rng.random(d) < 0.5, rng.integers(0, 2, d), rng.uniform(0.2, 0.8, d))
    weight = rng.uniform(0.5, 2, d)
    return cube(f"edge{d}", d, lambda x: float((weight * (x - at) ** 2).sum()), 0.0, 0.02)


def corner_bowl(instance: int, d: int, noise: float = 0.02) -> Problem:
    """Flat at its best point, which is a corner, and good only where all coordinates are."""
    rng = np.random.default_rng([13, instance])
    side, share = rng.integers(0, 2, d), rng.uniform(0.2, 0.7, d)

    def f(x: np.ndarray) -> float:
        return float(1 - (1 - share * (x - side) ** 2).prod())

    return cube(f"corner_bowl{d}", d, f, 0.0, noise)


def beyond(instance: int, d: int, noise: float = 0.02) -> Problem:
    """A turned bowl whose bottom lies outside the space: ranges that were drawn too narrow."""
    rng = np.random.default_rng([14, instance])
    at, turn, scale = rng.uniform(-0.4, 1.4, d), rotation(rng, d), 8 ** (np.arange(d) / (d - 1))
    return cube(
        f"beyond{d}", d, lambda x: float((scale * (turn @ (x - at)) ** 2).sum()), None, noise
    )


def growing(instance: int, noise: float = 0.02) -> Problem:
    """The larger the better, with less and less to gain: units, layers, data, epochs; and a rate.

    The more there is, the smaller a rate it wants, so that this one ends at its lower end.
    """
    rng = np.random.default_rng([15, instance])
    weight, rate = rng.uniform(0.1, 0.4, 4), rng.uniform(-8, -6)
    space = Space(
        (
            Number("units", low=16, high=1024, scale=LOG, step=1, integer=True),
            Number("layers", low=1, high=8, step=1, integer=True),
            Number("crop", low=0.1, high=1.0),
            Number("epochs", low=5, high=100, step=5, integer=True),
            Number("rate", low=1e-4, high=1.0, scale=LOG),
            Number("dropout", low=0.0, high=0.6),
            Choice("schedule", values=("none", "step", "cosine")),
        )
    )
    cost = dict(zip(("none", "step", "cosine"), rng.permutation([0, 0.02, 0.05]), strict=True))

    def loss(p: Point) -> float:
        sizes = np.array(
            [
                math.log(p["units"] / 16) / math.log(64),
                (p["layers"] - 1) / 7,
                (p["crop"] - 0.1) / 0.9,
                (p["epochs"] - 5) / 95,
            ]
        )
        value = float(weight @ np.exp(-2 * sizes)) + cost[p["schedule"]]
        wanted = rate - 2 * float(sizes[:2].sum())
        value += 0.008 * (math.log(p["rate"]) - wanted) ** 2
        return value + 0.15 * (p["dropout"] - 0.25 * float(sizes[0])) ** 2

    return Problem(f"growing{instance}", space, loss, noise)


def sparse(instance: int, d: int, noise: float = 0.02) -> Problem:
    """Of ``d`` coordinates six matter, two of them together; one of the six wants an end."""
    rng = np.random.default_rng([16, instance, d])
    few = rng.permutation(d)[:6]
    at, weight = rng.uniform(0.15, 0.85, 6), rng.uniform(0.5, 2, 6)
    at[0] = rng.integers(0, 2)

    def f(x: np.ndarray) -> float:
        y = x[few] - at
        return float(weight @ y**2 + (y[1] + y[2]) ** 2)

    return cube(f"sparse{d}", d, f, 0.0, noise)


def hartmann6() -> Problem:
    alpha = np.array([1.0, 1.2, 3.0, 3.2])
    A = np.array(
        [
            [10, 3, 17, 3.5, 1.7, 8],
            [0.05, 10, 17, 0.1, 8, 14],
            [3, 3.5, 1.7, 10, 17, 8],
            [17, 8, 0.05, 10, 0.1, 14],
        ]
    )
    P = 1e-4 * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    )
    return cube(
        "hartmann6", 6, lambda x: float(-alpha @ np.exp(-(A * (x - P) ** 2).sum(1))), -3.32237
    )


def branin() -> Problem:
    def f(x: np.ndarray) -> float:
        a, b = 15 * x[0] - 5, 15 * x[1]
        c = b - 5.1 / (4 * math.pi**2) * a**2 + 5 / math.pi * a - 6
        return float(c**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10)

    return cube("branin", 2, f, 0.397887)


def ackley(instance: int, d: int) -> Problem:
    at = np.random.default_rng([8, instance]).uniform(0.15, 0.85, d)

    def f(x: np.ndarray) -> float:
        y = 10 * (x - at)
        return float(
            20
            + math.e
            - 20 * math.exp(-0.2 * math.sqrt((y**2).mean()))
            - math.exp(np.cos(2 * math.pi * y).mean())
        )

    return cube(f"ackley{d}", d, f, 0.0)


def choices(
    instance: int, levels: tuple[int, ...], interaction: float, noise: float = 0.03
) -> Problem:
    """Choices only: an effect of each, and of each pair."""
    rng = np.random.default_rng([9, instance])
    effects = [rng.gumbel(size=k) * rng.uniform(0.2, 1) for k in levels]
    pairs = {
        (a, b): interaction * rng.standard_normal((levels[a], levels[b]))
        for a, b in itertools.combinations(range(len(levels)), 2)
    }
    names = [f"c{j}" for j in range(len(levels))]
    space = Space(
        tuple(
            Choice(n, values=tuple(f"{n}{v}" for v in range(k)))
            for n, k in zip(names, levels, strict=True)
        )
    )

    def value(cells: tuple[int, ...]) -> float:
        total = sum(e[c] for e, c in zip(effects, cells, strict=True))
        return float(total + sum(t[cells[a], cells[b]] for (a, b), t in pairs.items()))

    best = min(value(c) for c in itertools.product(*map(range, levels)))
    return Problem(
        f"choices{instance}",
        space,
        lambda p: value(tuple(int(p[n][len(n) :]) for n in names)),
        noise,
        best,
    )


def conditional(instance: int, noise: float = 0.02) -> Problem:
    """Optimisers with parameters of their own, and layers with units of their own."""
    rng = np.random.default_rng([10, instance])
    base = dict(zip(("sgd", "momentum", "adam"), rng.permutation([0, 0.06, 0.15]), strict=True))
    rates = {name: rng.uniform(-8, -1.5) for name in base}
    beta, beta2 = rng.uniform(0.85, 0.99), rng.uniform(0.99, 0.999)
    depth, units = int(rng.integers(1, 4)), rng.uniform(0.2, 0.9, 3)
    has_momentum = (Condition("optimizer", ("momentum", "adam")),)
    space = Space(
        (
            Choice("optimizer", values=tuple(base)),
            Number("alpha", low=1e-5, high=1.0, scale=LOG),
            Number("beta", has_momentum, low=0.5, high=0.999, scale=ONE_MINUS),
            Number(
                "beta2", (Condition("optimizer", ("adam",)),), low=0.9, high=0.9999, scale=ONE_MINUS
            ),
            Number("layers", low=1, high=3, step=1, integer=True),
            Number("units1", low=8, high=128, step=1, integer=True),
            Number("units2", (Condition("layers", (2, 3)),), low=8, high=128, step=1, integer=True),
            Number("units3", (Condition("layers", (3,)),), low=8, high=128, step=1, integer=True),
        )
    )

    def loss(p: Point) -> float:
        value = base[p["optimizer"]] + 0.02 * (math.log(p["alpha"]) - rates[p["optimizer"]]) ** 2
        if "beta" in p:
            value += 0.02 * (math.log(1 - p["beta"]) - math.log(1 - beta)) ** 2
        if "beta2" in p:
            value += 0.01 * (math.log(1 - p["beta2"]) - math.log(1 - beta2)) ** 2
        value += 0.05 * (p["layers"] - depth) ** 2
        for j in range(p["layers"]):
            value += 0.3 * ((p[f"units{j + 1}"] - 8) / 120 - units[j]) ** 2
        return min(value, 2.0)

    return Problem(f"conditional{instance}", space, loss, noise)


def steps(instance: int, noise: float = 0.02) -> Problem:
    """Integers and steps beside two learning rates, as for boosted trees."""
    rng = np.random.default_rng([11, instance])
    depth, sub = rng.uniform(3, 9), rng.uniform(0.5, 1.0)
    rate, l2 = rng.uniform(-5, -1), rng.uniform(-7, 1)
    leaf = rng.uniform(0, 4)
    space = Space(
        (
            Number("depth", low=2, high=12, step=1, integer=True),
            Number("subsample", low=0.3, high=1.0, step=0.1),
            Number("rate", low=1e-3, high=1.0, scale=LOG),
            Number("trees", low=50, high=800, step=50, integer=True),
            Number("l2", low=1e-4, high=100.0, scale=LOG),
            Number("min_leaf", low=1, high=100, scale=LOG, step=1, integer=True),
            Choice("booster", values=("gbtree", "dart", "linear")),
        )
    )
    cost = dict(zip(("gbtree", "dart", "linear"), rng.permutation([0, 0.03, 0.2]), strict=True))

    def loss(p: Point) -> float:
        work = math.log(p["rate"]) + math.log(p["trees"] / 200)
        value = 0.05 * (work - rate) ** 2 + 0.01 * (p["depth"] - depth - 0.5 * (work - rate)) ** 2
        value += 0.3 * (p["subsample"] - sub) ** 2 + 0.004 * (math.log(p["l2"]) - l2) ** 2
        return value + 0.01 * (math.log(p["min_leaf"]) - leaf) ** 2 + cost[p["booster"]]

    return Problem(f"steps{instance}", space, loss, noise)


# --- problems with learning curves -------------------------------------------------------------


def learning(instance: int, noise: float = 0.01, epochs: int = 30) -> Problem:
    """A network that learns the slower, the smaller its steps, the larger and the more dropped.

    The loss after epoch e is floor + (2.3 - floor) exp(-e / tau); floors rise with the step
    size, so that fast starters are overtaken by slow ones.
    """
    rng = np.random.default_rng([12, instance])
    target, power = rng.uniform(-6, -3), rng.uniform(0.4, 0.9)
    size_wanted, drop_wanted = rng.uniform(0.4, 1.0), rng.uniform(0.0, 0.4)
    pace = rng.uniform(0.05, 0.15)
    space = Space(
        (
            Number("alpha", low=1e-5, high=1.0, scale=LOG),
            Number("beta", low=0.5, high=0.999, scale=ONE_MINUS),
            Number("batch_size", low=16, high=512, scale=LOG, step=1, integer=True),
            Number("hidden_units", low=8, high=256, scale=LOG, step=1, integer=True),
            Number("dropout", low=0.0, high=0.6),
            Choice("activation", values=("relu", "tanh", "sigmoid")),
        )
    )
    late = dict(zip(("relu", "tanh", "sigmoid"), rng.permutation([1.0, 1.5, 3.0]), strict=True))

    def curve(p: Point) -> np.ndarray:
        rate = math.log(p["alpha"] / (1 - p["beta"]) / math.sqrt(p["batch_size"])) - target
        size = math.log(p["hidden_units"] / 8) / math.log(32)
        floor = 0.1 + 0.08 * max(rate, 0) ** 2 + 0.3 * (size - size_wanted) ** 2
        floor = min(floor + 0.5 * (p["dropout"] - drop_wanted) ** 2, 2.3)
        tau = epochs * pace * math.exp(-power * rate) * (1 + size + 2 * p["dropout"])
        tau = min(max(tau * late[p["activation"]], 0.3), 1e4)
        return floor + (2.3 - floor) * np.exp(-np.arange(1, epochs + 1) / tau)

    return Problem(f"learning{instance}", space, lambda p: float(curve(p)[-1]), noise, curve=curve)


def tabulated(name: str, hyperparameters: tuple[str, ...]) -> Problem:
    """The built-in network on real data, every trial of it trained: see tabulate_network.py."""
    table = np.load(Path(__file__).parent / f"network_{name}.npz")["dev_loss"].astype(float)
    curves = np.fmin.accumulate(np.where(np.isnan(table), 3.5, table), axis=-1)
    space = Space(
        tuple(
            Number(hyperparameter, low=0, high=count - 1, step=1, integer=True)
            for hyperparameter, count in zip(hyperparameters, curves.shape[:-1], strict=True)
        )
    )

    def curve(p: Point) -> np.ndarray:
        row: np.ndarray = curves[tuple(p[name] for name in hyperparameters)]
        return row

    best = float(curves[..., -1].min())
    return Problem(name, space, lambda p: float(curve(p)[-1]), 0.0, best, curve=curve)


def digits() -> Problem:
    return tabulated("digits", ("alpha", "beta", "batch_size", "hidden_units", "dropout"))


def letters() -> Problem:
    return tabulated("letters", ("alpha", "beta", "batch_size", "hidden_units", "layers"))


def with_curves() -> list[Problem]:
    """For early stopping: the rules and their constants were chosen on these."""
    return [digits(), *(learning(instance) for instance in (1, 2, 3, 4, 11, 12))]


def tuned() -> list[Problem]:
    return [
        network(1, diverges=True),
        network(2, diverges=False, dead=4),
        network(3, diverges=True),
        sphere(1, 4),
        ellipsoid(1, 4, noise=0.02),
        rastrigin(1, 3, turned=False),
        rosenbrock(4),
        corner(1, 5, noise=0.01),
        edge(1, 6),
        hartmann6(),
        choices(1, (4, 3, 5, 4, 3, 2), 0.15),
        choices(2, (6, 5, 6, 4, 5), 0.4),
        conditional(1),
        conditional(2),
        steps(1),
        corner_bowl(1, 5),
        beyond(1, 6),
        growing(1),
    ]


def held_out() -> list[Problem]:
    return [
        network(11, diverges=True),
        network(12, diverges=True, dead=5),
        network(13, diverges=False),
        ellipsoid(11, 6),
        rastrigin(11, 4, turned=True),
        ridge(11, 5),
        branin(),
        ackley(11, 5),
        corner(11, 7),
        edge(12, 8),
        choices(11, (5, 4, 3, 6, 2, 4), 0.2),
        choices(12, (8, 7, 6, 5), 0.5),
        choices(13, (3,) * 8, 0.1),
        conditional(11),
        conditional(13),
        steps(11),
        steps(12),
        corner_bowl(11, 7),
        beyond(11, 4),
        beyond(12, 8),
        growing(11),
        digits(),
        letters(),
    ]


def many_dimensions(instance: int) -> list[Problem]:
    """From 20 to 200 parameters, of which few matter; the first round was chosen on instance 1."""
    return [sparse(instance, d) for d in (20, 30, 60, 100, 200)]
