"""What a person types, as commands: at the prompt, through a pipe, and on the full screen.

A line holds one command or several between ``;``. The first word is a command's, or the name of a
setting, which is then changed. What stands behind ``#`` is the reason for a change. A note takes
the rest of its line as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from hpsearch.errors import UsageError
from hpsearch.panda.advice import advice

ENTER = 5
"""How many epochs an empty line trains."""


@dataclass(frozen=True)
class Go:
    """Train."""

    epochs: int = ENTER


@dataclass(frozen=True)
class Set:
    """Change settings: (name, what is written behind it) pairs."""

    changes: tuple[tuple[str, str], ...]
    why: str = ""


@dataclass(frozen=True)
class Back:
    """Return to a position."""

    where: str


@dataclass(frozen=True)
class Begin:
    """Begin a branch here."""

    name: str


@dataclass(frozen=True)
class Switch:
    """Go to the end of a branch."""

    name: str


@dataclass(frozen=True)
class Diff:
    """Compare two branches or positions."""

    a: str
    b: str


@dataclass(frozen=True)
class Note:
    """Put a remark on record."""

    text: str


@dataclass(frozen=True)
class Save:
    """Keep this state under a name."""

    name: str | None = None


@dataclass(frozen=True)
class Probe:
    """Try values of a setting for one epoch each."""

    name: str = "alpha"


@dataclass(frozen=True)
class Graft:
    """Make a trial of a forked search a branch."""

    source: str


@dataclass(frozen=True)
class Simple:
    """A command that takes nothing: show, tree, log, undo or quit."""

    word: str


@dataclass(frozen=True)
class Help:
    """Explain the commands, or one of them."""

    topic: str | None = None


Command = Go | Set | Back | Begin | Switch | Diff | Note | Save | Probe | Graft | Simple | Help


@dataclass(frozen=True)
class Word:
    """A command's first word: how it is used, what it does, and how its rest is read."""

    usage: str
    does: str
    read: Callable[[str], Command]


def _epochs(rest: str) -> Command:
    if not rest:
        return Go()
    if not rest.isdecimal() or int(rest) < 1:
        raise UsageError(f"go {rest}: write how many epochs to train, as in go 5")
    return Go(int(rest))


def _one(word: str, example: str, make: Callable[[str], Command]) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        if len(rest.split()) != 1:
            raise UsageError(f"{word} takes one word, as in {word} {example}")
        return make(rest)

    return read


def _at_most_one(
    word: str, make: Callable[[str], Command], none: Command
) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        if len(rest.split()) > 1:
            raise UsageError(f"{word} takes one word at most")
        return make(rest) if rest else none

    return read


def _simple(word: str) -> Callable[[str], Command]:
    def read(rest: str) -> Command:
        if rest:
            raise UsageError(f"{word} takes nothing behind it; {rest!r} is too much")
        return Simple(word)

    return read


def _two(rest: str) -> Command:
    if len(rest.split()) != 2:
        raise UsageError("diff takes two branches or positions, as in diff main b1")
    return Diff(*rest.split())


def _text(rest: str) -> Command:
    if not rest:
        raise UsageError("note takes the text to remember, as in note trying less momentum")
    return Note(rest)


WORDS: dict[str, Word] = {
    "go": Word("go [N]", "train N epochs (Enter alone: 5)", _epochs),
    "back": Word(
        "back WHERE",
        "return to an epoch (12), by some (-5), to best, b1@8 or a saved name; "
        "settings come back as they were, and the next go begins a branch",
        _one("back", "12", Back),
    ),
    "branch": Word("branch NAME", "begin a branch here", _one("branch", "wild", Begin)),
    "switch": Word("switch NAME", "go to the end of a branch", _one("switch", "main", Switch)),
    "undo": Word(
        "undo", "take back the last change, move or training; nothing is deleted", _simple("undo")
    ),
    "show": Word("show", "the chart, where the model stands, and all settings", _simple("show")),
    "tree": Word("tree", "the branches", _simple("tree")),
    "log": Word("log", "everything that was done", _simple("log")),
    "diff": Word("diff A B", "two branches at equal epochs: settings and curves", _two),
    "probe": Word(
        "probe [NAME]",
        "try values of a setting (alpha), one epoch each; leaves no trace",
        _at_most_one("probe", Probe, Probe()),
    ),
    "note": Word("note TEXT", "put a remark on record", _text),
    "save": Word(
        "save [NAME]", "keep this state for good, and name it", _at_most_one("save", Save, Save())
    ),
    "graft": Word(
        "graft RUN#TRIAL",
        "make a trial of a search that was forked from here a branch",
        _one("graft", "digits-fork#best", Graft),
    ),
    "help": Word("help [COMMAND]", "this list", _at_most_one("help", Help, Help())),
    "quit": Word("quit", "leave; everything is saved (Ctrl-D does the same)", _simple("quit")),
}

SETTING = Word(
    "NAME VALUE",
    "change a setting: alpha 0.01, alpha /3, alpha *3, l2 +1e-4; several with ';', "
    "the reason behind '#'",
    Help,
)

SYNONYMS = {"exit": "quit", "q": "quit", "?": "help", "h": "help", "train": "go"}


def parse(line: str, settings: Collection[str]) -> list[Command]:
    """The commands in a line; ``settings`` are the names of all settings. None in an empty line.

    Raises:
        UsageError: a command is not understood; nothing of the line should be done then.
    """
    commands: list[Command] = []
    rest = line.strip()
    while rest and not rest.startswith("#"):
        if re.match(r"note(\s|$)", rest):
            segment, rest = rest, ""
        else:
            segment, _, rest = (part.strip() for part in rest.partition(";"))
        if segment:
            _add(commands, _command(segment, settings))
    return commands


def _add(commands: list[Command], new: Command) -> None:
    """Settings that are changed in one breath are one change."""
    last = commands[-1] if commands else None
    if isinstance(last, Set) and isinstance(new, Set):
        why = "; ".join(filter(None, (last.why, new.why)))
        commands[-1] = Set(last.changes + new.changes, why)
    else:
        commands.append(new)


def _command(segment: str, settings: Collection[str]) -> Command:
    match = re.match(r"([^\s:=/*+]+)\s*(.*)", segment)
    word, rest = (match[1], match[2]) if match else (segment, "")
    if word in settings:
        text, _, why = rest.partition("#")
        return Set(((word, text.strip()),), why.strip())
    name = SYNONYMS.get(word.lower(), word.lower())
    if name in WORDS:
        if name not in ("note", "graft"):
            rest = re.split(r"(?:^|\s)#", rest)[0]
        return WORDS[name].read(rest.strip())
    raise UsageError(f"unknown command {word!r}; {advice(word, WORDS, settings)}")
