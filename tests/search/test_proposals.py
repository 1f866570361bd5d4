"""Trials proposed again from the records before them, with their reasons."""

from __future__ import annotations

import pytest

from hpsearch.config import Config, load_config
from hpsearch.errors import RunError
from hpsearch.records import State, TrialResult
from hpsearch.search.proposals import as_trial, observation, reasons, strategy_of

CONFIG = """
name: search
trainable: objective.py:cost
metric: {name: accuracy, goal: maximize}
seed: 3
parameters:
  w: {min: -10, max: 20}
  v: {values: [a, b, c]}
search: {max_trials: 40, lookahead: 4}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("proposals")
    (folder / "objective.py").write_text("def cost(w, v):\n    return w\n")
    path = folder / "config.yaml"
    path.write_text(CONFIG)
    return load_config(path).config


@pytest.fixture(scope="module")
def results(config: Config) -> dict[int, TrialResult]:
    """A search in which each trial reaches 1 at w = 5, and less with every step from there."""
    strategy, space, metric = strategy_of(config), config.space(), config.metric_record()
    found: dict[int, TrialResult] = {}
    for index in range(40):
        known = max(0, index - 3)
        history = [observation(found[i], metric) for i in range(known)]
        pending = [found[i].trial.unit for i in range(known, index)]
        trial = as_trial(config, space, index, strategy.propose(index, history, pending))
        w = trial.hparams["w"]
        assert isinstance(w, float)
        value = 1 - abs(w - 5) / 15
        found[index] = TrialResult(trial, State.DONE, value, 1, 1, {"accuracy": (value,)})
    return found


def test_every_recorded_trial_comes_out_again(
    config: Config, results: dict[int, TrialResult]
) -> None:
    for index, result in results.items():
        why = reasons(config, results, index)
        assert why.reproduced
        assert why.known == max(0, index - 3)
        assert why.explanation is not None
        assert why.explanation.proposal.origin == result.trial.origin


def test_the_elites_are_the_best_of_the_results_that_counted(
    config: Config, results: dict[int, TrialResult]
) -> None:
    index = next(i for i in range(35, 40) if results[i].trial.origin == "fit")
    why = reasons(config, results, index)
    assert why.explanation is not None
    best_first = sorted(range(index - 3), key=lambda i: -(results[i].value or 0))
    # A tenth of 32 to 36 results, rounded up: four.
    assert list(why.explanation.elites) == best_first[:4]


def test_what_is_expected_has_the_sign_of_the_metric(
    config: Config, results: dict[int, TrialResult]
) -> None:
    # After 32 trials of so simple a function the fit knows that its choice comes to nearly 1.
    index = next(i for i in range(35, 40) if results[i].trial.origin == "fit")
    why = reasons(config, results, index)
    assert why.expected == pytest.approx(1, abs=0.15)
    assert why.uncertainty is not None
    assert 0 < why.uncertainty < 0.2


def test_a_trial_under_way_that_was_never_recorded_is_proposed_again(
    config: Config, results: dict[int, TrialResult]
) -> None:
    # An interrupt may leave trial 20 recorded and 18 and 19, that started before it, not.
    left = {i: result for i, result in results.items() if i < 18 or i == 20}
    assert reasons(config, left, 20) == reasons(config, results, 20)


def test_a_point_from_elsewhere_is_told_apart(
    config: Config, results: dict[int, TrialResult]
) -> None:
    assert reasons(config, results, 20).reproduced
    assert not reasons(config, results | {20: results[21]}, 20).reproduced


def test_a_missing_result_is_named(config: Config, results: dict[int, TrialResult]) -> None:
    left = {i: result for i, result in results.items() if i != 7}
    with pytest.raises(RunError, match="trial 20 rests on trial 7, which is not recorded; go on"):
        reasons(config, left, 20)
