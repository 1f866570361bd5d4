"""The breaker: when a search stops because everything fails alike, and that nobody runs ahead."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.records import State, Trial, TrialResult
from hpsearch.search.breaker import Breaker

LIMIT = 3


def result(index: int, kind: str) -> TrialResult:
    """``d``one, ``f``ailed with one error, ``g`` with another, ``k``illed its worker."""
    state = State.DONE if kind == "d" else State.FAILED
    error = {"d": None, "k": "its worker process was killed"}.get(
        kind, f"ValueError: {kind} at {index * 0.37} (m.py:{3})"
    )
    trial = Trial(index, 0, {}, ())
    return TrialResult(trial, state, None, None, 0, {}, error, died=kind == "k")


def last_of(kinds: str, limit: int = LIMIT) -> int | None:
    """At which trial a search one after the other stops, by the rule's own words."""
    for index in range(len(kinds)):
        so_far = kinds[: index + 1]
        first = so_far[:limit]
        if len(first) == limit and first in ("f" * limit, "g" * limit, "k" * limit):
            return limit - 1
        if so_far.endswith("k" * limit):
            return index
    return None


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ("fff", "the first 3 trials all failed with the same error"),
        ("ffgfff", None),
        ("ffdfff", None),
        ("dfffffff", None),
        ("dkkk", "trials 1 to 3 all ended their worker processes"),
        ("dkkfkk", None),
        ("ff", None),
    ],
)
def test_when_it_trips(kinds: str, said: str | None) -> None:
    why = Breaker(LIMIT).tripped({i: result(i, kind) for i, kind in enumerate(kinds)})
    assert (why or "").startswith(said or "\0") if said else why is None
    assert Breaker(0).tripped({i: result(i, kind) for i, kind in enumerate(kinds)}) is None


def test_only_leading_results_count() -> None:
    results = {i: result(i, "k") for i in (0, 2, 3, 4)} | {1: result(1, "d")}
    assert Breaker(LIMIT).tripped(results) is not None
    del results[1]
    assert Breaker(LIMIT).tripped(results) is None


@dataclass
class Search:
    """Trials that end in an order that hypothesis chooses."""

    kinds: str
    lookahead: int

    def run(self, order: list[int]) -> set[int]:
        breaker, results, flying, following = Breaker(LIMIT), dict[int, TrialResult](), [], 0
        choices = iter(order)
        while True:
            front = next(i for i in range(len(self.kinds) + 1) if i not in results)
            while following < min(len(self.kinds), front + self.lookahead):
                if not breaker.may_start(following, results):
                    break
                flying.append(following)
                following += 1
            if not flying:
                return set(results)
            ended = flying.pop(next(choices, 0) % len(flying))
            results[ended] = result(ended, self.kinds[ended])


@given(
    kinds=st.text("dfgk", max_size=14) | st.text("kkkd", max_size=14) | st.text("ffd", max_size=14),
    lookahead=st.integers(1, 6),
    order=st.lists(st.integers(0, 5), max_size=14),
)
def test_what_is_on_record_does_not_depend_on_who_ended_first(
    kinds: str, lookahead: int, order: list[int]
) -> None:
    last = last_of(kinds)
    expected = set(range(len(kinds) if last is None else last + 1))
    assert Search(kinds, lookahead).run(order) == expected
