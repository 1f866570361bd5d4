"""Successive halving: train many a little, and only the best of them for long.

    epochs = 30, eta = 3:   every trial trains 1 epoch,
                            the best third of them 3 epochs,
                            the best third of those 10,
                            the best third of those 30

The epochs in between are *rungs*. The points are those of random search. Each trial is judged when
it reaches a rung, against those that reached it before, so no trial waits for a rung to fill. This
is asynchronous successive halving (ASHA) in its stopping variant.

It differs from ASHA in two ways. There a trial that waits at a rung may be promoted later, when
worse ones have come; here it goes on or is stopped at the rung, and that is final. And a trial's
cut-offs are fixed when it is proposed, from the results of trials 0 … i - lookahead. So the first
``lookahead`` trials are trained to the end, and the next ones are compared with few others. In
return the same trials are stopped at the same epochs, however many workers there are.

Source: Li et al., "A System for Massively Parallel Hyperparameter Tuning", 2020.
"""

from __future__ import annotations

import numpy as np

from hpsearch.sampling.cutoffs import CutoffRule, Cutoffs
from hpsearch.sampling.history import History
from hpsearch.sampling.random_search import RandomSearch
from hpsearch.sampling.sampler import Options


def rungs(epochs: int, eta: int) -> list[int]:
    """The epochs after which a trial is judged, the last rung first.

    >>> rungs(30, 3)
    [10, 3, 1]
    """
    after = []
    while (epochs := epochs // eta) >= 1:
        after.append(epochs)
    return after


class SuccessiveHalving(RandomSearch):
    """Random points, and the rule of the module's head."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.cutoff_rule = successive_halving(options.eta)


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
