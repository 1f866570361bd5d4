"""The strategies by the names that a config has for them: the one table of them.

Config, schema, starter and :func:`hpsearch.sampling.make.make_strategy` follow it. A strategy is
named by where it is, so that this file imports nothing, and the config may read it at once.
"""

from __future__ import annotations

from collections.abc import Mapping

SAMPLERS: Mapping[str, str] = {
    "coarse-to-fine": "hpsearch.sampling.coarse_to_fine:CoarseToFine",
    "boxes": "hpsearch.sampling.coarse_to_fine:BoxSearch",
    "random": "hpsearch.sampling.random_search:RandomSearch",
    "sobol": "hpsearch.sampling.sobol:SobolSearch",
    "grid": "hpsearch.sampling.grid:GridSearch",
    "successive-halving": "hpsearch.sampling.successive_halving:SuccessiveHalving",
    "optuna": "hpsearch.sampling.optuna_search:OptunaSearch",
}
"""``module:class`` of the sampler of each strategy."""

STRATEGIES = tuple(SAMPLERS)
NAMED = tuple(name for name in STRATEGIES if name != "optuna")
"""Those that a config gives by their name alone; Optuna's samplers are given as a mapping."""
