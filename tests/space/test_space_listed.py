"""Values that are written out, in an order or without; and how often each value is drawn."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.sampling.boxes import moved
from hpsearch.sampling.make import make_strategy
from hpsearch.space import LOG, ONE_MINUS, Choice, Number, Ordered, Space
from hpsearch.space.meanings import meant, nested, short_name

DRAWS = 100_000


def shares(parameter: Number | Ordered) -> list[float]:
    """How much of the axis each value owns, the lowest first, seen from evenly spread places."""
    units = (np.arange(DRAWS) + 0.5) / DRAWS
    counts = Counter(parameter.cell(units).tolist())
    assert parameter.levels is not None
    return [counts[cell] / DRAWS for cell in range(parameter.levels)]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        # ln(1.5/0.5), ln(2.5/1.5) and ln(3.5/2.5) of ln(3.5/0.5) = ln 7
        (
            Number("n", low=1, high=3, scale=LOG, step=1, integer=True),
            [0.56458, 0.26251, 0.17291],
        ),
        # 16 to 48, 48 to 80 and 80 to 112: ln 3, ln 5/3 and ln 7/5 of ln 7
        (
            Number("n", low=32, high=96, scale=LOG, step=32, integer=True),
            [0.56458, 0.26251, 0.17291],
        ),
        # 1 - 0.97, 0.98 and 0.99 are 3, 2 and 1 hundredths: ln 7/5, ln 5/3 and ln 3 of ln 7
        (
            Number("b", low=0.97, high=0.99, scale=ONE_MINUS, step=0.01),
            [0.17291, 0.26251, 0.56458],
        ),
        (Number("n", low=1, high=4, step=1, integer=True), [0.25] * 4),
        (Ordered("s", values=("S", "M", "L", "XL")), [0.25] * 4),
    ],
    ids=["int log", "int log in steps", "1-beta in steps", "int", "ordered"],
)
def test_values_own_the_axis_from_midpoint_to_midpoint(
    parameter: Number | Ordered, expected: list[float]
) -> None:
    assert shares(parameter) == pytest.approx(expected, abs=3e-5)


@given(
    low=st.integers(1, 50), levels=st.integers(2, 60), step=st.sampled_from([1, 2, 7, 0.5, 0.01])
)
def test_on_a_log_scale_each_value_has_the_share_of_its_cell(
    low: int, levels: int, step: float
) -> None:
    low_value = low * step
    high = low_value + (levels - 1) * step
    parameter = Number("n", low=low_value, high=high, scale=LOG, step=step)
    edges = [math.log(low_value + (cell - 0.5) * step) for cell in range(levels + 1)]
    wanted = np.diff(edges) / (edges[-1] - edges[0])
    assert shares(parameter) == pytest.approx(wanted.tolist(), abs=3 / DRAWS)


@given(
    values=st.lists(st.text(max_size=5), min_size=2, max_size=8, unique=True),
    unit=st.floats(0, 1),
)
def test_ordered_values_go_there_and_back(values: list[str], unit: float) -> None:
    parameter = Ordered("p", values=tuple(values))
    value = parameter.decode(unit)
    assert parameter.decode(parameter.encode(value)) == value
    assert parameter.encode(value) == parameter.snap(np.array(unit))
    ranks = [parameter.encode(v) for v in values]
    assert ranks == sorted(ranks)


def test_the_values_between_two() -> None:
    sizes = Ordered("s", values=(16, 32, 64, 128))
    assert sizes.between(32, 128) == (32, 64, 128)
    assert sizes.between(64, 64) == (64,)


def test_a_small_move_goes_to_a_neighbour_where_there_is_an_order() -> None:
    """From 64, close by: an order knows 32 and 128, a choice all of them alike."""
    values = (4, 8, 16, 32, 64, 128, 256, 512)
    rng = np.random.default_rng(3)
    reached = {}
    for kind in (Ordered, Choice):
        parameter = kind("b", values=values)
        starts = np.full((500, 1), parameter.encode(64))
        units = moved(Space((parameter,)), rng, starts, np.array(0.02), 0.0)
        reached[kind] = {parameter.decode(float(u)) for u in units[:, 0]}
    assert reached == {Ordered: {32, 64, 128}, Choice: set(values)}


def test_the_boxes_of_an_order_are_stretches_of_it() -> None:
    values = tuple(range(20))
    strategy = make_strategy("coarse-to-fine", Space((Ordered("n", values=values),)), 1, 1, 1)
    from hpsearch.sampling.strategy import Observation  # noqa: PLC0415

    history: list[Observation] = []
    for index in range(15):
        proposal = strategy.propose(index, history, ())
        place = round(proposal.unit[0] * 20 - 0.5)
        history.append(Observation(proposal.unit, (place - 13) ** 2))
        kept = proposal.ranges["n"]
        first = kept[0]
        assert isinstance(first, int)
        assert kept == tuple(range(first, first + len(kept)))
    assert min(o.loss for o in history) == 0


def test_short_names_and_what_they_mean() -> None:
    assert [short_name(v) for v in (1, 0.5, True, "a")] == [1, 0.5, True, "a"]
    assert [short_name(v) for v in (None, [1, None], {"a": "é"})] == [
        "null",
        "[1, null]",
        '{"a": "é"}',
    ]
    assert len(str(short_name(list(range(100))))) == 40
    meanings = {"a": {"null": None, "small": [64, 64]}}
    assert meant({"a": "small", "b": "small"}, meanings) == {"a": [64, 64], "b": "small"}
    assert meant({"a": "null"}, meanings) == {"a": None}
    assert nested({"a.b.c": 1, "a.b.d": 2, "e": 3}) == {"a": {"b": {"c": 1, "d": 2}}, "e": 3}
