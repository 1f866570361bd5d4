"""NNI's search spaces and Hydra's sweepers as configs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.config import load_text
from hpsearch.config.strict_yaml import parse
from hpsearch.errors import ConfigError
from hpsearch.importing import hydra, import_config, nni


def config_of(text: str) -> Any:
    return load_text(text, "config.yaml", Path(), "config").config


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('{"_type": "choice", "_value": [16, 32]}', {"values": [16, 32]}),
        # the upper end of randint is left out
        ('{"_type": "randint", "_value": [1, 5]}', {"min": 1, "max": 4, "type": "int"}),
        ('{"_type": "uniform", "_value": [0.5, 1]}', {"min": 0.5, "max": 1}),
        (
            '{"_type": "quniform", "_value": [32, 256, 16]}',
            {"min": 32, "max": 256, "type": "int", "step": 16},
        ),
        (
            '{"_type": "loguniform", "_value": [0.0001, 0.1]}',
            {"min": 0.0001, "max": 0.1, "scale": "log"},
        ),
        (
            '{"_type": "qloguniform", "_value": [1, 100, 1]}',
            {"min": 1, "max": 100, "scale": "log", "type": "int"},
        ),
        ('{"_type": "normal", "_value": [0, 1]}', {"min": -2, "max": 2}),
        ('{"_type": "qnormal", "_value": [0, 1, 0.5]}', {"min": -2.0, "max": 2.0, "step": 0.5}),
        (
            '{"_type": "lognormal", "_value": [0, 1]}',
            {"min": 0.135335, "max": 7.38906, "scale": "log"},
        ),
    ],
)
def test_each_type_of_nni(theirs: str, ours: Any) -> None:
    assert nni.translate(parse(f'{{"x": {theirs}}}', "s.json")).parameters["x"] == ours


@pytest.mark.parametrize(
    ("theirs", "note"),
    [
        ('{"_type": "choice", "_value": [{"_name": "a"}]}', "a choice between spaces"),
        ('{"_type": "cauchy", "_value": [0, 1]}', "the type cauchy is not known"),
        ('{"_type": "uniform", "_value": [0]}', "its _value needs 2 numbers"),
        ('{"_type": "uniform"}', "it has no _type and _value"),
    ],
)
def test_what_nni_has_and_we_have_not(theirs: str, note: str) -> None:
    translation = nni.translate(
        parse(f'{{"y": {{"_type": "choice", "_value": [1]}},\n"x": {theirs}}}', "s.json")
    )
    (said,) = [n for n in translation.notes if note in n.text]
    assert said.position.line == 2


EXPERIMENT = """\
experimentName: mnist
searchSpace:
  lr: {_type: loguniform, _value: [0.0001, 0.1]}
trialCommand: python3 mnist.py --dir '{tmp}'
trialConcurrency: 2
maxTrialNumber: 30
maxExperimentDuration: 1h
tuner: {name: TPE, classArgs: {optimize_mode: minimize}}
"""


def test_an_experiment_of_nni() -> None:
    translation = nni.translate(parse(EXPERIMENT, "experiment.yaml"))
    config = config_of(translation.text())
    assert config.trainable.reference == "python3 mnist.py --dir '{{tmp}}'"
    assert (config.name, config.metric.goal, config.run.workers) == ("mnist", "minimize", 2)
    assert config.search.max_trials == 30
    assert [note.position.line for note in translation.sorted_notes] == [1, 7, 8]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("1,2,4", {"values": [1, 2, 4]}),
        ("choice(relu, 'a, b', true)", {"values": ["relu", "a, b", True]}),
        ("interval(0.1, 2)", {"min": 0.1, "max": 2}),
        ("interval(start=0.1, end=2)", {"min": 0.1, "max": 2}),
        ("tag(log, interval(0.001, 1))", {"min": 0.001, "max": 1, "scale": "log"}),
        ("tag(a, b, interval(0.001, 1))", {"min": 0.001, "max": 1}),
        ("int(interval(1, 8))", {"min": 1, "max": 8, "type": "int"}),
        # the end of a range is left out, as in Python
        ("range(1, 8)", {"min": 1, "max": 7, "type": "int"}),
        ("range(4)", {"min": 0, "max": 3, "type": "int"}),
        ("range(8, 40, 8)", {"min": 8, "max": 32, "type": "int", "step": 8}),
        ("range(0, 1, step=0.25)", {"min": 0, "max": 0.75, "step": 0.25}),
        ("tag(log, range(1, 65))", {"min": 1, "max": 64, "scale": "log", "type": "int"}),
        ("shuffle(choice(1, 2))", {"values": [1, 2]}),
        ("adam", "adam"),
        ("{type: float, low: 0.1, high: 1, log: true}", {"min": 0.1, "max": 1, "scale": "log"}),
        ("{type: int, low: 1, high: 9}", {"min": 1, "max": 9, "type": "int"}),
        ("{type: categorical, choices: [a, b]}", {"values": ["a", "b"]}),
    ],
)
def test_each_sweep_of_hydra(theirs: str, ours: Any) -> None:
    written = theirs if theirs.startswith("{") else f'"{theirs}"'
    text = f"hydra:\n  sweeper:\n    params:\n      x: {written}\n"
    assert hydra.translate(parse(text, "conf.yaml")).parameters["x"] == ours


@pytest.mark.parametrize(
    "theirs", ["glob(*)", "interval(1)", "range(5, 1)", "range(a, b)", "tag()", "interval(a, 1)"]
)
def test_sweeps_of_hydra_that_are_left_out(theirs: str) -> None:
    text = f'hydra:\n  sweeper:\n    params:\n      y: "1,2"\n      x: "{theirs}"\n'
    translation = hydra.translate(parse(text, "conf.yaml"))
    assert list(translation.parameters) == ["y"]
    assert [n.position.line for n in translation.notes if "left out" in n.text] == [5]


def test_a_config_of_hydra() -> None:
    text = """\
db: {driver: mysql}
hydra:
  sweeper:
    sampler: {seed: 1}
    direction: maximize
    n_trials: 20
    params:
      model.lr: tag(log, interval(1e-5, 1e-1))
      act: choice(relu, tanh)
"""
    translation = hydra.translate(parse(text, "conf.yaml"))
    config = config_of(translation.text())
    assert config.trainable.reference == "python main.py model.lr={model_lr} act={act}"
    assert (config.metric.goal, config.search.max_trials) == ("maximize", 20)
    assert [note.position.line for note in translation.sorted_notes] == [1, 4, 8]


def test_a_file_of_nobody(tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("a: 1\n")
    with pytest.raises(ConfigError, match="is not a file of a tool that is known"):
        import_config(file)
