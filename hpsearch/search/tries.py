"""``run.retries``: training a trial again whose failure may pass by itself.

That is a worker that died, ``run.time_limit``, and what the user names by ``run.retry_on``: a
pattern found in the trial's error, or in what it printed in that try. Code that raises the same
error again is not tried again.

What is tried again is not recorded as a result. It is a line of ``tries.jsonl``, written before the
trial is started once more, with its number, point, seed and cut-offs, from its newest checkpoint.
So trials are proposed from what came of it in the end alone: the table is that of a search in
which nothing had gone wrong, and after a crash no trial has more tries than it is allowed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.config import Config
from hpsearch.engine.limits import TIMED_OUT
from hpsearch.errors import RunError
from hpsearch.records import State, TrialResult
from hpsearch.search.retries import Attempts
from hpsearch.store.disk import disk_errors
from hpsearch.store.journal import Journal, read_journal
from hpsearch.store.rundir import RunFolder
from hpsearch.text import plural

MOST_READ = 1_000_000
"""Bytes at the end of what a try printed that are searched for the pattern."""

Attempt = tuple[int, int]
"""A trial's number, and which attempt it is at the user's wish, from 1."""


@dataclass
class Tries:
    """The tries of one search so far; ``limit`` is how many may follow the first of an attempt."""

    folder: RunFolder
    limit: int
    pattern: re.Pattern[str] | None
    attempts: Attempts
    _made: Counter[Attempt] = field(default_factory=Counter)
    _errors: dict[Attempt, str] = field(default_factory=dict)
    _printed: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: RunFolder, config: Config, attempts: Attempts) -> Tries:
        """Those that are on record.

        Raises:
            RunError: the journal is damaged.
        """
        run = config.run
        pattern = None if run.retry_on is None else re.compile(run.retry_on)
        tries = cls(folder, run.retries, pattern, attempts)
        path = folder.tries_path
        for record in read_journal(path) if path.exists() else []:
            tries._add(record)
        return tries

    def again(self, result: TrialResult) -> bool:
        """Whether a trial that has just ended is to be tried again; that is on record then.

        Raises:
            RunError: the journal cannot be written.
        """
        attempt = self._attempt(result)
        if not self.limit or self._made[attempt] >= self.limit or not self._may_pass(result):
            return False
        record = {
            "trial": attempt[0],
            "attempt": attempt[1],
            "try": self._made[attempt] + 1,
            "error": result.error,
            "printed": self._log_size(attempt[0]),
        }
        with Journal(self.folder.tries_path) as journal:
            journal.append(record)
        self._add(record)
        return True

    def noted(self, result: TrialResult) -> TrialResult:
        """The result of a trial, with a note if it took more than one try."""
        attempt = self._attempt(result)
        made = self._made[attempt]
        if not made:
            return result
        note = f"it took {plural(made + 1, 'try', 'tries')}; before: {self._errors[attempt]}"
        return replace(result, notes=(*result.notes, note))

    def _attempt(self, result: TrialResult) -> Attempt:
        index = result.trial.index
        return index, 1 + len(self.attempts.results.get(index, ()))

    def _add(self, record: dict[str, Any]) -> None:
        try:
            attempt = int(record["trial"]), int(record["attempt"])
            self._made[attempt] = int(record["try"])
            self._errors[attempt] = str(record["error"])
            self._printed[attempt[0]] = int(record["printed"])
        except (LookupError, TypeError, ValueError) as e:
            raise RunError(
                f"{self.folder.tries_path}: a line is not a try ({type(e).__name__}: {e}); "
                f"was it written by another version?"
            ) from e

    def _may_pass(self, result: TrialResult) -> bool:
        if result.state is not State.FAILED:
            return False
        if result.died or result.error == TIMED_OUT:
            return True
        if self.pattern is None:
            return False
        text = f"{result.error}\n{self._output(result.trial.index)}"
        return self.pattern.search(text) is not None

    def _output(self, index: int) -> str:
        """What the try printed, as far as it was kept; the log goes on from try to try."""
        path = self.folder.log_path(index)
        begin = max(self._printed.get(index, 0), self._log_size(index) - MOST_READ)
        with disk_errors(path, "read the trial's log"):
            try:
                with path.open("rb") as file:
                    file.seek(begin)
                    return file.read(MOST_READ).decode("utf-8", "replace")
            except FileNotFoundError:
                return ""

    def _log_size(self, index: int) -> int:
        path = self.folder.log_path(index)
        return path.stat().st_size if path.exists() else 0
