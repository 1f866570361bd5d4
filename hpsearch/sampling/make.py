"""Strategies by their names in the config: the table in which a new one is one entry."""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.errors import UsageError
from hpsearch.records import Value
from hpsearch.sampling.coarse_to_fine import BoxSearch, CoarseToFine
from hpsearch.sampling.cutoffs import RULES
from hpsearch.sampling.grid import GridSearch
from hpsearch.sampling.optuna_search import OptunaSearch
from hpsearch.sampling.random_search import RandomSearch
from hpsearch.sampling.sampler import Options, Sampler, SamplerWithCutoffs
from hpsearch.sampling.sobol import SobolSearch
from hpsearch.sampling.strategy import Strategy
from hpsearch.sampling.successive_halving import SuccessiveHalving
from hpsearch.space import Space

SAMPLERS: dict[str, type[Sampler]] = {
    "coarse-to-fine": CoarseToFine,
    "boxes": BoxSearch,
    "random": RandomSearch,
    "sobol": SobolSearch,
    "grid": GridSearch,
    "successive-halving": SuccessiveHalving,
    "optuna": OptunaSearch,
}
"""The sampler of each strategy; what a config may name, the schema and the checks follow."""

STRATEGIES = tuple(SAMPLERS)
NAMED = tuple(name for name in STRATEGIES if name != "optuna")
"""Those that a config gives by their name alone; Optuna's samplers are given as a mapping."""
EARLY_STOPS = tuple(RULES)


def size_of(name: str, space: Space, counts: Mapping[str, int] | None = None) -> int | None:
    """After how many trials a strategy has tried every point; ``None`` if it never has.

    The same as the ``size`` of the strategy, which need not be made for it.
    """
    return SAMPLERS[name].size_for(Options(space, seed=0, counts=counts or {}))


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
    """The strategy with a name, one of ``STRATEGIES``.

    ``early_stop`` is when to stop a trial: ``none``, ``cautious`` or ``bold``. It has no effect on
    successive halving, which has a rule of its own. For everything else see :class:`Options`.

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
    options = Options(
        space,
        seed,
        lookahead,
        epochs,
        counts=counts or {},
        eta=eta,
        sampler=sampler,
        arguments=arguments or {},
    )
    made = SAMPLERS[name](options)
    return SamplerWithCutoffs(made, made.cutoff_rule or RULES[early_stop], options)
