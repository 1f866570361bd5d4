"""Carrying out what a person types, and saying what came of it: in lines, or as JSON.

Every command ends in one event: plain facts, and the lines that show them. With ``--json`` the
facts are printed, one object a line. Otherwise the lines go to stdout, and remarks (hints, notes,
progress) to stderr.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from hpsearch.cli.output import redraw, remark, say, say_json
from hpsearch.errors import UsageError
from hpsearch.panda import grammar
from hpsearch.panda.acts import (
    begin_graft,
    branch_rows,
    change,
    change_words,
    effective_here,
    epoch_words,
    graft_note,
    place_words,
    save_words,
    settings_shown,
    try_values,
)
from hpsearch.panda.adoption import adoption_note
from hpsearch.panda.advice import advice
from hpsearch.panda.compare import compare
from hpsearch.panda.hints import hint
from hpsearch.panda.interrupts import Interrupts
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.panda import Panda
from hpsearch.panda.positions import Epoch
from hpsearch.records import Hparams, finite, finite_values
from hpsearch.text import number

if TYPE_CHECKING:
    from hpsearch.cli.babysit_screen import Screen

REDRAW = 0.25  # seconds between two showings of how far a training is


class Talk:
    """One conversation about one run; ``json_to`` takes events in place of lines."""

    def __init__(
        self,
        panda: Panda,
        interrupts: Interrupts,
        *,
        json_to: TextIO | None = None,
        quiet: bool = False,
    ) -> None:
        self.panda, self.lineage = panda, panda.lineage
        self.interrupts = interrupts
        self.json_to, self.quiet = json_to, quiet
        self._shown_at = 0.0
        self._live = sys.stderr.isatty() and json_to is None

    # --- carrying out -------------------------------------------------------------------------

    def line(self, text: str) -> bool:
        """Carry out the commands in a line; whether the last was to leave.

        Raises:
            HpsearchError: a command was not understood, or could not be carried out.
        """
        commands = grammar.parse(text, self.lineage.hparams.keys())
        return any(self.do(command) for command in commands)

    def do(self, command: grammar.Command) -> bool:
        """Carry out one command; whether it is to leave."""
        with self.interrupts.busy():
            try:
                return self._do(command)
            except KeyboardInterrupt:
                here = str(self.lineage.position)
                self.remark(f"given up at once: the model is as it was at {here}")
                self.say("interrupted", {"at": here}, f"at {here}")
                return False
            finally:
                self._tell_notes()

    def _do(self, command: grammar.Command) -> bool:
        if isinstance(command, grammar.Simple):
            return self._simple(command.word)
        _ACTIONS[type(command)](self, command)
        return False

    def _simple(self, word: str) -> bool:
        if word == "undo":
            what = self.panda.undo()
            self._moved("undo", f"took back: {what}", what=what)
        elif word == "show":
            self.say("show", self._facts(), lambda: self.screen.everything(*self._state()))
        elif word == "tree":
            facts = {"branches": branch_rows(self.lineage)}
            self.say("tree", facts, lambda: self.screen.tree(self.lineage))
        elif word == "log":
            records = {"records": self.lineage.records}
            self.say("log", records, lambda: self.screen.log(self.lineage))
        return word == "quit"

    def _go(self, command: grammar.Go) -> None:
        """Train, showing each epoch as it ends, then the curve and at most one hint."""
        try:
            for epoch in self.panda.go(command.epochs, self.interrupts.stop):
                self._epoch(epoch)
        finally:
            self._clear_progress()
        note = adoption_note(self.lineage)
        if note:
            self.remark(f"warning: {note}")
        self.effective()
        self.say("go", self._facts(), lambda: self.screen.after_go(*self._state()))
        told = hint(self.lineage.chain(), self.lineage.start.metric)
        if told:
            self.remark(f"hint: {told}", colour="yellow")

    def _set(self, command: grammar.Set) -> None:
        done = change(self.panda, command.changes, command.why)
        facts = {"changes": done.changes, "before": done.before}
        lines = change_words(done)
        self.say("set", facts | {"effective": dict(done.effective)}, "\n".join(lines))

    def _back(self, command: grammar.Back) -> None:
        self.panda.back(self.lineage.resolve(command.where))
        self._moved("back")

    def _switch(self, command: grammar.Switch) -> None:
        self.panda.switch(command.name)
        self._moved("switch")

    def _begin(self, command: grammar.Begin) -> None:
        self.panda.branch(command.name)
        self._moved("branch")

    def _note(self, command: grammar.Note) -> None:
        self.panda.note(command.text)
        self.say("note", {"text": command.text}, "noted")

    def _moved(self, event: str, first: str = "", **facts: Any) -> None:
        lineage = self.lineage
        told = place_words(lineage)
        facts |= {"at": str(lineage.position), "settings": dict(lineage.hparams)}
        self.say(event, facts, f"{first}\n{told}" if first else told)

    def _diff(self, command: grammar.Diff) -> None:
        comparison = compare(self.lineage, command.a, command.b)
        facts = {
            "a": str(comparison.a),
            "b": str(comparison.b),
            "fork": comparison.fork,
            "settings": comparison.settings,
            "rows": [[n, *(finite(v) for v in values)] for n, *values in comparison.rows],
        }
        self.say("diff", facts, lambda: self.screen.diff(self.lineage, comparison))

    def _save(self, command: grammar.Save) -> None:
        name, position = self.panda.save(command.name)
        self.say("save", {"name": name, "at": str(position)}, save_words(name, position))

    def _probe(self, command: grammar.Probe) -> None:
        name = command.name
        try:
            probed = try_values(
                self.panda,
                name,
                self.interrupts.stop,
                lambda tried: self._progress(f"{name} {number(tried.value)}"),
            )
        finally:
            self._clear_progress()
        records = [tried.to_record() for tried in probed.results]
        best = probed.best.value if probed.best else None
        facts = {"name": name, "results": records, "best": best}
        self.say("probe", facts, lambda: self.screen.probe(self.lineage, name, probed.results))

    def _graft(self, command: grammar.Graft) -> None:
        graft = begin_graft(self.panda, command.source)
        self._go(grammar.Go(graft.epochs))
        note = graft_note(self.lineage, graft, command.source)
        if note:
            self.remark(f"warning: {note}")

    def _help(self, command: grammar.Help) -> None:
        topic = command.topic
        if topic is not None and topic not in grammar.WORDS and topic not in self.lineage.hparams:
            hint = advice(topic, grammar.WORDS, self.lineage.hparams)
            raise UsageError(f"there is no command {topic!r}; {hint}")
        commands = {word.usage: word.does for word in grammar.WORDS.values()}
        self.say("help", {"commands": commands}, lambda: self.screen.help(topic))

    # --- saying -------------------------------------------------------------------------------

    @cached_property
    def screen(self) -> Screen:
        """Where pictures are drawn; made when the first one is."""
        from hpsearch.cli.babysit_screen import Screen

        return Screen()

    def say(self, event: str, facts: dict[str, Any], told: str | Callable[[], None]) -> None:
        """Tell what came of a command: its facts as JSON, or the text, or what ``told`` draws."""
        if self.json_to:
            say_json({"event": event, **facts}, self.json_to)
        elif isinstance(told, str):
            say(told)
        else:
            told()

    def remark(self, text: str, colour: str | None = None) -> None:
        """Tell something beside the results."""
        if not self.quiet:
            remark(text, colour=None if self.json_to else colour)

    def status(self) -> None:
        """Tell where the model stands."""
        if self.lineage.chain():
            self.say("status", self._facts(), lambda: self.screen.status(*self._state()))
        else:
            settings = "  ".join(
                f"{n} {number(self.lineage.hparams[n])}" for n in self.settings_shown()
            )
            self.say(
                "status", self._facts(), f"now   {self.lineage.position}  untrained  {settings}"
            )

    def settings_shown(self) -> list[str]:
        """The adjustable settings worth a place."""
        return settings_shown(self.lineage)

    def effective(self) -> Hparams:
        """What a schedule makes of the settings, where that can be told without training."""
        return effective_here(self.panda)

    def _state(self) -> tuple[Lineage, Hparams, list[str]]:
        return self.lineage, self.effective(), self.settings_shown()

    def _facts(self) -> dict[str, Any]:
        lineage = self.lineage
        last, best = lineage.epoch(lineage.position), lineage.best()
        return {
            "at": str(lineage.position),
            "epoch": lineage.position.epoch,
            "values": {} if last is None else finite_values(last.values),
            "best": None
            if best is None
            else {"at": str(best.position), "value": best.values[lineage.start.metric.name]},
            "settings": dict(lineage.hparams),
            "effective": dict(self.effective()),
        }

    def _epoch(self, epoch: Epoch) -> None:
        if self.json_to:
            record = epoch.to_record()
            del record["kind"]
            self.say("epoch", record, "")
            return
        self._progress(epoch_words(epoch, self.lineage.start.metric.name))

    def _progress(self, text: str) -> None:
        if self.quiet or self.json_to:
            return
        if self._live:
            if time.monotonic() - self._shown_at < REDRAW:
                return
            self._shown_at = time.monotonic()
            redraw(text)
        else:
            remark(text)

    def _clear_progress(self) -> None:
        if self._live and not self.quiet:
            redraw("")

    def _tell_notes(self) -> None:
        for note in self.panda.notes:
            self.remark(f"note: {note}")
        self.panda.notes.clear()


_ACTIONS: dict[type, Callable[[Talk, Any], None]] = {
    grammar.Go: Talk._go,
    grammar.Set: Talk._set,
    grammar.Back: Talk._back,
    grammar.Switch: Talk._switch,
    grammar.Begin: Talk._begin,
    grammar.Diff: Talk._diff,
    grammar.Note: Talk._note,
    grammar.Save: Talk._save,
    grammar.Probe: Talk._probe,
    grammar.Graft: Talk._graft,
    grammar.Help: Talk._help,
}
