"""Successive halving: train many a little, and only the best of them for long.

    epochs = 30, eta = 3:   every trial trains 1 epoch,
                            the best third of them 3 epochs,
                            the best third of those 10,
                            the best third of those 30

The epochs in between are *rungs*. The points are random ones; all that is new is when a trial is
stopped. Each trial is judged as it comes to a rung, against those that were there before it, so
nobody waits for a rung to fill: asynchronous successive halving, the rule called "stopping".

It is not quite the classic. There a trial that waits at a rung may be promoted later, when worse
ones have come; here it is told at the rung whether it goes on, and that is final. And because a
trial's cut-offs are fixed when it is proposed, from the results of trials 0 … i - lookahead, the
first ``lookahead`` trials are trained to the end, and the next ones are judged by few. What that
buys: the same trials are stopped at the same epochs, whatever the workers do.

Source: Li et al., "A System for Massively Parallel Hyperparameter Tuning", 2020.
"""

from __future__ import annotations

import numpy as np

from hpsearch.sampling.cutoffs import CutoffRule, Cutoffs
from hpsearch.sampling.history import History


def rungs(epochs: int, eta: int) -> list[int]:
    """The epochs after which a trial is judged, the last rung first.

    >>> rungs(30, 3)
    [10, 3, 1]
    """
    found = []
    while (epochs := epochs // eta) >= 1:
        found.append(epochs)
    return found


def successive_halving(eta: int) -> CutoffRule:
    """The rule with a reduction factor, a whole number from 2.

    A trial that comes to a rung as number n + 1 goes on if it is among the best (n + 1) // eta of
    them, itself counted:

        cut-off(rung) = the ((n + 1) // eta)-th best of the n losses at the rung

    While n + 1 < eta everybody goes on. A failed or diverged trial counts at the first rung, as
    the worst.
    """
    assert eta >= 2

    def rule(history: History) -> Cutoffs:
        cutoffs: Cutoffs = {}
        judged = sorted(rungs(history.curves.shape[1], eta))
        for rung in judged:
            losses = history.curves[:, rung - 1]
            came = np.sort(losses[np.isfinite(losses)])
            failed = int((~np.isfinite(history.losses)).sum()) if rung == judged[0] else 0
            places = (len(came) + failed + 1) // eta
            if 0 < places <= len(came):
                cutoffs[rung] = float(came[places - 1])
        return cutoffs

    return rule
