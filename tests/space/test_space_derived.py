"""Parameters that are computed of others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.points import PointList
from hpsearch.space import (
    INACTIVE,
    Choice,
    Comparison,
    Condition,
    Derived,
    Number,
    Space,
    parse,
)


def comparison(text: str) -> Comparison:
    found = Comparison.read(text)
    assert found is not None
    return found


SPACE = Space(
    (
        Number("layers", low=1, high=4, step=1, integer=True),
        Number("units1", low=16, high=64, step=1, integer=True),
        Number("rest", (Condition("layers", (comparison(">= 2"),)),), low=0.0, high=1.0),
        Derived("units2", expression=parse("units1 // 2")),
        Derived("total", expression=parse("units1 + units2")),
        Derived("share", expression=parse("1 / rest")),
        Number("gate", (Condition("units2", (comparison(">= 20"),)),), low=0.0, high=1.0),
        Derived("last", (Condition("layers", (4,)),), expression=parse("gate * 2")),
    )
)
cubes = st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4).map(np.array)


def test_it_has_no_coordinate_and_follows() -> None:
    assert [p.name for p in SPACE.searched] == ["layers", "units1", "rest", "gate"]
    point = SPACE.decode(SPACE.encode({"layers": 4, "units1": 41, "rest": 0.25, "gate": 0.5}))
    assert point == {
        "layers": 4,
        "units1": 41,
        "rest": 0.25,
        "units2": 20,
        "total": 61,
        "share": 4.0,
        "gate": 0.5,
        "last": 1.0,
    }


def test_it_is_there_only_with_all_that_it_needs() -> None:
    point = SPACE.decode(SPACE.encode({"layers": 1, "units1": 39}))
    assert point == {"layers": 1, "units1": 39, "units2": 19, "total": 58}
    assert SPACE.inactive(point) == ("rest", "share", "gate", "last")


def test_what_cannot_be_computed_is_not_there() -> None:
    point = SPACE.decode(SPACE.encode({"layers": 2, "units1": 16, "rest": 0.0}))
    assert "share" not in point


def test_a_condition_on_it_counts_in_arrays_as_in_points() -> None:
    units = np.array([[0.9, 0.9, 0.5, 0.3], [0.9, 0.1, 0.5, 0.3]])
    assert SPACE.active(units).tolist() == [[True] * 4, [True, True, True, False]]
    assert SPACE.canonical(units)[1, 3] == INACTIVE


@given(cubes)
def test_there_and_back_again(unit: np.ndarray) -> None:
    canonical = SPACE.canonical(unit)
    point = SPACE.decode(canonical)
    assert SPACE.encode(point) == pytest.approx(tuple(canonical), abs=1e-12)
    assert SPACE.decode(SPACE.encode(point)) == pytest.approx(point)


def test_points_are_counted_with_conditions_on_it() -> None:
    space = Space(
        (
            Choice("a", values=(1, 2, 3)),
            Derived("twice", expression=parse("2 * a")),
            Choice("b", (Condition("twice", (comparison(">= 4"),)),), values=("x", "y")),
        )
    )
    points = PointList.of_all(space)
    assert points is not None
    found = [space.decode(points[i]) for i in range(points.size)]
    assert [(p["a"], p.get("b")) for p in found] == [
        (1, None),
        (2, "x"),
        (2, "y"),
        (3, "x"),
        (3, "y"),
    ]
