"""One worked example of two steps for each optimiser.

The gradients are 4 and -2, the learning rate 0.1, the parameter starts at 1.
"""

import math

import numpy as np
import pytest

from hpsearch.network.hyperparameters import HYPERPARAMETERS, settings
from hpsearch.network.optimizers import OPTIMIZERS

SETTINGS = settings({"beta": 0.75, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.5})


def two_steps(name: str) -> tuple[list[float], dict[str, float]]:
    """The parameter after each step, and the moments after both."""
    w = np.array([1.0])
    optimizer = OPTIMIZERS[name](w)
    seen = []
    for g in (4.0, -2.0):
        optimizer.step(w, np.array([g]), 0.1, SETTINGS)
        seen.append(float(w[0]))
    assert optimizer.steps == 2
    return seen, {name: float(moment[0]) for name, moment in optimizer.moments.items()}


def test_sgd() -> None:
    # 1 - 0.1·4, then + 0.1·2
    assert two_steps("sgd")[0] == pytest.approx([0.6, 0.8], rel=1e-15)


def test_momentum() -> None:
    # v = 0.25·4 = 1, then 0.75·1 - 0.25·2 = 0.25
    seen, moments = two_steps("momentum")
    assert seen == pytest.approx([0.9, 0.875], rel=1e-15)
    assert moments == {"v": 0.25}


def test_rmsprop() -> None:
    # s = 0.25·16 = 4, w = 1 - 0.1·4/(2 + 0.5); then s = 0.75·4 + 0.25·4 = 4, w + 0.1·2/2.5
    seen, moments = two_steps("rmsprop")
    assert seen == pytest.approx([0.84, 0.92], rel=1e-15)
    assert moments == {"s": 4.0}


def test_adam() -> None:
    # First step: v̂ = 4, ŝ = 16: w = 1 - 0.1·4/(4 + 0.5).
    # Second: v = 0.5·2 - 0.5·2 = 0, so that nothing moves; s = 0.75·4 + 0.25·4 = 4.
    seen, moments = two_steps("adam")
    assert seen == pytest.approx([1 - 0.4 / 4.5, 1 - 0.4 / 4.5], rel=1e-15)
    assert moments == {"v": 0.0, "s": 4.0}


def test_third_step_of_adam() -> None:
    w = np.array([0.0])
    optimizer = OPTIMIZERS["adam"](w)
    for g in (1.0, 3.0, 2.0):
        before = float(w[0])
        optimizer.step(w, np.array([g]), 0.1, SETTINGS)
    v = 0.5 * (0.25 * 1 + 0.5 * 3 + 2) / (1 - 0.5**3)
    s = 0.25 * (0.75**2 * 1 + 0.75 * 9 + 4) / (1 - 0.75**3)
    assert w[0] - before == pytest.approx(-0.1 * v / (math.sqrt(s) + 0.5), rel=1e-14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_keep_the_type_and_spare_the_gradient(name: str) -> None:
    w, g = np.ones(3, np.float32), np.arange(3, dtype=np.float32)
    optimizer = OPTIMIZERS[name](w)
    optimizer.step(w, g, 0.1, SETTINGS)
    assert {moment.dtype for moment in optimizer.moments.values()} <= {np.dtype(np.float32)}
    np.testing.assert_array_equal(g, [0, 1, 2])
    assert w[0] == 1  # no gradient, no step
    assert (w[1:] < 1).all()


def test_each_optimizer_can_be_chosen() -> None:
    assert set(OPTIMIZERS) == set(HYPERPARAMETERS["optimizer"].choices)
