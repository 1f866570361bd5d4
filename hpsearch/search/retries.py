"""Training failed trials again: what is on record of it, and who knows of what came out.

Whatever made them fail, the user has mended it and wants them trained once more. The rule keeps the
promise that the same record gives the same trials:

1. The wish is recorded in ``retries.jsonl`` before anything is trained: which trials, and from
   which number on the new results count. Whoever goes on with the run fulfils it first.
2. A trial that is trained again keeps its number, point, seed and cut-offs. Its new result is a
   further line of ``trials.jsonl``, and takes the place of the old one.
3. A trial that was started before the wish keeps the point that it had: it is proposed from what
   was known then, even if it has no result yet. Trials from the recorded number on know the new
   results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hpsearch.records import Retry, State, TrialResult
from hpsearch.store.journal import Journal
from hpsearch.store.rundir import RunFolder


@dataclass
class Attempts:
    """The results of a run, attempt by attempt, and the wishes to train some again."""

    results: dict[int, list[TrialResult]] = field(default_factory=dict)
    retries: Sequence[Retry] = ()

    def __post_init__(self) -> None:
        self._wanted = [(retry.start, frozenset(retry.trials)) for retry in self.retries]

    def waiting(self) -> list[int]:
        """The trials that are to be trained again, and were not yet."""
        return [i for i, made in self.results.items() if len(made) <= self._wishes(i, None)]

    def settled(self) -> dict[int, TrialResult]:
        """The newest result of each trial that is not to be trained again."""
        waiting = set(self.waiting())
        return {i: made[-1] for i, made in self.results.items() if i not in waiting}

    def add(self, result: TrialResult) -> None:
        """Take in the result of one more attempt."""
        self.results.setdefault(result.trial.index, []).append(result)

    def known_to(self, index: int, other: int) -> TrialResult:
        """The result of a trial as the proposal of trial ``index`` may know it.

        Raises:
            KeyError: it is not recorded.
        """
        made = self.results[other]
        return made[min(self._wishes(other, index), len(made) - 1)]

    def era(self, index: int) -> int:
        """How many wishes count for the proposal of a trial: within an era all know the same."""
        return sum(retry.start <= index for retry in self.retries)

    def _wishes(self, trial: int, known_to: int | None) -> int:
        return sum(
            trial in trials
            for start, trials in self._wanted
            if known_to is None or start <= known_to
        )


def read_attempts(folder: RunFolder) -> Attempts:
    """What is on record.

    Raises:
        RunError: a journal is damaged.
    """
    return Attempts(folder.attempts(), folder.retries())


def retry_failed(folder: RunFolder, attempts: Attempts) -> Attempts:
    """Record the wish to train a run's failed trials again; what is on record then.

    ``attempts`` are what is on record now; a wish that is not fulfilled yet is not made again.
    The caller holds the run's lock.

    Raises:
        RunError: a journal is damaged or cannot be written.
    """
    if attempts.waiting():
        return attempts
    failed = [i for i, made in attempts.results.items() if made[-1].state is State.FAILED]
    if not failed:
        return attempts
    start = 1 + max([*folder.trials_left(), *attempts.results])
    wish = Retry(start, tuple(sorted(failed)))
    with Journal(folder.retries_path) as journal:
        journal.append(wish.to_record())
    return Attempts(attempts.results, [*attempts.retries, wish])
