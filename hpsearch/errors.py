"""The errors that a user is meant to read.

    HpsearchError              exit code 1
    ├── RunError               the run folder is locked, damaged, read-only or full
    ├── NotYet                 no trial can be given out now, but later
    ├── TrialDiverged          a trial's numbers are no longer finite (state ``diverged``)
    └── UsageError             exit code 2
        ├── ConfigError        the YAML is wrong
        ├── DataError          a data file is wrong, or does not fit the config
        └── TrainableError     the user's code cannot be loaded, or breaks its promise

Each takes exactly one argument, its message: an exception with more does not survive the trip
back from a worker process. A message says what is wrong, where, and what to do. A bug of ours is
an ``assert`` or any other exception, never one of these.

:class:`TrialStopped` is none of them: it is no error, and code that catches those lets it pass.
"""

from __future__ import annotations


class HpsearchError(Exception):
    """An error with a message for the user and an exit code for the shell."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the user's own line, and what is wrong."""
        return [*_calling_line(self), f"{type(self).__name__}: {self.message}"]


class RunError(HpsearchError):
    """A run folder is locked, damaged, read-only or full."""


class TrialDiverged(HpsearchError):
    """A trial's loss, metric or weights are not finite any more."""


class TrialStopped(SystemExit):
    """Raised by ``hpsearch.epoch`` where a trial is over: at a cut-off, or after its last epoch.

    Code that has to tidy up, or wants to save its model, does so in ``finally`` or in ``except
    hpsearch.TrialStopped``, and lets it pass on. It is no ``Exception``, so that ``except
    Exception`` lets it pass too, and a script that it ends has exit code 0.
    """

    def __init__(self, message: str = "the trial is over") -> None:
        super().__init__(message)
        self.message, self.code = message, 0


class NotYet(HpsearchError):
    """No trial can be given out now; ask again in ``seconds``."""

    seconds: float = 0.0


class UsageError(HpsearchError):
    """An option, an argument or an input is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """The config cannot be used; the message has one line for each thing wrong."""


class DataError(UsageError):
    """A data file cannot be read, or does not fit the config.

    ``key`` is the key of the config's ``data`` that is to blame, where one is, and ``detail`` the
    message without it: whoever knows the config can then say in which line it stands.
    """

    key: str | None = None
    detail: str = ""

    @classmethod
    def about(cls, key: str, place: object, text: str) -> DataError:
        """What is wrong with a key; ``place`` is a file, or a line of it."""
        error = cls(f"{place}: data.{key}: {text}")
        error.key, error.detail = key, f"{place}: {text}"
        return error


class TrainableError(UsageError):
    """The user's trainable cannot be loaded or called as it is declared."""


def _calling_line(error: BaseException) -> list[str]:
    """The line that called hpsearch, from which an error came; none if it is not known."""
    from traceback import extract_tb  # noqa: PLC0415 - only a notebook asks

    package, caller = __file__.removesuffix("errors.py"), None
    for frame in extract_tb(error.__traceback__):
        if frame.filename.startswith(package):
            break
        caller = frame
    return [] if caller is None else [f"line {caller.lineno}: {caller.line}"]


def message_of(error: BaseException, longest: int) -> str:
    """What an exception says of itself, on one line of at most so many characters.

    Empty, if it says nothing, or if saying it fails: its ``__str__`` is the user's code.
    """
    try:
        # The message of a SyntaxError has its place in it, in words.
        said = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # which may raise anything
        return ""
    return " ".join(said.split())[:longest]


def kind_and_message(error: BaseException, longest: int) -> str:
    """``ValueError: too small``, or the kind alone of an exception that says nothing."""
    said = message_of(error, longest)
    return f"{type(error).__name__}{f': {said}' if said else ''}"
