"""The epoch loop: resumed equals uninterrupted, byte for byte."""

import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.errors import TrialDiverged
from hpsearch.records import EpochMetrics, Goal, Metric
from hpsearch.seeds import Purpose, stream
from hpsearch.training.session import Session, begin

LOSS = Metric("loss")


class Walk:
    """A trainable whose every epoch depends on its state, its settings and its random stream."""

    adjustable = frozenset({"alpha"})

    def __init__(self, seed: int = 1) -> None:
        self.seed, self.alpha, self.w = seed, 0.5, np.ones(3)
        self.notes: list[str] = []

    def train_epoch(self, epoch: int) -> dict[str, float]:
        noise = stream(self.seed, Purpose.EPOCH, epoch).standard_normal(3)
        self.w = self.w * (1 - self.alpha / 10) + 0.1 * noise
        return {"loss": float(np.abs(self.w).sum()), "extra": math.inf if epoch == 2 else 0.0}

    def save(self) -> dict[str, Any]:
        return {"w": self.w.copy(), "alpha": np.array(self.alpha)}

    def load(self, state: Any) -> None:
        self.w, self.alpha = state["w"].copy(), float(state["alpha"])

    def model(self) -> dict[str, Any]:
        return {"w": self.w.copy()}

    def adjust(self, name: str, value: Any) -> None:
        self.alpha = value

    def close(self) -> None:
        pass


class Broken(Walk):
    """A trainable whose ``save`` or ``load`` fails."""

    def __init__(self, fails: str) -> None:
        super().__init__()
        self.fails = fails

    def save(self) -> dict[str, Any]:
        if self.fails == "save":
            raise KeyError("w")
        return super().save()

    def load(self, state: Any) -> None:
        self.w[:] = 0
        if self.fails == "load":
            raise TypeError("not this")
        super().load(state)


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        ("save", "no checkpoints: save() failed: KeyError: 'w'. A trial that is cut short starts"),
        ("load", "of no use: load() failed on what save() gave: TypeError: not this"),
        ("", None),
    ],
)
def test_save_and_load_are_tried_once_and_fail_no_trial(
    tmp_path: Path, fails: str, said: str | None
) -> None:
    whole = drain(Session(Walk(), LOSS), 4)
    session = begin(
        lambda: Broken(fails), LOSS, checkpoints=tmp_path / "c", every=0.0, rehearse=True
    )
    assert drain(session, 4) == whole
    session.rehearse_load()
    assert [note for note in session.all_notes() if said and said in note] == session.all_notes()
    assert bool(session.all_notes()) == (said is not None)


def test_a_checkpoint_that_does_not_load_starts_the_trial_again(tmp_path: Path) -> None:
    begun = Session(Walk(), LOSS, checkpoints=tmp_path / "c", every=0.0)
    drain(begun, 2)
    again = begin(
        lambda: Broken("load"), LOSS, checkpoints=tmp_path / "c", every=0.0, rehearse=True
    )
    assert drain(again, 4) == drain(Session(Walk(), LOSS), 4)
    assert "a checkpoint was of no use" in again.remarks[0]


def drain(session: Session, epochs: int) -> list[dict[str, float]]:
    return [dict(metrics.values) for metrics in session.run(epochs)]


