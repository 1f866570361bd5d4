"""The breaker: a search whose trials all die alike stops, and says of what.

It looks at results in the order of their numbers, never of their arrival, and trips at a certain
trial, the last one of the search:

* the first ``limit`` trials all failed, with the same error but for numbers; or
* ``limit`` trials in a row failed because each worker that trained them died.

A trial is started only when no result still to come can make the breaker trip before it. So what
is on record when it trips does not depend on how many trained at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hpsearch.records import State, TrialResult


@dataclass(frozen=True)
class Breaker:
    """The rule; a ``limit`` of 0 never trips."""

    limit: int

    def may_start(self, index: int, results: Mapping[int, TrialResult]) -> bool:
        """Whether the search comes to a trial, whatever the results that are not known yet.

        To be asked of one trial after the other.
        """
        if not self.limit or index < self.limit:
            return True
        first = [results[i] for i in range(self.limit) if i in results]
        last = [results[i] for i in range(index - self.limit, index) if i in results]
        return not _may_be_alike(first) and any(not result.died for result in last)

    def tripped(self, results: Mapping[int, TrialResult]) -> str | None:
        """Why the search has to stop, from the leading results; ``None`` if it may go on."""
        if not self.limit:
            return None
        first = [results[i] for i in range(self.limit) if i in results]
        if len(first) == self.limit and _may_be_alike(first):
            return self._explain(
                f"the first {self.limit} trials all failed with the same error", first[0]
            )
        row: list[TrialResult] = []
        for index in range(max(results, default=-1) + 1):
            if index not in results:
                break
            row = [*row, results[index]] if results[index].died else []
            if len(row) == self.limit:
                return self._explain(
                    f"trials {index - self.limit + 1} to {index} all ended their worker processes",
                    row[-1],
                )
        return None

    def _explain(self, what: str, result: TrialResult) -> str:
        return (
            f"{what}, so the search stopped: {result.error}. Mend that, then train them again "
            f"with --retry-failed; if trials are expected to fail here, set search.max_failures "
            f"to more than {self.limit} (0: never stop), and go on"
        )


def _may_be_alike(results: Iterable[TrialResult]) -> bool:
    """Whether these all failed with the same error; of none, that is still possible."""
    return len({(result.state is State.FAILED, result.error_kind) for result in results}) <= 1 and (
        all(result.state is State.FAILED for result in results)
    )
