"""Cut-offs: after which epoch a trial has disappointed enough to be stopped.

A trial carries its cut-offs from the moment it is proposed, so when it is stopped depends on
its index and its own curve alone, never on which other trial happened to end first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hpsearch.sampling.history import History
from hpsearch.space.parameters import Floats

Cutoffs = dict[int, float]
"""Epoch, from 1, to the worst loss so far with which a trial may go on after it."""

CutoffRule = Callable[[History], Cutoffs]

JUDGED = (3 / 30, 4 / 30, 6 / 30, 8 / 30, 11 / 30, 15 / 30, 20 / 30, 25 / 30)  # of the epochs
LEAST_FINISHED = 12  # trials to learn from before anything is judged
GOOD_SHARE, LEAST_GOOD = 0.25, 8  # whose curves the bold rule holds others against
MARGIN = 0.5  # how far behind the last of them, in distances from their middle to their last


def none(history: History) -> Cutoffs:
    """Train every trial to its end."""
    del history
    return {}


def cautious(history: History) -> Cutoffs:
    """Stop a trial that is beyond hope.

    A trial goes on after epoch e unless even the largest improvement that any finished trial
    made from e on would not bring it to the median of the final losses:

        cut-off(e) = median(final) + max over finished trials of (loss(e) - final)
    """
    curves = _enough_curves(history)
    if curves is None:
        return {}
    final = curves[:, -1]
    improvement = (curves - final[:, None]).max(axis=0)
    return _by_epoch(np.median(final) + np.maximum(0.0, improvement))


def bold(history: History) -> Cutoffs:
    """Stop a trial that is further behind than any good trial ever was.

    The good ones are the best quarter of the finishers, at least eight. A trial goes on after
    epoch e while it is not much behind the last of them at that epoch:

        cut-off(e) = last(e) + 1/2 (last(e) - middle(e))

    A trial that starts slower than all of these and would have overtaken them is lost.
    """
    curves = _enough_curves(history)
    if curves is None:
        return {}
    count = max(LEAST_GOOD, round(GOOD_SHARE * len(curves)))
    good = curves[np.argsort(curves[:, -1], kind="stable")[:count]]
    last, middle = good.max(axis=0), np.median(good, axis=0)
    return _by_epoch(last + MARGIN * (last - middle))


def _enough_curves(history: History) -> Floats | None:
    """The finishers' curves; ``None`` while they are few, or where no epoch is to be judged."""
    if history.curves.shape[1] < 2:
        return None
    curves = history.finished_curves
    return curves if len(curves) >= LEAST_FINISHED else None


def _by_epoch(worst: Floats) -> Cutoffs:
    """A worst loss for each epoch after which trials are judged."""
    epochs = len(worst)
    judged = sorted({max(1, round(share * epochs)) for share in JUDGED})
    return {epoch: float(worst[epoch - 1]) for epoch in judged if epoch < epochs}


RULES: dict[str, CutoffRule] = {"none": none, "cautious": cautious, "bold": bold}
