import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.network.schedules import alpha_at

DECAYS = HYPERPARAMETERS["decay"].choices


def first(n: int, decay: str, **options: float) -> list[float]:
    return [alpha_at(epoch, 0.2, decay=decay, **options) for epoch in range(1, n + 1)]


def test_no_decay() -> None:
    assert first(3, "none") == [0.2] * 3


def test_inverse_is_the_courses_table() -> None:
    # α₀ = 0.2 and decay rate 1: 0.1, 0.067, 0.05, 0.04
    assert first(4, "inverse", rate=1) == pytest.approx([0.2 / 2, 0.2 / 3, 0.2 / 4, 0.2 / 5])


def test_exponential_is_the_courses_power_of_095() -> None:
    expected = [0.2 * 0.95**epoch for epoch in (1, 2, 3)]
    assert first(3, "exponential", rate=1 / 0.95 - 1) == pytest.approx(expected, rel=1e-14)


def test_step_halves_after_every_two_epochs() -> None:
    assert first(5, "step", rate=1, decay_epochs=2) == pytest.approx([0.2, 0.2, 0.1, 0.1, 0.05])


def test_cosine_comes_down_in_four_epochs_and_stays() -> None:
    # cos 0 = 1, cos(π/4) = 1/√2, cos(π/2) = 0, cos(3π/4) = -1/√2
    root = 1 / math.sqrt(2)
    expected = [0.2, 0.1 * (1 + root), 0.1, 0.1 * (1 - root), 0.1 * (1 - root)]
    assert first(5, "cosine", decay_epochs=4) == pytest.approx(expected)


def test_warm_up_rises_in_equal_steps_and_then_the_decay_begins() -> None:
    expected = [0.05, 0.1, 0.15, 0.2 / 2, 0.2 / 3]
    assert first(5, "inverse", rate=1, warmup_epochs=3) == pytest.approx(expected)


@given(
    decay=st.sampled_from(DECAYS),
    rate=st.floats(0, 10),
    decay_epochs=st.integers(1, 50),
    warmup=st.integers(0, 5),
    epoch=st.integers(1, 100),
)
def test_alpha_is_positive_and_falls_after_the_warm_up(
    decay: str, rate: float, decay_epochs: int, warmup: int, epoch: int
) -> None:
    def at(e: int) -> float:
        return alpha_at(
            e, 0.2, decay=decay, rate=rate, decay_epochs=decay_epochs, warmup_epochs=warmup
        )

    assert 0 < at(epoch) <= 0.2
    if epoch > warmup:
        assert at(epoch + 1) <= at(epoch)
    elif epoch < warmup:
        assert at(epoch + 1) > at(epoch)


def test_an_unknown_decay_is_refused() -> None:
    with pytest.raises(ValueError, match="linear"):
        alpha_at(1, 0.1, decay="linear")
