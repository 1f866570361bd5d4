"""How a config names one of Optuna's samplers: what is said, where, and what is written again."""

from pathlib import Path

import pytest

from hpsearch.config import OptunaConfig, differences, dump, load_text
from hpsearch.errors import ConfigError

pytest.importorskip("optuna", reason="samplers are checked where Optuna, an extra, is installed")

START = "trainable: a.py:f\nparameters: {w: {min: 0, max: 1}}\n"
TPE = START + "search: {strategy: {optuna: TPESampler, multivariate: true, n_startup_trials: 5}}\n"


def load(text: str, *options: str, source: str = "f.yaml") -> OptunaConfig:
    strategy = load_text(text, source, Path("/project"), "f", options).config.search.strategy
    assert isinstance(strategy, OptunaConfig)
    return strategy


def complaints(strategy: str, *options: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(f"{START}search:\n  strategy:\n    {strategy}\n", *options)
    return caught.value.message.split("\n")


def test_a_sampler_and_its_arguments_are_read_and_written() -> None:
    assert load(TPE) == OptunaConfig(
        sampler="TPESampler", arguments={"multivariate": True, "n_startup_trials": 5}
    )
    config = load_text(TPE, "f.yaml", Path("/project"), "f").config
    written = dump(config)
    assert "  strategy: {optuna: TPESampler, multivariate: true, n_startup_trials: 5}\n" in written
    assert load_text(written, "g.yaml", Path("/elsewhere"), "g").config == config


def test_an_option_names_a_sampler() -> None:
    start = START + "search: {max_trials: 3}\n"
    option = "search.strategy={optuna: NSGAIISampler, population_size: 4}"
    assert load(start, option) == OptunaConfig(
        sampler="NSGAIISampler", arguments={"population_size": 4}
    )
    assert load(TPE, "search.strategy.n_startup_trials=7").arguments["n_startup_trials"] == 7


def test_another_argument_is_another_search() -> None:
    a, b = (
        load_text(TPE, "f.yaml", Path("/project"), "f", options).config
        for options in ((), ("search.strategy.n_startup_trials=7",))
    )
    assert differences(a, b) == ["search.strategy.n_startup_trials: 5 -> 7"]


def test_each_problem_has_its_place() -> None:
    assert complaints("optuna: TPESample") == [
        "f.yaml:5:13: search.strategy.optuna: "
        "Optuna has no sampler TPESample; did you mean TPESampler?"
    ]
    assert complaints("optuna: TPESampler\n    multivariat: true\n    group: 3\n    seed: 1") == [
        "f.yaml:6:5: search.strategy.multivariat: "
        "TPESampler has no argument multivariat; did you mean multivariate?",
        "f.yaml:7:5: search.strategy.group: must be true or false, not 3",
        "f.yaml:8:5: search.strategy.seed: follows from the config's seed; delete it",
    ]
    assert complaints("optuna: TPESampler", "search.strategy.group=1") == [
        "--set search.strategy.group=1: search.strategy.group: must be true or false, not 1"
    ]


def test_what_was_recorded_is_not_checked_again() -> None:
    """Another version of Optuna may have renamed an argument since."""
    text = TPE.replace("multivariate", "of_another_version")
    with pytest.raises(ConfigError):
        load(text)
    assert "of_another_version" in load(text, source="runs/f/resolved.yaml").arguments
