"""At most one remark on the curve, with the numbers it rests on. A hint never acts by itself.

The metric that is watched is read beside its training counterpart where there is one
(``dev_error`` and ``train_error``). A curve is judged over its last :data:`WINDOW` epochs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from hpsearch.panda.positions import Epoch
from hpsearch.records import Goal, Metric, same_value, train_counterpart
from hpsearch.text import change, number

WINDOW = 5
FLAT = 0.01
"""A relative change over the window that counts as none."""

SLOW = 0.10
"""A relative improvement over the window that is steady but small."""


def hint(chain: Sequence[Epoch], metric: Metric) -> str | None:
    """What a person should look at, or ``None``. ``chain`` leads to the present position."""
    recent = _since_last_change(chain)
    if len(recent) < WINDOW:
        return None
    name = metric.name
    values = [metric.goal.loss(e.values[name]) for e in recent[-WINDOW:]]
    train_name = train_counterpart(name, list(recent[-1].values))
    if not all(map(math.isfinite, values)):
        return None
    train = values if train_name is None else _losses(recent, train_name, metric.goal)
    return (
        _diverging(recent, train, train_name or name)
        or (_overfitting(recent, values, train, name, train_name) if train_name else None)
        or _small_steps(recent, train, train_name or name)
        or _plateau(chain, metric, train)
    )


def _since_last_change(chain: Sequence[Epoch]) -> list[Epoch]:
    """The epochs with the present settings: what was before them explains nothing about them."""
    count = 0
    for epoch in reversed(chain):
        if any(not same_value(epoch.hparams[n], v) for n, v in chain[-1].hparams.items()):
            break
        count += 1
    return list(chain[len(chain) - count :])


def _losses(epochs: Sequence[Epoch], name: str, goal: Goal) -> list[float]:
    return [goal.loss(e.values.get(name, math.nan)) for e in epochs[-WINDOW:]]


def _change(values: Sequence[float]) -> float:
    """How much worse the last value is than the first, relative to its size; negative if better."""
    size = max(abs(values[0]), abs(values[-1]))
    return (values[-1] - values[0]) / size if size else 0.0


def _from_to(recent: Sequence[Epoch], name: str) -> str:
    first, last = recent[-WINDOW], recent[-1]
    return (
        f"{name} {change(first.values[name], last.values[name])} "
        f"in epochs {first.position.epoch} to {last.position.epoch}"
    )


def _diverging(recent: Sequence[Epoch], train: Sequence[float], name: str) -> str | None:
    ups = sum(b > a for a, b in itertools.pairwise(train))
    if ups < WINDOW - 2 or _change(train) < 0.1:
        return None
    return (
        f"it gets worse even on what it trains on ({_from_to(recent, name)}): "
        f"try alpha /3, or back best"
    )


def _overfitting(
    recent: Sequence[Epoch],
    dev: Sequence[float],
    train: Sequence[float],
    name: str,
    train_name: str,
) -> str | None:
    if _change(dev) < FLAT or _change(train) > -FLAT:
        return None
    gap = abs(recent[-1].values[name] - recent[-1].values[train_name])
    return (
        f"{name} gets worse while {train_name} gets better ({_from_to(recent, name)}; "
        f"gap {number(gap)}): more l2 or dropout, or back best"
    )


def _small_steps(recent: Sequence[Epoch], train: Sequence[float], name: str) -> str | None:
    downs = [a - b for a, b in itertools.pairwise(train)]
    steady = all(d > 0 for d in downs) and max(downs) < 2 * min(downs)
    if not steady or not FLAT < -_change(train) < SLOW:
        return None
    return f"it improves steadily but slowly ({_from_to(recent, name)}): try alpha *3, or probe"


def _plateau(chain: Sequence[Epoch], metric: Metric, train: Sequence[float]) -> str | None:
    losses = [metric.goal.loss(e.values[metric.name]) for e in chain]
    best = min(range(len(losses)), key=losses.__getitem__)
    idle = len(losses) - 1 - best
    if idle < WINDOW or _change(train) < -FLAT:
        return None
    value = number(chain[best].values[metric.name])
    return (
        f"no better {metric.name} for {idle} epochs (best {value} "
        f"at epoch {chain[best].position.epoch}): try alpha /3, or back best"
    )
