"""How a search begins: points that were given, likely values, and a first round that leans."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.records import Value
from hpsearch.sampling.beginning import leaned
from hpsearch.sampling.given import First
from hpsearch.sampling.make import make_strategy, size_of
from hpsearch.sampling.strategy import Observation, Proposal, count_known
from hpsearch.space import LOG, Choice, Condition, Number, Ordered, Space, parse

SPACE = Space(
    (
        Number("alpha", low=1e-4, high=1.0, scale=LOG),
        Choice("kind", values=("a", "b", "c")),
        Number("depth", (Condition("kind", ("a",)),), low=1, high=9, step=1, integer=True),
        Ordered("size", values=("S", "M", "L")),
    )
)
LOOKAHEAD = 4


def search(
    trials: int,
    name: str = "coarse-to-fine",
    starts: Sequence[Mapping[str, Value]] = (),
    likely: Mapping[str, Sequence[Value]] | None = None,
    fresh: bool = False,
    **options: Any,
) -> list[Proposal]:
    """The trials of a search; with ``fresh``, each proposed by a strategy made for it alone."""

    def made() -> Any:
        return make_strategy(
            name,
            SPACE,
            3,
            LOOKAHEAD,
            1,
            starts=[First(s, "start") for s in starts],
            likely=likely,
            **options,
        )

    strategy = made()
    proposals: list[Proposal] = []
    for index in range(trials):
        history = [
            Observation(p.unit, sum((u - 0.3) ** 2 for u in p.unit))
            for p in proposals[: count_known(index, LOOKAHEAD)]
        ]
        pending = [p.unit for p in proposals[len(history) :]]
        strategy = made() if fresh else strategy
        proposals.append(strategy.propose(index, history, pending))
    return proposals


STARTS = ({"alpha": 0.5, "kind": "a", "depth": 3, "size": "L"}, {"alpha": 0.01})
LIKELY = {"alpha": (0.01, 0.1), "size": ("M",)}


@pytest.mark.parametrize(
    "name", ["coarse-to-fine", "boxes", "random", "sobol", "grid", "successive-halving", "optuna"]
)
def test_what_was_given_comes_first_whatever_the_strategy(name: str) -> None:
    options = {"counts": {"alpha": 3}} if name == "grid" else {}
    trials = search(7, name, STARTS, LIKELY, **options)
    points = [SPACE.decode(trial.unit) for trial in trials]
    assert points[0] == STARTS[0]
    assert points[1]["alpha"] == 0.01
    assert [(p["alpha"], p["size"]) for p in points[2:4]] == [(0.01, "M"), (0.1, "M")]
    assert [t.origin for t in trials[:4]] == ["start", "start", "likely", "likely"]
    assert trials == search(7, name, STARTS, LIKELY, fresh=True, **options)


@pytest.mark.parametrize("name", ["coarse-to-fine", "random", "optuna"])
def test_a_longer_search_is_the_same_from_any_moment_on(name: str) -> None:
    assert search(20, name, STARTS, LIKELY) == search(20, name, STARTS, LIKELY, fresh=True)


def test_the_strategys_own_trials_follow_as_they_would_have() -> None:
    """The points of Sobol and of a grid depend on no result: all of them come afterwards."""
    plain, begun = search(9, "sobol"), search(11, "sobol", STARTS)
    assert [t.unit for t in begun[2:]] == [t.unit for t in plain]
    counts = {"alpha": 3}
    assert size_of("grid", SPACE, counts, [First(s, "start") for s in STARTS], LIKELY) == 4 + (
        size_of("grid", SPACE, counts) or 0
    )


def test_some_trials_lean_and_the_strategys_own_are_all_there() -> None:
    plain, begun = search(6), search(10, likely=LIKELY)
    assert [trial.origin for trial in begun] == ["likely"] * 4 + ["spread"] * 6
    assert [trial.unit for trial in begun[4:]] == [trial.unit for trial in plain]
    leaning = {SPACE.decode(trial.unit)["alpha"] for trial in begun[2:4]}
    assert len(leaning | {0.01, 0.1}) == 4


@given(unit=st.floats(0, 1), places=st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_leaning_stays_in_the_range(unit: float, places: list[float]) -> None:
    for parameter in SPACE.parameters:
        assert 0 <= leaned(parameter, unit, places) <= 1


def test_leaning_is_a_normal_distribution_cut_off_at_the_ends() -> None:
    """Of one around 0.3 with standard deviation 0.2, 68.3 % lie within one deviation uncut."""
    number = Number("x", low=0.0, high=1.0)
    drawn = np.array([leaned(number, u, [0.3]) for u in (np.arange(2000) + 0.5) / 2000])
    inside = np.mean((drawn > 0.1) & (drawn < 0.5))
    # Φ(1) - Φ(-1) over Φ(3.5) - Φ(-1.5): 0.68269 / 0.93296
    assert inside == pytest.approx(0.73175, abs=2e-3)
    assert np.mean(drawn > 0.7) > 0.02
    two = np.array([leaned(number, u, [0.1, 0.9]) for u in (np.arange(2000) + 0.5) / 2000])
    assert np.mean(two < 0.5) == pytest.approx(0.5, abs=0.02)


def test_a_leaning_choice_has_the_likely_value_and_the_others() -> None:
    kind = Choice("kind", values=("a", "b", "c", "d"))
    units = (np.arange(1000) + 0.5) / 1000
    drawn = [kind.decode(leaned(kind, u, [kind.encode("b")])) for u in units]
    assert drawn.count("b") / 1000 == pytest.approx(0.5 + 0.5 / 4, abs=2e-3)
    assert drawn.count("d") / 1000 == pytest.approx(0.5 / 4, abs=2e-3)


def test_without_anything_given_nothing_changes() -> None:
    assert search(16) == search(16, starts=(), likely={})


def test_likely_values_give_way_to_constraints_and_points_are_completed_within_them() -> None:
    space = Space(
        (Number("a", low=0.0, high=1.0), Number("b", low=0.0, high=1.0)),
        constraints=(parse("a + b <= 0.5"),),
    )
    strategy = make_strategy(
        "random",
        space,
        0,
        1,
        1,
        starts=[First({"a": 0.4}, "start")],
        likely={"a": (0.9,), "b": (0.9,)},
    )
    units = [strategy.propose(index, [], []).unit for index in range(4)]
    assert units[0][0] == 0.4
    assert all(sum(unit) <= 0.5 for unit in units)


@pytest.mark.parametrize("name", ["coarse-to-fine", "boxes", "random", "optuna", "sobol", "grid"])
def test_known_results_count_from_the_start_and_for_whoever_asks(name: str) -> None:
    options: dict[str, Any] = {"counts": {"alpha": 3}} if name == "grid" else {}
    rng = np.random.default_rng(5)
    units = SPACE.canonical(rng.random((15, SPACE.dimensions)))
    known = [
        Observation(tuple(map(float, u)), float(np.inf if n == 3 else u.sum()))
        for n, u in enumerate(units)
    ]
    trials = search(12, name, STARTS, known=known, **options)
    assert trials == search(12, name, STARTS, fresh=True, known=known, **options)
    assert not {t.unit for t in trials[2:]} & {o.unit for o in known} or name in ("grid", "sobol")
    if name == "coarse-to-fine":
        assert {t.origin for t in trials[2:]} <= {"fit", "explore", "zoom"}
