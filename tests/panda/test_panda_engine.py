"""The engine: epochs, settings, branches, undo, thinning, healing."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import RunError, TrainableError, TrialDiverged, UsageError
from hpsearch.panda.changes import changes_of, win_over_schedule
from hpsearch.panda.checkpoints import kept
from hpsearch.panda.opening import find_babysat
from hpsearch.panda.panda import Panda
from hpsearch.panda.positions import Position
from hpsearch.panda.reading import read_lineage
from hpsearch.store.arrays import read_arrays, sha256
from hpsearch.store.rundir import RunFolder
from tests.panda.toy import DIGITS, TOY, fingerprint, go, resumed, started

pytestmark = pytest.mark.usefixtures("strict_arithmetic")


def at(text: str) -> Position:
    return Position.parse(text)


def checkpoints(root: Path, run: str = "toy-panda") -> set[str]:
    return {path.name for path in (root / run / "checkpoints").iterdir()}


def test_a_run_begins_with_the_middle_of_the_space_and_its_ledger(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        assert panda.lineage.hparams == {"alpha": pytest.approx(0.1), "beta": 0.9, "width": 3}
        assert panda.lineage.start.adjustable == ("alpha", "beta")
    files = {path.name for path in (tmp_path / "toy-panda").iterdir()}
    assert files == {"config.yaml", "resolved.yaml", "ledger.jsonl", "lock"}


def test_an_epoch_is_a_checkpoint_and_a_record_that_vouches_for_it(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 2)
    folder = tmp_path / "toy-panda"
    lines = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["start", "epoch", "epoch"]
    state = folder / "checkpoints" / "main-2" / "state.npz"
    assert lines[2]["sha256"] == sha256(state.read_bytes())
    assert lines[2]["at"] == "main@2"
    assert set(read_arrays(state)) == {"w", "v", "alpha"}
    manifest = json.loads((state.parent / "manifest.json").read_text())
    assert manifest["values"] == lines[2]["values"]


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_reopening_between_any_two_epochs_changes_no_byte(tmp_path: Path, text: str) -> None:
    with started(tmp_path / "a", text) as whole:
        go(whole, 3)
        whole.set({"alpha": 0.03})
        go(whole, 2)
    with started(tmp_path / "b", text):
        pass
    for step in range(5):
        with resumed(tmp_path / "b") as panda:
            if step == 3:
                panda.set({"alpha": 0.03})
        with resumed(tmp_path / "b") as panda:
            go(panda, 1)
    assert fingerprint(panda) == fingerprint(whole)


def test_a_new_value_wins_over_the_restored_state(tmp_path: Path) -> None:
    """Walk's state holds its alpha; the next epoch must use the new one all the same."""
    with started(tmp_path) as panda:
        go(panda, 1)
        panda.set({"alpha": 0.5})
    with resumed(tmp_path) as panda:
        go(panda, 1)
    state = read_arrays(tmp_path / "toy-panda" / "checkpoints" / "main-2" / "state.npz")
    assert float(state["alpha"]) == 0.5


def test_how_often_a_mind_was_changed_leaves_no_trace(tmp_path: Path) -> None:
    optimizers = DIGITS.replace("alpha: 0.01", "alpha: 0.01\n  optimizer: adam")
    with started(tmp_path / "a", optimizers) as plain:
        go(plain, 2)
        plain.set({"dropout": 0.2})
        go(plain, 1)
    with started(tmp_path / "b", optimizers) as wavering:
        go(wavering, 2)
        for name in ("sgd", "momentum", "adam"):
            wavering.set({"optimizer": name})
        wavering.set({"dropout": 0.4})
        wavering.set({"dropout": 0.2})
        go(wavering, 1)
    assert fingerprint(wavering) == fingerprint(plain)


