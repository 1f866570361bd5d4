import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import UsageError
from hpsearch.network.hyperparameters import HYPERPARAMETERS, problem_of, settings
from hpsearch.network.network import Network
from hpsearch.network.settings import Settings
from hpsearch.records import Value


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_defaults_are_allowed(name: str) -> None:
    assert problem_of(name, HYPERPARAMETERS[name].default) is None


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("alpha", 0, "must be > 0; it is 0"),
        ("alpha", -0.5, "must be > 0; it is -0.5"),
        ("alpha", float("nan"), "must be a finite number"),
        ("alpha", float("inf"), "must be a finite number"),
        ("alpha", 10**400, "must be a finite number"),
        ("alpha", "0.1", "must be a number; it is '0.1'"),
        ("alpha", True, "must be a number; it is true"),
        ("alpha", None, "must be a number; it is None"),
        ("epsilon", 1e-31, "must be >= 1e-30; it is 1e-31"),
        ("beta", 1, "must be < 1; it is 1"),
        ("beta2", -0.1, "must be >= 0; it is -0.1"),
        ("dropout", 1.0, "must be < 1; it is 1.0"),
        ("layers", -1, "must be >= 0; it is -1"),
        ("layers", 1.5, "must be a whole number; it is 1.5"),
        ("hidden_units", 0, "must be >= 1; it is 0"),
        ("batch_norm", 1, "must be true or false; it is 1"),
        ("optimizer", "sdg", "must be one of adam, sgd, momentum, rmsprop; it is 'sdg'"),
        ("optimizer", None, "must be one of adam, sgd, momentum, rmsprop; it is None"),
    ],
)
def test_what_is_wrong_with_a_value(name: str, value: object, problem: str) -> None:
    assert problem_of(name, value) == problem
    with pytest.raises(UsageError) as caught:
        settings({name: value})
    assert caught.value.message == f"{name} {problem}"


@given(
    st.sampled_from(sorted(HYPERPARAMETERS)), st.none() | st.booleans() | st.text() | st.floats()
)
def test_problem_of_answers_whatever_the_value(name: str, value: object) -> None:
    assert problem_of(name, value) is None or "must be" in str(problem_of(name, value))


@given(st.integers())
def test_problem_of_answers_for_integers_of_any_size(value: int) -> None:
    assert (problem_of("batch_size", value) is None) == (value >= 1)
    assert problem_of("layers", 10**400) == "must be a finite number"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'lr'.*alpha, optimizer"):
        settings({"lr": 0.1})


def test_batch_norm_refuses_batches_of_one_row() -> None:
    with pytest.raises(UsageError, match="batch_size of at least 2"):
        settings({"batch_size": 1})
    assert settings({"batch_size": 1, "batch_norm": False}).batch_size == 1
    assert settings({"batch_size": 1, "layers": 0}).batch_size == 1


def test_settings_have_one_typed_field_for_each_hyperparameter() -> None:
    fields = {field.name: field.type for field in dataclasses.fields(Settings)}
    types = {"float": "float", "int": "int", "bool": "bool", "choice": "str"}
    expected = {name: types[each.kind] for name, each in HYPERPARAMETERS.items()}
    assert fields == expected | {"hidden_units": "int | tuple[int, ...]"}
    chosen = settings({"layers": 2.0, "alpha": 1})
    assert type(chosen.layers) is int
    assert type(chosen.alpha) is float


@pytest.mark.parametrize("each", HYPERPARAMETERS.values(), ids=HYPERPARAMETERS)
def test_each_has_one_sentence(each: object) -> None:
    assert each.doc.endswith(".")
    assert len(each.doc) < 90


OTHER_VALUES = {
    "beta": 0.5,
    "beta1": 0.5,
    "beta2": 0.5,
    "epsilon": 1e-3,
    "decay_rate": 0.9,
    "decay_epochs": 2,
    "bn_momentum": 0.5,
    "bn_statistics": "train",
    "hidden_units": 7,
    "dropout": 0.5,
    "activation": "tanh",
    "batch_norm": False,
}
"""For each setting that does not always matter, another value than the default."""

MET = {
    "beta": {"optimizer": "momentum"},
    "decay_rate": {"decay": "inverse"},
    "decay_epochs": {"decay": "step"},
}
"""Settings under which it matters, where the defaults are not such."""


def trained(hparams: dict[str, Value]) -> list[float]:
    """What the network says of ten rows after three epochs."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(30, 4)), np.arange(30) % 3
    hparams = {"decay_epochs": 1, **hparams}  # so that a step comes within three epochs
    network = Network(4, 3, hparams, np.random.default_rng(1), np.float64)
    for epoch in (1, 2, 3):
        network.train_epoch(X, y, np.random.default_rng(epoch), epoch)
    return [*network.evaluate(X, y).values()]


@pytest.mark.parametrize("name", [n for n, h in HYPERPARAMETERS.items() if h.needs])
def test_a_setting_has_an_effect_where_the_table_says_and_nowhere_else(name: str) -> None:
    other = {name: OTHER_VALUES[name]}
    met = MET.get(name, {})
    assert trained(met) != trained({**met, **other})
    for need in HYPERPARAMETERS[name].needs:
        known = HYPERPARAMETERS[need.name]
        values = known.choices or ((0,) if need.least else (True, False))
        for value in (v for v in values if not need.holds(v)):
            beside = {**met, need.name: value}
            assert trained(beside) == trained({**beside, **other})
        for value in (v for v in known.choices if need.holds(v)):
            assert trained({need.name: value}) != trained({need.name: value, **other})
