"""Which records may follow which: the rules of the ledger, as a table.

Where the model stands decides what may come next. What needs something that is not there either
follows another record, which the engine writes first, or is refused in these words. The engine
asks the table before it writes a record, and reading a ledger asks it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, auto


class State(Flag):
    """What of a lineage decides which records may come next."""

    ANY = 0
    AT_TIP = auto()
    """The model stands at the end of its branch, so an epoch continues that branch."""

    TRAINED = auto()
    """It stands after an epoch; otherwise it is the untrained model."""

    UNDOABLE = auto()
    """Something was done that can be taken back."""


@dataclass(frozen=True)
class Rule:
    """What a record needs, and otherwise the record that comes ``first``, or the refusal."""

    needs: State = State.ANY
    first: str | None = None
    refusal: str = ""


RULES: Mapping[str, Rule] = {
    "epoch": Rule(State.AT_TIP, first="branch"),
    "diverged": Rule(State.AT_TIP, first="branch"),
    "set": Rule(),
    "move": Rule(),
    "branch": Rule(),
    "undo": Rule(State.UNDOABLE, refusal="there is nothing to undo"),
    "save": Rule(
        State.TRAINED, refusal="the untrained model needs no saving: back 0 always finds it"
    ),
    "note": Rule(),
    "probe": Rule(),
}
"""For each kind of record but the first, ``start``: when it may come."""


def comes_first(kind: str, state: State) -> str | None:
    """The kind of the record that must be written before one of ``kind``; ``None`` if none must.

    >>> comes_first("epoch", State.TRAINED), comes_first("epoch", State.TRAINED | State.AT_TIP)
    ('branch', None)
    """
    rule = RULES[kind]
    return None if rule.needs in state else rule.first


def refusal(kind: str, state: State) -> str | None:
    """Why a record of ``kind`` may not come next; ``None`` if it may.

    >>> refusal("undo", State.AT_TIP)
    'there is nothing to undo'
    """
    rule = RULES.get(kind)
    if rule is None:
        return f"its kind is {kind!r}"
    if rule.needs in state:
        return None
    return rule.refusal or f"{kind} must follow a {rule.first} here"
