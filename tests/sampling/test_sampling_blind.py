"""Strategies and sequences that do not look at results."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.errors import UsageError
from hpsearch.sampling.additive_recurrence import AdditiveRecurrence
from hpsearch.sampling.make import make_strategy
from hpsearch.sampling.points import PointList
from hpsearch.sampling.random_search import first_untried
from hpsearch.space import INACTIVE, LOG, Choice, Condition, Constant, Number, Space


def points(space: Space, **counts: int) -> list[dict[str, object]]:
    grid = make_strategy("grid", space, 0, 1, 1, counts=counts)
    assert grid.size is not None
    return [space.decode(np.array(grid.propose(i, [], []).unit)) for i in range(grid.size)]


def test_the_first_parameter_of_a_grid_changes_slowest() -> None:
    space = Space(
        (
            Number("alpha", low=1e-4, high=1.0, scale=LOG),
            Choice("optimizer", values=("sgd", "adam")),
            Constant("activation", value="relu"),
        )
    )
    found = [(round(p["alpha"], 10), p["optimizer"]) for p in points(space, alpha=3)]  # type: ignore[call-overload]
    assert found == list(itertools.product((1e-4, 1e-2, 1.0), ("sgd", "adam")))


def test_a_grid_has_each_conditional_point_once() -> None:
    space = Space(
        (
            Choice("optimizer", values=("sgd", "adam", "momentum")),
            Number("beta2", (Condition("optimizer", ("adam",)),), low=0.9, high=0.99),
            Choice("nesterov", (Condition("optimizer", ("momentum",)),), values=(False, True)),
            Number("delay", (Condition("nesterov", (True,)),), low=1, high=2, step=1, integer=True),
        )
    )
    assert points(space, beta2=2) == [
        {"optimizer": "sgd"},
        {"optimizer": "adam", "beta2": 0.9},
        {"optimizer": "adam", "beta2": 0.99},
        {"optimizer": "momentum", "nesterov": False},
        {"optimizer": "momentum", "nesterov": True, "delay": 1},
        {"optimizer": "momentum", "nesterov": True, "delay": 2},
    ]


def test_a_count_thins_out_integers_evenly() -> None:
    space = Space((Number("units", low=50, high=100, step=1, integer=True),))
    assert [p["units"] for p in points(space, units=3)] == [50, 75, 100]
    assert [p["units"] for p in points(space, units=1)] == [75]
    assert len(points(space, units=500)) == 51
    assert len(points(space)) == 51


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({}, "grid: alpha is continuous; say how many values to try"),
        ({"alpha": 0}, "grid: the count of alpha must be at least 1; it is 0"),
        ({"alpha": 2, "optimizer": 2}, "grid: optimizer is a choice, all of whose values"),
        ({"alpha": 2, "lr": 2}, "grid: lr has a count, but it is no searched parameter"),
    ],
)
def test_counts_that_cannot_be_used(counts: dict[str, int], message: str) -> None:
    space = Space((Number("alpha", low=0.0, high=1.0), Choice("optimizer", values=("sgd", "adam"))))
    with pytest.raises(UsageError, match=message):
        make_strategy("grid", space, 0, 1, 1, counts=counts)


def test_a_grid_of_astronomical_size_is_not_listed() -> None:
    space = Space(tuple(Choice(f"c{j}", values=tuple(range(10))) for j in range(30)))
    grid = make_strategy("grid", space, 0, 1, 1)
    assert grid.size == 10**30
    last = grid.propose(10**30 - 1, [], []).unit
    assert last == pytest.approx([0.95] * 30)


@st.composite
def discrete_spaces(draw: st.DrawFn) -> Space:
    """Choices that depend on earlier choices in any way."""
    parameters: list[Choice] = []
    for j in range(draw(st.integers(1, 4))):
        when: tuple[Condition, ...] = ()
        if parameters and draw(st.booleans()):
            parent = draw(st.sampled_from(parameters))
            values = draw(st.lists(st.sampled_from(parent.values), min_size=1, unique=True))
            when = (Condition(parent.name, tuple(values)),)
        parameters.append(Choice(f"c{j}", when, values=tuple(range(draw(st.integers(1, 4))))))
    return Space(tuple(parameters))


@given(discrete_spaces())
def test_all_points_of_a_space_are_listed_once(space: Space) -> None:
    listed = PointList.of_all(space)
    assert listed is not None
    found = [listed[i] for i in range(listed.size)]
    cells = itertools.product(*(range(p.levels or 0) for p in space.searched))
    every = {
        tuple(
            space.canonical(
                np.array(
                    [(c + 0.5) / (p.levels or 1) for c, p in zip(row, space.searched, strict=True)]
                )
            )
        )
        for row in cells
    }
    assert set(found) == every
    assert len(found) == len(every)


def test_spaces_too_large_to_list() -> None:
    assert PointList.of_all(Space((Number("x", low=0.0, high=1.0),))) is None
    huge = Space((Number("x", low=1, high=10**9, step=1, integer=True),))
    assert PointList.of_all(huge) is None


def test_the_first_untried_candidate_is_taken() -> None:
    rng = np.random.default_rng(0)
    rows = np.array([[0.25], [0.75], [0.25]])
    assert first_untried(rows, set(), None, rng) == (0.25,)
    assert first_untried(rows, {(0.25,)}, None, rng) == (0.75,)
    assert first_untried(rows, {(0.25,), (0.75,)}, None, rng) == (0.25,)  # there is nothing else


def test_where_all_candidates_were_tried_another_point_of_the_space_is_found() -> None:
    space = Space((Choice("c", values=tuple(range(50))),))
    listed = PointList.of_all(space)
    tried = [listed[i] for i in range(50) if i != 33]  # type: ignore[index]
    for seed in range(5):
        found = first_untried(np.array(tried[:3]), tried, listed, np.random.default_rng(seed))
        assert space.decode(np.array(found)) == {"c": 33}


# --- evenly spread points


def test_one_dimension_steps_by_the_golden_ratio() -> None:
    sequence = AdditiveRecurrence(1, seed=4)
    step = (sequence.point(1) - sequence.point(0)) % 1
    assert step[0] == pytest.approx((math.sqrt(5) - 1) / 2, abs=1e-14)


def test_two_dimensions_step_by_the_plastic_number() -> None:
    ratio = 1.32471795724474602596  # solves g³ = g + 1
    step = (AdditiveRecurrence(2, seed=4).point(8) - AdditiveRecurrence(2, seed=4).point(7)) % 1
    assert step == pytest.approx([1 / ratio, 1 / ratio**2], abs=1e-14)


@given(st.integers(1, 3), st.integers(0, 2**32), st.integers(0, 10_000))
@settings(max_examples=50)
def test_every_stretch_of_the_sequence_is_even(dimensions: int, seed: int, start: int) -> None:
    sequence = AdditiveRecurrence(dimensions, seed)
    stretch = np.array([sequence.point(start + i) for i in range(200)])
    assert ((stretch >= 0) & (stretch < 1)).all()
    # Of 200 random points, half an axis holds 100 with a standard deviation of 7.
    assert (np.abs((stretch < 0.5).sum(axis=0) - 100) <= 6).all()


def test_random_draws_fill_the_space_evenly() -> None:
    space = Space((Number("x", low=0.0, high=1.0), Choice("c", values=("a", "b", "c"))))
    strategy = make_strategy("random", space, 5, 1, 1)
    units = np.array([strategy.propose(i, [], []).unit for i in range(900)])
    # Standard deviations: sqrt(900 / 12) / 900 = 0.0096 and sqrt(900 * 2/9) = 14.
    assert abs(units[:, 0].mean() - 0.5) < 4 * 0.0096
    assert all(abs((np.isclose(units[:, 1], (c + 0.5) / 3)).sum() - 300) < 60 for c in range(3))


def test_sobol_points_are_balanced() -> None:
    space = Space(tuple(Number(f"x{j}", low=0.0, high=1.0) for j in range(3)))
    strategy = make_strategy("sobol", space, 5, 1, 1)
    units = np.array([strategy.propose(i, [], []).unit for i in range(64)])
    # A Sobol sequence puts exactly one of its first 64 points in each 64th of every axis.
    assert (np.sort(np.floor(units * 64), axis=0) == np.arange(64)[:, None]).all()
    assert make_strategy("sobol", space, 5, 1, 1).propose(700, [], []).unit == (
        strategy.propose(700, [], []).unit
    )


def test_inactive_coordinates_of_a_grid_are_canonical() -> None:
    space = Space(
        (
            Choice("a", values=(1, 2)),
            Choice("b", (Condition("a", (2,)),), values=(1, 2, 3)),
        )
    )
    grid = make_strategy("grid", space, 0, 1, 1)
    assert grid.propose(0, [], []).unit == (0.25, INACTIVE)
    assert INACTIVE == 0.5
