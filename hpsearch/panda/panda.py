"""The engine: one model, trained, adjusted and taken back at a person's word.

Read :meth:`Panda._train_one` first: it is the only place where an epoch comes to be. Its order is

1. the model is made ready: at the present position, with the present settings;
2. if the position is not the end of its branch, a branch begins (one record);
3. the epoch is trained;
4. its checkpoint appears, by one rename;
5. its record is appended to the ledger, if it may come next. From here on it counts;
6. checkpoints that are not needed any more go.

A kill between two steps leaves a ledger that says what is true, and at most a checkpoint too many,
which goes when the run is opened. So it costs the epoch under way, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from hpsearch.errors import TrialDiverged, UsageError
from hpsearch.panda.checkpoints import Checkpoints, kept
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.moves import comes_first, refusal
from hpsearch.panda.positions import Epoch, Position, changes_between
from hpsearch.panda.restoring import nearest_checkpoint, train_again
from hpsearch.panda.training import Training, TrainingSetup
from hpsearch.records import Hparams, Value
from hpsearch.store.arrays import sha256
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder
from hpsearch.text import plural

FRESH_MOMENTS = "the new optimizer starts with fresh moments; what the old one remembered is gone"


class Panda:
    """A babysat run, open for writing. Whoever makes it holds the folder's lock.

    ``setup`` gives what is trained, when it is first needed. ``notes`` collects what a person
    should know; whoever shows them empties it. ``interruptible`` is true while an exception at any
    point would cost no more than the epoch under way.
    """

    def __init__(
        self,
        folder: RunFolder,
        journal: Journal,
        lineage: Lineage,
        setup: Callable[[], TrainingSetup],
        training: Training | None = None,
    ) -> None:
        self.folder = folder
        self.lineage = lineage
        self.notes: list[str] = []
        self.interruptible = False
        self.checkpoints = Checkpoints(folder.path / "checkpoints")
        self._journal = journal
        self._make_setup, self._setup = setup, None if training is None else setup()
        self._training = training
        self._trained_to: Position | None = None  # the epoch whose state the training has
        self._thin()
        self._publish()

    # --- what a person can do -----------------------------------------------------------------

    def go(self, epochs: int, stop: Callable[[], bool] = lambda: False) -> Iterator[Epoch]:
        """Train ``epochs`` epochs, giving each once it is recorded; ends early when ``stop()``.

        Raises:
            TrialDiverged: the numbers are not finite any more; the model is as before that epoch.
            HpsearchError: the data, the trainable or the run folder cannot be used.
        """
        target = self.lineage.position.epoch + epochs
        while self.lineage.position.epoch < target and not stop():
            yield self._train_one(target)

    def set(self, changes: Mapping[str, Value], why: str = "") -> dict[str, list[Value]]:
        """Change settings from the next epoch on; what changed, as ``name: [old, new]``.

        Raises:
            UsageError: a setting cannot change, or not to this value.
        """
        before = self.lineage.hparams
        changed = changes_between(before, changes)
        if not changed:
            return {}
        self.ready(before | {name: new for name, (_, new) in changed.items()})
        here = self.lineage.position
        self._record("set", at=str(here), before=here.epoch + 1, changes=changed, why=why)
        if "optimizer" in changed and self.setup.spec.kind == "network":
            self.notes.append(FRESH_MOMENTS)
        return changed

    def back(self, position: Position) -> None:
        """Return to a position, with the settings that it had; the next epoch begins a branch."""
        self._record("move", at=str(self.lineage.owner(position.branch, position.epoch)))

    def switch(self, branch: str) -> None:
        """Go to the end of a branch.

        Raises:
            UsageError: there is none of that name.
        """
        self._record("move", at=str(self.lineage.tip(branch)))

    def branch(self, name: str) -> None:
        """Begin a branch here, under a name, with the present settings.

        Raises:
            UsageError: the name cannot be used.
        """
        self.lineage.check_new_name(name)
        self._begin_branch(name, None)

    def undo(self) -> str:
        """Take back the last change, move or training; what it was. Nothing trained is deleted.

        Raises:
            UsageError: nothing was done yet.
        """
        self._refuse_illegal("undo")
        what = self.lineage.undoable
        assert what is not None
        self._record("undo", what=what)
        return what

    def note(self, text: str) -> None:
        """Put a remark on record."""
        self._record("note", at=str(self.lineage.position), text=text)

    def save(self, name: str | None = None) -> tuple[str, Position]:
        """Give the present state a name, and keep its checkpoint; its name and position.

        Raises:
            UsageError: the name cannot be used, or nothing is trained yet.
        """
        self._refuse_illegal("save")
        here = self.lineage.epoch(self.lineage.position)
        assert here is not None
        name = name or f"{here.position.branch}-{here.position.epoch}"
        self.lineage.check_new_name(name)
        if here.position not in self.checkpoints.listed():
            self.ready(self.lineage.hparams)
        self._record("save", at=str(here.position), name=name)
        return name, here.position

    def record_probe(self, name: str, results: list[Mapping[str, Any]]) -> None:
        """Put what a range test found on record."""
        self._record("probe", at=str(self.lineage.position), name=name, results=results)

    def effective(self) -> Hparams:
        """What a schedule makes of the settings in the next epoch; only what differs.

        Raises:
            HpsearchError: the data, the trainable or the run folder cannot be used.
        """
        return self.ready(self.lineage.hparams).effective()

    def close(self) -> None:
        """Release what the trainable holds."""
        self.drop()

    # --- the model in memory ------------------------------------------------------------------

    @property
    def setup(self) -> TrainingSetup:
        """What is trained."""
        if self._setup is None:
            self._setup = self._make_setup()
        return self._setup

    @property
    def is_ready(self) -> bool:
        """Whether the model is in memory as it is here, so that asking it costs nothing."""
        here = self.lineage.epoch(self.lineage.position)
        there = here.position if here else None
        return self._training is not None and self._trained_to == there

    @property
    def is_near(self) -> bool:
        """Whether the model can be had here without training: from a checkpoint, or untrained."""
        here = self.lineage.epoch(self.lineage.position)
        return here is None or here.position in self.checkpoints.listed()

    def ready(self, hparams: Hparams) -> Training:
        """The model at the present position, with these settings for the next epoch.

        Raises:
            HpsearchError: a setting is refused, or the model cannot be made.
        """
        here = self.lineage.epoch(self.lineage.position)
        in_force = here.hparams if here else self.lineage.start.hparams
        training = self._training if self.is_ready else None
        if training is not None and not changes_between(training.hparams, hparams):
            return training
        if training is None or changes_between(training.hparams, in_force):
            # If it was adjusted before: the difference counts from the settings in force.
            training = self._restore()
        try:
            training.adjust(hparams)
        except BaseException:
            self.drop()
            raise
        return training

    def drop(self) -> None:
        """Forget the model in memory; it is made again from the ledger and the checkpoints."""
        training, self._training = self._training, None
        if training is not None:
            training.close()

    def _restore(self) -> Training:
        """The model as it was at the present position, from the nearest intact checkpoint."""
        self.drop()
        chain = self.lineage.chain()
        training, done = nearest_checkpoint(self.setup, chain, self.checkpoints, self.notes)
        if done < len(chain):
            self._train_again(training, chain[done:])
        self._training, self._trained_to = training, chain[-1].position if chain else None
        return training

    def _train_again(self, training: Training, epochs: list[Epoch]) -> None:
        """Train epochs that have no checkpoint once more, and give the last one its own again."""
        first, last = epochs[0].position, epochs[-1]
        try:
            self.interruptible = True
            for epoch in epochs:
                train_again(training, epoch)
            self.interruptible = False
            best = self.lineage.best()
            model = training.best_model() if best is last else None
            self.checkpoints.save(last, training.state(), model)
        except BaseException:
            training.close()
            raise
        finally:
            self.interruptible = False
        count = len(epochs)
        self.notes.append(
            f"{last.position} had no checkpoint: trained again from "
            f"{'the start' if first.epoch == 1 else f'epoch {first.epoch - 1}'} "
            f"({plural(count, 'epoch')}), to the same bytes"
        )

    # --- what comes to be ---------------------------------------------------------------------

    def _train_one(self, target: int) -> Epoch:
        """Train one epoch and record it."""
        training = self.ready(self.lineage.hparams)
        if comes_first("epoch", self.lineage.state) == "branch":
            self._begin_branch(self.lineage.free_branch_name(), target)
        here = self.lineage.position
        position = Position(here.branch, here.epoch + 1)
        try:
            effective = training.effective()
            self.interruptible = True
            metrics, seconds = training.train()
            self.interruptible = False
            state = training.state()
            epoch = Epoch(
                position,
                dict(training.hparams),
                effective,
                metrics.values,
                sha256(state),
                target,
                seconds,
            )
            model = training.best_model() if self._is_best(epoch) else None
            self.checkpoints.save(epoch, state, model)
            self._record(**epoch.to_record())
        except TrialDiverged as error:
            self.interruptible = False
            self.drop()
            self._record("diverged", at=str(position), error=error.message)
            raise
        except BaseException:
            self.drop()
            raise
        finally:
            self.interruptible = False
        self._trained_to = position
        self._thin()
        if model is not None:
            self._publish()
        return self.lineage.branches[position.branch].epochs[-1]

    def _is_best(self, epoch: Epoch) -> bool:
        best, metric = self.lineage.best(), self.lineage.start.metric
        loss = metric.goal.loss
        return best is None or loss(epoch.values[metric.name]) < loss(best.values[metric.name])

    def _begin_branch(self, name: str, target: int | None) -> None:
        here = self.lineage.epoch(self.lineage.position)
        base = here.position if here else Position("main", 0)
        self._record("branch", name=name, at=str(base), target=target)

    def _refuse_illegal(self, kind: str) -> None:
        reason = refusal(kind, self.lineage.state)
        if reason is not None:
            raise UsageError(reason)

    def _record(self, kind: str, **facts: Any) -> None:
        """Append a record to the ledger, once it is known to be one that may come next."""
        record = {"kind": kind, **facts, "time": now()}
        carry_out = self.lineage.checked(record)
        self._journal.append(record)
        carry_out()

    def _thin(self) -> None:
        for position in sorted(self.checkpoints.listed() - kept(self.lineage)):
            self.checkpoints.remove(position)

    def _publish(self) -> None:
        best = self.lineage.best()
        if best is not None:
            self.checkpoints.publish(best.position, self.folder.model_path)


def now() -> str:
    """The local time, for people; nothing is decided by it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
