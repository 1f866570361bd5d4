"""More problems with learning curves on which rules of early stopping may be chosen.

Families that are neither those of search_problems.with_curves() nor those of curve_problems.py, by
which rules are judged. In half of them a trial's value is its last epoch, not its best one. Where
the shapes come from:

* milestones: K. He et al., "Deep residual learning for image recognition", CVPR 2016, figure 6:
  the error falls when the step size is divided by 10.
* annealing: I. Loshchilov, F. Hutter, "SGDR: Stochastic gradient descent with warm restarts",
  ICLR 2017: a cosine schedule takes the noise's plateau away at the end.
* Hill: T. Domhan, J. T. Springenberg, F. Hutter, IJCAI 2015, table 1 (MMF).
* boosting: J. Friedman, "Greedy function approximation", 2001, figure 1: shrinkage against the
  number of trees.
* waiting: a plateau, then a fall, as of attention that is found late.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from search_problems import Point, Problem

from hpsearch.space import LOG, ONE_MINUS, Choice, Number, Parameter, Space

EPOCHS = 30
WORST = 2.3  # nats: a guess among ten classes
EPOCH = np.arange(1, EPOCHS + 1)


def _problem(
    name: str,
    parameters: list[Parameter],
    curve: Callable[[Point], np.ndarray],
    noise: float,
    *,
    last: bool,
) -> Problem:
    def loss(p: Point) -> float:
        return float(curve(p)[-1] if last else curve(p).min())

    return Problem(name, Space(tuple(parameters)), loss, noise, curve=curve, last=last)


def milestones(instance: int, noise: float, *, last: bool = True) -> Problem:
    """A large step is held on a plateau until it is divided by 10, after 3/5 and 5/6."""
    rng = np.random.default_rng([31, instance])
    target, decay_wanted, cut = rng.uniform(-5, -2), rng.uniform(-9, -5), rng.uniform(0.15, 0.35)

    def curve(p: Point) -> np.ndarray:
        off = math.log(p["alpha"]) - target
        floor = 0.12 + 0.03 * off**2 + 0.01 * (math.log(p["l2"]) - decay_wanted) ** 2
        floor = min(floor + 0.1 * abs(p["width"] - 0.7), WORST)
        pace = 0.25 * math.exp(0.6 * off) * (0.5 + p["width"])
        plateau = 0.35 * math.exp(0.7 * off)
        drops = (EPOCH > 3 / 5 * EPOCHS).astype(int) + (EPOCH > 5 / 6 * EPOCHS)
        losses = floor + (WORST - floor) * np.exp(-pace * EPOCH) + plateau * cut**drops
        return np.minimum(losses, WORST)

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("l2", low=1e-6, high=0.1, scale=LOG),
        Number("width", low=0.0, high=1.0),
    ]
    return _problem(f"milestones{instance}", parameters, curve, noise, last=last)


def annealing(instance: int, noise: float, *, last: bool = True) -> Problem:
    """A cosine schedule: the larger the step, the higher the plateau that vanishes at the end."""
    rng = np.random.default_rng([32, instance])
    target, memory_wanted = rng.uniform(-6, -3), rng.uniform(1.5, 4)
    drop_wanted = rng.uniform(0.1, 0.4)

    def curve(p: Point) -> np.ndarray:
        memory = -math.log(1 - p["beta"])
        off = math.log(p["alpha"]) + memory - memory_wanted - target
        floor = 0.1 + 0.025 * off**2 + 0.02 * (memory - memory_wanted) ** 2
        floor = min(floor + 0.4 * (p["dropout"] - drop_wanted) ** 2, WORST)
        pace = 0.2 * math.exp(0.5 * off) / (1 + p["dropout"])
        plateau = 0.3 * math.exp(0.5 * off) * (1 + np.cos(math.pi * EPOCH / EPOCHS)) / 2
        return np.minimum(floor + (WORST - floor) * np.exp(-pace * EPOCH) + plateau, WORST)

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=1.0, scale=LOG),
        Number("beta", low=0.5, high=0.999, scale=ONE_MINUS),
        Number("dropout", low=0.0, high=0.6),
    ]
    return _problem(f"annealing{instance}", parameters, curve, noise, last=last)


def hill(instance: int, noise: float, *, last: bool = False) -> Problem:
    """loss = worst - (worst - floor) e^shape / (half^shape + e^shape)."""
    rng = np.random.default_rng([33, instance])
    target, depth_wanted = rng.uniform(-7, -3), rng.uniform(0.2, 0.8)
    base = dict(zip(("relu", "tanh", "gelu"), rng.permutation([0.0, 0.04, 0.12]), strict=True))
    half_of = dict(zip(base, rng.permutation([2.0, 4.0, 7.0]), strict=True))

    def curve(p: Point) -> np.ndarray:
        off = math.log(p["alpha"]) - target
        floor = 0.1 + base[p["activation"]] + 0.4 * (p["depth"] - depth_wanted) ** 2
        floor = min(floor + 0.03 * max(off, 0.0) ** 2 + 0.01 * min(off, 0.0) ** 2, WORST)
        half = half_of[p["activation"]] * math.exp(-0.5 * off) * (0.6 + p["depth"])
        shape = 0.8 + 1.2 * p["depth"]
        return WORST - (WORST - floor) / (1 + (half / EPOCH) ** shape)

    parameters: list[Parameter] = [
        Number("alpha", low=1e-6, high=0.1, scale=LOG),
        Number("depth", low=0.0, high=1.0),
        Choice("activation", values=tuple(base)),
    ]
    return _problem(f"hill{instance}", parameters, curve, noise, last=last)


def boosting(instance: int, noise: float, *, last: bool = True) -> Problem:
    """Ten trees an epoch: a large shrinkage factor is fast, and overfits the deeper the trees."""
    rng = np.random.default_rng([34, instance])
    sub_wanted, l2_wanted = rng.uniform(0.5, 0.9), rng.uniform(-2, 2)
    need = rng.uniform(3.5, 7)

    def curve(p: Point) -> np.ndarray:
        floor = 0.2 + 0.01 * (p["depth"] - need) ** 2 + 0.3 * (p["subsample"] - sub_wanted) ** 2
        floor = min(floor + 0.004 * (math.log(p["l2"]) - l2_wanted) ** 2, WORST)
        steps = 10 * EPOCH * p["rate"] * (0.3 + 0.1 * p["depth"])
        excess = 0.012 * (p["depth"] / need) ** 2 * math.sqrt(p["rate"]) * EPOCH
        return floor + (WORST - floor) * np.exp(-steps) + excess

    parameters: list[Parameter] = [
        Number("rate", low=3e-3, high=1.0, scale=LOG),
        Number("depth", low=2, high=12, step=1, integer=True),
        Number("subsample", low=0.3, high=1.0, step=0.1),
        Number("l2", low=1e-2, high=100.0, scale=LOG),
    ]
    return _problem(f"boosting{instance}", parameters, curve, noise, last=last)


def waiting(instance: int, noise: float, *, last: bool = False) -> Problem:
    """Two falls with a plateau between them, whose end depends on the settings."""
    rng = np.random.default_rng([35, instance])
    target, heads_wanted, warm_wanted = rng.uniform(-8, -4), rng.uniform(2, 6), rng.uniform(0, 0.6)

    def curve(p: Point) -> np.ndarray:
        off = math.log(p["alpha"]) - target
        floor = 0.1 + 0.02 * off**2 + 0.015 * (p["heads"] - heads_wanted) ** 2
        floor = min(floor + 0.3 * (p["warm_up"] - warm_wanted) ** 2, 1.2)
        found = 8 * math.exp(-0.35 * off) * (0.6 + p["warm_up"])
        sharp = 0.5 + 0.1 * p["heads"]
        first = (WORST - 1.3) * np.exp(-0.8 * EPOCH * math.exp(0.3 * min(off, 2.0)))
        late = 1 / (1 + np.exp(np.minimum(sharp * (EPOCH - found), 50)))
        return floor + (1.3 - floor) * late + first

    parameters: list[Parameter] = [
        Number("alpha", low=1e-5, high=0.1, scale=LOG),
        Number("heads", low=1, high=8, step=1, integer=True),
        Number("warm_up", low=0.0, high=1.0),
    ]
    return _problem(f"waiting{instance}", parameters, curve, noise, last=last)


def more_tuned_curves() -> list[Problem]:
    """One pair of each family: little noise and more, different instances."""
    return [
        family(instance, noise)
        for family in (milestones, annealing, hill, boosting, waiting)
        for instance, noise in ((1, 0.01), (2, 0.03))
    ]
