"""A width for each hidden layer."""

import numpy as np
import pytest

from hpsearch.errors import UsageError
from hpsearch.network.hyperparameters import problem_of, settings
from hpsearch.network.network import Network

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 5)).astype(np.float32)
Y = RNG.integers(0, 3, 40)


def trained(**hparams: object) -> Network:
    rng = np.random.default_rng(1)
    network = Network(5, 3, {"batch_size": 8, **hparams}, rng)  # type: ignore[arg-type]
    network.train_epoch(X, Y, rng, 1)
    return network


@pytest.mark.parametrize("batch_norm", [False, True])
def test_each_layer_has_its_own_width(batch_norm: bool) -> None:
    network = trained(layers=3, hidden_units=[7, 4, 6], batch_norm=batch_norm)
    model = network.model()
    assert [model[f"W{n}"].shape for n in (1, 2, 3, 4)] == [(5, 7), (7, 4), (4, 6), (6, 3)]
    assert network.predict_proba(X).shape == (40, 3)


def test_the_same_width_for_all_is_the_number() -> None:
    one, each = trained(layers=2, hidden_units=6), trained(layers=2, hidden_units=[6, 6])
    for name, array in one.state().items():
        assert array.tobytes() == each.state()[name].tobytes()


def test_a_network_with_widths_is_adjusted_as_any() -> None:
    network = trained(layers=2, hidden_units=(7, 4))
    network.adjust("alpha", 0.01)
    assert network.settings.widths == (7, 4)


def test_as_many_widths_as_layers() -> None:
    with pytest.raises(UsageError, match=r"hidden_units has 2 widths, and there are 3 layers"):
        settings({"layers": 3, "hidden_units": [7, 4]})
    assert settings({"layers": 0, "hidden_units": [7]}).widths == ()
    assert problem_of("hidden_units", [7, 0]) == "must be >= 1; it is 0"
    assert problem_of("hidden_units", [7, "x"]) == "must be a number; it is 'x'"
    assert problem_of("layers", [7]) == "must be a number; it is [7]"
