"""The prompt of ``hpsearch babysit``: readline with history and completion, from the cmd module."""

from __future__ import annotations

import atexit
import cmd
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from hpsearch.cli.babysit_talk import Talk
from hpsearch.cli.output import complain, say
from hpsearch.errors import HpsearchError
from hpsearch.panda.grammar import ENTER, WORDS, Go
from hpsearch.portable import printable
from hpsearch.text import number

HISTORY = "history"
KEPT_LINES = 2000
LEAVING = "Ctrl-D or quit leaves; everything is saved"


class Prompt(cmd.Cmd):
    """Reads commands until a person leaves."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self.talk = talk
        self._use_history(talk.panda.folder.path / HISTORY)

    @property
    def prompt(self) -> str:  # type: ignore[override]  # cmd reads it anew before every line
        """Where the model stands, and the setting that matters most, as it will be."""
        lineage = self.talk.lineage
        first = next(iter(self.talk.settings_shown()), None)
        parts = [(str(lineage.position), "1")]
        if first is not None:
            value = self.talk.effective().get(first, lineage.hparams[first])
            parts.append((f"{first} {number(value)}", "36"))
        coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        shown_parts = [(printable(text, keep=""), code) for text, code in parts]
        pieces = [_coloured(text, code) if coloured else text for text, code in shown_parts]
        return " ".join(pieces) + " > "

    def run(self) -> None:
        """Read and carry out lines until the end of the input."""
        while True:
            try:
                self.cmdloop()
            except KeyboardInterrupt:
                say(f"^C  ({LEAVING})")
            else:
                return

    def onecmd(self, line: str) -> bool:
        if line == "EOF":
            say()
            return True
        try:
            if not line.strip():
                return self.talk.do(Go(ENTER))
            return self.talk.line(line)
        except HpsearchError as error:
            complain(error.message)
            return False

    def postcmd(self, stop: bool, line: str) -> bool:
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import readline

            if line.strip():
                readline.append_history_file(1, self._history)
        return stop

    # --- completion ---------------------------------------------------------------------------

    def completenames(self, text: str, *_: object) -> list[str]:
        names = [*WORDS, *self.talk.lineage.start.adjustable]
        # The space is ours to add: Python's readline leaves it out.
        return [f"{name} " for name in names if name.startswith(text)]

    def completedefault(self, *arguments: object) -> list[str]:
        text, line, begin, _ = arguments
        assert isinstance(text, str)
        assert isinstance(line, str)
        assert isinstance(begin, int)
        before = line[:begin].rpartition(";")[2].split()
        if not before:
            return self.completenames(text)
        return [word for word in self._second_words(before[0]) if word.startswith(text)]

    def _second_words(self, first: str) -> list[str]:
        lineage = self.talk.lineage
        places: dict[str, Callable[[], list[str]]] = {
            "back": lambda: ["best", *lineage.saved, *(f"{name}@" for name in lineage.branches)],
            "switch": lambda: list(lineage.branches),
            "diff": lambda: [*lineage.branches, *lineage.saved, "best"],
            "probe": lambda: list(lineage.start.adjustable),
            "help": lambda: list(WORDS),
        }
        return places[first]() if first in places else _choices(first)

    def _use_history(self, path: Path) -> None:
        self._history = str(path)
        with contextlib.suppress(ImportError):
            import readline

            readline.set_completer_delims(" \t\n;=")
            readline.set_history_length(KEPT_LINES)
            readline.set_auto_history(True)
            with contextlib.suppress(OSError):
                path.touch()  # lines are only ever appended to it
                readline.read_history_file(self._history)
            atexit.register(readline.clear_history)


def _choices(setting: str) -> list[str]:
    """The words that a setting of the network can be."""
    from hpsearch.network.hyperparameters import HYPERPARAMETERS

    known = HYPERPARAMETERS.get(setting)
    return list(known.choices) if known else []


def _coloured(text: str, code: str) -> str:
    r"""Coloured text; \x01 and \x02 tell readline what takes no room on the line."""
    return f"\x01\x1b[{code}m\x02{text}\x01\x1b[0m\x02"
