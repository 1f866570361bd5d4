"""Strategies: which point to train next, as pure functions of seed and history."""

from hpsearch.sampling.coarse_to_fine import CoarseToFine, Explanation
from hpsearch.sampling.make import STRATEGIES, make_strategy
from hpsearch.sampling.strategy import Observation, Proposal, Strategy, Unit

__all__ = [
    "STRATEGIES",
    "CoarseToFine",
    "Explanation",
    "Observation",
    "Proposal",
    "Strategy",
    "Unit",
    "make_strategy",
]
