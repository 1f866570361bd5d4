"""Strategies made by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from hpsearch.errors import UsageError
from hpsearch.records import Value
from hpsearch.sampling.beginning import Beginning, beginning
from hpsearch.sampling.cutoffs import RULES
from hpsearch.sampling.given import First
from hpsearch.sampling.sampler import Options, Sampler, SamplerWithCutoffs
from hpsearch.sampling.strategy import Observation, Strategy
from hpsearch.sampling.table import SAMPLERS, STRATEGIES
from hpsearch.space import Space

EARLY_STOPS = tuple(RULES)


def size_of(
    name: str,
    space: Space,
    counts: Mapping[str, int] | None = None,
    starts: Sequence[First] = (),
    likely: Mapping[str, Sequence[Value]] | None = None,
) -> int | None:
    """After how many trials a strategy has tried every point; ``None`` if it never has.

    The same as the ``size`` of the strategy, which need not be made for it.
    """
    options = Options(space, seed=0, counts=counts or {}, starts=starts, likely=likely or {})
    return _sampler_class(name).size_for(options)


def begins_with(
    name: str,
    space: Space,
    lookahead: int,
    starts: Sequence[First],
    likely: Mapping[str, Sequence[Value]],
) -> list[First]:
    """The trials of a strategy that come before its own."""
    options = Options(space, 0, lookahead, starts=starts, likely=likely)
    return beginning(options, _sampler_class(name))


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
    starts: Sequence[First] = (),
    likely: Mapping[str, Sequence[Value]] | None = None,
    goals: int = 1,
    limits: int = 0,
    known: Sequence[Observation] = (),
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
        starts=starts,
        likely=likely or {},
        goals=goals,
        limits=limits,
        known=known,
    )
    made = _sampler_class(name)(options)
    if options.starts or options.likely or options.known:
        made = Beginning(options, made)
    return SamplerWithCutoffs(made, made.cutoff_rule or RULES[early_stop], options)


def _sampler_class(name: str) -> type[Sampler]:
    module, _, own = SAMPLERS[name].partition(":")
    found: type[Sampler] = getattr(import_module(module), own)
    return found
