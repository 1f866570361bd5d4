"""A space in Python: each helper gives what the YAML would say of a parameter.

    {"alpha": hpsearch.log(1e-4, 1), "beta": hpsearch.one_minus(0.9, 0.999), "layers": [1, 2, 3]}

A list is a choice, a plain value is fixed, and a dict is taken as the YAML's own form, so whatever
a config can say can be said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Parameter = dict[str, Any]
"""A parameter as the YAML has it, such as ``{"min": 1e-4, "max": 1, "scale": "log"}``."""


def log(min: float, max: float, **more: Any) -> Parameter:  # noqa: A002 - the config's words
    """A number whose logarithm is drawn evenly, such as a learning rate.

    ``more`` is any other key of a parameter: ``step``, ``type="int"``, ``when={"optimizer":
    "adam"}``, ``tier=1`` …

    >>> log(1e-4, 1)
    {'min': 0.0001, 'max': 1, 'scale': 'log'}
    """
    return {"min": min, "max": max, "scale": "log", **more}


def one_minus(min: float, max: float, **more: Any) -> Parameter:  # noqa: A002
    """A number near 1 whose distance from 1 is drawn on a log scale, such as a momentum.

    Half of the draws of ``one_minus(0.9, 0.999)`` lie above 0.99. ``more``: see :func:`log`.
    """
    return {"min": min, "max": max, "scale": "1-beta", **more}


def linear(min: float, max: float, **more: Any) -> Parameter:  # noqa: A002
    """A number that is drawn evenly; ``type="int"`` for whole ones. ``more``: see :func:`log`."""
    return {"min": min, "max": max, "scale": "linear", **more}


def choice(*values: Any, **more: Any) -> Parameter:
    """One of several values, as a list is; ``more`` is any other key, such as ``when``.

    Values can be of any kind that JSON has. One dict alone gives each a short name for tables.
    ``ordered=True`` says that they are in an order, and makes an axis of them.

    >>> choice("adam", "momentum", tier=2)
    {'values': ['adam', 'momentum'], 'tier': 2}
    >>> choice({"small": [64, 64], "large": [512, 256]}, ordered=True)
    {'values': {'small': [64, 64], 'large': [512, 256]}, 'ordered': True}
    """
    if len(values) == 1 and isinstance(values[0], Mapping):
        return {"values": dict(values[0]), **more}
    return {"values": list(values), **more}


Space = Mapping[str, Any]
"""A search space: for each hyperparameter a helper's answer, a list, or a plain value."""
