import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.space import (
    INACTIVE,
    LOG,
    ONE_MINUS,
    Choice,
    Comparison,
    Condition,
    Constant,
    Number,
    Space,
)

SPACE = Space(
    (
        Number("alpha", low=1e-4, high=1.0, scale=LOG),
        Choice("optimizer", values=("sgd", "momentum", "adam")),
        Constant("activation", value="relu"),
        Number(
            "beta",
            (Condition("optimizer", ("momentum", "adam")),),
            low=0.9,
            high=0.999,
            scale=ONE_MINUS,
        ),
        Choice("amsgrad", (Condition("optimizer", ("adam",)),), values=(False, True)),
        Number("delay", (Condition("amsgrad", (True,)),), low=1, high=4, step=1, integer=True),
        Constant("note", (Condition("optimizer", ("sgd",)),), value="plain"),
    )
)
cubes = st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5).map(np.array)


def test_only_searched_parameters_have_a_coordinate() -> None:
    assert [p.name for p in SPACE.searched] == ["alpha", "optimizer", "beta", "amsgrad", "delay"]
    assert SPACE.dimensions == 5
    assert SPACE.by_name["note"].levels == 1


def test_a_point_has_the_active_hyperparameters_in_order() -> None:
    sgd = SPACE.decode(np.array([0.5, 0.1, 0.5, 0.9, 0.9]))
    assert sgd == {
        "alpha": pytest.approx(0.01),
        "optimizer": "sgd",
        "activation": "relu",
        "note": "plain",
    }
    adam = SPACE.decode(np.array([0.5, 0.9, 0.5, 0.9, 1.0]))
    assert list(adam) == ["alpha", "optimizer", "activation", "beta", "amsgrad", "delay"]
    assert adam["delay"] == 4


def test_a_grandchild_sleeps_with_its_parent() -> None:
    momentum = SPACE.decode(np.array([0.5, 0.5, 0.5, 0.9, 0.9]))  # amsgrad's coordinate says true
    assert "amsgrad" not in momentum
    assert "delay" not in momentum


def test_canonical_vectors_worked_by_hand() -> None:
    rows = np.array([[0.3, 0.1, 0.2, 0.9, 0.9], [0.3, 0.9, 0.2, 0.9, 0.9]])
    expected = [
        [0.3, 1 / 6, INACTIVE, INACTIVE, INACTIVE],  # sgd: nothing else is active
        [0.3, 5 / 6, 0.2, 0.75, 0.875],  # adam with amsgrad; delay 4 is the last of 4 cells
    ]
    assert SPACE.canonical(rows) == pytest.approx(np.array(expected), abs=1e-15)


@given(cubes)
def test_canonical_is_encode_after_decode(u: np.ndarray) -> None:
    canonical = SPACE.canonical(u)
    assert SPACE.decode(canonical) == SPACE.decode(u)
    # alpha and beta are continuous: encoding rounds, snapping does not
    assert SPACE.encode(SPACE.decode(u)) == pytest.approx(tuple(canonical), abs=1e-13)
    assert SPACE.canonical(canonical).tolist() == canonical.tolist()


@given(st.lists(cubes, min_size=1, max_size=6))
def test_many_vectors_at_once_give_what_each_gives(us: list[np.ndarray]) -> None:
    rows = np.stack(us)
    together = SPACE.canonical(rows)
    assert together.tolist() == [SPACE.canonical(u).tolist() for u in us]
    active = SPACE.active(together)
    for u, mask in zip(together, active, strict=True):
        point = SPACE.decode(u)
        assert [p.name in point for p in SPACE.searched] == mask.tolist()
        assert (u[~mask] == INACTIVE).all()


@given(cubes, cubes)
@settings(max_examples=300)
def test_equal_points_have_equal_canonical_vectors(u: np.ndarray, v: np.ndarray) -> None:
    u[0] = v[0] = 0.25  # the continuous coordinates agree
    u[2] = v[2] = 0.75
    same_point = SPACE.decode(u) == SPACE.decode(v)
    assert same_point == (SPACE.canonical(u).tolist() == SPACE.canonical(v).tolist())


def test_encode_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="beta has no value"):
        SPACE.encode({"alpha": 0.1, "optimizer": "momentum", "activation": "relu"})


def test_encode_ignores_values_of_inactive_parameters() -> None:
    point = {"alpha": 0.1, "optimizer": "sgd", "activation": "relu", "beta": 0.5, "note": "plain"}
    assert SPACE.encode(point)[2] == INACTIVE


