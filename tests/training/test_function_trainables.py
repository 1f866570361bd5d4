"""Users' functions, generators and classes: how they are called and what they may give."""

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import TrainableError
from hpsearch.metrics import as_metrics
from hpsearch.training.function import GeneratorTrainable, adapt, bind
from hpsearch.training.protocol import Context


def context(inactive: tuple[str, ...] = (), **hparams: Any) -> Context:
    return Context(3, 99, 5, "loss", hparams, inactive)


def test_named_arguments() -> None:
    def objective(alpha: float, beta: float = 0.9) -> float:
        return alpha * beta

    assert bind(objective, context(alpha=2.0), "objective") == {"alpha": 2.0}
    assert adapt(objective, context(alpha=2.0, beta=0.5), "f").train_epoch(1) == {"loss": 1.0}


def test_hparams_gets_all_as_a_dict() -> None:
    def both(hparams: dict[str, float], alpha: float) -> float:
        return alpha

    everything = {"alpha": 1.0, "b": 2.0}
    assert bind(both, context(**everything), "f") == {"hparams": everything, "alpha": 1.0}

    def objective(config: dict[str, float], seed: int) -> float:
        return config["alpha"] + seed

    assert bind(objective, context(alpha=1.0), "f") == {"config": {"alpha": 1.0}, "seed": 99}


def test_rest_takes_everything() -> None:
    def objective(alpha: float, **rest: float) -> float:
        return alpha + sum(rest.values())

    assert adapt(objective, context(alpha=1.0, a=2.0, b=3.0), "f").train_epoch(1) == {"loss": 6.0}


def test_seed_epochs_and_trial_are_there_for_the_asking() -> None:
    def objective(alpha: float, *, seed: int, epochs: int, trial: int) -> tuple[int, int, int]:
        return seed, epochs, trial

    assert bind(objective, context(alpha=1.0), "f") == {
        "alpha": 1.0,
        "seed": 99,
        "epochs": 5,
        "trial": 3,
    }


def test_a_hyperparameter_called_seed_wins() -> None:
    def objective(seed: int) -> float:
        return float(seed)

    assert bind(objective, context(seed=4), "f") == {"seed": 4}


def test_an_inactive_hyperparameter_is_none_where_there_is_no_default() -> None:
    def objective(alpha: float, beta2: float | None) -> float:
        return alpha

    arguments = bind(objective, context(("beta2",), alpha=1.0), "f")
    assert arguments == {"alpha": 1.0, "beta2": None}


def test_missing_and_surplus_arguments_are_named() -> None:
    def objective(alpha: float, gamma: float) -> float:
        return alpha + gamma

    with pytest.raises(TrainableError, match="needs an argument 'gamma'"):
        bind(objective, context(alpha=1.0), "objective")
    with pytest.raises(TrainableError, match="takes no argument 'beta'"):
        bind(objective, context(alpha=1.0, beta=1.0, gamma=1.0), "objective")
    with pytest.raises(TrainableError, match="by position only"):
        bind(lambda x, /: x, context(x=1.0), "objective")


def test_a_function_is_one_epoch() -> None:
    trainable = adapt(lambda alpha: alpha, context(alpha=1.0), "f")
    assert trainable.train_epoch(1) == {"loss": 1.0}
    assert trainable.train_epoch(2) is None
    assert trainable.save() is None


def test_a_generator_yields_epochs_and_is_closed() -> None:
    closed = []

    def train(alpha: float) -> Iterator[dict[str, float]]:
        try:
            for epoch in range(2):
                yield {"loss": alpha / (epoch + 1), "accuracy": 0.5}
        finally:
            closed.append(True)

    trainable = adapt(train, context(alpha=1.0), "f")
    assert trainable.train_epoch(1) == {"loss": 1.0, "accuracy": 0.5}
    trainable.close()
    assert closed == [True]
    again = adapt(train, context(alpha=1.0), "f")
    assert [again.train_epoch(e) for e in (1, 2, 3)][1:] == [{"loss": 0.5, "accuracy": 0.5}, None]


def test_what_comes_after_the_last_epoch_changes_nothing() -> None:
    def one_dict(epochs: int) -> Iterator[dict[str, float]]:
        metrics: dict[str, float] = {}
        for epoch in range(epochs + 2):
            metrics["loss"] = float(epoch)
            yield metrics
        raise AssertionError

    def leaves() -> Iterator[float]:
        yield 0.0
        yield 1.0
        sys.exit(0)

    for target in (one_dict, leaves):
        first = adapt(target, Context(0, 1, 2, "loss", {}), "train")
        assert [first.train_epoch(epoch) for epoch in (1, 2)] == [{"loss": 0.0}, {"loss": 1.0}]


def test_a_generator_that_goes_on_is_told_in_the_first_trial() -> None:
    ended = []

    def train(epochs: int, more: int) -> Iterator[float]:
        for epoch in range(epochs + more):
            yield float(epoch)
        ended.append(True)

    for more, told in ((1, True), (0, False)):
        first = adapt(train, Context(0, 1, 2, "loss", {"more": more}), "train")
        assert [first.train_epoch(epoch) for epoch in (1, 2)] == [{"loss": 0.0}, {"loss": 1.0}]
        assert isinstance(first, GeneratorTrainable)
        assert ("train yields more than 2 epochs" in (first.look_further(None) or "")) == told
        first.close()
    assert ended == [True]