def test_going_back_restores_settings_and_branches(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 4)
        panda.set({"alpha": 0.5}, why="faster")
        go(panda, 2)
        before = fingerprint(panda)
        panda.back(at("main@3"))
        assert panda.lineage.hparams["alpha"] == pytest.approx(0.1)
        assert set(panda.lineage.branches) == {"main"}
        go(panda, 3)
        assert str(panda.lineage.position) == "b1@6"
        assert [str(e.position) for e in panda.lineage.chain()] == [
            "main@1",
            "main@2",
            "main@3",
            "b1@4",
            "b1@5",
            "b1@6",
        ]
        after = fingerprint(panda)
        assert before.items() <= after.items()
        # The same settings from the same state: b1@4 repeats main@4, and b1@5 does not main@5.
        assert after["b1@4"] == after["main@4"]
        assert after["b1@5"] != after["main@5"]
        panda.switch("main")
        assert str(panda.lineage.position) == "main@6"
        assert panda.lineage.hparams["alpha"] == 0.5
        go(panda, 1)
        assert str(panda.lineage.position) == "main@7"


def test_a_name_for_a_branch_and_settings_with_which_it_begins(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 2)
        panda.set({"alpha": 0.7})
        panda.branch("wild")
        panda.switch("main")
        assert panda.lineage.hparams["alpha"] == pytest.approx(0.1)
        panda.switch("wild")
        assert panda.lineage.hparams["alpha"] == 0.7
        go(panda, 1)
        assert str(panda.lineage.position) == "wild@3"
        for name, reason in {
            "wild": "there is a branch 'wild' already",
            "best": "cannot be a name",
            "-x": "cannot",
        }.items():
            with pytest.raises(UsageError, match=reason):
                panda.branch(name)


def test_undo_takes_back_one_thing_at_a_time_and_deletes_nothing(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 3)
        go(panda, 2)
        panda.set({"alpha": 0.5})
        panda.back(at("main@2"))
        trained = fingerprint(panda)
        seen = []
        while panda.lineage.undoable:
            panda.undo()
            alpha = round(float(panda.lineage.hparams["alpha"]), 3)
            seen.append((str(panda.lineage.position), alpha))
        assert seen == [("main@5", 0.5), ("main@5", 0.1), ("main@3", 0.1), ("main@0", 0.1)]
        assert fingerprint(panda) == trained
        with pytest.raises(UsageError, match="nothing to undo"):
            panda.undo()
    with resumed(tmp_path) as panda:
        assert str(panda.lineage.position) == "main@0"
        go(panda, 1)
        assert fingerprint(panda)["b1@1"] == trained["main@1"]


def test_undoing_a_branched_training_returns_to_where_it_came_from(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 4)
        panda.back(at("main@2"))
        panda.set({"alpha": 0.5})
        go(panda, 3)
        assert panda.undo() == "training to epoch 5"
        assert str(panda.lineage.position) == "main@2"
        assert panda.lineage.hparams["alpha"] == 0.5


def test_what_is_refused_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with started(tmp_path / "a") as plain:
        go(plain, 3)
    with started(tmp_path / "b") as panda:
        go(panda, 2)
        with pytest.raises(TrainableError, match="alpha cannot become -1"):
            panda.set({"alpha": -1})
        assert len(panda.lineage.records) == 3
        go(panda, 1)
    assert fingerprint(panda) == fingerprint(plain)


# --- checkpoints ------------------------------------------------------------------------------


def test_the_rule_of_thinning(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 3)
        panda.save("early")
        go(panda, 20)
        best = panda.lineage.best()
        assert best is not None
        expected = {3, 5, 10, best.position.epoch, *range(14, 24)}
        assert checkpoints(tmp_path) == {f"main-{n}" for n in expected}
        panda.back(at("main@12"))
        go(panda, 1)
        assert checkpoints(tmp_path) == {f"main-{n}" for n in expected | {12}} | {"b1-13"}
        assert kept(panda.lineage) == panda.checkpoints.listed()
        with pytest.raises(UsageError, match="is the name of main@3"):
            panda.save("early")


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_a_thinned_epoch_is_trained_again_to_the_same_bytes(tmp_path: Path, text: str) -> None:
    with started(tmp_path, text) as panda:
        go(panda, 3)
        panda.set({"alpha": 0.02})
        go(panda, 5)
        panda.set({"alpha": 0.04})
        go(panda, 12)
    with resumed(tmp_path) as panda:
        name = panda.folder.name
        gone = [e for e in panda.lineage.chain() if e.position not in panda.checkpoints.listed()]
        assert any(e.position.epoch in (8, 9) for e in gone)
        for epoch in gone:
            panda.back(epoch.position)
            panda.save(f"again-{epoch.position.epoch}")
            state = panda.checkpoints.path(epoch.position) / "state.npz"
            assert sha256(state.read_bytes()) == epoch.sha256
        assert any("to the same bytes" in note for note in panda.notes)
        assert name in ("toy-panda", "digits-panda")


