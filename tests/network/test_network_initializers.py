import numpy as np
import pytest

from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.network.initializers import GAINS, initial_weights


@pytest.mark.parametrize(("init", "variance"), [("he", 2 / 400), ("xavier", 1 / 400)])
def test_variance(init: str, variance: float) -> None:
    W = initial_weights(init, (400, 500), np.random.default_rng(1))
    # 200,000 draws: the sample variance has a relative standard error of √(2/200000) = 0.3 %.
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert abs(W.mean()) < 6 * np.sqrt(variance / W.size)


def test_he_keeps_the_size_of_what_flows_through_relu() -> None:
    rng = np.random.default_rng(2)
    A = rng.standard_normal((200, 300))
    for _ in range(20):
        A = np.maximum(0, A @ initial_weights("he", (300, 300), rng))
    # Each layer multiplies the mean square by 1 on average; it started at 1.
    assert 0.3 < np.mean(A**2) < 3


def test_each_initialisation_can_be_chosen() -> None:
    assert set(GAINS) == set(HYPERPARAMETERS["init"].choices)
