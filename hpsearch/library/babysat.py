"""A babysat model in Python: train, look, change, go back, branch. All of it is on record.

What each method does is the engine's (``hpsearch.panda``), as for the prompt of ``hpsearch
babysit``; here is only how it is asked for and told.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hpsearch.errors import HpsearchError, UsageError
from hpsearch.library.arguments import said_in_python
from hpsearch.library.frames import data_frame, in_notebook, page_frame
from hpsearch.library.interrupts import stopped
from hpsearch.library.listings import Listing, Probe
from hpsearch.panda import acts
from hpsearch.panda.adoption import adoption_note
from hpsearch.panda.changes import written
from hpsearch.panda.compare import compare
from hpsearch.panda.hints import hint
from hpsearch.panda.interrupts import Interrupts
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.panda import Panda
from hpsearch.panda.positions import Epoch as Recorded
from hpsearch.records import Hparams, Value, finite, finite_values
from hpsearch.text import number, plural
from hpsearch.threads import one_thread

if TYPE_CHECKING:
    from hpsearch.report.sections.model import Report


@dataclass(frozen=True)
class Epoch:
    """A finished epoch: ``at`` is its position, such as ``main@12``; ``value`` is the metric.

    ``values`` has every metric (``None`` where it was not finite), ``hparams`` the settings in
    force, ``sha256`` is of the state saved after it. ``seconds`` is wall-clock time.
    """

    at: str
    epoch: int
    value: float | None
    values: Mapping[str, float | None] = field(repr=False)
    hparams: Hparams = field(repr=False)
    sha256: str = field(repr=False)
    seconds: float = field(repr=False)

    @classmethod
    def of(cls, recorded: Recorded, metric: str) -> Epoch:
        """A recorded epoch."""
        return cls(
            at=str(recorded.position),
            epoch=recorded.position.epoch,
            value=finite(recorded.values[metric]),
            values=finite_values(recorded.values),
            hparams=dict(recorded.hparams),
            sha256=recorded.sha256,
            seconds=recorded.seconds,
        )


class Babysat:
    """One model that is raised by hand; see :func:`hpsearch.babysit`.

        with hpsearch.babysit("config.yaml") as model:
            model.go(5)
            model.set(alpha="/3", why="it swings")
            model.go(5)
            model.back("best")

    It holds its run's lock until :meth:`close`, the end of a ``with``, or the end of Python. Each
    epoch and each change is on the disk when a method returns. In a notebook it shows itself as
    the page that ``hpsearch report --html`` writes.
    """

    def __init__(
        self,
        panda: Panda,
        release: contextlib.ExitStack,
        tell: Callable[[str], None],
        *,
        quiet: bool,
    ) -> None:
        self._panda, self._release, self._tell, self._quiet = panda, release, tell, quiet
        self._interrupts = Interrupts(lambda: panda.interruptible, tell)
        self._open_in: int | None = os.getpid()
        self.path: Path = panda.folder.path
        """The run's folder."""

    # --- where it stands ----------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The run's name, for ``hpsearch report NAME`` and its like."""
        return self.path.name

    @property
    def metric(self) -> str:
        """The name of the number that is watched."""
        return self._lineage.start.metric.name

    @property
    def at(self) -> str:
        """The branch and epoch after which the model stands, such as ``main@12``."""
        return str(self._lineage.position)

    @property
    def epoch(self) -> int:
        """How many epochs led here."""
        return self._lineage.position.epoch

    @property
    def value(self) -> float | None:
        """The metric after the last epoch; ``None`` if there is none, or it was not finite."""
        epochs = self.epochs
        return epochs[-1].value if epochs else None

    @property
    def epochs(self) -> list[Epoch]:
        """The epochs that led here, the first one first; other branches are left out."""
        return [Epoch.of(each, self.metric) for each in self._lineage.chain()]

    @property
    def best(self) -> Epoch | None:
        """The best epoch of all branches; ``None`` while there is none."""
        best = self._lineage.best()
        return None if best is None else Epoch.of(best, self.metric)

    @property
    def hparams(self) -> Hparams:
        """The settings of the next epoch, before a schedule."""
        return dict(self._lineage.hparams)

    @property
    def adjustable(self) -> list[str]:
        """The settings that may change while the model trains."""
        return list(self._lineage.start.adjustable)

    @property
    def closed(self) -> bool:
        """Whether it has let go of its run; what is on record can still be looked at."""
        return self._open_in is None

    # --- what a person does -------------------------------------------------------------------

    def go(self, epochs: int = 5) -> Self:
        """Train so many epochs; gives itself back, so that a notebook shows the curve.

        Ctrl-C, or a notebook's stop button, lets the epoch under way end; a second one gives it up
        at once. Everything finished is recorded, and ``KeyboardInterrupt`` is raised then.

        Raises:
            HpsearchError: the numbers are not finite any more (the model is as before that
                epoch), the user's code fails, or the run folder cannot be written.
            KeyboardInterrupt: it was interrupted; everything is saved.
        """
        if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
            raise UsageError(f"go({epochs!r}): write how many epochs to train, as in go(5)")
        with self._at_work():
            self._train(epochs)
        return self

    def set(
        self, changes: Mapping[str, Value] | None = None, /, *, why: str = "", **more: Value
    ) -> dict[str, tuple[Value, Value]]:
        """Change settings from the next epoch on; what changed, as ``name: (old, new)``.

        A value is a number or a word, or what the prompt takes: ``"/3"``, ``"*3"``, ``"+1e-4"``,
        ``":=0.01"``. A setting whose name is no word of Python's goes into the dict ``changes``.

        Raises:
            HpsearchError: a setting cannot change, or not to this value.
        """
        given = {**(changes or {}), **more}
        if not given:
            raise UsageError("set: name a setting and its value, as in set(alpha='/3')")
        with self._at_work():
            pairs = [(name, _as_typed(name, value)) for name, value in given.items()]
            done = acts.change(self._panda, pairs, why)
            for line in acts.change_words(done):
                self._tell(line)
        return {name: (old, new) for name, (old, new) in done.changes.items()}

    def back(self, where: int | str) -> None:
        """Return to an epoch (``12``), by some (``-5``), to ``"best"``, ``"b1@8"`` or a saved name.

        The settings come back as they were, and the next :meth:`go` begins a branch.

        Raises:
            HpsearchError: there is no such position.
        """
        with self._at_work():
            self._panda.back(self._lineage.resolve(str(where)))
            self._tell(acts.place_words(self._lineage))

    def branch(self, name: str) -> None:
        """Begin a branch here, under a name.

        Raises:
            HpsearchError: the name cannot be used.
        """
        with self._at_work():
            self._panda.branch(name)
            self._tell(acts.place_words(self._lineage))

    def switch(self, branch: str) -> None:
        """Go to the end of a branch.

        Raises:
            HpsearchError: there is none of that name.
        """
        with self._at_work():
            self._panda.switch(branch)
            self._tell(acts.place_words(self._lineage))

    def undo(self) -> None:
        """Take back the last change, move or training. Nothing trained is deleted.

        Raises:
            HpsearchError: nothing was done yet.
        """
        with self._at_work():
            self._tell(f"took back: {self._panda.undo()}")
            self._tell(acts.place_words(self._lineage))

    def note(self, text: str) -> None:
        """Put a remark on record."""
        with self._at_work():
            self._panda.note(text)

    def save(self, name: str | None = None) -> str:
        """Keep this state for good, under a name; the name.

        Raises:
            HpsearchError: the name cannot be used, or nothing is trained yet.
        """
        with self._at_work():
            name, position = self._panda.save(name)
            self._tell(acts.save_words(name, position))
        return name

    def probe(self, name: str = "alpha") -> Probe:
        """Try nine values of a setting around its present one, one epoch each; leaves no trace.

        Raises:
            HpsearchError: the setting is fixed, or not a positive number.
            KeyboardInterrupt: it was interrupted; what was tried is on record.
        """
        with self._at_work():
            probed = acts.try_values(
                self._panda,
                name,
                self._interrupts.stop,
                lambda tried: self._tell(f"{name} {number(tried.value)}"),
            )
        from hpsearch.report.text.panda_lines import probe_lines  # noqa: PLC0415 - rich

        lineage, results = self._lineage, probed.results
        rows = [tried.to_record() for tried in results]
        shown = Probe(rows, lambda width: probe_lines(lineage, name, results, width))
        shown.best = None if probed.best is None else probed.best.value
        return shown

    def graft(self, source: str) -> Self:
        """Make a trial of a search that was forked from here a branch: ``"digits-fork#best"``.

        Raises:
            HpsearchError: there is no such trial, or it was not forked from this run.
        """
        with self._at_work():
            graft = acts.begin_graft(self._panda, source)
            self._train(graft.epochs)
            note = acts.graft_note(self._lineage, graft, source)
            if note:
                self._tell(f"warning: {note}")
        return self

    # --- looking ------------------------------------------------------------------------------

    def tree(self) -> Listing:
        """The branches: a row for each."""
        from hpsearch.report.sections.babysat import branch_table  # noqa: PLC0415 - rich
        from hpsearch.report.text.writer import block_lines  # noqa: PLC0415

        table = branch_table(self._lineage)
        rows = acts.branch_rows(self._lineage)
        return Listing(rows, lambda width: block_lines(table, width), lambda: table)

    def log(self) -> Listing:
        """Everything that was done: the records of the ledger."""
        from hpsearch.report.sections.babysat import ledger_table  # noqa: PLC0415 - rich
        from hpsearch.report.text.writer import block_lines  # noqa: PLC0415

        table = ledger_table(self._lineage)
        rows = [dict(record) for record in self._lineage.records]
        return Listing(rows, lambda width: block_lines(table, width), lambda: table)

    def diff(self, a: int | str, b: int | str) -> Listing:
        """Two branches or positions side by side: a row for each epoch, both values.

        Raises:
            HpsearchError: one of them does not exist.
        """
        from hpsearch.report.text.panda_lines import diff_lines  # noqa: PLC0415 - rich

        with said_in_python():
            compared = compare(self._lineage, str(a), str(b))
        left, right = str(compared.a), str(compared.b)
        rows = [
            {"epoch": epoch, left: finite(of_a), right: finite(of_b)}
            for epoch, of_a, of_b in compared.rows
        ]
        return Listing(rows, lambda width: diff_lines(self._lineage, compared, width))

    def show(self, width: int | None = None) -> None:
        """Print what ``hpsearch report`` shows; ``width`` is in characters."""
        from hpsearch.report.text.show import show_report  # noqa: PLC0415 - rich

        show_report(self._report(), width)

    def to_pandas(self, *, timing: bool = True) -> Any:
        """Every epoch of every branch as a row of a pandas DataFrame.

        ``timing=False`` leaves out the seconds, which differ from run to run.

        Raises:
            HpsearchError: pandas is not installed.
        """
        from hpsearch.report.export.epoch_tables import epoch_table  # noqa: PLC0415

        return data_frame(*epoch_table(self._lineage, timing))

    # --- taking it elsewhere ------------------------------------------------------------------

    def replay(self, branch: str | None = None) -> list[dict[str, Any]]:
        """Train a branch again from the ledger alone, and compare every state; ``"all"``: all.

        A row for each branch: its name, how many epochs are the same, and what is not.

        Raises:
            HpsearchError: there is no such branch, or the model cannot be made.
            KeyboardInterrupt: it was interrupted; nothing has changed.
        """
        from hpsearch.panda.replay import branches_to_replay, replay_branch  # noqa: PLC0415

        rows = []
        with self._at_work():
            for name in branches_to_replay(self._lineage, branch):
                stop = self._interrupts.stop
                replayed = replay_branch(self._panda.setup, self._lineage, name, stop)
                if stop():
                    raise stopped("the replay was cut short; nothing has changed")
                self._tell(replayed.words)
                rows.append(replayed.to_record())
        return rows

    def export(
        self, path: str | os.PathLike[str], *, to: str = "schedule", branch: str | None = None
    ) -> None:
        """Write a branch as a config with a ``"schedule"``, or as ``"commands"`` of the prompt.

        Raises:
            HpsearchError: the file is there already, or the branch has no epochs.
        """
        from hpsearch.panda.replay import commands_file  # noqa: PLC0415
        from hpsearch.panda.schedule import schedule_file  # noqa: PLC0415
        from hpsearch.store.atomic import write_text  # noqa: PLC0415

        target, name = Path(path), branch or self._lineage.position.branch
        if to not in ("schedule", "commands"):
            raise UsageError(f"export: to must be 'schedule' or 'commands', not {to!r}")
        if target.exists():
            raise HpsearchError(f"{target} is already there; choose another name")
        with said_in_python():
            if to == "schedule":
                text = schedule_file(self._panda.folder, self._lineage, name, target.stem)
            else:
                text = commands_file(self._panda.folder, self._lineage, name)
            write_text(target, text)

    # --- letting go ---------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the run, so that another process may take it up; again does nothing."""
        if self._open_in == os.getpid():  # a fork of the user's code has nothing to release
            self._open_in = None
            self._release.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        best = self.best
        here = "untrained" if self.value is None else f"{self.metric} {number(self.value)}"
        outcome = f", best {number(best.value)} at {best.at}" if best and best.value else ""
        closed = ", closed" if self.closed else ""
        return f"<hpsearch babysat model {self.name}: at {self.at}, {here}{outcome}{closed}>"

    def _repr_html_(self) -> str:
        """The report's page in a frame of its own, so that its style touches nothing else."""
        from hpsearch.report.html.writer import report_page  # noqa: PLC0415

        return page_frame(f"hpsearch report {self.name}", report_page(self._report()))

    def _report(self) -> Report:
        from hpsearch.report.sections.babysat import babysat_report  # noqa: PLC0415
        from hpsearch.training.environment import recorded_environment  # noqa: PLC0415

        facts = recorded_environment(self._panda.folder)
        return babysat_report(self.name, self._lineage, facts)

    @property
    def _lineage(self) -> Lineage:
        return self._panda.lineage

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        """Something changes the run in the body: one thread, interrupts heard, errors in Python."""
        if self._open_in != os.getpid():
            raise UsageError(
                f"{self.path} was closed here; hpsearch.babysit({os.fspath(self.path)!r}) goes on "
                f"with it"
            )
        interrupts = self._interrupts
        with said_in_python(), one_thread(), interrupts.handled(), interrupts.busy():
            try:
                yield
            finally:
                for note in self._panda.notes:
                    self._tell(f"note: {note}")
                self._panda.notes.clear()

    @contextlib.contextmanager
    def _progress(self) -> Iterator[Callable[[str], None]]:
        """Who shows the epochs: an output of the notebook that is drawn anew, or lines."""
        if self._quiet or not in_notebook():
            yield self._tell
            return
        from hpsearch.library.notebook import LiveTraining  # noqa: PLC0415 - figures, and more

        live = LiveTraining(self._lineage)
        try:
            yield live.say
        finally:
            live.finish()

    def _train(self, epochs: int) -> None:
        """Train, telling each epoch as it ends, then at most one hint."""
        target = self.epoch + epochs
        try:
            with self._progress() as show:
                for epoch in self._panda.go(epochs, self._interrupts.stop):
                    show(acts.epoch_words(epoch, self.metric))
        except KeyboardInterrupt:
            raise stopped(
                f"the epoch under way was given up: the model is as it was at {self.at}"
            ) from None
        for note in filter(None, [adoption_note(self._lineage)]):
            self._tell(f"warning: {note}")
        if self._interrupts.stop() and self.epoch < target:
            left = target - self.epoch
            raise stopped(
                f"stopped at {self.at} with everything saved, {plural(left, 'epoch')} before the "
                f"end: go({left}) finishes it"
            )
        told = hint(self._lineage.chain(), self._lineage.start.metric)
        if told:
            self._tell(f"hint: {told}")


def _as_typed(name: str, value: object) -> str:
    """A value as the prompt has it: a number is the number itself, a text what it says."""
    item = getattr(value, "item", None)  # of NumPy
    value = item() if callable(item) else value
    if isinstance(value, str):
        return value
    if not isinstance(value, bool | int | float):
        kind = type(value).__name__
        raise UsageError(f"{name} must become a number or a text, not something of type {kind}")
    return f"={written(value)}"
