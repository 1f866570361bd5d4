import math

import numpy as np
import pytest

from hpsearch.sampling import models
from hpsearch.sampling.history import History
from hpsearch.sampling.models import Models, best_and_rest
from hpsearch.sampling.strategy import Observation
from hpsearch.sampling.targets import clipped_losses

CHOICES = np.array([False, False, True])


def history(count: int, seed: int = 0) -> History:
    rng = np.random.default_rng(seed)
    X = rng.random((count, 3))
    X[:, 2] = (np.floor(X[:, 2] * 3) + 0.5) / 3
    losses = np.sin(5 * X[:, 0]) + (X[:, 2] > 0.4) + 0.1 * rng.standard_normal(count)
    rows = zip(X.tolist(), losses.tolist(), strict=True)
    return History.of([Observation(tuple(unit), loss) for unit, loss in rows], 3, 1)


@pytest.mark.parametrize("count", [40, 340])
def test_a_search_that_goes_on_and_one_that_was_interrupted_have_the_same_bits(count: int) -> None:
    whole = history(count)
    pending = [tuple(unit) for unit in history(count + 3, 0).units[count:].tolist()]
    at = np.random.default_rng(1).random((50, 3))
    grown = Models(CHOICES)
    for known in range(3, count + 1, 1 if count < 100 else 7):
        running = [tuple(unit) for unit in whole.units[known : known + 3].tolist()]
        grown.process(whole.first(known), running)
    for known in (count, count - 1, count // 2):
        mean, deviation = grown.process(whole.first(known), pending).predict(at)
        other_mean, other = Models(CHOICES).process(whole.first(known), pending).predict(at)
        assert mean.tobytes() == other_mean.tobytes()
        assert deviation.tobytes() == other.tobytes()


def test_another_history_is_another_model() -> None:
    used = Models(CHOICES)
    used.process(history(50, 0), [])
    at = np.full((1, 3), 0.5)
    fresh = Models(CHOICES).process(history(50, 1), []).predict(at)
    assert used.process(history(50, 1), []).predict(at) == fresh


def test_estimates_come_with_a_tenth_more_results() -> None:
    assert models._counts_of_estimates(3) == [3]
    assert models._counts_of_estimates(8) == [8]
    # 8 x 1.1 + 1 = 9.8, then 10.9, 12, 14.2 …
    assert models._counts_of_estimates(14) == [8, 9, 10, 12, 14]
    assert len(models._counts_of_estimates(100_000)) < 110


def test_no_more_results_than_the_limit_are_fitted_and_the_latest_always() -> None:
    fitted = Models(CHOICES)
    for count in (300, 301, 329, 330, 500):
        kept, basis = fitted._kept(history(count))
        assert len(kept) <= models.MODEL_LIMIT
        assert kept[-1] == count - 1
        assert basis <= len(kept)
        assert kept.tolist() == sorted(set(kept.tolist()))
    losses = history(500).losses
    kept, _ = fitted._kept(history(500))
    assert losses[:480].argmin() in kept


def test_best_and_rest_worked_by_hand() -> None:
    losses = np.array([5.0, 0, 7, 1, 8, 2, 9, 3, 6, 4])
    # The best 2 are 0 and 1; of the other eight, in order of rank, the first and the last.
    assert best_and_rest(losses, 4).tolist() == [1, 3, 5, 6]
    assert best_and_rest(losses, 10).tolist() == list(range(10))


def test_clipped_losses_worked_by_hand() -> None:
    rows = [Observation((0.0, 0.0, 0.0), loss) for loss in (1.0, 2.0, 3.0, 100.0, math.inf)]
    # The median of 1, 2, 3, 100, 100 is 3, and the best is 2 below it.
    assert clipped_losses(History.of(rows, 3, 1)).tolist() == [1, 2, 3, 5, 5]