@settings(max_examples=25)  # each writes some twenty checkpoints, with their fsyncs
@given(cut=st.integers(1, 9), seed=st.integers(0, 100))
def test_resumed_equals_uninterrupted(
    tmp_path_factory: pytest.TempPathFactory, cut: int, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("checkpoints")
    whole = Session(Walk(seed), LOSS)
    drain(whole, 10)
    first = Session(Walk(seed), LOSS, checkpoints=folder, every=0)
    for _ in itertools.islice(first.run(10), cut):
        pass
    second = Session(Walk(seed), LOSS, checkpoints=folder, every=0)
    assert second.resume()
    assert second.epoch == cut
    drain(second, 10)
    assert [repr(m) for m in second.history] == [repr(m) for m in whole.history]
    assert second.trainable.save()["w"].tobytes() == whole.trainable.save()["w"].tobytes()
    assert second.best_model["w"].tobytes() == whole.best_model["w"].tobytes()


def test_the_model_kept_is_the_best_epochs() -> None:
    session = Session(Walk(), LOSS)
    models = [session.trainable.model()["w"] for _ in session.run(10)]
    best = min(range(10), key=lambda e: session.values()[e])
    assert session.best_model["w"].tobytes() == models[best].tobytes()
    last = Session(Walk(), Metric("loss", pick="last"))
    drain(last, 10)
    assert last.best_model["w"].tobytes() == models[-1].tobytes()
    worst = Session(Walk(), Metric("loss", Goal.MAXIMIZE))
    drain(worst, 10)
    assert worst.best_model["w"].tobytes() == models[int(np.argmax(session.values()))].tobytes()


def test_a_damaged_checkpoint_is_passed_over_aloud(tmp_path: Path) -> None:
    whole = Session(Walk(), LOSS)
    drain(whole, 6)
    first = Session(Walk(), LOSS, checkpoints=tmp_path, every=0)
    for _ in itertools.islice(first.run(6), 4):
        pass
    newest = max(tmp_path.iterdir()) / "arrays.npz"
    newest.write_bytes(newest.read_bytes()[:-7])
    second = Session(Walk(), LOSS, checkpoints=tmp_path)
    assert second.resume()
    assert second.epoch == 3
    assert len(second.remarks) == 1
    assert "damaged" in second.remarks[0]
    drain(second, 6)
    assert second.trainable.save()["w"].tobytes() == whole.trainable.save()["w"].tobytes()


def test_no_checkpoint_before_its_time_and_none_at_the_end(tmp_path: Path) -> None:
    patient = Session(Walk(), LOSS, checkpoints=tmp_path, every=3600)
    drain(patient, 5)
    assert list(tmp_path.iterdir()) == []
    eager = Session(Walk(), LOSS, checkpoints=tmp_path, every=0)
    drain(eager, 5)
    assert max(int(path.name) for path in tmp_path.iterdir()) == 4


def test_a_metric_that_is_not_finite_ends_the_trial() -> None:
    session = Session(Walk(), Metric("extra"))
    with pytest.raises(TrialDiverged, match="extra is inf at epoch 2"):
        drain(session, 5)
    assert session.epoch == 2


def test_an_adjustment_counts_from_the_next_epoch_on() -> None:
    plain, nudged = Session(Walk(), LOSS), Session(Walk(), LOSS)
    drain(plain, 3)
    drain(nudged, 3)
    nudged.adjust("alpha", 5.0)
    assert nudged.values() == plain.values()
    drain(plain, 4)
    drain(nudged, 4)
    assert nudged.values()[:3] == plain.values()[:3]
    assert nudged.values()[3] != plain.values()[3]


class Told(Walk):
    """A trainable whose losses are given; its model is the number of the epoch."""

    def __init__(self, losses: Sequence[float]) -> None:
        super().__init__()
        self.losses = losses

    def train_epoch(self, epoch: int) -> dict[str, float]:
        self.w = np.array([epoch])
        return {"loss": self.losses[epoch - 1]}


@given(
    losses=st.lists(st.sampled_from([0.0, -0.0, 0.1, 0.2, 1e300, -3.0]), min_size=1, max_size=12),
    goal=st.sampled_from(Goal),
    pick=st.sampled_from(["best", "last"]),
    cut=st.integers(0, 12),
)
def test_the_model_kept_is_that_of_the_best_epoch(
    losses: list[float], goal: Goal, pick: str, cut: int
) -> None:
    metric = Metric("loss", goal, pick)
    session = Session(Told(losses), metric)
    for metrics in session.run(len(losses)):
        values = losses[: metrics.epoch]
        assert session.best_model is not None
        assert session.best_model["w"].tolist() == [metric.best_epoch(values)]
        if metrics.epoch == cut:  # what is kept counts again where a session goes on
            kept, state = session.best_model, session.trainable.save()
            session.begin_at(state, list(session.history))
            session.best_model = kept


def test_no_epoch_looks_through_those_before_it() -> None:
    class Unread(list[EpochMetrics]):
        def __iter__(self) -> Iterator[EpochMetrics]:
            raise AssertionError("read as a whole")

    session = Session(Walk(), LOSS)
    session.history = Unread()
    assert sum(1 for _ in session.run(50)) == 50
