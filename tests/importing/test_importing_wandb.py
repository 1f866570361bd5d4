"""W&B sweeps as configs: every distribution, the command's macros, and what is said to be lost."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.config import load_text
from hpsearch.config.problems import Document
from hpsearch.config.strict_yaml import parse
from hpsearch.importing import Translation, left_to_do
from hpsearch.importing.wandb import translate
from hpsearch.training.command_words import fill_in
from hpsearch.training.protocol import Context

HEAD = "program: train.py\nmethod: random\nmetric: {name: loss}\n"


def of(text: str) -> Translation:
    return translate(parse(text, "sweep.yaml"))


def parameter(written: str) -> Any:
    """One parameter of a sweep, as it stands in the config."""
    return of(f"{HEAD}parameters:\n  x: {written}\n").parameters["x"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("{value: 3}", 3),
        ("{distribution: constant, value: adam}", "adam"),
        ("{values: [1, 2, 4]}", {"values": [1, 2, 4]}),
        ("{values: [relu]}", "relu"),
        ("{min: 1, max: 5}", {"min": 1, "max": 5, "type": "int"}),
        ("{min: 0.1, max: 5}", {"min": 0.1, "max": 5}),
        ("{distribution: uniform}", {"min": 0, "max": 1}),
        ("{distribution: int_uniform, min: 2, max: 9}", {"min": 2, "max": 9, "type": "int"}),
        # e to the power of -2 is 0.135335
        (
            "{distribution: log_uniform, min: -2, max: 0}",
            {"min": 0.135335, "max": 1.0, "scale": "log"},
        ),
        # 1 / x lies between e^0 and e^2, so x between e^-2 and 1
        (
            "{distribution: inv_log_uniform, min: 0, max: 2}",
            {"min": 0.135335, "max": 1.0, "scale": "log"},
        ),
        (
            "{distribution: log_uniform_values, min: 1e-5, max: 0.1}",
            {"min": 1e-5, "max": 0.1, "scale": "log"},
        ),
        (
            "{distribution: inv_log_uniform_values, min: 0.8, max: 0.99}",
            {"min": 0.8, "max": 0.99, "scale": "log"},
        ),
        (
            "{distribution: q_uniform, q: 0.1, min: 0.04, max: 0.5}",
            {"min": 0.0, "max": 0.5, "step": 0.1},
        ),
        ("{distribution: q_uniform, min: 1, max: 8}", {"min": 1, "max": 8, "type": "int"}),
        (
            "{distribution: q_log_uniform_values, q: 8, min: 32, max: 256}",
            {"min": 32, "max": 256, "scale": "log", "type": "int", "step": 8},
        ),
        # A multiple of 8 that is 0 has no logarithm: the first that has one is 8.
        (
            "{distribution: q_log_uniform_values, q: 8, min: 1, max: 256}",
            {"min": 8, "max": 256, "scale": "log", "type": "int", "step": 8},
        ),
        # two standard deviations to both sides
        ("{distribution: normal, mu: 0.1, sigma: 0.02}", {"min": 0.06, "max": 0.14}),
        (
            "{distribution: log_normal, mu: 0, sigma: 1}",
            {"min": 0.135335, "max": 7.38906, "scale": "log"},
        ),
        ("{distribution: beta, a: 2, b: 2}", {"min": 0, "max": 1}),
        ("{values: [[64, 64], null]}", {"values": ["[64, 64]", "None"]}),
    ],
)
def test_each_distribution(theirs: str, ours: Any) -> None:
    assert parameter(theirs) == ours


@pytest.mark.parametrize(
    ("theirs", "note"),
    [
        (
            "{distribution: cauchy, min: 0, max: 1}",
            "left out; the distribution cauchy is not known",
        ),
        ("{distribution: int_uniform, min: 0}", "left out; its upper end is missing"),
        ("{min: low, max: high}", "left out; its lower end 'low' is not a number"),
        ("{distribution: log_uniform, min: -2000, max: 0}", "e to the power of -2000"),
        ("{distribution: q_uniform, q: 0, min: 0, max: 1}", "left out; its step 0 is not above 0"),
        ("{values: []}", "left out; it has no values"),
        ("{values: [1, 2], probabilities: [0.1, 0.9]}", "all values are equally likely"),
        ("{distribution: normal}", "the range holds 95 % of it"),
    ],
)
def test_what_cannot_be_carried_over_is_said_with_its_line(theirs: str, note: str) -> None:
    translation = of(f"{HEAD}parameters:\n  y: {{value: 1}}\n  x: {theirs}\n")
    lines = [(n.position.line, n.text) for n in translation.notes if note in n.text]
    assert [line for line, _ in lines] == [6], translation.notes
    assert "y" in translation.parameters


SWEEP = """\
program: train.py
name: my sweep/3
method: bayes
project: vision
run_cap: 40
metric: {name: val/acc, goal: maximize}
early_terminate: {type: hyperband, min_iter: 3}
parameters:
  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}
  nesterov: {values: [true, false]}
  optimizer:
    parameters:
      name: {values: [adam, sgd]}
  epochs: {value: 12}
  seed: {value: 42}
