"""What all parts of hpsearch exchange: which values are the same, which trial is the best."""

import doctest
import math

import pytest

from hpsearch import records
from hpsearch.records import (
    Goal,
    Metric,
    State,
    Trial,
    TrialResult,
    best_result,
    ranked_results,
    same_value,
)
from hpsearch.store import names


def test_examples() -> None:
    for module in (records, names):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


def result(index: int, value: float | None) -> TrialResult:
    trial = Trial(index=index, seed=0, hparams={}, unit=(), round=1, origin="random")
    state = State.FAILED if value is None else State.DONE
    return TrialResult(trial=trial, state=state, value=value, best_epoch=1, epochs=1, curves={})


@pytest.mark.parametrize(("goal", "order"), [("minimize", [4, 1, 5]), ("maximize", [1, 5, 4])])
def test_results_are_ranked_by_value_then_index(goal: str, order: list[int]) -> None:
    values = {5: 0.3, 4: 0.2, 3: math.nan, 2: None, 1: 0.3, 0: math.inf}
    results = [result(index, value) for index, value in values.items()]
    metric = Metric("m", Goal(goal))
    assert [r.trial.index for r in ranked_results(results, metric)] == order
    best = best_result(results, metric)
    assert best is not None
    assert best.trial.index == order[0]
    assert best_result(results[2:4], metric) is None


def test_true_is_not_one() -> None:
    assert same_value(1, 1.0)
    assert same_value([1], [1])
    assert not same_value(True, 1)
    assert not same_value(0, False)
    assert not same_value("1", 1)
