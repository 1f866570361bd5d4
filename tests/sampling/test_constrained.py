"""Spaces with constraints: what is drawn is spread as rejection sampling spreads it."""

import math
from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.errors import UsageError
from hpsearch.sampling.make import make_strategy, size_of
from hpsearch.sampling.redraw import MOST_DRAWS, allowed_block, allowed_rows, middle, uniform_blocks
from hpsearch.sampling.sobol import SobolSearch
from hpsearch.sampling.strategy import Observation, Strategy
from hpsearch.space import LOG, Choice, Comparison, Condition, Derived, Number, Space, parse
from hpsearch.space.shares import shares

UNITS = Number("units", low=16, high=512, step=1, integer=True, scale=LOG)
LAYERS = Number("layers", low=1, high=4, step=1, integer=True)
BUDGET = Space((UNITS, LAYERS), constraints=(parse("units * layers <= 300"),))
TRIANGLE = Space(
    (Number("a", low=0.0, high=1.0), Number("b", low=0.0, high=1.0)), constraints=(parse("a < b"),)
)
MORE_THAN_ONE = Comparison.read("> 1")
assert MORE_THAN_ONE is not None
DEEP = Space(
    (
        LAYERS,
        Number("drop", (Condition("layers", (MORE_THAN_ONE,)),), low=0.0, high=1.0),
        Derived("rate", expression=parse("1 / (layers - 2)")),
        Choice("optimizer", values=("sgd", "adam")),
    ),
    constraints=(parse("drop > 0.5"), parse("optimizer == 'adam' or layers < 4")),
)


def points(strategy: Strategy, space: Space, trials: int) -> list[dict[str, object]]:
    found = [strategy.propose(i, [], []).unit for i in range(trials)]
    return [dict(space.decode(unit)) for unit in found]


