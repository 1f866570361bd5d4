"""The command line of a sweep, with our placeholders in place of its macros."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.config.problems import Path
from hpsearch.importing.translation import Translation
from hpsearch.records import Value

_MACRO = re.compile(r"\$\{([^}]*)\}")
_VARIABLE = re.compile(r"\$\{envvar:([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE = '"hparams-$HPSEARCH_TRIAL.json"'
_ALL = '"$@"'
_OF_A_SHELL = {"args_json": '"$HPSEARCH_HPARAMS"', "args_json_file": _FILE}
_WRITE_FILE = f'printf %s "$HPSEARCH_HPARAMS" > {_FILE} &&'


@dataclass(frozen=True)
class Argument:
    """An option of the program, and the parameter that fills it; ``None`` for a constant."""

    option: str
    parameter: str | None
    constant: Value = ""
    is_flag: bool = False

    @property
    def value(self) -> str:
        """What stands behind the option."""
        return f"{{{self.parameter}}}" if self.parameter else escaped(str(self.constant))


def escaped(text: str) -> str:
    """Braces that are meant as braces.

    >>> escaped("a{b}")
    'a{{b}}'
    """
    return text.replace("{", "{{").replace("}", "}}")


_LISTS: Mapping[str, Callable[[Argument], str]] = {
    "args": lambda a: f"--{a.option}={a.value}",
    "args_no_hyphens": lambda a: f"{a.option}={a.value}",
    "args_no_boolean_flags": lambda a: (
        f"{{{a.parameter}:--{a.option}}}" if a.is_flag else f"--{a.option}={a.value}"
    ),
}
"""The macros that stand for all arguments, each argument a word of its own."""


def command_line(
    words: Sequence[str], program: str, arguments: Sequence[Argument], result: Translation
) -> str:
    """The words of a W&B command as a command of ours.

    What only a shell can fill in, a variable of the environment or a file with all values, is
    left to ``sh -c``; the arguments follow it, each still a word of its own.
    """
    written: list[str] = []
    options: list[str] = []
    for number, word in enumerate(words):
        macro = _MACRO.fullmatch(word)
        name = macro.group(1) if macro else ""
        if name in _LISTS:
            options = [quoted(text) for text in map(_LISTS[name], arguments)]
            written.append(_ALL)
        elif name in _OF_A_SHELL:
            written.append(_OF_A_SHELL[name])
        elif _VARIABLE.search(word):
            written.append(_expanded(word))
        else:
            written += _literal(word, program, ("command", number), result)
    if all(word == _ALL or not word.startswith('"') for word in written):
        return " ".join(" ".join(options) if word == _ALL else word for word in written)
    if _FILE in written:
        written.insert(0, _WRITE_FILE)
    return " ".join(
        [f"sh -c {shlex.quote(' '.join(written))}", *(["sh", *options] if options else [])]
    )


def _expanded(word: str) -> str:
    """A word with variables of the environment, for a shell, in double quotes.

    >>> print(_expanded("dir=${envvar:DATA}/a"))
    "dir=${{DATA}}/a"
    """
    # re.split with a group gives texts and names in turns.
    parts = _VARIABLE.split(word)
    shown = [
        f"${{{{{part}}}}}" if number % 2 else escaped(re.sub(r'(["\\$`])', r"\\\1", part))
        for number, part in enumerate(parts)
    ]
    return f'"{"".join(shown)}"'


def _literal(word: str, program: str, path: Path, result: Translation) -> list[str]:
    """A word with the macros in it that have one value; none if nothing is left of it."""
    known = {"env": "", "interpreter": "python", "program": program}
    for unknown in _MACRO.findall(word):
        if unknown not in known:
            result.note(path, f"the macro {unknown} is not known")
    text = _MACRO.sub(lambda macro: known.get(macro.group(1), macro.group()), word)
    return [quoted(escaped(text))] if text else []


def quoted(word: str) -> str:
    """A word of a command line, in quotes where it would fall apart without them.

    >>> quoted("--lr={lr}"), quoted("two words")
    ('--lr={lr}', "'two words'")
    """
    try:
        return word if shlex.split(word) == [word] else shlex.quote(word)
    except ValueError:  # a quotation mark without its other half
        return shlex.quote(word)