def test_a_damaged_or_missing_checkpoint_costs_time_and_nothing_else(tmp_path: Path) -> None:
    with started(tmp_path / "a") as whole:
        go(whole, 8)
    with started(tmp_path / "b") as panda:
        go(panda, 6)
    folder = tmp_path / "b" / "toy-panda" / "checkpoints"
    state = folder / "main-6" / "state.npz"
    state.write_bytes(state.read_bytes()[:-9])
    shutil.rmtree(folder / "main-5")
    with resumed(tmp_path / "b") as panda:
        go(panda, 2)
        assert "damaged" in panda.notes[0]
        assert "from epoch 4 (2 epochs), to the same bytes" in panda.notes[1]
    assert fingerprint(panda) == fingerprint(whole)
    shutil.rmtree(folder)
    with resumed(tmp_path / "b") as panda:
        panda.save()
        assert "trained again from the start (8 epochs)" in panda.notes[0]


def test_a_checkpoint_that_is_not_in_the_ledger_goes(tmp_path: Path) -> None:
    """As a kill between the two steps leaves it: the ledger says what is true."""
    with started(tmp_path / "a") as whole:
        go(whole, 4)
    with started(tmp_path / "b") as panda:
        go(panda, 4)
    ledger = tmp_path / "b" / "toy-panda" / "ledger.jsonl"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:-1]) + b'{"kind"')
    with resumed(tmp_path / "b") as panda:
        assert str(panda.lineage.position) == "main@3"
        assert "main-4" not in checkpoints(tmp_path / "b")
        assert panda.lineage.unfinished == 1
        go(panda, 1)
    assert fingerprint(panda) == fingerprint(whole)


def test_the_model_of_the_best_epoch_is_published(tmp_path: Path) -> None:
    with started(tmp_path, DIGITS) as panda:
        go(panda, 4)
        best = panda.lineage.best()
        assert best is not None
        published = (panda.folder.model_path).read_bytes()
        name = f"main-{best.position.epoch}"
        assert (panda.folder.path / "checkpoints" / name / "model.npz").read_bytes() == published
        panda.folder.model_path.write_bytes(b"")
    with resumed(tmp_path) as panda:
        assert panda.folder.model_path.read_bytes() == published


# --- what goes wrong --------------------------------------------------------------------------


def test_divergence_costs_its_epoch_and_is_on_record(tmp_path: Path) -> None:
    text = DIGITS.replace("layers: 1", "layers: 1\n  optimizer: sgd\n  batch_norm: false")
    with started(tmp_path, text) as panda:
        go(panda, 2)
        state = fingerprint(panda)
        panda.set({"alpha": 1e30})
        with pytest.raises(TrialDiverged):
            go(panda, 2)
        assert str(panda.lineage.position) == "main@2"
        assert panda.lineage.records[-1]["kind"] == "diverged"
        panda.undo()
        go(panda, 1)
        assert state.items() <= fingerprint(panda).items()
        assert np.isfinite(panda.lineage.chain()[-1].values["train_loss"])


class Fickle:
    """It gives other numbers each time."""

    adjustable = ("alpha",)
    count = 0

    def __init__(self, alpha: float) -> None:
        self.n = 0

    def train_epoch(self, epoch: int) -> float:
        Fickle.count += 1
        self.n = Fickle.count
        if epoch == 30:
            raise KeyError("no such row")
        return float(self.n)

    def save(self) -> dict[str, Any]:
        return {"n": np.array(self.n)}

    def load(self, state: Any) -> None:
        self.n = int(state["n"])


def test_a_random_trainable_is_found_out_when_an_epoch_is_trained_again(tmp_path: Path) -> None:
    text = f"trainable: {__file__}:Fickle\nmetric: m\nparameters: {{alpha: 1}}"
    with started(tmp_path, text) as panda:
        go(panda, 20)
        panda.back(at("main@4"))
        with pytest.raises(RunError, match=r"main@2: trained again it comes to another state"):
            go(panda, 1)
        panda.switch("main")
        with pytest.raises(
            TrainableError, match=r"epoch 30 failed: KeyError: 'no such row' \(test_"
        ):
            go(panda, 20)
        assert str(panda.lineage.position) == "main@29"
        go(panda, 0)


