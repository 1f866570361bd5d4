"""The config as JSON Schema, for editors: what to write where, while it is written.

Types, bounds, words and descriptions come from the fields of the blocks, so that editor and loader
agree. The short forms (a plain value is a constant, ``data: digits``, ``metric: dev_error``) are
added here. A schema cannot say everything: that ``min`` is below ``max`` is left to the loader.
"""

from __future__ import annotations

from hpsearch.config import recorded
from hpsearch.config.keys import BlockType, Schema, block_schema, described, keys_of
from hpsearch.config.model import (
    Config,
    MetricConfig,
    RunConfig,
    SearchConfig,
)
from hpsearch.config.parameters import ParameterConfig
from hpsearch.config.read_parameters import NAME, NUMBER_KEYS, REPEATED_KEYS
from hpsearch.config.task import NETWORK_METRICS
from hpsearch.data.spec import BUILTIN, DataSpec
from hpsearch.network.hyperparameters import HYPERPARAMETERS, Hyperparameter

PLAIN: Schema = {"type": ["boolean", "number", "string"]}
ANYTHING: Schema = {"type": ["null", "boolean", "number", "string", "array", "object"]}
PARAMETER: Schema = {"$ref": "#/$defs/parameter"}


def json_schema() -> Schema:
    """The schema of a config file, JSON Schema draft 2020-12."""
    own = {name: described(Config, name) for name in ("name", "seed", "epochs")}
    del own["epochs"]["default"]  # it follows from the trainable
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hpsearch config",
        "description": "A search for hyperparameters, from coarse to fine.",
        "type": "object",
        "additionalProperties": False,
        "required": ["parameters"],
        "properties": {
            "name": own["name"],
            "seed": own["seed"],
            "data": _data(),
            "trainable": _trainable(),
            "epochs": own["epochs"],
            "metric": _metric(),
            "parameters": _parameters(),
            "constraints": described(Config, "constraints"),
            "search": _search(),
            "run": block_schema(RunConfig),
            recorded.KEY: {
                "description": "What hpsearch adds in resolved.yaml; it has no effect in a config.",
                "type": "object",
            },
        },
        "if": {"properties": {"trainable": {"const": "network"}}},
        "then": _for_network(),
        "else": {
            "if": {"properties": {"trainable": {"type": "object", "required": ["sklearn"]}}},
            "then": {"required": ["data"]},
            "else": {"properties": {"data": _folds_alone()}},
        },
        "$defs": {"parameter": _parameter(), "when": _when()},
    }


def _folds_alone() -> Schema:
    """All that code of the user's is told of data."""
    folds = described(DataSpec, "folds") | {"type": "integer", "minimum": 2}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["folds"],
        "properties": {"folds": folds},
    }


def _properties(block: BlockType) -> dict[str, Schema]:
    return {name: described(block, name) for name in keys_of(block)}


def _data() -> Schema:
    return {
        "title": "Data",
        "description": "What the network learns from: a built-in data set, or a file.",
        "anyOf": [{"enum": list(BUILTIN)}, block_schema(DataSpec)],
    }


def _trainable() -> Schema:
    command: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["command"],
        "properties": {
            "command": {
                "title": "Command",
                "description": "A command line; {alpha} stands for the parameter alpha.",
                "type": "string",
                "minLength": 1,
                "examples": ["python train.py --lr {alpha}"],
            },
            "folder": {
                "title": "Folder",
                "description": "Where it runs, relative to the config's folder, its default.",
                "type": "string",
                "examples": ["src"],
            },
        },
    }
    reference: Schema = {
        "description": "package.module:object, or path/to/file.py:object",
        "type": "string",
        "pattern": ":",
    }
    placed: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["object"],
        "properties": {
            "object": reference,
            "folder": {
                "title": "Folder",
                "description": "Where the package is; default: Python's path, the config's folder.",
                "type": "string",
                "examples": ["src"],
            },
        },
    }
    return {
        "title": "Trainable",
        "description": "What is trained: the built-in network, an object of yours, a command, or "
        "a scikit-learn estimator.",
        "default": "network",
        "anyOf": [
            {"const": "network"},
            {"const": "told"},
            reference,
            placed,
            command,
            _estimator(),
        ],
    }