def test_random_search_is_spread_as_rejection_sampling() -> None:
    """Shares of P(layers), worked out from the space: ln(300/L / 16) / ln(512/16), normalised."""
    strategy = make_strategy("random", BUDGET, 1, 1, 1)
    drawn = [strategy.propose(i, [], []).unit for i in range(1500)]
    layers = np.bincount([int(BUDGET.decode(u)["layers"] or 0) for u in drawn], minlength=5)[1:]
    # the cell of a whole number reaches half a step to both sides
    ends = [math.log((300 // n + 0.5) / 15.5) for n in (1, 2, 3, 4)]
    expected = 1500 * np.array(ends) / sum(ends)
    assert ((layers - expected) ** 2 / expected).sum() < 16.3  # chi-squared, 3 degrees, p = 0.001


@pytest.mark.parametrize("name", ["random", "successive-halving", "sobol", "coarse-to-fine"])
def test_a_triangle_is_covered_evenly(name: str) -> None:
    """Of points uniform on a < b: E a = 1/3, E b = 2/3, and P(b > 2 a) = 1/2."""
    lookahead = 400 if name == "coarse-to-fine" else 1  # then all of them are its first points
    strategy = make_strategy(name, TRIANGLE, 3, lookahead, 1)
    ab = np.array([list(p.values()) for p in points(strategy, TRIANGLE, 400)], dtype=float)
    assert (ab[:, 0] < ab[:, 1]).all()
    centre = 0.75 if name == "coarse-to-fine" else 1.0  # its first points lie towards the centre
    assert ab.mean(axis=0) == pytest.approx(
        [0.5 - centre / 6, 0.5 + centre / 6], abs=4 * 0.236 / 20
    )
    if name != "coarse-to-fine":
        assert (ab[:, 1] > 2 * ab[:, 0]).mean() == pytest.approx(0.5, abs=4 * 0.5 / 20)


def test_a_grid_leaves_out_what_is_not_allowed() -> None:
    strategy = make_strategy("grid", TRIANGLE, 0, 1, 1, counts={"a": 3, "b": 3})
    assert strategy.size == size_of("grid", TRIANGLE, {"a": 3, "b": 3}) == 3
    assert [tuple(p.values()) for p in points(strategy, TRIANGLE, 3)] == [
        (0.0, 0.5),
        (0.0, 1.0),
        (0.5, 1.0),
    ]
    with pytest.raises(UsageError, match="none of the grid's 1 points keeps them"):
        make_strategy("grid", TRIANGLE, 0, 1, 1, counts={"a": 1, "b": 1})
    with pytest.raises(UsageError, match="looked at in each of 1,000,000 points"):
        make_strategy("grid", TRIANGLE, 0, 1, 1, counts={"a": 1000, "b": 1000})


@pytest.mark.skipif(find_spec("scipy") is None, reason="SciPy is not installed")
def test_sobol_takes_the_allowed_points_of_its_sequence_in_order() -> None:
    free = make_strategy("sobol", Space(TRIANGLE.parameters), 5, 1, 1)
    all_points = points(free, TRIANGLE, 200)
    allowed = [p for p in all_points if p["a"] < p["b"]]  # type: ignore[operator]
    strategy = make_strategy("sobol", TRIANGLE, 5, 1, 1)
    assert points(strategy, TRIANGLE, 70) == allowed[:70]
    sampler = strategy.sampler  # type: ignore[attr-defined]
    assert isinstance(sampler, SobolSearch)
    assert sampler.passed_over(70) == all_points.index(allowed[69]) - 69


SEARCHES = ["coarse-to-fine", "boxes", "random", "optuna"]


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("space", [BUDGET, TRIANGLE, DEEP], ids=["budget", "triangle", "deep"])
def test_every_proposal_keeps_the_constraints(name: str, space: Space) -> None:
    if name == "optuna" and find_spec("optuna") is None:
        pytest.skip("Optuna is not installed")
    strategy = make_strategy(name, space, 7, 2, 1, sampler="TPESampler")
    history: list[Observation] = []
    pending: list[tuple[float, ...]] = []
    for index in range(36):
        proposal = strategy.propose(index, history, pending)
        assert space.allows(space.decode(proposal.unit))
        pending.append(proposal.unit)
        if len(pending) == 2:
            unit = pending.pop(0)
            # The optimum of the whole cube lies where the constraints allow nothing.
            history.append(
                Observation(unit, float(((np.array(unit) - [0.9] * len(unit)) ** 2).sum()))
            )


def test_the_fit_finds_an_optimum_at_the_edge_of_what_is_allowed() -> None:
    """The best of a + b under a + b <= 1 is the edge itself."""
    space = Space(TRIANGLE.parameters, constraints=(parse("a + b <= 1"),))
    strategy = make_strategy("coarse-to-fine", space, 2, 1, 1)
    history: list[Observation] = []
    for index in range(40):
        unit = strategy.propose(index, history, []).unit
        history.append(Observation(unit, -(unit[0] + unit[1])))
    assert min(o.loss for o in history) < -0.98


def test_a_narrow_space_is_found_and_none_is_told() -> None:
    """One point in a thousand: the least share that a config may have."""
    narrow = Space(TRIANGLE.parameters, constraints=(parse("a + b < 0.0447"),))
    assert shares(narrow).together == pytest.approx(0.001, abs=0.001)
    for name in ("random", "boxes"):
        strategy = make_strategy(name, narrow, 0, 1, 1)
        for index in range(3):
            assert narrow.allows(narrow.decode(strategy.propose(index, [], []).unit))
    nothing = Space(TRIANGLE.parameters, constraints=(parse("a > 1"),))
    rng = np.random.default_rng(0)
    with pytest.raises(UsageError, match=r"none of 5\d,\d{3} points keeps them all"):
        next(allowed_rows(nothing, uniform_blocks(nothing, rng, 1000)))
    assert MOST_DRAWS <= 59_999
    assert len(allowed_block(nothing, lambda: rng.random((5, 2)))) == 0


def test_without_constraints_the_first_block_is_all() -> None:
    free = Space(TRIANGLE.parameters)
    blocks = iter([np.zeros((2, 2)), np.ones((2, 2))])
    assert len(list(allowed_rows(free, blocks))) == 2
    assert len(list(blocks)) == 1


def test_the_middle_is_the_middle_if_it_may_be() -> None:
    free = Space(TRIANGLE.parameters)
    assert middle(free) == (0.5, 0.5)
    assert TRIANGLE.allows(TRIANGLE.decode(middle(TRIANGLE)))


def test_shares_by_hand() -> None:
    space = Space(TRIANGLE.parameters, constraints=(parse("a < b"), parse("a + b < 1")))
    found = shares(space)
    assert found.each == pytest.approx((0.5, 0.5), abs=0.02)
    assert found.together == pytest.approx(0.25, abs=0.02)
    assert shares(space) == found


def test_one_that_names_what_is_not_there_holds() -> None:
    def allows(**point: object) -> bool:
        return DEEP.allows(point)  # type: ignore[arg-type]

    assert allows(layers=1, rate=-1.0, optimizer="sgd")  # drop is not there
    assert not allows(layers=3, rate=1.0, optimizer="sgd", drop=0.2)
    assert not allows(layers=2, optimizer="sgd", drop=0.7)  # 1 / 0 has no value


@settings(max_examples=40)
@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=20))
def test_arrays_are_judged_as_points(rows: Sequence[Sequence[float]]) -> None:
    units = DEEP.canonical(np.array(rows))
    one_by_one = [DEEP.allows(DEEP.decode(unit)) for unit in units]
    assert DEEP.allowed(units).tolist() == one_by_one
    assert len(DEEP.only_allowed(units)) == sum(one_by_one)
