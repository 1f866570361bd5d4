"""Whatever a file holds: a config or one ConfigError whose every line says where."""

import random
import re
from pathlib import Path

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hpsearch.config import dump, load_text
from hpsearch.config.starter import starter_config
from hpsearch.errors import ConfigError

PLACE = re.compile(r"fuzz\.yaml:\d+:\d+: .+|--set .*: .+")
FOREIGN = """\
trainable: {command: "train --lr {alpha} --units {units}"}
metric: {name: loss, goal: minimize, pick: last}
epochs: 3
parameters:
  alpha: {min: 1e-4, max: 1, scale: log, tier: 1}
  beta: {min: 0.9, max: 0.9999, scale: 1-beta, when: {kind: [a, b], units: 8}}
  units: {min: 8, max: 64, type: int, step: 8, count: 3}
  kind: {values: [a, b, 3, true, 0.5]}
  fixed: {value: 3, when: {kind: a}}
search: {strategy: grid, max_trials: 9, lookahead: 4, early_stop: none}
run: {workers: 2, threads: 1, time_limit: 10, checkpoint_every: 0.5}
"""
SAMPLER = FOREIGN.replace("strategy: grid", "strategy: {optuna: TPESampler, group: true}")
GOOD = (starter_config("schema.json"), FOREIGN, SAMPLER)

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["log", "1-beta", "int", "alpha", "adam", "kind", "digits", "network", "{x}"]),
)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["min", "max", "values", "value", "when", "scale", "type", "step", "name"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def loads_or_says_why(text: str | bytes, *overrides: str) -> None:
    try:
        loaded = load_text(text, "fuzz.yaml", Path("/somewhere"), "fuzz", overrides)
    except ConfigError as e:
        error = e
    else:
        loaded.config.space().decode([0.5] * loaded.config.space().dimensions)
        again = load_text(dump(loaded.config), "dumped", Path("/elsewhere"), "other")
        assert again.config == loaded.config
        return
    for line in error.message.split("\n"):
        assert PLACE.fullmatch(line), error.message


@given(st.text() | st.binary())
@example("a: \ud800")
@example(b"\x00")
@example("%YAML " + "9" * 5000)
@example('a: "\\UFFFFFFFF"')
@example("? !!binary\n: 1")
@example("[" * 5000)
@example("- " * 5000)
@example("a: &x [*x]")
@example("<<: {a: 1}")
@example("trainable: {command: '{alpha}'}\nparameters: true")
def test_any_text(text: str | bytes) -> None:
    loads_or_says_why(text)


@settings(max_examples=300)
@given(st.sampled_from(GOOD), st.randoms(use_true_random=False))
def test_a_good_config_with_some_characters_changed(good: str, chance: random.Random) -> None:
    characters = list(good)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(characters))
        new = chance.choice("\t\n :-{}[],'\"&*!|>%@#01.eE~yn")
        characters[at : at + chance.randint(0, 3)] = [new] * chance.randint(0, 2)
    loads_or_says_why("".join(characters))


def places(tree: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values in a tree."""
    inside: list[tuple[str | int, ...]] = []
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            inside += places(value, (*path, key))
    return [path, *inside]


@settings(max_examples=150)
@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 99), values), max_size=3))
def test_a_good_config_with_some_values_changed(
    good: str, changes: list[tuple[int, object]]
) -> None:
    tree = yaml.safe_load(good)
    for number, value in changes:
        every = places(tree)
        *path, last = every[number % len(every)] or ("name",)
        inner = tree
        for key in path:
            inner = inner[key]
        inner[last] = value
    loads_or_says_why(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))


@settings(max_examples=100)
@given(
    st.sampled_from(GOOD),
    st.lists(
        st.text(max_size=12)
        | st.builds(
            "{}={}".format,
            st.sampled_from(
                ["search.max_trials", "parameters.alpha", "parameters.alpha.min", "run", "data.x"]
            ),
            st.text(max_size=5) | st.sampled_from(["1", "{}", "[1, 2]", "true", "1e-3", "null"]),
        ),
        max_size=3,
    ),
)
def test_any_options(good: str, options: list[str]) -> None:
    loads_or_says_why(good, *options)
