"""Replay, export, probe, comparison and adoption."""

import json
from pathlib import Path

import pytest

from hpsearch.config import load_text
from hpsearch.errors import RunError, UsageError
from hpsearch.panda.adoption import adoption_note, left_to_adopt
from hpsearch.panda.compare import compare
from hpsearch.panda.opening import adopt, setup_of
from hpsearch.panda.positions import Position
from hpsearch.panda.probe import probe, steepest
from hpsearch.panda.replay import as_commands, branches_to_replay, replay
from hpsearch.records import State, Trial, TrialResult
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder
from hpsearch.store.sealed import seal
from hpsearch.training.build import build
from hpsearch.training.prepare import prepare_spec
from hpsearch.training.protocol import Context
from hpsearch.training.session import Session
from tests.panda.test_panda_killed import carry_out
from tests.panda.toy import DIGITS, TOY, fingerprint, go, resumed, started


def raised(root: Path, text: str = TOY) -> None:
    """A run with two branches and a few changes."""
    with started(root, text) as panda:
        for line in ("go 4", "alpha /3", "go 3", "back 5", "alpha *2", "go 3"):
            carry_out(panda, line)


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_a_replay_needs_the_ledger_and_nothing_else(tmp_path: Path, text: str) -> None:
    raised(tmp_path, text)
    with resumed(tmp_path) as panda:
        for position in panda.checkpoints.listed():
            panda.checkpoints.remove(position)
        lineage = panda.lineage
    setup, notes = setup_of(panda.folder, lineage)
    assert notes == []
    assert branches_to_replay(lineage, None) == ["b1"]
    assert branches_to_replay(lineage, "all") == ["main", "b1"]
    done = list(replay(setup, lineage, "b1"))
    assert [str(each.epoch.position) for each in done][-2:] == ["b1@7", "b1@8"]
    assert all(each.problem is None for each in done)
    with pytest.raises(UsageError, match="there are main, b1"):
        branches_to_replay(lineage, "b9")


def test_a_replay_ends_at_the_first_difference(tmp_path: Path) -> None:
    raised(tmp_path)
    path = tmp_path / "toy-panda" / "ledger.jsonl"
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    for record in records:
        del record["crc"]
        if record["kind"] == "set" and record["before"] == 5:
            record["changes"]["alpha"][1] *= 1.0000001
    path.write_bytes(b"".join(seal(record) + b"\n" for record in records))
    with resumed(tmp_path) as panda:
        setup, _ = setup_of(panda.folder, panda.lineage)
        done = list(replay(setup, panda.lineage, "main"))
    assert [each.problem is None for each in done] == [True] * 4 + [False]
    assert "main@5: trained again it comes to another state" in (done[-1].problem or "")


def test_a_branch_as_commands_raises_it_again(tmp_path: Path) -> None:
    raised(tmp_path / "a")
    with resumed(tmp_path / "a") as panda:
        text = as_commands(panda.lineage, "b1")
        states = [epoch.sha256 for epoch in panda.lineage.chain()]
    assert text.splitlines()[0] == "go 4"
    with started(tmp_path / "b") as panda:
        for line in text.splitlines():
            carry_out(panda, line)
        assert [epoch.sha256 for epoch in panda.lineage.chain()] == states


# --- probe ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
def test_a_probe_leaves_no_trace_in_the_state(tmp_path: Path, text: str) -> None:
    with started(tmp_path / "a", text) as plain:
        go(plain, 3)
        plain.set({"alpha": 0.05})
        go(plain, 1)
    with started(tmp_path / "b", text) as panda:
        go(panda, 3)
        panda.set({"alpha": 0.05})
        results = list(probe(panda, "alpha"))
        assert [round(float(r.value or 0), 5) for r in results] == [
            0.0005,
            0.00167,
            0.005,
            0.01667,
            0.05,
            0.15,
            0.5,
            1.5,
            5,
        ]
        assert len({r.train for r in results}) > 5
        go(panda, 1)
    assert fingerprint(panda) == fingerprint(plain)
    # The middle value is the one with which the next epoch is trained.
    last = panda.lineage.chain()[-1].values
    assert results[4].metric == last[panda.lineage.start.metric.name]
    assert steepest(results, lambda loss: loss) in results


def test_what_cannot_be_probed(tmp_path: Path) -> None:
    with started(tmp_path, DIGITS.replace("alpha: 0.01", "alpha: 0.01\n  l2: 0")) as panda:
        for name, said in {"layers": "cannot be probed", "l2": "above 0", "decay": "none"}.items():
            with pytest.raises(UsageError, match=said):
                list(probe(panda, name))
        assert [r.value for r in probe(panda, "batch_size")][:3] == [5, 17, 51]


def test_a_whole_number_for_alpha_is_probed_as_a_number(tmp_path: Path) -> None:
    with started(tmp_path, DIGITS.replace("alpha: 0.01", "alpha: 1")) as panda:
        assert [r.value for r in probe(panda, "alpha")][:2] == [0.01, pytest.approx(1 / 30)]


