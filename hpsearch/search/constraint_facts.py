"""What the constraints of a config leave of its space, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpsearch.config import Config
from hpsearch.sampling.sampler import SamplerWithCutoffs
from hpsearch.sampling.sobol import SobolSearch
from hpsearch.search.proposals import planned_trials, strategy_of
from hpsearch.space.shares import Shares, in_percent, shares
from hpsearch.text import plural


@dataclass(frozen=True)
class ConstraintFacts:
    """The shares of random points that keep the constraints, and what a strategy leaves out."""

    texts: tuple[str, ...]
    shares: Shares
    left_out: str

    @property
    def together(self) -> str:
        """The share that keeps all of them, and what becomes of the rest."""
        share = in_percent(self.shares.together)
        return f"{share} of random points keep them; {self.left_out}"


def constraint_facts(config: Config) -> ConstraintFacts | None:
    """The facts of a config that has constraints.

    Raises:
        UsageError: the strategy cannot keep them, or needs an optional package.
    """
    if not config.constraints:
        return None
    return ConstraintFacts(config.constraints, shares(config.space()), _left_out(config))


def constraint_note(config: Config) -> str | None:
    """The facts as one line; ``None`` where there are no constraints."""
    facts = constraint_facts(config)
    return None if facts is None else f"constraints: {facts.together}"


def _left_out(config: Config) -> str:
    planned = planned_trials(config)
    if config.search.strategy == "grid":
        whole = planned_trials(replace(config, constraints=()))
        return f"{whole - planned:,} of the grid's {plural(whole, 'point')} are left out"
    strategy = strategy_of(config)
    if isinstance(strategy, SamplerWithCutoffs) and isinstance(strategy.sampler, SobolSearch):
        passed = plural(strategy.sampler.passed_over(planned), "point")
        return f"{passed} of the sequence are passed over in {plural(planned, 'trial')}"
    return "a draw that does not is drawn again"
