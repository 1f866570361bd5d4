"""Killed with -9 anywhere and gone on with, a run ends as if it had never been disturbed.

The child that is killed is a fork of this process. A kill comes at a moment drawn by hypothesis:
before or after the n-th of the system calls that change the disk, so that every gap between two
of them is hit sooner or later, or after some milliseconds.
"""

import contextlib
import json
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hpsearch.errors import UsageError
from hpsearch.panda.changes import changes_of
from hpsearch.panda.grammar import Back, Begin, Go, Note, Save, Set, Simple, Switch, parse
from hpsearch.panda.opening import setup_of
from hpsearch.panda.panda import Panda
from hpsearch.panda.reading import read_lineage
from hpsearch.panda.replay import replay
from hpsearch.store.arrays import sha256
from hpsearch.store.rundir import RunFolder
from tests.panda.toy import DIGITS, TOY, go, resumed, started

CALLS = ("write", "fsync", "rename", "mkdir", "unlink", "rmdir")

LINES = st.one_of(
    st.integers(1, 7).map(lambda n: f"go {n}"),
    st.sampled_from(["alpha /3", "alpha *2", "alpha 0.05", "beta 0.5; alpha 0.2", "beta 0.9"]),
    st.integers(1, 9).map(lambda n: f"back -{n}"),
    st.sampled_from(["back best", "back 2", "switch main", "undo", "undo", "save", "note so far"]),
    st.sampled_from(["branch wild", "branch calm", "switch wild"]),
)
KILLS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["before", "after"]), st.integers(1, 120)),
        st.tuples(st.just("ms"), st.integers(1, 150)),
    ),
    min_size=1,
    max_size=4,
)


ACTIONS: dict[type, Callable[[Panda, Any], object]] = {
    Go: lambda panda, command: go(panda, command.epochs),
    Set: lambda panda, command: panda.set(changes_of(panda.lineage, command.changes), command.why),
    Back: lambda panda, command: panda.back(panda.lineage.resolve(command.where)),
    Switch: lambda panda, command: panda.switch(command.name),
    Begin: lambda panda, command: panda.branch(command.name),
    Note: lambda panda, command: panda.note(command.text),
    Save: lambda panda, command: panda.save(command.name),
    Simple: lambda panda, command: panda.undo(),
}


def carry_out(panda: Panda, line: str) -> None:
    """A line of the grammar; what is refused is refused the same way every time."""
    with contextlib.suppress(UsageError):
        for command in parse(line, panda.lineage.hparams):
            ACTIONS[type(command)](panda, command)


def ledger(folder: RunFolder) -> list[dict[str, Any]]:
    """The records without what depends on the clock."""
    lines = (folder.path / "ledger.jsonl").read_text().splitlines()
    timeless = [json.loads(line) for line in lines]
    for record in timeless:
        for key in ("time", "seconds", "crc"):
            record.pop(key, None)
    return timeless


def undisturbed(root: Path, text: str, lines: list[str]) -> tuple[list[int], list[int], RunFolder]:
    """Carry out everything; the number of records and the epoch after each line."""
    counts, epochs = [], []
    with started(root, text) as panda:
        for line in lines:
            carry_out(panda, line)
            counts.append(len(panda.lineage.records))
            epochs.append(panda.lineage.position.epoch)
    return counts, epochs, panda.folder


def go_on(root: Path, text: str, lines: list[str], counts: list[int], epochs: list[int]) -> None:
    """Carry out what is left, whatever was done already: the ledger tells."""
    runs = [path for path in root.glob("*-panda") if RunFolder(path).is_babysat]
    with resumed(root) if runs else started(root, text) as panda:
        for line, count, epoch in zip(lines, counts, epochs, strict=True):
            done = len(panda.lineage.records)
            if done >= count:
                continue
            if line.startswith("go"):
                go(panda, epoch - panda.lineage.position.epoch)
            else:
                carry_out(panda, line)


def killed_child(kind: str, number: int, work: Callable[[], None]) -> bool:
    """Do the work in a fork that kills itself, or is killed, at a moment; whether it died of it."""
    child = os.fork()
    if child == 0:
        try:
            if kind != "ms":
                _die_at(kind, number)
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    if kind == "ms":
        time.sleep(number / 1000)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return os.WIFSIGNALED(status)


def _die_at(kind: str, number: int) -> None:
    calls = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if kind == "before" and calls == number:
                os.kill(os.getpid(), signal.SIGKILL)
            mine = calls
            try:
                return call(*arguments, **options)
            finally:  # one that fails is a step as well
                if kind == "after" and mine == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        return wrapper

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def check(text: str, lines: list[str], kills: list[tuple[str, int]]) -> int:
    """Compare a story that is killed with the same undisturbed; how many kills came in time."""
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder, "whole"), Path(folder, "broken")
        whole.mkdir()
        broken.mkdir()
        counts, epochs, reference = undisturbed(whole, text, lines)
        deaths = sum(
            killed_child(kind, number, lambda: go_on(broken, text, lines, counts, epochs))
            for kind, number in kills
        )
        go_on(broken, text, lines, counts, epochs)
        found = RunFolder(broken / reference.name)
        assert ledger(found) == ledger(reference)
        states = {p.parent.name: sha256(p.read_bytes()) for p in found.path.rglob("state.npz")}
        expected = reference.path.rglob("state.npz")
        assert states == {p.parent.name: sha256(p.read_bytes()) for p in expected}
        assert not list(found.path.rglob("*.tmp"))
        lineage = read_lineage(found)
        setup, _ = setup_of(found, lineage)
        for branch in lineage.branches:
            assert all(epoch.problem is None for epoch in replay(setup, lineage, branch))
        return deaths


STORY = ["go 6", "alpha /3", "go 3", "back 2", "beta 0.5", "go 4", "undo", "save", "go 2"]


@pytest.mark.parametrize(
    "kills", [[("before", 9), ("after", 31)], [("after", 14), ("before", 25), ("after", 22)]]
)
def test_a_killed_story_ends_the_same(kills: list[tuple[str, int]]) -> None:
    assert check(TOY, STORY, kills) == len(kills)


def test_a_killed_network_ends_the_same() -> None:
    story = [line.replace("beta", "dropout") for line in STORY]
    assert check(DIGITS, story, [("before", 25), ("after", 60), ("ms", 200)]) >= 2


@given(lines=st.lists(LINES, min_size=2, max_size=8), kills=KILLS)
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
def test_killed_stories_end_the_same(lines: list[str], kills: list[tuple[str, int]]) -> None:
    check(TOY, lines, kills)


@pytest.mark.slow
@given(lines=st.lists(LINES, min_size=3, max_size=12), kills=KILLS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@example(
    lines=["go 7", "back 2", "go 7", "go 7", "back 8", "save", "undo", "undo"],
    kills=[("after", 100)],
)
def test_many_killed_stories_end_the_same(lines: list[str], kills: list[tuple[str, int]]) -> None:
    check(TOY, lines, kills)


@pytest.mark.slow
def test_every_gap_between_two_changes_of_the_disk(
    record_property: Callable[[str, object], None],
) -> None:
    """One short story, killed before every single call that changes the disk."""
    number, story = 1, ["go 2", "alpha /3", "back 1", "go 1"]
    while check(TOY, story, [("before", number)]):
        number += 1
    assert number > 30
    record_property("tries", number)
