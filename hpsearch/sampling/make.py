"""Strategies by their names in the config."""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.errors import UsageError
from hpsearch.sampling.coarse_to_fine import CoarseToFine
from hpsearch.sampling.cutoffs import RULES
from hpsearch.sampling.grid import GridSearch
from hpsearch.sampling.random_search import RandomSearch
from hpsearch.sampling.sobol import SobolSearch
from hpsearch.sampling.strategy import Strategy
from hpsearch.space import Space

STRATEGIES = ("coarse-to-fine", "random", "grid", "sobol")
METHODS = ("fit", "boxes")
EARLY_STOPS = tuple(RULES)


def make_strategy(
    name: str,
    space: Space,
    seed: int,
    lookahead: int,
    epochs: int,
    *,
    method: str = "fit",
    early_stop: str = "cautious",
    counts: Mapping[str, int] | None = None,
) -> Strategy:
    """The strategy with a name.

    Args:
        name: one of ``STRATEGIES``.
        space: what to search.
        seed: of every random number that the strategy draws.
        lookahead: D >= 1; trial i is proposed from the results of trials 0 … i - D.
        epochs: of a trial that is not stopped.
        method: how coarse-to-fine picks among the points in its boxes: ``fit`` or ``boxes``.
        early_stop: when to give up a trial: ``none``, ``cautious`` or ``bold``.
        counts: for a grid, how many values of a parameter to try, by its name.

    Raises:
        UsageError: a name is unknown, a grid lacks a count, or Sobol lacks SciPy.
    """
    for what, given, allowed in (
        ("search.strategy", name, STRATEGIES),
        ("search.method", method, METHODS),
        ("search.early_stop", early_stop, EARLY_STOPS),
    ):
        if given not in allowed:
            raise UsageError(f"{what}: must be one of {', '.join(allowed)}; it is {given}")
    assert lookahead >= 1
    rule = RULES[early_stop]
    if name == "random":
        return RandomSearch(space, seed, lookahead, epochs, rule)
    if name == "grid":
        return GridSearch(space, lookahead, epochs, rule, counts or {})
    if name == "sobol":
        return SobolSearch(space, seed, lookahead, epochs, rule)
    return CoarseToFine(space, seed, lookahead, epochs, rule, smooth=method == "fit")
