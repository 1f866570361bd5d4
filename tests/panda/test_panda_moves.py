"""Which records may follow which: the table, the engine that asks it, ledgers that break it."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import RunError
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.moves import RULES, State, comes_first, refusal
from hpsearch.store.journal import Journal, read_journal
from hpsearch.store.sealed import seal, unseal
from tests.panda.toy import go, resumed, started

AFTER_AN_EPOCH = State.AT_TIP | State.TRAINED | State.UNDOABLE


@pytest.mark.parametrize(
    ("state", "illegal"),
    [
        (State.AT_TIP, {"undo", "save"}),  # a new run
        (State.AT_TIP | State.TRAINED | State.UNDOABLE, set()),
        (State.TRAINED | State.UNDOABLE, {"epoch", "diverged"}),  # went back
        (State.UNDOABLE, {"epoch", "diverged", "save"}),  # went back to the untrained model
        (State.AT_TIP | State.UNDOABLE, {"save"}),  # changed a setting before the first epoch
        (State.ANY, {"epoch", "diverged", "undo", "save"}),  # all is undone, and epochs are there
    ],
)
def test_what_is_legal_where(state: State, illegal: set[str]) -> None:
    assert {kind for kind in RULES if refusal(kind, state)} == illegal
    first = {kind for kind in RULES if comes_first(kind, state) == "branch"}
    assert first == illegal & {"epoch", "diverged"}


def test_an_unknown_kind_is_refused() -> None:
    assert refusal("jump", AFTER_AN_EPOCH) == "its kind is 'jump'"


def test_a_record_that_may_not_come_next_never_reaches_the_ledger(tmp_path: Path) -> None:
    with started(tmp_path) as panda:
        go(panda, 2)
        ledger = tmp_path / "toy-panda" / "ledger.jsonl"
        before = ledger.read_bytes()
        for kind, facts in (
            ("move", {"at": "main@7"}),
            ("save", {"at": "b1@1", "name": "x"}),
            ("branch", {"name": "main", "at": "main@2", "target": None}),
            ("set", {"at": "main@2", "changes": {"gamma": [1, 2]}, "why": ""}),
        ):
            with pytest.raises(ValueError, match=r"there is|is there already"):
                panda._record(kind, **facts)
        assert ledger.read_bytes() == before
        go(panda, 1)
        assert str(panda.lineage.position) == "main@3"
    with resumed(tmp_path) as panda:
        assert str(panda.lineage.position) == "main@3"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"kind": "undo"}, "there is nothing to undo"),
        ({"kind": "move", "at": "main@3"}, "there is no main@3"),
        ({"kind": "move", "at": "b1@0"}, "there is no b1@0"),
        ({"kind": "branch", "name": "b1", "at": "main@9", "target": None}, "there is no main@9"),
        ({"kind": "save", "name": "x", "at": "main@0"}, "the untrained model needs no saving"),
        ({"kind": "note"}, "KeyError: 'at'"),
        ({"kind": "set", "changes": {"alpha": [1, [2]]}, "why": ""}, r"alpha is \[2\]"),
        ({"kind": "set", "changes": {"alpha": 1}, "why": ""}, "TypeError"),
        (
            {
                "kind": "epoch",
                "at": "main@1",
                "target": 1,
                "values": {"loss": 1},
                "effective": {},
                "sha256": "",
                "seconds": 1,
            },
            "it has no dev_loss",
        ),
        ({"kind": "jump"}, "its kind is 'jump'"),
    ],
)
def test_a_sealed_ledger_that_cannot_be_is_refused_with_its_line(
    tmp_path: Path, record: dict[str, Any], reason: str
) -> None:
    with started(tmp_path):
        pass
    path = tmp_path / "toy-panda" / "ledger.jsonl"
    with Journal(path) as journal:
        journal.append(record)
    with pytest.raises(RunError, match=reason) as refused:
        Lineage.read(str(path), read_journal(path))
    assert refused.value.message.startswith(f"{path}:2: ")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["x", "main@1", "main@99", "nan"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=3,
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """A ledger with every kind of record but ``diverged``."""
    root = tmp_path_factory.mktemp("runs")
    with started(root) as panda:
        go(panda, 2)
        panda.set({"alpha": 0.03}, "because")
        go(panda, 2)
        panda.save("four")
        panda.back(panda.lineage.resolve("1"))
        go(panda, 1)
        panda.record_probe("alpha", [{"value": 1.0, "train": 1.0, "metric": None}])
        panda.branch("x")
        panda.undo()
        panda.note("done")
    return read_journal(root / "toy-panda" / "ledger.jsonl")


@given(data=st.data())
def test_a_ledger_with_anything_in_it_is_read_or_refused(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(records))
    line = data.draw(st.integers(0, len(changed) - 1))
    key = data.draw(st.sampled_from(sorted(changed[line])))
    changed[line][key] = data.draw(JSON)
    with contextlib.suppress(RunError):  # anything else is a bug
        lineage = Lineage.read("ledger", [unseal(seal(record)) for record in changed])
        assert lineage.best() in lineage.all_epochs()
