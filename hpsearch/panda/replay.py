"""Train again from the ledger alone, without checkpoints, and compare every state's sha256."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import RunError, UsageError
from hpsearch.panda.changes import written
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.positions import Epoch, changes_between
from hpsearch.panda.restoring import train_again
from hpsearch.panda.training import Training, TrainingSetup
from hpsearch.store.rundir import RunFolder
from hpsearch.text import plural


@dataclass(frozen=True)
class Replayed:
    """One epoch, trained again; ``problem`` says how it came to another state."""

    epoch: Epoch
    problem: str | None = None


def branches_to_replay(lineage: Lineage, branch: str | None) -> list[str]:
    """The branches that ``--branch`` names: the present one by default, ``all`` of them.

    Raises:
        UsageError: there is none of that name.
    """
    if branch == "all":
        return list(lineage.branches)
    name = branch or lineage.position.branch
    lineage.tip(name)
    return [name]


def replay(
    setup: TrainingSetup, lineage: Lineage, branch: str, stop: Callable[[], bool] = lambda: False
) -> Iterator[Replayed]:
    """Train a branch from its very beginning. Nothing is written; it ends at the first difference.

    Raises:
        HpsearchError: the model cannot be made or trained.
    """
    with contextlib.closing(Training(setup)) as training:
        for epoch in lineage.chain(lineage.tip(branch)):
            if stop():
                return
            try:
                train_again(training, epoch)
            except RunError as error:
                yield Replayed(epoch, error.message)
                return
            yield Replayed(epoch)


@dataclass(frozen=True)
class ReplayedBranch:
    """A branch trained again: how many ``epochs`` are the same, and the first that is not."""

    branch: str
    epochs: int
    sha256: str | None
    problem: str | None

    @property
    def words(self) -> str:
        """What came of it, on one line."""
        if self.problem is not None:
            return (
                f"{self.branch}: the first {self.epochs} epochs are the same, then {self.problem}"
            )
        told = f", sha256 {self.sha256}" if self.sha256 else ""
        again = plural(self.epochs, "epoch")
        return f"{self.branch}: {again} trained again, every state the same{told}"

    def to_record(self) -> dict[str, Any]:
        """The same as facts."""
        return {
            "branch": self.branch,
            "epochs": self.epochs,
            "same": self.problem is None,
            "sha256": self.sha256,
            "problem": self.problem,
        }


def replay_branch(
    setup: TrainingSetup, lineage: Lineage, branch: str, stop: Callable[[], bool] = lambda: False
) -> ReplayedBranch:
    """Train a whole branch again, and say what came of it.

    Raises:
        HpsearchError: the model cannot be made or trained.
    """
    count, sha256, problem = 0, None, None
    for replayed in replay(setup, lineage, branch, stop):
        problem = replayed.problem
        if problem is None:
            count, sha256 = count + 1, replayed.epoch.sha256
    return ReplayedBranch(branch, count, sha256, problem)


def commands_file(folder: RunFolder, lineage: Lineage, branch: str) -> str:
    """A branch as a file of commands, with a word on what to do with it.

    Raises:
        UsageError: the branch is not there, or has no epochs.
    """
    return (
        f"# {folder.name}, branch {branch}, as commands. They raise it again:\n"
        f"#   hpsearch babysit {folder.resolved_path} --fresh < this file\n"
    ) + as_commands(lineage, branch)


def as_commands(lineage: Lineage, branch: str) -> str:
    """A branch as the commands that raise it again: a file for ``hpsearch babysit CONFIG < FILE``.

    Raises:
        UsageError: there is none of that name.
    """
    chain = lineage.chain(lineage.tip(branch))
    if not chain:
        raise UsageError(f"{branch} has no epochs yet; train with: go 5")
    lines: list[str] = []
    before, waiting = lineage.start.hparams, 0
    for epoch in chain:
        changes = changes_between(before, epoch.hparams)
        if changes:
            lines += [f"go {waiting}"] if waiting else []
            lines.append("; ".join(f"{n}:={written(new)}" for n, (_, new) in changes.items()))
            waiting = 0
        waiting += 1
        before = epoch.hparams
    return "\n".join([*lines, f"go {waiting}"]) + "\n"
