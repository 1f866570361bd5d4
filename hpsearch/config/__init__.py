"""YAML to a typed config, every error with its file, line and column."""

from hpsearch.config.arguments import load_arguments
from hpsearch.config.load import Loaded, load_config, load_text
from hpsearch.config.model import (
    TOP_LEVEL,
    Config,
    MetricConfig,
    OptunaConfig,
    RunConfig,
    SearchConfig,
    TrainableConfig,
)
from hpsearch.config.overrides import Option
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.recorded import recorded_facts, recorded_text
from hpsearch.config.schema import json_schema
from hpsearch.config.starter import starter_config
from hpsearch.config.write import best_config, differences, dump, identity

__all__ = [
    "TOP_LEVEL",
    "Config",
    "Loaded",
    "MetricConfig",
    "Option",
    "OptunaConfig",
    "ParameterConfig",
    "RunConfig",
    "SearchConfig",
    "TrainableConfig",
    "best_config",
    "differences",
    "dump",
    "identity",
    "json_schema",
    "load_arguments",
    "load_config",
    "load_text",
    "recorded_facts",
    "recorded_text",
    "starter_config",
]
