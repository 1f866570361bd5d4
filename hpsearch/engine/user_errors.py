"""What an exception says of the user's code: whether it came from there, where, in which words."""

from __future__ import annotations

import traceback
from pathlib import Path

from hpsearch.errors import kind_and_message
from hpsearch.portable import well_formed

_PACKAGE = Path(__file__).parents[1]
_OURS = (str(_PACKAGE), "<frozen ")


def explain(error: BaseException) -> str:
    """One line for the journal: the kind, the message, and where in the user's code."""
    where = _place(error)
    return str(well_formed(f"{kind_and_message(error, 300)}{f' ({where})' if where else ''}"))


def is_of_trainable(error: BaseException) -> bool:
    """Whether an error came out of what is trained, and not of the loop around it."""
    rooms = (str(_PACKAGE / "training"), str(_PACKAGE / "network"))
    loop = str(_PACKAGE / "training" / "session.py")
    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return any(name.startswith(rooms) and name != loop for name in frames)


def _place(error: BaseException) -> str:
    """The file and line of the user's code where an error was raised; empty if it was not there."""
    if isinstance(error, SyntaxError) and not (error.filename or "<").startswith("<"):
        return f"{Path(str(error.filename)).name}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    return f"{Path(theirs[-1].filename).name}:{theirs[-1].lineno}" if theirs else ""


def as_told(error: BaseException) -> str:
    """The traceback, without the calls of ours that led to the user's code; all of it without any.

    A log's end is shown, and the user's own lines should be in it.
    """
    first = error.__traceback__
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_OURS):
        first = first.tb_next
    lines = traceback.format_exception(type(error), error, first or error.__traceback__)
    return "".join(lines)