def test_a_generator_that_stays_at_work_after_its_last_epoch_is_given_up() -> None:
    def train() -> Iterator[float]:
        yield 1.0
        while True:
            with contextlib.suppress(Exception):
                time.sleep(60)

    first = adapt(train, Context(0, 1, 1, "loss", {}), "train")
    assert isinstance(first, GeneratorTrainable)
    assert first.train_epoch(1) == {"loss": 1.0}
    before = signal.getsignal(signal.SIGALRM)
    assert "still at work 0.05 seconds after 1 epoch" in (first.look_further(0.05) or "")
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_comes_after_the_last_epoch_fails_no_trial() -> None:
    def train() -> Iterator[float]:
        yield 1.0
        raise ValueError("after the end")

    first = adapt(train, Context(0, 1, 1, "loss", {}), "train")
    assert first.train_epoch(1) == {"loss": 1.0}
    assert isinstance(first, GeneratorTrainable)
    assert first.look_further(None) is None


class Model:
    adjustable = ("alpha",)

    def __init__(self, hparams: dict[str, float]) -> None:
        self.alpha, self.w = hparams["alpha"], np.array([1.0, 2.0])

    def train_epoch(self, epoch: int) -> float:
        self.w = self.w * (1 - self.alpha)
        return float(self.w.sum())

    def save(self) -> dict[str, Any]:
        return {"w": self.w}

    def load(self, state: dict[str, Any]) -> None:
        self.w = state["w"]

    def adjust(self, name: str, value: float) -> None:
        setattr(self, name, value)


class Settings:
    def __init__(self, alpha: float) -> None:
        self.alpha = alpha


class ModelOfBytes(Model):
    def save(self) -> bytes:  # type: ignore[override]
        return self.w.tobytes()

    def load(self, state: bytes) -> None:  # type: ignore[override]
        self.w = np.frombuffer(state)


@pytest.mark.parametrize("kind", [Model, ModelOfBytes])
def test_a_class_saves_loads_and_adjusts(kind: type) -> None:
    first = adapt(kind, context(alpha=0.5), "Model")
    assert first.train_epoch(1) == {"loss": 1.5}
    state = first.save()
    assert state is not None
    second = adapt(kind, context(alpha=0.5), "Model")
    second.load(state)
    assert second.train_epoch(2) == first.train_epoch(2) == {"loss": 0.75}
    assert second.adjustable == {"alpha"}
    second.adjust("alpha", 1.0)
    assert second.train_epoch(3) == {"loss": 0.0}


def test_a_class_without_train_epoch_is_told_so() -> None:
    with pytest.raises(TrainableError, match=r"no method train_epoch\(self, epoch\)"):
        adapt(Settings, context(alpha=1.0), "Settings")


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        (1, {"loss": 1.0}),
        (np.float32(0.5), {"loss": 0.5}),
        (np.array(2.0), {"loss": 2.0}),
        ({"loss": 1, "other": np.float64(3)}, {"loss": 1.0, "other": 3.0}),
    ],
)
def test_what_counts_as_metrics(answer: Any, values: dict[str, float]) -> None:
    assert as_metrics(answer, "loss", "f") == values


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "gave None"),
        ("0.5", r"gave '0.5' \(str\) for 'loss'; return a number"),
        ("x" * 99, f"gave '{'x' * 40}'"),
        (True, r"gave True \(bool\)"),
        (lambda: 1.0, "gave a function for 'loss'"),
        (object(), "gave an object for 'loss'"),
        ([1.0], "gave a list for 'loss'"),
        (np.zeros(3), r"array of shape \(3,\)"),
        ({"los": 1.0}, "gave los, but the search needs the metric 'loss'"),
        ({}, "gave nothing"),
    ],
)
def test_what_does_not(answer: Any, said: str) -> None:
    with pytest.raises(TrainableError, match=said):
        as_metrics(answer, "loss", "f")


class Halving:
    """alpha halves every epoch."""

    adjustable = frozenset({"alpha"})

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def train_epoch(self, epoch: int) -> float:
        return self.alpha / epoch

    def adjust(self, name: str, value: float) -> None:
        setattr(self, name, value)

    def effective(self, epoch: int, hparams: dict[str, float]) -> dict[str, float]:
        return {"alpha": hparams["alpha"] / 2**epoch}


class OldHalving(Halving):
    """One that is not told the values that it is asked about."""

    def effective(self, epoch: int) -> dict[str, float]:  # type: ignore[override]
        return {"alpha": self.alpha / 2**epoch}


def test_a_class_is_asked_what_its_schedule_makes_of_any_values() -> None:
    trainable = adapt(Halving, context(alpha=8.0), "Halving")
    assert trainable.effective(2, {"alpha": 8.0}) == {"alpha": 2.0}
    assert trainable.effective(2, {"alpha": 4.0}) == {"alpha": 1.0}
    assert trainable.train_epoch(1) == {"loss": 8.0}


def test_a_schedule_that_is_told_the_epoch_alone_knows_its_present_values() -> None:
    trainable = adapt(OldHalving, context(alpha=8.0), "OldHalving")
    assert trainable.effective(2, {"alpha": 8.0}) == {"alpha": 2.0}
    assert trainable.effective(2, {"alpha": 4.0}) == {}
    trainable.adjust("alpha", 4.0)
    assert trainable.effective(2, {"alpha": 4.0}) == {"alpha": 1.0}


def test_names_with_dots_come_as_a_dict() -> None:
    def objective(optimizer: dict[str, Any], alpha: float) -> float:
        return alpha

    told = context(("optimizer.lr", "model.depth"), alpha=1.0, **{"optimizer.name": "sgd"})
    nested = {"optimizer": {"name": "sgd"}, "alpha": 1.0}
    assert bind(objective, told, "f") == nested

    def all_in_one(config: dict[str, Any], model: object) -> float:
        return 0.0

    assert bind(all_in_one, told, "f") == {"config": nested, "model": None}