def test_a_condition_on_an_integer() -> None:
    space = Space(
        (
            Number("layers", low=1, high=3, step=1, integer=True),
            Number("units2", (Condition("layers", (2, 3)),), low=0.0, high=1.0),
        )
    )
    rows = np.array([[1 / 6, 0.9], [0.5, 0.9], [5 / 6, 0.9]])
    assert space.active(rows)[:, 1].tolist() == [False, True, True]


def test_a_condition_on_a_constant() -> None:
    child = Number("beta", (Condition("optimizer", ("adam",)),), low=0.0, high=1.0)
    for fixed, expected in (("adam", True), ("sgd", False)):
        space = Space((Constant("optimizer", value=fixed), child))
        assert space.active(np.array([[0.2]])).tolist() == [[expected]]
        assert ("beta" in space.decode(np.array([0.2]))) is expected


def test_size_counts_combinations() -> None:
    discrete = Space(tuple(p for p in SPACE.parameters if p.name in ("optimizer", "activation")))
    assert discrete.size == 3
    assert SPACE.size is None
    assert Space((Constant("x", value=1),)).size == 1


def test_a_space_without_anything_to_search() -> None:
    space = Space((Constant("x", value=1),))
    assert space.decode(np.empty(0)) == {"x": 1}
    assert space.encode({"x": 1}) == ()
    assert space.canonical(np.empty((3, 0))).shape == (3, 0)


def test_every_combination_of_parents_is_told_apart() -> None:
    space = Space(tuple(p for p in SPACE.parameters if p.levels is not None))
    seen = set()
    grid = itertools.product(*([(i + 0.5) / 12 for i in range(12)] for _ in space.searched))
    for u in grid:
        seen.add(tuple(space.canonical(np.array(u))))
    assert len(seen) == 2 + 1 + 4  # sgd, momentum; adam without amsgrad, adam with delay 1 … 4


def compared(parent: str, *texts: str) -> Condition:
    values = tuple(Comparison.read(text) for text in texts)
    return Condition(parent, tuple(value for value in values if value is not None))


COMPARED = Space(
    (
        Number("layers", low=0, high=4, step=1, integer=True),
        Number("rate", low=1e-4, high=1.0, scale=LOG),
        Choice("width", values=(8, 32, 128)),
        Number("dropout", (compared("layers", ">= 2"),), low=0.0, high=0.5),
        Number("warm", (compared("rate", "> 0.01"),), low=1, high=5, step=1, integer=True),
        Number("skip", (compared("layers", "< 1", ">3"), compared("width", "<= 32")), low=0.0),
        Number("l2", (compared("dropout", "< 0.1"),), low=0.0, high=1.0),
    )
)


@pytest.mark.parametrize(
    ("text", "sign", "bound"),
    [(">= 2", ">=", 2.0), ("<1e-3", "<", 0.001), (" > -.5 ", ">", -0.5), ("<= +3", "<=", 3.0)],
)
def test_a_comparison_as_it_is_written(text: str, sign: str, bound: float) -> None:
    assert Comparison.read(text) == Comparison(text, sign, bound)


@pytest.mark.parametrize("value", ["adam", ">= two", "=> 2", "== 2", ">", "2", 2, True, None])
def test_everything_else_is_a_value(value: object) -> None:
    assert Comparison.read(value) is None


def test_a_value_that_is_spelt_like_a_comparison_is_meant_itself() -> None:
    condition = compared("rule", "> 0.5")
    assert condition.allows("> 0.5")
    assert not condition.allows(">0.5")
    assert condition.allows(0.6)
    assert not condition.allows(True), "true is no number"


@given(st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).map(np.array))
def test_compared_parents_decide_over_points_and_coordinates_alike(unit: np.ndarray) -> None:
    point = COMPARED.decode(unit)
    assert ("dropout" in point) == (point["layers"] >= 2)
    assert ("warm" in point) == (point["rate"] > 0.01)
    assert ("skip" in point) == (point["layers"] in (0, 4) and point["width"] <= 32)
    assert ("l2" in point) == ("dropout" in point and point["dropout"] < 0.1)
    active = COMPARED.active(np.stack([unit, unit]))
    assert active.tolist() == [[p.name in point for p in COMPARED.searched]] * 2


def test_a_share_of_the_points_is_active_as_often_as_the_parent_allows() -> None:
    units = np.random.default_rng(1).random((20_000, 7))
    names = [p.name for p in COMPARED.searched]
    shares = dict(zip(names, COMPARED.active(units).mean(axis=0), strict=True))
    assert shares["dropout"] == pytest.approx(3 / 5, abs=0.02)
    assert shares["warm"] == pytest.approx(1 / 2, abs=0.02), "0.01 is the middle of the log axis"
    assert shares["skip"] == pytest.approx(2 / 5 * 2 / 3, abs=0.02)
    assert shares["l2"] == pytest.approx(3 / 5 / 5, abs=0.02)
