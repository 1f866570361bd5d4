"""The JSON Schema agrees with the loader, and the starter with both."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hpsearch.config import dump, load_text
from hpsearch.config.schema import json_schema
from hpsearch.config.starter import starter_config
from hpsearch.config.strict_yaml import parse
from hpsearch.errors import ConfigError
from hpsearch.network.hyperparameters import HYPERPARAMETERS

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
NETWORK = "data: digits\nparameters: "
SKLEARN = "data: digits\ntrainable: {sklearn: "
OBJECT = "trainable: q.py:J\nparameters: "

GOOD = [
    starter_config("schema.json"),
    NETWORK + "{alpha: 0.1}",
    NETWORK + "{alpha: {min: 1e-4, max: 1, scale: log, tier: 1}}",
    NETWORK + "{layers: {values: [1, 2, 3]}}\nmetric: dev_accuracy",
    NETWORK + "{optimizer: {values: [adam, sgd]}, beta2: {value: 0.9, when: {optimizer: [adam]}}}",
    NETWORK + "{layers: {min: 1, max: 3, type: int}, l2: {value: 0, when: {layers: '>= 2'}}}",
    NETWORK + "{batch_norm: true}\nmetric: {name: dev_loss, goal: minimize, pick: last}",
    "data: {path: x.csv, target: 3, dev: 0.2, test: y.csv, ignore: [a, 1]}\nparameters: {l2: 0}",
    "data: {path: x.csv, decimal: ',', categorical: [zone, 2], na_values: [NA, -9, 0.5]}\n"
    "parameters: {l2: 0}",
    "data: {path: x.csv, target: c, na_values: []}\nparameters: {l2: 0}",
    OBJECT + "{w: {min: 0, max: 1, step: 0.1, count: 3}, kind: a}\nmetric: loss\nepochs: 3",
    OBJECT + "{w: 1}\nsearch: {strategy: grid}\nrun: {workers: null, time_limit: 3}",
    "trainable: {command: 'x {w}', folder: src}\nparameters: {w: 1}",
    "trainable: {object: 'a.b:c', folder: src}\nparameters: {w: 1}",
    "trainable: {command: 'x {w}'}\nparameters: {w: {min: 1, max: 9, type: int}}",
    OBJECT + "{w: 1}\nsearch: {strategy: successive-halving, eta: 2}",
    OBJECT + "{w: 1}\nsearch: {strategy: {optuna: TPESampler, multivariate: true}}",
]

ESTIMATORS = [
    "data: {path: digits, folds: 5}\ntrainable: {sklearn: SVC}\nparameters: {C: 1}",
    SKLEARN + "[StandardScaler, SVC]}\nparameters: {svc__C: 1}\nmetric: accuracy",
    SKLEARN + "{scale: StandardScaler, model: SVC}}\nparameters: {model__C: 1}",
]
"""The loader asks scikit-learn about these."""

BAD = [
    SKLEARN + "SVC, folds: 5}\nparameters: {C: 1}",
    SKLEARN + "[]}\nparameters: {C: 1}",
    "trainable: {sklearn: SVC}\nparameters: {C: 1}",
    "data: digits",
    "parameters: {alpha: 0.1}",
    NETWORK + "{}",
    NETWORK + "[alpha]",
    NETWORK + "{alhpa: 0.1}",
    NETWORK + "{alpha: }",
    NETWORK + "{alpha: [0.1]}",
    NETWORK + "{alpha: {min: 1}}",
    NETWORK + "{alpha: {min: 1, max: }}",
    NETWORK + "{alpha: {low: 1, high: 2}}",
    NETWORK + "{alpha: {min: 1, max: 2, scale: lgo}}",
    NETWORK + "{alpha: {values: [1, 2], min: 1, max: 2}}",
    NETWORK + "{alpha: {values: []}}",
    NETWORK + "{alpha: {values: [1]}}",
    NETWORK + "{alpha: {values: [1, 1]}}",
    NETWORK + "{alpha: {min: true, max: 2}}",
    NETWORK + "{alpha: {min: 1, max: 2, tier: 4}}",
    NETWORK + "{alpha: {min: 1, max: 2, step: 0}}",
    NETWORK + "{alpha: {min: 1, max: 2, when: adam}}",
    NETWORK + "{optimizer: adm}",
    NETWORK + "{optimizer: {values: [adam, adm]}}",
    NETWORK + "{alpha: 0.1}\nseed: -1",
    NETWORK + "{alpha: 0.1}\nepochs: 1.5",
    NETWORK + "{alpha: 0.1}\nfoo: 1",
    NETWORK + "{alpha: 0.1}\nname: a b",
    NETWORK + "{alpha: 0.1}\nmetric: f1",
    NETWORK + "{alpha: 0.1}\nmetric: {name: f1}",
    NETWORK + "{alpha: 0.1}\nmetric: {gaol: minimize}",
    NETWORK + "{alpha: 0.1}\nsearch: {strategy: bayes}",
    NETWORK + "{alpha: 0.1}\nsearch: {max_trials: 0}",
    NETWORK + "{alpha: 0.1}\nsearch: random",
    NETWORK + "{alpha: 0.1}\nsearch: {strategy: {sampler: TPESampler}}",
    NETWORK + "{alpha: 0.1}\nsearch: {strategy: {optuna: 3}}",
    NETWORK + "{alpha: 0.1}\nsearch: {strategy: {optuna: TPESampler, gamma: [1]}}",
    NETWORK + "{alpha: 0.1}\nsearch: {strategy: successive-halving, eta: 1}",
    NETWORK + "{alpha: 0.1}\nrun: {workers: 0}",
    NETWORK + "{alpha: 0.1}\nrun: {time_limit: 0}",
    NETWORK + "{alpha: 0.1}\nrun: {engine: spark}",
    "data: mnist\nparameters: {alpha: 0.1}",
    "data: {target: x}\nparameters: {alpha: 0.1}",
    "data: {path: x.csv, dev: 20}\nparameters: {alpha: 0.1}",
    "data: {path: x.csv, decimal: ';'}\nparameters: {alpha: 0.1}",
    "data: {path: x.csv, categorical: zone}\nparameters: {alpha: 0.1}",
    "data: {path: x.csv, na_values: NA}\nparameters: {alpha: 0.1}",
    "data: digits\n" + OBJECT + "{w: 1}",
    OBJECT + "{9w: 1}",
    "trainable: train.py\nparameters: {w: 1}",
    "trainable: {cmd: x}\nparameters: {w: 1}",
    "trainable: 3\nparameters: {w: 1}",
]


def complaints(text: str) -> list[str]:
    return [e.message for e in VALIDATOR.iter_errors(parse(text, "f.yaml").values)]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", GOOD)
def test_good_configs_as_written_and_as_dumped(text: str) -> None:
    config = load_text(text, "f.yaml", Path("/project"), "f").config
    assert complaints(text) == []
    assert complaints(dump(config)) == []


@pytest.mark.parametrize("text", ESTIMATORS)
def test_estimators_as_written_and_as_dumped(text: str) -> None:
    assert complaints(text) == []
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    assert complaints(dump(load_text(text, "f.yaml", Path("/project"), "f").config)) == []


@pytest.mark.parametrize("text", BAD)
def test_bad_configs(text: str) -> None:
    assert complaints(text)
    with pytest.raises(ConfigError):
        load_text(text, "f.yaml", Path("/project"), "f")


def without_description(schema: Any, path: str = "") -> list[str]:
    """The paths of the properties that an editor could tell nothing about."""
    silent = []
    if isinstance(schema, dict):
        for name, inner in (schema.get("properties") or {}).items():
            is_described = inner is False or "description" in inner or "$ref" in inner
            # The conditional part narrows what is described elsewhere.
            if not is_described and not path.startswith(".then"):
                silent.append(f"{path}.{name}")
        for key, inner in schema.items():
            silent += without_description(inner, f"{path}.{key}")
    elif isinstance(schema, list):
        for inner in schema:
            silent += without_description(inner, path)
    return silent


def test_every_key_has_a_description() -> None:
    assert without_description({k: v for k, v in SCHEMA.items() if k not in ("if", "else")}) == []


def test_the_networks_hyperparameters_are_offered() -> None:
    offered = SCHEMA["then"]["properties"]["parameters"]["properties"]
    assert {name: entry["description"] for name, entry in offered.items()} == {
        name: known.doc for name, known in HYPERPARAMETERS.items()
    }


def test_the_starter_runs_without_a_warning_and_says_where_its_schema_is() -> None:
    text = starter_config("./hpsearch.schema.json")
    assert text.startswith("# yaml-language-server: $schema=./hpsearch.schema.json\n")
    loaded = load_text(text, "f.yaml", Path("/project"), "f")
    assert loaded.warnings == []
    assert loaded.config.data is not None
    assert loaded.config.data.path == "digits"
