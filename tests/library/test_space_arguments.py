"""A space in Python is the config that the YAML would give, and its errors name the argument."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hpsearch
from hpsearch.config import differences, load_text
from hpsearch.errors import UsageError
from hpsearch.library.arguments import Settings, as_config

YAML = """
name: train
seed: 7
trainable: FILE:train
metric: {name: dev_error, goal: maximize}
epochs: 4
parameters:
  alpha: {min: 1e-4, max: 1, scale: log, tier: 1}
  beta: {min: 0.9, max: 0.999, scale: 1-beta, when: {optimizer: adam}}
  units: {min: 50, max: 100, type: int}
  layers: {values: [1, 2, 3]}
  optimizer: {values: [momentum, adam]}
  activation: relu
search: {max_trials: 20, strategy: boxes, lookahead: 4}
run: {workers: 2, time_limit: 60}
"""


def train(**hparams: Any) -> float:
    return float(len(hparams))


SPACE: dict[str, Any] = {
    "alpha": hpsearch.log(1e-4, 1, tier=1),
    "beta": hpsearch.one_minus(0.9, 0.999, when={"optimizer": "adam"}),
    "units": hpsearch.linear(50, 100, type="int"),
    "layers": [1, 2, 3],
    "optimizer": hpsearch.choice("momentum", "adam"),
    "activation": "relu",
}


def test_a_call_gives_the_config_of_the_yaml() -> None:
    loaded = as_config(
        train,
        SPACE,
        Settings(
            metric="dev_error",
            goal="maximize",
            max_trials=20,
            seed=7,
            workers=2,
            epochs=4,
            strategy="boxes",
            search={"lookahead": 4},
            run={"time_limit": 60},
        ),
    )
    text = YAML.replace("FILE:train", loaded.config.trainable.reference)
    theirs = load_text(text, "c.yaml", Path(), "c").config
    assert differences(theirs, loaded.config) == []
    # The text of the run's folder reads as the same config.
    assert differences(load_text(loaded.text, "c.yaml", Path(), "c").config, loaded.config) == []


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=6)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True).map(lambda name: f"p_{name}"),
        st.one_of(
            st.lists(st.one_of(st.integers(-9, 9), TEXT), min_size=2, unique=True),
            st.floats(-1e6, 1e6),
            TEXT,
            st.booleans(),
            st.tuples(st.floats(1e-6, 1e-3), st.floats(1e-2, 1)).map(lambda b: hpsearch.log(*b)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_space_comes_back_from_the_run_folders_text(space: dict[str, Any]) -> None:
    config = as_config(train, space, Settings(metric="J")).config
    assert list(config.parameters) == list(space)
    for name, declared in space.items():
        parameter = config.parameters[name]
        if isinstance(declared, list):
            assert parameter.values == tuple(declared)
        elif isinstance(declared, dict):
            assert (parameter.min, parameter.max) == (declared["min"], declared["max"])
        else:
            assert parameter.value == declared
            assert type(parameter.value) is type(declared)


def test_numbers_of_numpy_are_numbers() -> None:
    space = {"a": hpsearch.linear(np.float64(0.5), np.int64(2)), "b": [*np.arange(3)]}
    config = as_config(train, space, Settings(metric="J", seed=np.int64(3))).config
    assert config.parameters["b"].values == (0, 1, 2)
    assert config.seed == 3


@pytest.mark.parametrize(
    ("space", "settings", "message"),
    [
        (
            {"alpha": hpsearch.log(0, 1)},
            {},
            "hpsearch.run: space.alpha.min: ",
        ),
        ({"a": [1, object()]}, {}, "hpsearch.run: space.a.values[1]: must be "),
        ({"a": float("nan")}, {}, "hpsearch.run: space.a: must be a finite number, not nan"),
        ({"a": ["x\x1f", "y"]}, {}, "hpsearch.run: space.a.values[0]: an escape in it stands for"),
        ({"a": object()}, {}, "hpsearch.run: space.a: must be a number, a text, a list or a dict"),
        ({"a": {"low": 0, "max": 1}}, {}, "hpsearch.run: space.a.low: unknown key; "),
        ({1: [1, 2]}, {}, "hpsearch.run: space: 1 is no name; write it in quotes"),
        ({"a": [1, 2]}, {"max_trials": 0}, "hpsearch.run: max_trials: must be "),
        ({"a": [1, 2]}, {"workers": 1.5}, "hpsearch.run: workers: must be a whole number"),
        ({"a": [1, 2]}, {"seed": -1}, "hpsearch.run: seed: must be "),
        (
            {"a": [1, 2]},
            {"goal": "min"},
            "hpsearch.run: goal: must be one of minimize, maximize, not 'min'",
        ),
        ({"a": [1, 2]}, {"name": "a b"}, "hpsearch.run: name: 'a b' cannot be a folder's name"),
        ({"a": [1, 2]}, {"search": {"lookahed": 3}}, "hpsearch.run: search.lookahed: unknown key"),
        ({"a": [1, 2]}, {"strategy": "tpe"}, "hpsearch.run: strategy: must be "),
        ([1, 2], {}, "hpsearch.run: space must be a dict of hyperparameters, not of type list"),
        (None, {}, "hpsearch.run: space is missing"),
        ({"a": [1, 2]}, {"metric": None}, "hpsearch.run: metric is missing; name what train gives"),
    ],
)
def test_a_wrong_argument_is_named(space: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(hpsearch.HpsearchError) as error:
        as_config(train, space, Settings(**{"metric": "J", **settings}))
    first = error.value.message.splitlines()[0]
    assert first.startswith(message), first


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as error:
        as_config(train, {"a": {"min": 1, "max": 0}}, Settings(metric="J", seed=-1, epochs=0))
    assert len(error.value.message.splitlines()) == 3


def test_arguments_lie_over_a_config_file(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("trainable: m:f\nparameters: {a: [1]}\n".replace("[1]", "{values: [1, 2]}"))
    loaded = as_config(str(file), None, Settings(max_trials=5, metric="J", run={"workers": 3}))
    assert loaded.config.search.max_trials == 5
    assert loaded.config.run.workers == 3
    assert loaded.config.metric.name == "J"
    with pytest.raises(hpsearch.HpsearchError, match=r"^max_trials = 0: search.max_trials: must"):
        as_config(file, None, Settings(max_trials=0))