"""


def test_a_whole_sweep_becomes_a_config_that_loads() -> None:
    translation = of(SWEEP)
    config = load_text(translation.text(), "config.yaml", Path(), "config").config
    assert config.name == "my-sweep-3"
    assert config.epochs == 12
    assert (config.metric.name, config.metric.goal) == ("val/acc", "maximize")
    assert config.search.max_trials == 40
    assert config.search.strategy == "coarse-to-fine"
    assert list(config.parameters) == ["lr", "nesterov", "optimizer_name"]
    assert [note.position.line for note in translation.sorted_notes] == [3, 4, 6, 7, 13]


HPARAMS = {"lr": 0.1, "nesterov": True, "optimizer_name": "adam"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "",
            "python train.py --lr=0.1 --nesterov=True --optimizer.name=adam --epochs=12 --seed=42",
        ),
        (
            "command: [python3, '${program}', '${args_no_boolean_flags}']",
            "python3 train.py --lr=0.1 --nesterov --optimizer.name=adam --epochs=12 --seed=42",
        ),
        (
            "command: ['${env}', '${interpreter}', -m, pkg, '${args_no_hyphens}']",
            "python -m pkg lr=0.1 nesterov=True optimizer.name=adam epochs=12 seed=42",
        ),
        ("command: [python, '${program}', '--json={}']", "python train.py --json={}"),
    ],
)
def test_the_program_is_called_as_it_was(command: str, words: str) -> None:
    translation = of(f"{SWEEP}{command}\n")
    context = Context(3, 0, 12, "val/acc", HPARAMS)
    assert fill_in(translation.command, context) == words.split()


def test_a_shell_fills_in_what_only_a_shell_can(tmp_path: Path) -> None:
    command = "command: [echo, '${envvar:WHERE}/a b', '${args_json}', '${args}']"
    translation = of(f"{SWEEP}{command}\n")
    context = Context(3, 0, 12, "val/acc", HPARAMS | {"optimizer_name": "two words"})
    environment = os.environ | {"WHERE": "/data", "HPSEARCH_HPARAMS": '{"lr": 0.1}'}
    words = fill_in(translation.command, context)
    said = subprocess.run(
        words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith('/data/a b {"lr": 0.1} --lr=0.1 --nesterov=True ')
    assert "--optimizer.name=two words" in said


def test_a_file_with_all_values(tmp_path: Path) -> None:
    translation = of(f"{SWEEP}command: [cat, '${{args_json_file}}']\n")
    environment = os.environ | {"HPSEARCH_TRIAL": "3", "HPSEARCH_HPARAMS": '{"lr": 0.1}'}
    words = fill_in(translation.command, Context(3, 0, 12, "val/acc", HPARAMS))
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b'{"lr": 0.1}'


def test_a_macro_that_is_not_known() -> None:
    notes = of(f"{SWEEP}command: [python, '${{nonsense}}']\n").notes
    assert "command[1]: the macro nonsense is not known" in [note.text for note in notes]


def test_what_does_not_load_is_said() -> None:
    translation = of(f"{HEAD}parameters:\n  x: {{min: 5, max: 1.5}}\n")
    (problem,) = left_to_do(translation, Path("config.yaml"))
    assert problem.startswith("config.yaml:")
    assert "parameters.x" in problem


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.6g}")),
    st.text("abz {}'\"$#:,", max_size=8),
)
NAMES = st.text("ab.-_ é1", min_size=1, max_size=5)


@given(
    st.dictionaries(
        NAMES,
        st.fixed_dictionaries(
            {},
            optional={
                "distribution": st.sampled_from(
                    ["uniform", "q_uniform", "log_uniform", "normal", "categorical", "beta", "x"]
                ),
                "values": st.lists(SCALARS, max_size=4),
                "value": SCALARS,
                "min": SCALARS,
                "max": SCALARS,
                "q": SCALARS,
            },
        ),
        max_size=4,
    )
)
def test_any_parameters_give_a_text_that_can_be_read(parameters: dict[str, Any]) -> None:
    values = {"program": "train.py", "parameters": parameters}
    translation = translate(Document("sweep.yaml", values))
    parse(translation.text(), "config.yaml")
    for problem in left_to_do(translation, Path("config.yaml")):
        # Only ranges can be wrong in themselves, or there is nothing to search at all.
        assert "parameters" in problem
