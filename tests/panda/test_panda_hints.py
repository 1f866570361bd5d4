"""Hints: each shape of curve gets its remark, with its numbers, and no other shape does."""

from collections.abc import Sequence

import pytest

from hpsearch.panda.hints import hint
from hpsearch.panda.positions import Epoch, Position
from hpsearch.records import Goal, Metric, train_counterpart

ERROR = Metric("dev_error")


def chain(
    dev: Sequence[float], train: Sequence[float] | None = None, alphas: Sequence[float] = ()
) -> list[Epoch]:
    return [
        Epoch(
            Position("main", n + 1),
            {"alpha": alphas[n] if alphas else 0.1},
            {},
            {"dev_error": dev[n]} | ({"train_error": train[n]} if train else {}),
            "",
            9,
        )
        for n in range(len(dev))
    ]


def test_over_fitting_has_both_curves_and_the_gap() -> None:
    said = hint(chain([0.10, 0.11, 0.12, 0.13, 0.14], [0.10, 0.08, 0.06, 0.05, 0.04]), ERROR)
    assert said is not None
    assert said.startswith("dev_error gets worse while train_error gets better")
    assert "dev_error 0.1 -> 0.14 in epochs 1 to 5; gap 0.1" in said


def test_divergence_is_seen_on_the_training_set() -> None:
    said = hint(chain([0.1] * 5, [0.1, 0.2, 0.3, 0.5, 0.6]), ERROR)
    assert said is not None
    assert "train_error 0.1 -> 0.6" in said
    assert "alpha /3" in said


def test_a_plateau_counts_from_the_best_epoch() -> None:
    said = hint(chain([0.3, 0.2, 0.1, 0.11, 0.1, 0.11, 0.1, 0.11]), ERROR)
    assert said is not None
    assert "no better dev_error for 5 epochs (best 0.1 at epoch 3)" in said


def test_steps_that_are_too_small() -> None:
    losses = [1.0, 0.99, 0.98, 0.97, 0.96]
    said = hint(chain(losses, losses), ERROR)
    assert said is not None
    assert "steadily but slowly" in said
    assert "alpha *3" in said


@pytest.mark.parametrize(
    ("dev", "train"),
    [
        ([0.5, 0.4, 0.3, 0.2, 0.1], [0.5, 0.4, 0.3, 0.2, 0.1]),  # all is well
        ([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]),  # too short to tell
        ([0.1, 0.2, 0.3, 0.4, float("nan")], [0.4, 0.3, 0.2, 0.1, 0.1]),
    ],
)
def test_no_remark(dev: list[float], train: list[float]) -> None:
    assert hint(chain(dev, train), ERROR) is None


def test_only_epochs_with_the_present_settings_count() -> None:
    dev, train = [0.10, 0.11, 0.12, 0.13, 0.14], [0.10, 0.08, 0.06, 0.05, 0.04]
    assert hint(chain(dev, train, [0.1, 0.1, 0.01, 0.01, 0.01]), ERROR) is None


def test_a_maximised_metric_is_read_the_right_way_round() -> None:
    accuracy = Metric("dev_error", Goal.MAXIMIZE)
    falling = chain([0.9, 0.85, 0.8, 0.75, 0.7], [0.8, 0.85, 0.9, 0.92, 0.95])
    assert "gets worse while" in (hint(falling, accuracy) or "")
    assert hint(falling, ERROR) is None or "gets worse while" not in (hint(falling, ERROR) or "")


def test_the_twin_on_the_training_set() -> None:
    assert train_counterpart("dev_loss", ["train_loss", "dev_loss"]) == "train_loss"
    assert train_counterpart("val_f1", ["train_f1"]) == "train_f1"
    assert train_counterpart("loss", ["train_loss"]) is None
    assert train_counterpart("dev_loss", ["dev_loss"]) is None
