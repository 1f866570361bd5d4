"""A number with other ranges under other conditions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space import LOG, Branch, Branched, Choice, Comparison, Condition, Number, Space


def on(parent: str, *values: str) -> tuple[Condition, ...]:
    return (Condition(parent, tuple(Comparison.read(v) or v for v in values)),)


ALPHA = Branched(
    "alpha",
    low=1e-4,
    high=1.0,
    scale=LOG,
    branches=(
        Branch(on("optimizer", "adam"), 1e-4, 1e-3),
        Branch(on("optimizer", "sgd"), 1e-2, 1.0),
    ),
)
UNITS = Branched(
    "units",
    low=1,
    high=9,
    step=1,
    integer=True,
    branches=(Branch(on("alpha", "> 0.1"), 1, 4), Branch(on("alpha", "<= 0.1"), 3, 9)),
)
SPACE = Space(
    (
        Choice("optimizer", values=("adam", "sgd", "none")),
        ALPHA,
        UNITS,
        Number("l2", on("alpha", ">= 0.05"), low=0.0, high=1.0),
    )
)
cubes = st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=9)


@given(cubes)
def test_values_are_in_the_range_in_force_whatever_the_unit(rows: list[list[float]]) -> None:
    for row in rows:
        point = SPACE.decode(row)
        if point["optimizer"] == "none":
            assert not {"alpha", "units", "l2"} & set(point)
            continue
        low, high = (1e-4, 1e-3) if point["optimizer"] == "adam" else (1e-2, 1.0)
        alpha, units = point["alpha"], point["units"]
        assert isinstance(alpha, float)
        assert isinstance(units, int)
        assert low <= alpha <= high
        assert (1 if alpha > 0.1 else 3) <= units <= (4 if alpha > 0.1 else 9)
        assert ("l2" in point) == (alpha >= 0.05)


@given(cubes)
def test_one_unit_vector_for_each_point(rows: list[list[float]]) -> None:
    units = SPACE.canonical(np.array(rows))
    assert SPACE.canonical(units).tolist() == units.tolist()
    for row, unit in zip(rows, units, strict=True):
        assert SPACE.decode(unit) == pytest.approx(SPACE.decode(row))
        assert SPACE.encode(SPACE.decode(unit)) == pytest.approx(tuple(unit), abs=1e-9)
        assert SPACE.active(unit).tolist() == [p.name in SPACE.decode(unit) for p in SPACE.searched]


def test_the_edge_of_a_range_is_not_the_next_value() -> None:
    units = SPACE.canonical(np.array([[0.5, 1.0, u, 0.5] for u in np.linspace(0, 1, 181)]))
    assert {SPACE.decode(unit)["units"] for unit in units} == {1, 2, 3, 4}


def test_each_range_is_drawn_evenly_and_as_often_as_its_condition_holds() -> None:
    units = SPACE.canonical(np.random.default_rng(5).random((6000, 4)))
    points = [SPACE.decode(unit) for unit in units]
    for optimizer, low, high in (("adam", 1e-4, 1e-3), ("sgd", 1e-2, 1.0)):
        alphas = [p["alpha"] for p in points if p["optimizer"] == optimizer]
        assert len(alphas) == pytest.approx(2000, abs=4 * 37)  # a third each, not by width
        places = np.sort(np.log(np.array(alphas, dtype=float) / low) / np.log(high / low))
        even = (np.arange(len(places)) + 0.5) / len(places)
        assert np.abs(places - even).max() < 1.95 / np.sqrt(len(places))  # Kolmogorov, p = 0.001
    whole = [p["units"] for p in points if p["optimizer"] == "adam"]  # alpha <= 0.1: from 3 to 9
    counts = np.bincount(np.array(whole, dtype=int), minlength=10)[3:]
    expected = len(whole) / 7
    assert ((counts - expected) ** 2 / expected).sum() < 22.5  # chi-squared, 6 degrees, p = 0.001


def test_the_ends_of_the_axis_are_the_ends_of_each_range() -> None:
    for cell, low, high in ((0.1, 1e-4, 1e-3), (0.5, 1e-2, 1.0)):
        for end, value in ((0.0, low), (1.0, high)):
            unit = SPACE.canonical(np.array([cell, end, 0.5, 0.5]))
            assert SPACE.decode(unit)["alpha"] == value


def test_a_value_of_the_other_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"alpha must be between 0.01 and 1 with optimizer = sgd;"):
        SPACE.encode({"optimizer": "sgd", "alpha": 1e-3, "units": 3})
