"""Strategies: which point to train next, as pure functions of seed and history."""

from hpsearch.sampling.make import STRATEGIES, make_strategy
from hpsearch.sampling.strategy import Explanation, Observation, Proposal, Strategy, Unit

__all__ = [
    "STRATEGIES",
    "Explanation",
    "Observation",
    "Proposal",
    "Strategy",
    "Unit",
    "make_strategy",
]
