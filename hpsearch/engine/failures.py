"""Whose fault it was: what a call in a worker can end with, beside its answer.

Each pool turns what its library says into one of these, and nothing else reaches the scheduler:

* :class:`WorkerDied`: the process ended. Whose fault that was is found out by training alone.
* :class:`WorkerUnfit`: an exception outside the user's code. The worker is replaced, and the trial
  is trained again; it is never to blame.
* ``RunError``: the cluster, the machine's disk, or the config (a file that was taken away). The
  search stops with everything recorded, and the same command goes on.

What a trial itself does wrong is no exception at all: it is the trial's result.
"""

from __future__ import annotations

from hpsearch.errors import HpsearchError, RunError, kind_and_message
from hpsearch.processes import KILL, signal_name

DEATHS_ALONE = 2
"""How often a worker may die under one trial, while nothing else trains."""


class WorkerDied(Exception):
    """A worker process ended before it answered.

    ``code`` is its exit status, minus the number of a signal; ``None`` where nobody knows.
    """

    def __init__(self, code: int | None = None) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        if self.code is None:
            return "died of an unknown cause"
        if self.code >= 0:
            return f"ended by itself (exit code {self.code})"
        name = signal_name(-self.code) or f"signal {-self.code}"
        memory = ", often because memory ran out" if self.code == -KILL else ""
        return f"was killed by {name}{memory}"


class WorkerUnfit(Exception):
    """Something failed in a worker outside the user's code; says what, in one line."""


def blame_for(error: BaseException) -> BaseException:
    """An exception of a future as one of the above; what nobody foresaw is a worker's."""
    if isinstance(error, WorkerDied | WorkerUnfit | RunError):
        return error
    if isinstance(error, HpsearchError):
        return RunError(error.message)
    return WorkerUnfit(kind_and_message(error, 300))


def raise_alone(trial: str, error: BaseException) -> None:
    """Stop what cannot go on: a worker failed again and again, and no trial is to blame.

    Raises:
        RunError: always.
    """
    what = (
        f"its worker process {error}"
        if isinstance(error, WorkerDied)
        else f"its worker failed outside the code that is trained ({error})"
    )
    raise RunError(
        f"{trial}: {what}, {DEATHS_ALONE} times; nothing is recorded against it. The same "
        f"command tries again; if this stays so, please report it"
    ) from error
