"""The lineage of one model: branches of epochs, where it stands, and what its settings are.

A lineage is what the records of ``ledger.jsonl`` add up to: :meth:`Lineage.apply` takes them one
by one, and nothing else ever changes it. So the ledger is the truth; every checkpoint can be made
again from it. Records are only appended, when they may come next (``moves.py``), and each has a
``kind``:

| kind     | says                                                                              |
| -------- | --------------------------------------------------------------------------------- |
| start    | the trial number, seed and settings that the model began with; always the first    |
| epoch    | an epoch is finished: its metrics, the sha256 of the state after it                |
| set      | settings, old -> new, from epoch ``before`` on, and why                            |
| move     | the model went back, or to another branch: ``at``, with the settings it had there  |
| branch   | a new branch begins at ``at``; with ``target`` because a training up to it does    |
| undo     | the last change, move or training is taken back; what was trained stays            |
| diverged | an epoch ended in numbers that are not finite; it does not count                   |
| save     | the state at ``at`` has a name, and is kept                                        |
| note     | what a person wanted to remember                                                   |
| probe    | what a range test found; it changes nothing                                        |

A branch shares the epochs up to its base with the branch it came from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from hpsearch.errors import RunError, UsageError
from hpsearch.panda.moves import State, refusal
from hpsearch.panda.positions import (
    FORMAT,
    Branch,
    Epoch,
    Position,
    Start,
    describe_changes,
)
from hpsearch.records import Hparams, Value, finite_number, scalars

MAIN = "main"
RESERVED = frozenset({"best", "all"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class _Step:
    """What ``undo`` takes back: how it is called, and where things stood before it."""

    what: str
    position: Position
    hparams: Hparams
    target: int | None = None


class Lineage:
    """What a ledger's records add up to.

    ``position`` is where the model stands, ``hparams`` are the settings for the next epoch, and
    ``records`` all records so far.
    """

    def __init__(self, start: Start) -> None:
        self.start = start
        self.branches = {MAIN: Branch(MAIN, None, start.hparams)}
        self.position = Position(MAIN, 0)
        self.hparams: dict[str, Value] = dict(start.hparams)
        self.saved: dict[str, Position] = {}
        self.records: list[Mapping[str, Any]] = []
        self._steps: list[_Step] = []

    @classmethod
    def read(cls, path: str, records: list[dict[str, Any]]) -> Lineage:
        """The lineage of a whole ledger; ``path`` names it in errors.

        Raises:
            RunError: a record is not one of ours.
        """
        lineage: Lineage | None = None
        for line, record in enumerate(records, start=1):
            try:
                if lineage is None:
                    lineage = cls._begun(record)
                else:
                    lineage.apply(record)
            except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise RunError(
                    f"{path}:{line}: the line is not a record of a babysat run "
                    f"({type(error).__name__}: {error}); was it written by another version?"
                ) from error
        if lineage is None:
            raise RunError(f"{path}: the ledger is empty; restore it from a copy, or start again")
        return lineage

    @classmethod
    def _begun(cls, record: Mapping[str, Any]) -> Lineage:
        if record["kind"] != "start" or record["format"] != FORMAT:
            raise ValueError(f"it begins with {record['kind']!r}, format {record.get('format')}")
        lineage = cls(Start.from_record(record))
        lineage.records.append(record)
        return lineage

    # --- what the records do ------------------------------------------------------------------

    def apply(self, record: Mapping[str, Any]) -> None:
        """Take one more record into account.

        Raises:
            LookupError, TypeError, ValueError: it is not a record of ours, or may not come next;
                the lineage is as it was before.
        """
        self.checked(record)()

    def checked(self, record: Mapping[str, Any]) -> Callable[[], None]:
        """Check one more record, and give the function that takes it into account.

        So whoever writes a ledger appends a record between the two: once it is known to be
        legal, and before it counts. The function cannot fail.

        Raises:
            LookupError, TypeError, ValueError: it is not a record of ours, or may not come next.
        """
        kind = record["kind"]
        reason = refusal(kind, self.state)
        if reason is not None:
            raise ValueError(reason)
        effect = _CHECKED[kind](self, record)

        def carry_out() -> None:
            effect()
            self.records.append(record)

        return carry_out

    def _epoch(self, record: Mapping[str, Any]) -> Callable[[], None]:
        position, target = Position.parse(record["at"]), int(record["target"])
        branch = self.branches[position.branch]
        if self.position != branch.tip or position.epoch != branch.tip.epoch + 1:
            raise ValueError(f"{position} follows {self.position}")
        values = {
            n: math.nan if v is None else finite_number(v) for n, v in record["values"].items()
        }
        if self.start.metric.name not in values:
            raise ValueError(f"it has no {self.start.metric.name}")
        epoch = Epoch(
            position=position,
            hparams=dict(self.hparams),
            effective=scalars(record["effective"]),
            values=values,
            sha256=str(record["sha256"]),
            target=target,
            seconds=finite_number(record["seconds"]),
        )

        def effect() -> None:
            self._remember_training(target)
            branch.epochs.append(epoch)
            self.position = position

        return effect

    def _set(self, record: Mapping[str, Any]) -> Callable[[], None]:
        changes = scalars({name: new for name, (_, new) in record["changes"].items()})
        unknown = changes.keys() - self.hparams.keys()
        if unknown:
            raise ValueError(f"there is no setting {min(unknown)!r}")
        what, _ = "; ".join(describe_changes(record["changes"])), str(record["why"])

        def effect() -> None:
            self._remember(what)
            self.hparams |= changes

        return effect

    def _move(self, record: Mapping[str, Any]) -> Callable[[], None]:
        position = self._known(record["at"])

        def effect() -> None:
            self._remember(f"move to {position}")
            self.hparams = dict(self.settings_at(position))
            self.position = position

        return effect

    def _branch(self, record: Mapping[str, Any]) -> Callable[[], None]:
        name, base = str(record["name"]), self._known(record["at"])
        target = None if record["target"] is None else int(record["target"])
        if name in self.branches:
            raise ValueError(f"branch {name!r} is there already")

        def effect() -> None:
            if target is None:
                self._remember(f"branch {name}")
            else:
                self._remember_training(target)
            self.branches[name] = Branch(name, base, dict(self.hparams))
            self.position = Position(name, base.epoch)

        return effect

    def _undo(self, record: Mapping[str, Any]) -> Callable[[], None]:
        del record

        def effect() -> None:
            step = self._steps.pop()
            self.position, self.hparams = step.position, dict(step.hparams)

        return effect

    def _save(self, record: Mapping[str, Any]) -> Callable[[], None]:
        name, position = str(record["name"]), self._known(record["at"])
        return lambda: self.saved.update({name: position})

    def _diverged(self, record: Mapping[str, Any]) -> Callable[[], None]:
        Position.parse(record["at"])
        return _nothing

    def _note(self, record: Mapping[str, Any]) -> Callable[[], None]:
        self._known(record["at"])
        return _nothing

    def _probe(self, record: Mapping[str, Any]) -> Callable[[], None]:
        self._known(record["at"])
        for tried in record["results"]:
            scalars(tried)
        return _nothing

    def _known(self, text: str) -> Position:
        """The position that a record names.

        Raises:
            ValueError: there is no such epoch.
        """
        position = Position.parse(text)
        branch = self.branches.get(position.branch)
        if branch is None or not branch.first - 1 <= position.epoch <= branch.tip.epoch:
            raise ValueError(f"there is no {position}")
        return position

    def _remember(self, what: str, target: int | None = None) -> None:
        self._steps.append(_Step(what, self.position, dict(self.hparams), target))

    def _remember_training(self, target: int) -> None:
        """One step for all the epochs of one training, even if it was cut short and went on."""
        if not self._steps or self._steps[-1].target != target:
            self._remember(f"training to epoch {target}", target)

    # --- questions ----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What decides which records may come next."""
        facts = {
            State.AT_TIP: self.at_tip,
            State.TRAINED: self.epoch(self.position) is not None,
            State.UNDOABLE: bool(self._steps),
        }
        return reduce(or_, (state for state, holds in facts.items() if holds), State.ANY)

    @property
    def undoable(self) -> str | None:
        """What ``undo`` would take back; ``None`` if there is nothing."""
        return self._steps[-1].what if self._steps else None

    @property
    def at_tip(self) -> bool:
        """Whether the next epoch continues the branch; otherwise it begins another."""
        return self.branches[self.position.branch].tip == self.position

    @property
    def unfinished(self) -> int:
        """How many epochs the last training was cut short by, if nothing was done since."""
        last = next((r for r in reversed(self.records) if r["kind"] != "note"), None)
        if last is None or last["kind"] not in ("epoch", "branch") or last["target"] is None:
            return 0
        return int(last["target"]) - self.position.epoch

    def chain(self, position: Position | None = None) -> list[Epoch]:
        """The epochs that lead to a position (default: the present one), the first one first."""
        here: Position | None = position or self.position
        parts: list[list[Epoch]] = []
        while here is not None:
            branch = self.branches[here.branch]
            parts.append(branch.epochs[: max(here.epoch - branch.first + 1, 0)])
            here = branch.base
        return [epoch for part in reversed(parts) for epoch in part]

    def epoch(self, position: Position) -> Epoch | None:
        """The epoch at whose end a position is; ``None`` for the untrained model."""
        chain = self.chain(position)
        return chain[-1] if chain else None

    def settings_at(self, position: Position) -> Hparams:
        """The settings that come back with a position: those of the epoch that led to it.

        At the beginning of a branch they are those with which it began.
        """
        branch = self.branches[position.branch]
        if position.epoch < branch.first:
            return branch.hparams
        return branch.epochs[position.epoch - branch.first].hparams

    def all_epochs(self) -> Iterator[Epoch]:
        """Every epoch of every branch."""
        for branch in self.branches.values():
            yield from branch.epochs

    def best(self, epochs: list[Epoch] | None = None) -> Epoch | None:
        """The epoch with the best metric, of all or of some; the first among equals."""
        metric = self.start.metric
        candidates = list(self.all_epochs()) if epochs is None else epochs
        return min(
            (e for e in candidates if math.isfinite(e.values[metric.name])),
            key=lambda e: metric.goal.loss(e.values[metric.name]),
            default=None,
        )

    def owner(self, branch: str, epoch: int) -> Position:
        """The position after ``epoch`` in the history of ``branch``, under its own branch's name.

        Raises:
            UsageError: there is no such branch or epoch.
        """
        here = self.tip(branch)
        if not 0 <= epoch <= here.epoch:
            raise UsageError(f"{branch} has epochs 0 to {here.epoch}, not {epoch}")
        while True:
            of = self.branches[here.branch]
            if of.base is None or epoch >= of.first or (epoch == here.epoch and not of.epochs):
                return Position(here.branch, epoch)
            here = of.base

    def tip(self, branch: str) -> Position:
        """Where a branch ends.

        Raises:
            UsageError: there is none of that name.
        """
        if branch not in self.branches:
            raise UsageError(self._no_branch(branch))
        return self.branches[branch].tip

    def resolve(self, text: str) -> Position:
        """What ``12``, ``-5``, ``best``, ``b1@8``, ``b1`` or a saved name stands for.

        Raises:
            UsageError: it stands for nothing.
        """
        text = text.strip()
        if text == "best":
            best = self.best()
            if best is None:
                raise UsageError("there is no best epoch yet; train with: go 5")
            return best.position
        if re.fullmatch(r"-\d+", text):
            return self.owner(self.position.branch, max(self.position.epoch + int(text), 0))
        if text.isdecimal():
            return self.owner(self.position.branch, int(text))
        if text in self.saved:
            return self.saved[text]
        if text in self.branches:
            return self.branches[text].tip
        branch, at, epoch = text.rpartition("@")
        if at and branch in self.branches and epoch.isdecimal():
            return self.owner(branch, int(epoch))
        if at and epoch.isdecimal():
            raise UsageError(self._no_branch(branch))
        raise UsageError(
            f"{text!r} is not a position; write an epoch (12), a step back (-5), best, "
            f"branch@epoch ({self.position}), a branch, or a name given with save"
        )

    def _no_branch(self, name: str) -> str:
        return f"there is no branch {name!r}; there are {', '.join(self.branches)}"

    def free_branch_name(self) -> str:
        """The first of ``b1``, ``b2`` … that no branch has."""
        number = 1
        while f"b{number}" in self.branches or f"b{number}" in self.saved:
            number += 1
        return f"b{number}"

    def check_new_name(self, name: str) -> None:
        """Refuse a name that a branch or a saved state cannot have.

        Raises:
            UsageError: says why.
        """
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise UsageError(
                f"{name!r} cannot be a name here: use up to 40 letters, digits, '.', '_' and '-', "
                f"the first a letter, and not {' or '.join(sorted(RESERVED))}"
            )
        if name in self.branches:
            raise UsageError(f"there is a branch {name!r} already; go there with: switch {name}")
        if name in self.saved:
            raise UsageError(f"{name!r} is the name of {self.saved[name]}; choose another")


def _nothing() -> None:
    """What notes, probes and divergences do: they are for people."""


_CHECKED: Mapping[str, Callable[[Lineage, Mapping[str, Any]], Callable[[], None]]] = {
    "epoch": Lineage._epoch,
    "set": Lineage._set,
    "move": Lineage._move,
    "branch": Lineage._branch,
    "undo": Lineage._undo,
    "save": Lineage._save,
    "diverged": Lineage._diverged,
    "note": Lineage._note,
    "probe": Lineage._probe,
}
