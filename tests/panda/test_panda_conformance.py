"""The conformance check: who keeps the promises passes, and each broken one is named."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.config import load_text
from hpsearch.errors import HpsearchError
from hpsearch.panda.conformance import Verdict, begun, check_promises
from hpsearch.panda.opening import declared
from tests.panda.toy import DIGITS, TOY, Walk

BASE = f"""
trainable: {__file__}:{{}}
metric: dev_loss
parameters: {{{{alpha: 0.1, beta: 0.9, width: 3}}}}
"""


def verdicts(text: str) -> dict[str, Verdict]:
    config = load_text(text, "config.yaml", Path.cwd(), "config").config
    return {f.promise: f for f in check_promises(begun(declared(config)))}


def broken(name: str) -> dict[str, str]:
    return {f.promise: f.seen for f in verdicts(BASE.format(name)).values() if f.kept is False}


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_who_keeps_the_promises_passes(text: str) -> None:
    found = verdicts(text)
    assert not [f for f in found.values() if f.kept is False]
    for promise in ("it trains", "it repeats itself", "it resumes", "saving leaves no trace"):
        assert found[promise].kept
    assert found["alpha can change"].kept


def test_what_is_not_in_use_is_not_called_broken() -> None:
    found = verdicts(DIGITS)
    assert found["beta can change"].kept is None  # Adam has no use for it
    assert "not to be in use" in found["beta can change"].seen
    assert found["warmup_epochs can change"].kept is None  # it is over


class Forgetful(Walk):
    """Its save leaves the momentum out."""

    def save(self) -> dict[str, Any]:
        return {"w": self.w.copy(), "alpha": np.array(self.alpha)}

    def load(self, state: Any) -> None:
        self.w, self.alpha = state["w"].copy(), float(state["alpha"])


def test_a_save_that_leaves_something_out() -> None:
    said = broken("Forgetful")
    assert "epoch 3 has train_loss" in said["it resumes"]
    assert "does save() leave something out" in said["it resumes"]


class Moody(Walk):
    """It draws from a generator that nobody seeded."""

    mood = random.SystemRandom()

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.w = self.w + Moody.mood.random()
        return super().train_epoch(epoch)


def test_one_that_is_itself_random() -> None:
    found = verdicts(BASE.format("Moody"))
    assert found["it repeats itself"].kept is False
    assert found["it resumes"].kept is None


class Disturbed(Walk):
    """Saving it changes it."""

    def save(self) -> dict[str, Any]:
        self.w = self.w * 1.001
        return super().save()


def test_saving_that_leaves_a_trace() -> None:
    assert "saving leaves no trace" in broken("Disturbed")


class Deaf(Walk):
    """Its adjust does nothing, and its load takes no alpha back."""

    def adjust(self, name: str, value: Any) -> None:
        pass

    def load(self, state: Any) -> None:
        self.w, self.v = state["w"].copy(), state["v"].copy()


def test_an_adjust_that_does_nothing() -> None:
    said = broken("Deaf")
    assert "alpha 0.1 -> 0.05 changes nothing, although __init__ makes" in said["alpha can change"]


class Derived(Walk):
    """It derives a step from alpha in __init__ and another in adjust."""

    def __init__(self, alpha: float, beta: float, width: int, seed: int) -> None:
        super().__init__(alpha * 2, beta, width, seed)

    def load(self, state: Any) -> None:
        self.w, self.v = state["w"].copy(), state["v"].copy()


def test_what_init_derives_and_adjust_does_not() -> None:
    said = broken("Derived")
    assert "resumed after alpha 0.1 -> 0.05" in said["alpha can change"]
    assert "derived from it in __init__" in said["alpha can change"]


class Picky(Walk):
    """It takes no new value."""

    def adjust(self, name: str, value: Any) -> None:
        raise ValueError("never")


def test_an_adjust_that_fails() -> None:
    assert "ValueError: never" in broken("Picky")["alpha can change"]


class Failing(Walk):
    """Its third epoch fails."""

    def train_epoch(self, epoch: int) -> dict[str, float]:
        if epoch == 3:
            raise KeyError("row")
        return super().train_epoch(epoch)


def test_an_error_of_its_own_is_told_as_it_is() -> None:
    with pytest.raises(HpsearchError, match=r"epoch 3 failed: KeyError: 'row' \(test_panda_conf"):
        verdicts(BASE.format("Failing"))


def cost(alpha: float, beta: float, width: int) -> float:
    return alpha


def test_a_function_is_fine_and_cannot_be_babysat() -> None:
    found = verdicts(BASE.format("cost"))
    assert found["it trains"].seen == "1 epoch, each with dev_loss"
    assert found["it resumes"].kept is None
    assert "cannot be babysat" in found["it resumes"].seen


def goes_on(alpha: float, beta: float, width: float) -> Iterator[float]:
    """It gives five epochs, whatever is asked for, and draws for each from what is seeded."""
    del beta, width
    for _ in range(5):
        yield alpha + random.random()


@pytest.mark.parametrize(("epochs", "told"), [(1, True), (3, True), (4, True), (5, False)])
def test_a_generator_that_goes_on_after_its_epochs_is_noted(epochs: int, told: bool) -> None:
    found = verdicts(f"{BASE.format('goes_on')}epochs: {epochs}\n")
    assert found["it trains"].seen == "4 epochs, each with dev_loss"
    assert found["it repeats itself"].kept
    assert ("note" in found) == told
    if told:
        assert f"yields more than {epochs} epoch" in found["note"].seen


class Reseeded(Walk):
    """It seeds Python's generator with the clock, whatever it was seeded with."""

    def train_epoch(self, epoch: int) -> dict[str, float]:
        random.seed()
        return {**super().train_epoch(epoch), "dev_loss": random.random()}


class OwnGenerator(Walk):
    """It draws from a generator of its own that has no seed."""

    def train_epoch(self, epoch: int) -> dict[str, float]:
        noise = np.random.default_rng().random()
        return {**super().train_epoch(epoch), "dev_loss": noise}


def test_what_to_seed_is_said() -> None:
    assert "seed random with `seed`: random.seed(seed)" in broken("Reseeded")["it repeats itself"]
    said = broken("OwnGenerator")["it repeats itself"]
    assert "np.random.default_rng(seed)" in said
    assert "seed random" not in said


class Unwritable(Walk):
    """Its save gives an object."""

    def save(self) -> dict[str, Any]:
        return {"model": {"self": self}}


def test_a_save_that_cannot_be_written() -> None:
    said = broken("Unwritable")
    assert list(said) == ["it resumes"]
    assert "save() gave an Unwritable at 'model/self'; return bytes, or dicts" in said["it resumes"]
