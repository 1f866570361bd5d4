"""A command line as a template: its words, and what becomes of them in one trial.

The line is split into words first, as a shell would, and filled in afterwards, so that a value
never needs quoting and no shell is involved. ``{name}`` stands for a hyperparameter; ``{seed}``,
``{epochs}`` and ``{trial}`` for what they say.

A field can be **empty**: its hyperparameter is inactive in this trial, or its value is ``''`` or
``null``. An option that only had this field to say goes with it:

=====================  ============================================
``--mom {mom}``        both words go
``--mom={mom}``        the word goes, and so do ``mom={mom}``, ``-m{mom}``
``{nesterov}``         the word goes
``run-{mom}.txt``      stays, as ``run-.txt``: it says more than the field
=====================  ============================================

Of a value that is a list or a mapping, the program gets the JSON, in one word.

A **flag** is there or not: ``{nesterov:flag}`` becomes ``--nesterov`` when the value is true and
goes when it is false or inactive; ``{ema:--use-ema}`` does the same with a text of its own.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.config.trainable import FLAG, flag_text
from hpsearch.errors import TrainableError
from hpsearch.portable import split_command, to_json
from hpsearch.training.protocol import Context

_SETS_ONE_FIELD = re.compile(r"(-[^{}]*|[^{}\s]+=)")  # what may stand before an option's field


@dataclass(frozen=True)
class Word:
    """One word of a template: literal texts, and the fields between them with their formats."""

    template: str
    parts: tuple[tuple[str, str | None, str], ...]  # literal, field, format

    @property
    def fields(self) -> list[str]:
        """The names in braces."""
        return [field for _, field, _ in self.parts if field is not None]

    @property
    def flag(self) -> tuple[str, str] | None:
        """The field and the text of ``{name:flag}``; ``None`` if the word is no flag."""
        if len(self.parts) != 1:
            return None
        literal, field, form = self.parts[0]
        if field is None or literal:
            return None
        text = flag_text(field, form)
        return None if text is None else (field, text)

    @property
    def sets_one_field(self) -> bool:
        """Whether the word is one field, alone or behind its option's name."""
        if len(self.parts) != 1 or len(self.fields) != 1:
            return False
        literal = self.parts[0][0]
        return not literal or _SETS_ONE_FIELD.fullmatch(literal) is not None

    @property
    def is_one_field(self) -> bool:
        """Whether the word is one field and nothing else."""
        return self.sets_one_field and not self.parts[0][0]


def template(command: str) -> list[Word]:
    """The words of a command line, not yet filled in.

    Raises:
        ValueError: the quotes do not match, or a brace stands alone.
    """
    return [Word(word, _parts(word)) for word in split_command(command)]


def _parts(word: str) -> tuple[tuple[str, str | None, str], ...]:
    parsed = string.Formatter().parse(word)
    return tuple((literal, field, form or "") for literal, field, form, _ in parsed)


def fill_in(command: str, context: Context, bare: Collection[str] = ()) -> list[str]:
    """The words of the command line for one trial.

    ``bare`` names the hyperparameters some of whose values are options themselves, such as
    ``--nesterov``: the option before such a field has nothing to do with it.

    Raises:
        TrainableError: the quotes do not match, a ``{name}`` is not declared, or a flag's value
            is neither true nor false.
    """
    values: dict[str, object] = dict.fromkeys(context.inactive)
    values |= {"seed": context.seed, "epochs": context.epochs, "trial": context.trial}
    values |= context.hparams
    try:
        words = template(command)
    except ValueError as e:
        raise TrainableError(f"trainable.command: {command!r}: {e}") from e
    if not words:
        raise TrainableError("trainable.command is empty; write a program and its arguments")
    _refuse_unknown(words, values)
    filled: list[str] = []
    for number, word in enumerate(words):
        if word.flag is not None:
            filled += _flag(*word.flag, values)
        elif word.sets_one_field and _empty(values[word.fields[0]]):
            of_option = word.is_one_field and word.fields[0] not in bare
            if of_option and number and FLAG.fullmatch(words[number - 1].template):
                filled.pop()
        else:
            filled.append(_filled(word, values))
    return filled


def _refuse_unknown(words: Sequence[Word], values: Mapping[str, object]) -> None:
    for field in (field for word in words for field in word.fields):
        if field not in values:
            known = ", ".join(sorted(values))
            raise TrainableError(
                f"trainable.command: {{{field}}} is not a hyperparameter; there are {known}. "
                f"Write {{{{ and }}}} for braces"
            )


def _empty(value: object) -> bool:
    return value is None or value == ""


def _flag(field: str, text: str, values: Mapping[str, object]) -> list[str]:
    value = values[field]
    if not (_empty(value) or isinstance(value, bool)):
        raise TrainableError(
            f"trainable.command: {{{field}:…}} is a flag, for true and false, and {field} is "
            f"{value!r}; write {{{field}}}, or values: [true, false]"
        )
    return [text] if value else []


def _shown(value: object) -> object:
    """A value as the program gets it: lists and mappings as JSON."""
    if value is None:
        return ""
    return to_json(value) if isinstance(value, list | dict) else value


class _ByWholeName(string.Formatter):
    """Fills in ``{optimizer.lr}`` with the value of that name: the dot asks for no attribute."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        del args
        return kwargs[field_name], field_name


_BY_WHOLE_NAME = _ByWholeName()


def _filled(word: Word, values: Mapping[str, object]) -> str:
    shown = {name: _shown(value) for name, value in values.items()}
    try:
        return _BY_WHOLE_NAME.vformat(word.template, (), shown)
    except (ValueError, AttributeError, KeyError, IndexError, TypeError) as e:
        raise TrainableError(f"trainable.command: {word.template!r}: {e}") from e
