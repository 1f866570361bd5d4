"""Writing a config: it reads back equal, and tells which changes matter."""

from pathlib import Path

import pytest

from hpsearch.config import (
    Config,
    best_config,
    differences,
    dump,
    identity,
    load_text,
)
from hpsearch.records import Hparams, State, Trial, TrialResult

FULL = """
name: full
seed: 7
data: {path: letters.csv, target: -1, dev: dev.csv, test: 0.1, ignore: [id, 2], delimiter: ";",
       header: false, missing: impute, split: order, standardize: false}
epochs: 3
metric: {name: dev_accuracy, pick: last}
parameters:
  beta2: {min: 0.99, max: 0.9999, scale: 1-beta, when: {optimizer: adam}}
  alpha: {min: 1e-5, max: 1, scale: log, tier: 1, count: 4}
  hidden_units: {min: 50, max: 100, type: int, step: 10}
  optimizer: {values: [momentum, adam]}
  activation: relu
  l2: {value: 1e-7, when: {optimizer: momentum}}
  batch_norm: true
search: {strategy: successive-halving, max_trials: 12, lookahead: 3, eta: 4, early_stop: none}
run: {workers: 2, threads: 2, time_limit: 90, checkpoint_every: 0.5}
"""
COMMAND = """
trainable: {command: "train --b2={beta2} '{kind}'"}
parameters:
  kind: {values: ["on", "010", "1e-4", "a: b", "it's \\"x\\" 😀", adam]}
  beta2: {min: 0.99, max: 0.9999, scale: 1-beta, when: {kind: adam}}
"""


def read(text: str, *overrides: str) -> Config:
    return load_text(text, "f.yaml", Path("/project"), "f", overrides).config


def elsewhere(text: str) -> Config:
    return load_text(text, "g.yaml", Path("/another/folder"), "g").config


@pytest.mark.parametrize(
    "text", [FULL, COMMAND, "trainable: a.b:C\nparameters: {w: {min: 0, max: 1}}"]
)
def test_a_dumped_config_reads_back_equal_from_anywhere(text: str) -> None:
    config = read(text)
    assert elsewhere(dump(config)) == config
    assert dump(elsewhere(dump(config))) == dump(config)
    assert list(elsewhere(dump(config)).parameters) == list(config.parameters)


def test_a_dump_of_what_is_usual_warns_of_nothing() -> None:
    config = read("data: digits\nparameters: {alpha: {min: 1e-4, max: 1, scale: log}}")
    assert load_text(dump(config), "f.yaml", Path("/project"), "f").warnings == []


def test_a_dump_names_every_value() -> None:
    config = read("data: digits\nparameters: {alpha: {min: 1e-5, max: 1, scale: log}, l2: 0}")
    assert (
        dump(config)
        == """\
name: f
seed: 0
data:
  path: digits
  target: null
  task: classification
  dev: 0.2
  test: null
  folds: null
  ignore: []
  delimiter: null
  header: null
  decimal: null
  categorical: []
  na_values: null
  missing: refuse
  split: stratified
  standardize: true
trainable: network
epochs: 30
metric: {name: dev_error, goal: minimize, pick: best}
parameters:
  alpha: {min: 1e-05, max: 1, scale: log, type: float}
  l2: 0
search:
  strategy: coarse-to-fine
  max_trials: 60
  lookahead: 8
  max_failures: null
  patience: null
  target: null
  timeout: null
  until: null
  early_stop: cautious
  eta: 3
  repeats: 1
  average: mean
  confirm: null
run:
  workers: null
  threads: 1
  kernels: auto
  engine: loky
  gpus: null
  trials_per_gpu: 1
  address: null
  time_limit: null
  memory_limit: null
  retries: 0
  retry_on: null
  log_limit: 10
  checkpoint_every: 30
"""
    )


@pytest.mark.parametrize(
    "option",
    [
        "name=other",
        "search.max_trials=99",
        "run.workers=1",
        "run.time_limit=3",
        "run.log_limit=3",
        "run.memory_limit=2GB",
        "run.retries=2",
        "run.retry_on=reset",
        "search.max_failures=3",
        "search.patience=3",
        "search.target=0.1",
        "search.timeout=2h",
        "search.until='08:00'",
        "run.checkpoint_every=3",
        "parameters.alpha.max=1.0",
    ],
)
def test_what_does_not_change_the_trials(option: str) -> None:
    assert differences(read(FULL), read(FULL, option)) == []
    assert identity(read(FULL)) == identity(read(FULL, option))


