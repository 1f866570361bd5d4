"""YAML to a typed config, every error with its file, line and column.

The names below come from their modules when they are first asked for: ``hpsearch init`` wants the
starter alone, and not NumPy, which the model needs for its scales.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpsearch.config.arguments import load_arguments as load_arguments
    from hpsearch.config.load import Loaded as Loaded
    from hpsearch.config.load import load_config as load_config
    from hpsearch.config.load import load_text as load_text
    from hpsearch.config.load import read_document as read_document
    from hpsearch.config.model import TOP_LEVEL as TOP_LEVEL
    from hpsearch.config.model import Config as Config
    from hpsearch.config.model import MetricConfig as MetricConfig
    from hpsearch.config.model import OptunaConfig as OptunaConfig
    from hpsearch.config.model import RunConfig as RunConfig
    from hpsearch.config.model import SearchConfig as SearchConfig
    from hpsearch.config.model import TrainableConfig as TrainableConfig
    from hpsearch.config.overrides import Option as Option
    from hpsearch.config.parameters import ParameterConfig as ParameterConfig
    from hpsearch.config.recorded import recorded_facts as recorded_facts
    from hpsearch.config.recorded import recorded_text as recorded_text
    from hpsearch.config.schema import json_schema as json_schema
    from hpsearch.config.starter import starter_config as starter_config
    from hpsearch.config.strict_yaml import read_value as read_value
    from hpsearch.config.write import as_yaml as as_yaml
    from hpsearch.config.write import best_config as best_config
    from hpsearch.config.write import differences as differences
    from hpsearch.config.write import dump as dump
    from hpsearch.config.write import identity as identity

_NAMES = {
    "arguments": ("load_arguments",),
    "load": ("Loaded", "load_config", "load_text", "read_document"),
    "model": (
        "Config",
        "MetricConfig",
        "OptunaConfig",
        "RunConfig",
        "SearchConfig",
        "TOP_LEVEL",
        "TrainableConfig",
    ),
    "overrides": ("Option",),
    "parameters": ("ParameterConfig",),
    "recorded": ("recorded_facts", "recorded_text"),
    "schema": ("json_schema",),
    "starter": ("starter_config",),
    "strict_yaml": ("read_value",),
    "write": ("as_yaml", "best_config", "differences", "dump", "identity"),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A name of the list, from its module."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_MODULE_OF)