def _estimator() -> Schema:
    name: Schema = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["sklearn"],
        "properties": {
            "sklearn": {
                "title": "Estimator",
                "description": "A class of scikit-learn; or the steps of a pipeline, whose "
                "parameters are called step__name.",
                "anyOf": [
                    name,
                    {"type": "array", "minItems": 1, "items": name},
                    {"type": "object", "minProperties": 1, "additionalProperties": name},
                ],
                "examples": [
                    "RandomForestClassifier",
                    {"scale": "StandardScaler", "model": "LogisticRegression"},
                ],
            },
        },
    }


def _search() -> Schema:
    block = block_schema(SearchConfig)
    block["properties"]["start"]["items"]["additionalProperties"] = ANYTHING
    return block


def _metric() -> Schema:
    block = block_schema(MetricConfig)
    for key in ("name", "goal"):
        del block["properties"][key]["default"]  # they follow from the trainable, and the name
    block["properties"] = {name: _without_null(each) for name, each in block["properties"].items()}
    one: list[Schema] = [{"type": "string", "minLength": 1}, block]
    several = {"type": "array", "minItems": 1, "items": {"anyOf": one}}
    return {
        "title": "Metric",
        "description": block["description"],
        "anyOf": [*one, several],
    }


def _parameters() -> Schema:
    return {
        "title": "Parameters",
        "description": "The hyperparameters: fixed by a plain value, or searched.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": PARAMETER,
    }


def _parameter() -> Schema:
    """Each form with its own keys: an editor then offers those that fit."""
    fields = {
        name: _without_null(schema) for name, schema in _properties(ParameterConfig).items()
    } | {"when": {"$ref": "#/$defs/when"}}
    fields["value"] = {**ANYTHING, "description": fields["value"]["description"]}
    fields["values"] |= {"minItems": 2, "uniqueItems": True, "minProperties": 2}
    fields["values"] |= {"type": ["array", "object"], "items": ANYTHING}
    fields["likely"] = {**fields["likely"], **ANYTHING}
    forms: tuple[tuple[str, list[str], list[str]], ...] = (
        ("Fixed", ["value"], []),
        ("Choice", ["values"], ["ordered", "likely", *REPEATED_KEYS]),
        ("Number", ["min", "max"], [*NUMBER_KEYS[2:], "likely", *REPEATED_KEYS]),
    )
    objects = [
        {
            "title": title,
            "type": "object",
            "additionalProperties": False,
            "required": required,
            "properties": {key: fields[key] for key in (*required, *optional, "when", "tier")},
        }
        for title, required, optional in forms
    ]
    several = {
        "title": "Several",
        "description": "One range for each of several conditions that exclude each other.",
        "type": "array",
        "minItems": 2,
        "items": {**objects[-1], "required": ["min", "max", "when"]},
    }
    return {"anyOf": [PLAIN, *objects, several]}


def _when() -> Schema:
    return {
        "description": _properties(ParameterConfig)["when"]["description"],
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [PLAIN, {"type": "array", "minItems": 1, "items": PLAIN}],
        },
    }


def _without_null(schema: Schema) -> Schema:
    """A parameter's keys are left out rather than null."""
    schema = {key: value for key, value in schema.items() if value is not None}
    parts = [part for part in schema.pop("anyOf", []) if part != {"type": "null"}]
    if len(parts) > 1:
        schema["anyOf"] = parts
    return schema | (parts[0] if len(parts) == 1 else {})


def _for_network() -> Schema:
    named = {"enum": list(NETWORK_METRICS)}
    one = [named, {"type": "object", "properties": {"name": named}}]
    return {
        "required": ["data"],
        "properties": {
            "metric": {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}]},
            "parameters": {
                "properties": {name: _hyperparameter(h) for name, h in HYPERPARAMETERS.items()},
                "propertyNames": {"enum": list(HYPERPARAMETERS)},
            },
        },
    }


def _hyperparameter(known: Hyperparameter) -> Schema:
    """One of the network's, with its words if it is chosen by name."""
    schema = {**PARAMETER, "title": known.name, "description": known.doc}
    if known.choices:
        words = {"enum": list(known.choices)}
        inside = {"value": words, "values": {"items": words}}
        schema["anyOf"] = [words, {"type": "object", "properties": inside}]
    return schema
