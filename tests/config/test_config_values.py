"""Values of any kind: how a config names them, and that it is written as it was read."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.config import dump, load_text
from hpsearch.config.scalars import flow
from hpsearch.errors import ConfigError

HEAD = "trainable: train.py:f\nmetric: loss\nsearch: {max_trials: 2}\n"


def load(parameters: str, *options: str) -> Any:
    return load_text(HEAD + parameters, "f.yaml", Path("/nowhere"), "f", options)


def test_names_and_meanings() -> None:
    config = load(
        """parameters:
  a: {values: {small: [64, 64], large: [512, 256, 128]}}
  b: {values: [null, LSTM, [1, 2], {x: 1}, true, 3]}
  c: {value: [1, 2]}
  d: {value: null}
  e: {values: {16: adam, 32: sgd}, ordered: true}
"""
    ).config
    names = {name: p.values or p.value for name, p in config.parameters.items()}
    assert names == {
        "a": ("small", "large"),
        "b": ("null", "LSTM", "[1, 2]", '{"x": 1}', True, 3),
        "c": "[1, 2]",
        "d": "null",
        "e": ("16", "32"),
    }
    assert config.space().meanings == {
        "a": {"small": [64, 64], "large": [512, 256, 128]},
        "b": {"null": None, "[1, 2]": [1, 2], '{"x": 1}': {"x": 1}},
        "c": {"[1, 2]": [1, 2]},
        "d": {"null": None},
        "e": {"16": "adam", "32": "sgd"},
    }


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-99, 99)
    | st.sampled_from(["a", "on", "1", "null", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b c", "null", "1"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(
    values=st.lists(JSON, min_size=2, max_size=5)
    | st.dictionaries(st.sampled_from(["s", "null", "1", "a b", "true"]), JSON, min_size=2),
    ordered=st.booleans(),
)
def test_what_is_written_reads_the_same(values: Any, ordered: bool) -> None:
    written = {"values": values} | ({"ordered": True} if ordered else {})
    try:
        config = load(f"parameters: {{p: {flow(written)}}}\n").config
    except ConfigError as e:
        assert "twice" in str(e)  # noqa: PT017 - only where two have one name
        return
    again = load_text(dump(config), "g.yaml", Path("/nowhere"), "g").config
    assert again.parameters == config.parameters
    assert dump(again) == dump(config)
    space = config.space()
    real = list(values.values() if isinstance(values, dict) else values)
    assert [space.arguments({"p": name})["p"] for name in config.parameters["p"].values] == real


@given(value=JSON)
@settings(max_examples=30)
def test_a_fixed_value_of_any_kind(value: Any) -> None:
    config = load(f"parameters: {{p: {flow({'value': value})}}}\n").config
    assert config.space().arguments(config.space().decode(())) == {"p": value}
    again = load_text(dump(config), "g.yaml", Path("/nowhere"), "g").config
    assert again.space().arguments(again.space().decode(())) == {"p": value}


def test_what_a_name_means_is_part_of_a_runs_identity() -> None:
    from hpsearch.config import differences  # noqa: PLC0415

    before = load("parameters: {p: {values: {a: [1], b: [2]}}}\n").config
    after = load("parameters: {p: {values: {a: [1], b: [3]}}}\n").config
    assert differences(before, after) == ["parameters.p.values.b: [2] -> [3]"]
    order = load("parameters: {p: {values: {a: [1], b: [2]}, ordered: true}}\n").config
    assert differences(before, order) == ["parameters.p.ordered: (not there) -> true"]


def test_conditions_name_values_as_tables_do() -> None:
    config = load(
        """parameters:
  arch: {values: {small: [64], none: null}}
  rnn: {values: [null, LSTM]}
  a: {min: 0, max: 1, when: {arch: small}}
  b: {min: 0, max: 1, when: {rnn: null}}
"""
    ).config
    active = config.space().parameters
    assert [p.is_active({"arch": "small", "rnn": "null"}) for p in active] == [True] * 4
    assert [p.is_active({"arch": "none", "rnn": "LSTM"}) for p in active[2:]] == [False] * 2


def test_an_option_reaches_a_name_with_dots() -> None:
    config = load(
        "parameters: {opt.lr: {min: 0, max: 1}, opt.name: adam}\n",
        "parameters.opt.lr.max=0.5",
        "parameters.opt.name=sgd",
    ).config
    assert (config.parameters["opt.lr"].max, config.parameters["opt.name"].value) == (0.5, "sgd")


def test_a_command_may_have_a_parameter_that_is_a_group_too() -> None:
    text = "trainable: {command: 'train optimizer={opt} optimizer.lr={opt.lr}'}\nmetric: loss\n"
    text += "parameters: {opt: {values: [a, b]}, opt.lr: {min: 0, max: 1}}\n"
    config = load_text(text, "f.yaml", Path("/nowhere"), "f").config
    assert list(config.parameters) == ["opt", "opt.lr"]


@pytest.mark.parametrize(
    ("value", "place"),
    [("[[16], [32]]", r"2:36: .*values\[0\]"), ("{a: 16, b: fast}", r"2:46: .*values\.b")],
)
def test_the_network_is_asked_about_what_is_meant(value: str, place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        load_text(
            f"data: digits\nparameters: {{batch_size: {{values: {value}}}}}\n",
            "f.yaml",
            Path("/nowhere"),
            "f",
        )