@pytest.mark.parametrize(
    ("option", "lines"),
    [
        ("seed=8", ["seed: 7 -> 8"]),
        ("parameters.alpha.max=0.1", ["parameters.alpha.max: 1 -> 0.1"]),
        ("run.threads=1", ["run.threads: 2 -> 1"]),
        ("data.dev=0.3", ["data.dev: /project/dev.csv -> 0.3"]),
        ("search.lookahead=4", ["search.lookahead: 3 -> 4"]),
        ("metric.pick=best", ["metric.pick: last -> best"]),
        ("parameters.dropout=0.5", ["parameters.dropout: (not there) -> 0.5"]),
        ("parameters.activation=tanh", ["parameters.activation: relu -> tanh"]),
        (
            "parameters.activation={values: [relu, tanh]}",
            ["parameters.activation: relu -> {values: [relu, tanh]}"],
        ),
        (
            "parameters.hidden_units=64",
            [
                "parameters.hidden_units: {min: 50, max: 100, scale: linear, type: int, step: 10}"
                " -> 64"
            ],
        ),
    ],
)
def test_what_changes_the_trials(option: str, lines: list[str]) -> None:
    assert differences(read(FULL), read(FULL, option)) == lines
    assert identity(read(FULL)) != identity(read(FULL, option))


def test_the_order_of_the_searched_parameters_matters_and_of_the_fixed_ones_does_not() -> None:
    start = "trainable: a.b:C\nparameters: "
    a, b = (
        read(start + "{v: {min: 0, max: 1}, w: 1, x: 2}"),
        read(start + "{x: 2, w: 1, v: {min: 0, max: 1}}"),
    )
    assert differences(a, b) == []
    a, b = (
        read(start + "{v: {min: 0, max: 1}, w: {min: 0, max: 1}}"),
        read(start + "{w: {min: 0, max: 1}, v: {min: 0, max: 1}}"),
    )
    assert differences(a, b) == ["order: [v, w] -> [w, v]"]


def test_true_is_not_one() -> None:
    start = "trainable: a.b:C\nparameters: "
    assert differences(read(start + "{w: 1}"), read(start + "{w: true}")) == [
        "parameters.w: 1 -> true"
    ]
    assert differences(
        read(start + "{w: {values: [1, 2]}}"), read(start + "{w: {values: [true, 2]}}")
    ) == ["parameters.w.values: [1, 2] -> [true, 2]"]


def result(hparams: Hparams) -> TrialResult:
    trial = Trial(index=3, seed=1, hparams=hparams, unit=(), round=1, origin="explore")
    return TrialResult(
        trial=trial,
        state=State.DONE,
        value=0.912345,
        best_epoch=2,
        epochs=3,
        curves={},
        error=None,
        seconds=1.0,
    )


def test_the_best_config_trains_one_trial_of_constants() -> None:
    hparams: Hparams = {
        "alpha": 1e-5,
        "hidden_units": 70,
        "optimizer": "momentum",
        "activation": "relu",
    }
    text = best_config(read(FULL), result(hparams), "full")
    first, second, third, *_ = text.splitlines()
    assert first == "# The best trial of the run full, number 3: dev_accuracy 0.9123."
    assert "may differ" in second
    assert third == "# Bit for bit: hpsearch retest full --trial 3"
    assert load_text(text, "best.yaml", Path("/project"), "best").warnings == []
    best = elsewhere(text)
    assert best.name == "full-best"
    assert best.search.max_trials == 1
    assert best.space().dimensions == 0
    assert best.space().decode([]) == hparams
    assert (best.seed, best.epochs, best.metric) == (7, 3, read(FULL).metric)
    assert best.data == read(FULL).data


def test_the_best_config_of_a_command_keeps_the_names_in_its_braces() -> None:
    best = elsewhere(best_config(read(COMMAND), result({"kind": "on"}), "x"))
    assert best.space().decode([]) == {"kind": "on"}
    assert best.trainable == read(COMMAND).trainable


def test_the_best_configs_name_is_a_name_too() -> None:
    best = best_config(read(FULL), result({"alpha": 0.1}), "n" * 64)
    assert elsewhere(best).name == "n" * 59 + "-best"
