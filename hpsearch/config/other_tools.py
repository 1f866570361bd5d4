"""Whose file was given as a config: that of NNI or Hydra, which `hpsearch import` translates.

Read as a config, such a file would be told of each of its words, and that data is missing. Sweeps
of Weights & Biases are nearer to our own configs: see :mod:`hpsearch.config.sweeps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NNI_SPACES = ("searchSpace", "search_space")
HYDRA_SWEEPER = ("hydra", "sweeper")
HYDRA_SPACES = ("params", "search_space")

_OURS = ("data", "trainable", "search", "parameters")


def is_nni(values: Mapping[str, Any]) -> bool:
    """Whether a file is an experiment of NNI, or a search space of its own.

    >>> is_nni({"lr": {"_type": "uniform", "_value": [0, 1]}}), is_nni({"lr": 0.1})
    (True, False)
    """
    if any(isinstance(values.get(key), dict) for key in NNI_SPACES):
        return True
    return bool(values) and all(isinstance(v, dict) and "_type" in v for v in values.values())


def is_hydra(values: Mapping[str, Any]) -> bool:
    """Whether a file is a config of Hydra that says what to sweep over."""
    return any(isinstance(hydra_sweeper(values).get(key), dict) for key in HYDRA_SPACES)


def hydra_sweeper(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of the sweeper in a config of Hydra; empty if there are none."""
    inside: Any = values
    for key in HYDRA_SWEEPER:
        inside = inside.get(key) if isinstance(inside, dict) else None
    return inside if isinstance(inside, dict) else {}


def tool_of(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """What a file is, and the key that shows it; ``None`` if it may be a config of ours.

    >>> tool_of({"searchSpace": {"lr": {}}, "trialCommand": "python t.py"})
    ('an NNI experiment', 'searchSpace')
    """
    if any(key in values for key in _OURS):
        return None
    if is_nni(values):
        key = next((key for key in NNI_SPACES if key in values), None)
        return ("an NNI experiment", key) if key else ("an NNI search space", next(iter(values)))
    return ("a Hydra config", HYDRA_SWEEPER[0]) if is_hydra(values) else None
