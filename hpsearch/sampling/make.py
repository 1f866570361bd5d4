"""Strategies by their names in the config."""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.errors import UsageError
from hpsearch.records import Value
from hpsearch.sampling.coarse_to_fine import CoarseToFine
from hpsearch.sampling.cutoffs import RULES
from hpsearch.sampling.grid import GridSearch
from hpsearch.sampling.optuna_search import OptunaSearch
from hpsearch.sampling.points import PointList
from hpsearch.sampling.random_search import RandomSearch
from hpsearch.sampling.sobol import SobolSearch
from hpsearch.sampling.strategy import Strategy
from hpsearch.sampling.successive_halving import successive_halving
from hpsearch.space import Space

STRATEGIES = (
    "coarse-to-fine",
    "boxes",
    "random",
    "sobol",
    "grid",
    "successive-halving",
    "optuna",
)
EARLY_STOPS = tuple(RULES)


def size_of(name: str, space: Space, counts: Mapping[str, int] | None = None) -> int | None:
    """After how many trials a strategy has tried every point; ``None`` if it never has.

    The same as the ``size`` of the strategy, which need not be made for it.
    """
    if name == "sobol":
        return None
    if name == "grid":
        return GridSearch(space, 1, 1, RULES["none"], counts or {}).size
    points = PointList.of_all(space)
    return points.size if points else None


def make_strategy(
    name: str,
    space: Space,
    seed: int,
    lookahead: int,
    epochs: int,
    *,
    early_stop: str = "cautious",
    counts: Mapping[str, int] | None = None,
    eta: int = 3,
    sampler: str = "TPESampler",
    arguments: Mapping[str, Value] | None = None,
) -> Strategy:
    """The strategy with a name.

    Args:
        name: one of ``STRATEGIES``.
        space: what to search.
        seed: of every random number that the strategy draws.
        lookahead: D >= 1; trial i is proposed from the results of trials 0 … i - D.
        epochs: of a trial that is not stopped.
        early_stop: when to give up a trial: ``none``, ``cautious`` or ``bold``; without effect on
            successive halving, which is such a rule itself.
        counts: for a grid, how many values of a parameter to try, by its name.
        eta: for successive halving, of how many trials one goes on at each rung; from 2.
        sampler: for Optuna, the class of the sampler.
        arguments: for Optuna, what the sampler is made with.

    Raises:
        UsageError: a name is unknown, a grid lacks a count, an optional package is not installed,
            or Optuna cannot make the sampler.
    """
    for what, given, allowed in (
        ("search.strategy", name, STRATEGIES),
        ("search.early_stop", early_stop, EARLY_STOPS),
    ):
        if given not in allowed:
            raise UsageError(f"{what}: must be one of {', '.join(allowed)}; it is {given}")
    assert lookahead >= 1
    rule = RULES[early_stop]
    if name == "random":
        return RandomSearch(space, seed, lookahead, epochs, rule)
    if name == "successive-halving":
        return RandomSearch(space, seed, lookahead, epochs, successive_halving(eta))
    if name == "sobol":
        return SobolSearch(space, seed, lookahead, epochs, rule)
    if name == "grid":
        return GridSearch(space, lookahead, epochs, rule, counts or {})
    if name == "optuna":
        return OptunaSearch(
            space, seed, lookahead, epochs, rule, sampler=sampler, arguments=arguments or {}
        )
    return CoarseToFine(space, seed, lookahead, epochs, rule, smooth=name == "coarse-to-fine")
