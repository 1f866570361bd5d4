"""What a person may have meant by a word that is neither a command nor a setting.

What other tools call our hyperparameters stands in the config's table of words; here are only what
they call the commands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from hpsearch.errors import UsageError
from hpsearch.text import nearest

ELSEWHERE = {
    "set": "write only the setting and its value, as in alpha 0.01",
    "adjust": "write only the setting and its value, as in alpha 0.01",
    "change": "write only the setting and its value, as in alpha 0.01",
    "run": "go",
    "fit": "go",
    "epoch": "go",
    "epochs": "go",
    "step": "go",
    "next": "go",
    "continue": "go",
    "resume": "go",
    "goto": "back",
    "jump": "back",
    "load": "back",
    "restore": "back",
    "revert": "back",
    "rollback": "back",
    "reset": "back",
    "fork": "branch",
    "checkout": "switch",
    "checkpoint": "save",
    "tag": "save",
    "comment": "note",
    "compare": "diff",
    "history": "log",
    "ledger": "log",
    "branches": "tree",
    "status": "show",
    "plot": "show",
    "chart": "show",
    "settings": "show",
    "lr_find": "probe",
    "lr_finder": "probe",
    "range_test": "probe",
    "redo": "what was undone is still there: tree shows it, and back returns to it",
}
"""What other tools call a command: its name here, or a sentence that says what to write."""

_FOR_ADAM = "beta1"
"""Adam's momentum has a name of its own."""


def advice(word: str, commands: Iterable[str], settings: Collection[str]) -> str:
    """What to type in place of ``word``, as the end of a sentence.

    >>> advice("learning_rate", ["go"], ["alpha", "decay_rate"])
    'here it is called alpha'
    >>> advice("rollback", ["go", "back"], ["alpha"])
    'here it is called back'
    >>> advice("alhpa", ["go"], ["alpha"])
    'did you mean alpha?'
    """
    if word.isdecimal():
        return f"did you mean go {word}?"
    hint = _setting_elsewhere(word, settings) or ELSEWHERE.get(word.lower())
    if hint is not None:
        return hint if " " in hint else f"here it is called {hint}"
    return _near(word, [*commands, *settings]) or "help lists what there is"


def setting_advice(word: str, settings: Collection[str]) -> str:
    """The same for a word that can only be a setting; empty if nothing comes near."""
    hint = _setting_elsewhere(word, settings)
    if hint is not None:
        return hint if " " in hint else f"here it is called {hint}"
    return _near(word, settings)


def no_setting(name: str, settings: Collection[str]) -> UsageError:
    """The error that there is no such setting, with what may have been meant.

    >>> no_setting("alhpa", ["alpha"]).message
    "there is no setting 'alhpa'; did you mean alpha?"
    """
    hint = setting_advice(name, settings)
    return UsageError(f"there is no setting {name!r}{'; ' + hint if hint else ''}")


def _setting_elsewhere(word: str, settings: Collection[str]) -> str | None:
    """The setting that other tools, or the course, call so: its name, or a sentence."""
    from hpsearch.config.synonyms import NETWORK_PARAMETERS, plain  # noqa: PLC0415

    meant = NETWORK_PARAMETERS.get(plain(word), word.lower())
    if " " in meant:
        return meant if set(re.findall(r"\w+", meant)) & set(settings) else None
    # A setting of the user's own code may have the other tools' name for it, too.
    same = [s for s in settings if NETWORK_PARAMETERS.get(plain(s), s.lower()) == meant]
    if not same:
        return None
    if same == ["beta"] and _FOR_ADAM in settings:
        return f"here it is called beta, and for adam {_FOR_ADAM}"
    return same[0]


def _near(word: str, known: Collection[str]) -> str:
    near = nearest(word, known) or next((each for each in known if _one_off(word, each)), None)
    return f"did you mean {near}?" if near else ""


def _one_off(word: str, other: str) -> bool:
    """Whether two short words differ in one letter, which is too much for a share of letters."""
    return (
        len(word) == len(other) <= 3 and sum(a != b for a, b in zip(word, other, strict=True)) == 1
    )
