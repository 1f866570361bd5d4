"""Cut-offs: after which epoch a trial has disappointed enough to be stopped.

A trial carries its cut-offs from the moment it is proposed, so when it is stopped depends on
its index and its own curve alone, never on which other trial happened to end first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hpsearch.sampling.history import History

Cutoffs = dict[int, float]
"""Epoch, from 1, to the worst loss so far with which a trial may go on after it."""

CutoffRule = Callable[[History], Cutoffs]

GRACE = 0.1  # share of the epochs in which nothing is judged
LEAST_FINISHED = 12  # trials to learn from before anything is judged


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
    curves = history.finished_curves
    if len(curves) < LEAST_FINISHED:
        return {}
    epochs = curves.shape[1]
    first = max(1, round(GRACE * epochs))
    final = curves[:, -1]
    improvement = (curves - final[:, None]).max(axis=0)
    goal = float(np.median(final))
    return {e: goal + max(0.0, float(improvement[e - 1])) for e in range(first, epochs)}


RULES: dict[str, CutoffRule] = {"none": none, "cautious": cautious}