# --- comparison -------------------------------------------------------------------------------


def test_two_branches_at_equal_epochs(tmp_path: Path) -> None:
    raised(tmp_path)
    with resumed(tmp_path) as panda:
        found = compare(panda.lineage, "main", "b1")
        main = panda.lineage.chain(Position("main", 7))
        b1 = panda.lineage.chain(Position("b1", 8))
    assert found.fork == 5
    alpha = main[0].hparams["alpha"]
    assert found.settings == {"alpha": (alpha / 3, alpha / 3 * 2)}
    assert found.rows[0][0] == 5
    assert found.rows[0][1] == found.rows[0][2]
    assert found.rows[1] == (6, main[5].values["dev_loss"], b1[5].values["dev_loss"])
    assert found.rows[-1] == (8, None, b1[7].values["dev_loss"])


# --- adoption ---------------------------------------------------------------------------------


def searched(
    root: Path,
    text: str,
    *,
    epochs: int = 4,
    wrong: float = 0.0,
    repeats: tuple[float, ...] = (),
) -> list[bytes]:
    """A run folder with one recorded trial, trained as a worker does; its states."""
    config = load_text(text, "config.yaml", root, "config").config
    space = config.space()
    trial = Trial(3, 77, space.decode([0.3] * space.dimensions), (0.3,) * space.dimensions)
    inactive = tuple(n for n in space.by_name if n not in trial.hparams)
    context = Context(3, 77, config.epochs, config.metric.name, trial.hparams, inactive)
    session = Session(build(prepare_spec(config), context), config.metric_record())
    states = []
    for _ in session.run(epochs):
        state = session.trainable.save() or {}
        states.append(b"".join(state[name].tobytes() for name in sorted(state)))
    curve = [value + wrong for value in session.values()]
    result = TrialResult(
        trial,
        State.DONE,
        min(curve),
        1,
        epochs,
        {config.metric.name: tuple(curve)},
        repeats=repeats,
    )
    folder = RunFolder(root / config.name)
    folder.create(text, text)
    with Journal(folder.trials_path) as journal:
        journal.append(result.to_record())
    return states


@pytest.mark.parametrize("text", [TOY, DIGITS], ids=["class", "network"])
@pytest.mark.parametrize("which", ["3", "best"])
def test_an_adopted_trial_is_trained_to_the_same_states(
    tmp_path: Path, text: str, which: str
) -> None:
    states = searched(tmp_path, text)
    name = text.split()[1]
    with adopt(f"{name}#{which}", tmp_path, "test") as panda:
        assert left_to_adopt(panda.lineage) == 4
        go(panda, 2)
    with resumed(tmp_path, f"{name}-3-panda") as panda:
        assert left_to_adopt(panda.lineage) == 2
        go(panda, 2)
        assert left_to_adopt(panda.lineage) == 0
        found = [panda.checkpoints.load(epoch) for epoch in panda.lineage.chain()]
        assert [b"".join(s[n].tobytes() for n in sorted(s)) for s in found] == states
        assert adoption_note(panda.lineage) is None


def test_an_average_of_several_trainings_is_not_compared_with_one(tmp_path: Path) -> None:
    searched(tmp_path, TOY, wrong=0.25, repeats=(0.1, 0.2))
    with adopt("toy#best", tmp_path, "test") as panda:
        assert left_to_adopt(panda.lineage) == 4
        go(panda, 1)
        assert adoption_note(panda.lineage) is None


def test_an_adopted_trial_that_comes_to_other_numbers_is_told(tmp_path: Path) -> None:
    searched(tmp_path, TOY, wrong=0.25)
    with adopt("toy#best", tmp_path, "test") as panda:
        go(panda, 1)
        note = adoption_note(panda.lineage)
    assert note is not None
    assert "trial 3 of toy has dev_loss" in note
    assert "at epoch 1" in note


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("toy", "write RUN#TRIAL"),
        ("toy#9", "no recorded trial '9'"),
        ("toi#3", "did you mean toy"),
        ("#3", "write RUN#TRIAL"),
    ],
)
def test_what_cannot_be_adopted(tmp_path: Path, source: str, said: str) -> None:
    searched(tmp_path, TOY)
    with pytest.raises(UsageError, match=said), adopt(source, tmp_path, "test"):
        pass


def test_a_babysat_run_is_not_adopted_and_a_damaged_ledger_is_refused(tmp_path: Path) -> None:
    raised(tmp_path)
    said = pytest.raises(UsageError, match="babysat run already")
    with said, adopt("toy-panda#best", tmp_path, "test"):
        pass
    path = tmp_path / "toy-panda" / "ledger.jsonl"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(RunError, match=r"ledger.jsonl:\d+: the line is damaged"), resumed(tmp_path):
        pass