def test_what_cannot_be_saved_cannot_be_babysat(tmp_path: Path) -> None:
    text = f"trainable: {__file__}:unsaved\nparameters: {{alpha: 1}}"
    with pytest.raises(TrainableError, match="write a class with"), started(tmp_path, text):
        pass
    assert not list(tmp_path.glob("*panda*"))


def unsaved(alpha: float) -> float:
    return alpha


def test_start_and_resume_are_never_confused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no babysat run"):
        find_babysat(tmp_path)
    with started(tmp_path):
        pass
    with pytest.raises(UsageError, match=r"--resume toy-panda   Or .* --fresh"), started(tmp_path):
        pass
    with started(tmp_path, fresh=True) as panda:
        assert panda.folder.name == "toy-panda-2"
    assert read_lineage(RunFolder(tmp_path / "toy-panda")).position == at("main@0")


def test_one_process_at_a_time(tmp_path: Path) -> None:
    said = pytest.raises(RunError, match="at work on this run")
    with started(tmp_path), said, resumed(tmp_path):
        pass


# --- schedules --------------------------------------------------------------------------------

DECAYED = DIGITS.replace("alpha: 0.01", "alpha: 0.01\n  decay: inverse\n  decay_rate: 1")


def typed(panda: Panda, text: str) -> None:
    pairs = (("alpha", text),)
    panda.set(win_over_schedule(panda, changes_of(panda.lineage, pairs), pairs))


def test_the_effective_alpha_is_on_record(tmp_path: Path) -> None:
    with started(tmp_path, DECAYED) as panda:
        go(panda, 3)
        # alpha / (1 + epoch)
        effective = [e.effective["alpha"] for e in panda.lineage.chain()]
        assert effective == [pytest.approx(0.01 / (1 + epoch)) for epoch in (1, 2, 3)]


def test_an_alpha_that_is_typed_wins_over_the_schedule(tmp_path: Path) -> None:
    with started(tmp_path, DECAYED) as panda:
        go(panda, 3)
        typed(panda, "0.02")
        assert panda.effective()["alpha"] == pytest.approx(0.02, rel=1e-12)
        go(panda, 2)
        # It decays on from there: 1 + 4 became 1 + 5.
        assert panda.lineage.chain()[-1].effective["alpha"] == pytest.approx(0.02 * 5 / 6)
        typed(panda, "/2")
        assert panda.effective()["alpha"] == pytest.approx(0.02 * 5 / 7 / 2)
        typed(panda, ":=0.07")
        assert panda.lineage.hparams["alpha"] == 0.07
        assert panda.effective()["alpha"] == pytest.approx(0.01)
        with pytest.raises(UsageError, match="alpha must be > 0"):
            typed(panda, "0")


def test_without_a_schedule_a_value_is_the_value(tmp_path: Path) -> None:
    with started(tmp_path, DIGITS) as panda:
        typed(panda, "0.02")
        assert panda.lineage.hparams["alpha"] == 0.02
        assert panda.effective() == {}


def test_to_ask_for_the_effective_alpha_never_trains(tmp_path: Path) -> None:
    with started(tmp_path, DECAYED) as panda:
        go(panda, 16)
        assert panda.is_ready
        assert panda.is_near
        panda.back(at("main@10"))
        assert (panda.is_ready, panda.is_near) == (False, True)
        gone = next(e for e in panda.lineage.chain() if e.position not in kept(panda.lineage))
        panda.back(gone.position)
        assert (panda.is_ready, panda.is_near) == (False, False)


def test_more_threads_in_the_config_are_not_used_aloud(tmp_path: Path) -> None:
    with started(tmp_path, TOY + "run: {threads: 2}\n") as panda:
        assert panda.notes == ["run.threads is 2 in the config; babysitting trains with 1 thread"]
    with resumed(tmp_path) as panda:
        go(panda, 1)
        assert "babysitting trains with 1 thread" in panda.notes[0]
