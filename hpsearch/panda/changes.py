"""``alpha /3`` and the like as new values, and the refusal of what cannot change.

| written            | means                                                                  |
| ------------------ | ---------------------------------------------------------------------- |
| alpha 0.01         | the value itself; alpha=0.01 is the same                               |
| alpha /3, alpha *3 | the old value divided, multiplied                                      |
| l2 +1e-4, l2 -1e-4 | the old value and something more, or less                              |
| alpha:=0.01        | the value that a schedule starts from, where there is one              |

A value that is typed wins over a schedule: with a decayed α, ``alpha 0.01`` sets what the schedule
starts from so that α *is* 0.01 in the next epoch, and decays on from there.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence

from hpsearch.errors import UsageError
from hpsearch.panda.lineage import Lineage
from hpsearch.panda.panda import Panda
from hpsearch.portable import join_command
from hpsearch.records import Value, is_number, same_value
from hpsearch.text import number

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "/": operator.truediv,
    "*": operator.mul,
    "+": operator.add,
    "-": operator.sub,
}
LITERAL = ":="
_WORDS: dict[str, Value] = {"true": True, "false": False}


def new_value(name: str, old: Value, text: str) -> Value:
    """The value that ``text`` makes of a setting's old one.

    >>> new_value("alpha", 0.3, "/3"), new_value("batch_size", 64, "*2")
    (0.09999999999999999, 128)

    Raises:
        UsageError: the text is not a value, or not for this setting.
    """
    text = text.strip()
    absolute = text.startswith(("=", LITERAL))
    text = text.removeprefix(LITERAL).removeprefix("=").strip()
    if not text:
        example = f"{name} {number(old)}" if isinstance(old, str | bool) else f"{name} /3"
        raise UsageError(f"{name} is {number(old)}; write what it is to become, as in {example}")
    if not absolute and text[0] in _OPERATORS:
        return _like(old, _computed(name, old, text[0], text[1:].strip()))
    return _like(
        old, _WORDS.get(text.lower(), _number(text) if _number(text) is not None else text)
    )


def _computed(name: str, old: Value, sign: str, text: str) -> float:
    number = _number(text)
    if not is_number(old):
        raise UsageError(f"{name} is {old}, not a number; write its new value: {name} VALUE")
    if number is None:
        raise UsageError(f"{name} {sign}{text}: {text or 'nothing'!r} is not a number")
    if sign == "/" and number == 0:
        raise UsageError(f"{name} /0: write {name} 0, or divide by something else")
    return _OPERATORS[sign](old, number)


def _number(text: str) -> int | float | None:
    try:
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    except ValueError:
        return None


def _like(old: Value, new: Value) -> Value:
    """The new value in the type of the old one, where that loses nothing."""
    if isinstance(old, bool) or isinstance(new, bool):
        return new
    if isinstance(old, float) and isinstance(new, int):
        return float(new)
    if isinstance(old, int) and isinstance(new, float) and new.is_integer():
        return int(new)
    return new


def changes_of(lineage: Lineage, pairs: Sequence[tuple[str, str]]) -> dict[str, Value]:
    """The new values that (name, text) pairs make of the present settings, one after the other.

    Raises:
        UsageError: a text is not a value for its setting.
    """
    changes: dict[str, Value] = {}
    for name, text in pairs:
        changes[name] = new_value(name, changes.get(name, lineage.hparams[name]), text)
    return changes


def signs_told(lineage: Lineage, pairs: Sequence[tuple[str, str]]) -> str:
    """For a refusal: what a sign did to the old value, which is seldom what a minus was meant for.

    Empty if no value was typed with a sign.
    """
    for name, text in pairs:
        sign, size = text[:1], text[1:].strip()
        if sign in ("+", "-"):
            did = f"adds {size} to" if sign == "+" else f"subtracts {size} from"
            return (
                f"; {name} {sign}{size} {did} {number(lineage.hparams[name])}: "
                f"write {name}={sign}{size} for the number itself"
            )
    return ""


def win_over_schedule(
    panda: Panda, changes: Mapping[str, Value], pairs: Sequence[tuple[str, str]]
) -> dict[str, Value]:
    """The changes, such that a schedule gives each typed number in the next epoch.

    A schedule is taken to scale the value that it starts from; one that does not is left alone.

    Raises:
        UsageError: a setting cannot change, or not to this value.
    """
    solved, hparams = dict(changes), panda.lineage.hparams
    training = panda.ready(hparams)
    for name, text in pairs:
        wanted = changes[name]
        relative = text.startswith((LITERAL, *_OPERATORS))
        if relative or isinstance(wanted, bool) or not isinstance(wanted, float):
            continue
        effective = training.effective({**hparams, **solved}).get(name)
        if isinstance(effective, float) and effective and math.isfinite(wanted / effective):
            scaled = wanted * (wanted / effective)
            got = training.effective({**hparams, **solved, name: scaled})
            if math.isclose(float(got.get(name, math.nan) or math.nan), wanted, rel_tol=1e-9):
                solved[name] = scaled
    return solved


def refuse_fixed(lineage: Lineage, changes: Mapping[str, Value], resolved: str) -> None:
    """Refuse what the trainable does not let change, with the command that starts afresh.

    ``resolved`` is the path of the run's resolved config.

    Raises:
        UsageError: a setting is fixed.
    """
    fixed = [name for name in changes if name not in lineage.start.adjustable]
    if not fixed:
        return
    begun = lineage.start.hparams
    # An adopted trial's settings are not in the config; those of a started run are.
    told = begun if lineage.start.origin is None else {}
    words = ["hpsearch", "babysit", resolved, "--fresh"]
    for name, value in {**lineage.hparams, **changes}.items():
        if name not in told or not same_value(value, told[name]):
            words += ["--set", f"{name}={written(value)}"]
    some = ", ".join(lineage.start.adjustable) or "nothing: the trainable declares none adjustable"
    raise UsageError(
        f"{fixed[0]} is built into the model and cannot change while it trains; what can: {some}. "
        f"A new model with these settings: {join_command(words)}"
    )


def written(value: Value) -> str:
    """A value as it is typed: what reads back as the very same one."""
    return str(value).lower() if isinstance(value, bool) else str(value)
