import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hpsearch.space import (
    LINEAR,
    LOG,
    ONE_MINUS,
    Choice,
    Condition,
    Constant,
    Number,
    Parameter,
)
from hpsearch.space.parameters import numbers_only

ALPHA = Number("alpha", low=1e-4, high=1.0, scale=LOG)
BETA = Number("beta", low=0.9, high=0.999, scale=ONE_MINUS)
UNITS = Number("hidden_units", low=50, high=100, step=1, integer=True)
WIDTH = Number("width", low=1, high=100, scale=LOG, step=1, integer=True)
DROPOUT = Number("dropout", low=0.0, high=0.3, step=0.1)
OPTIMIZER = Choice("optimizer", values=("sgd", "momentum", "adam"))

units = st.floats(0.0, 1.0)


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    """Any number that a config may declare."""
    scale = draw(st.sampled_from([LINEAR, LOG, ONE_MINUS]))
    if scale is LINEAR:
        low, high = draw(st.floats(-1e4, 1e4)), draw(st.floats(-1e4, 1e4))
    elif scale is LOG:
        low, high = 10 ** draw(st.floats(-8, 4)), 10 ** draw(st.floats(-8, 4))
    else:
        low, high = 1 - 10 ** draw(st.floats(-7, 1)), 1 - 10 ** draw(st.floats(-7, 1))
    assume(high - low > 1e-6 * max(1.0, abs(low)))
    kind = draw(st.sampled_from(["continuous", "step", "integer"]))
    if kind == "continuous":
        return Number("x", low=low, high=high, scale=scale)
    if kind == "step":
        step = (high - low) / draw(st.floats(1.0, 300.0))
        return Number("x", low=low, high=high, scale=scale, step=step)
    low, high = math.ceil(low), math.floor(high)
    assume(low < high and scale.holds(low) and scale.holds(high))
    step = draw(st.integers(1, max(1, (high - low) // 2)))
    assume((high - low) / step < 1e5)
    return Number("x", low=low, high=high, scale=scale, step=step, integer=True)


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    """A number or a choice."""
    if draw(st.booleans()):
        return draw(numbers())
    count = draw(st.integers(1, 9))
    return Choice("x", values=tuple(f"v{i}" for i in range(count)))


# --- values worked by hand


def test_the_middle_of_a_log_scale_is_the_geometric_mean() -> None:
    assert ALPHA.decode(0.5) == pytest.approx(0.01, rel=1e-12)  # sqrt(1e-4 * 1)
    assert ALPHA.encode(0.001) == pytest.approx(0.25, rel=1e-12)  # one decade of four


def test_the_middle_of_a_one_minus_scale() -> None:
    assert BETA.decode(0.5) == pytest.approx(0.99, rel=1e-12)  # 1 - sqrt(0.1 * 0.001)


def test_half_of_the_draws_of_beta_lie_above_099() -> None:
    drawn = np.array([BETA.decode(u) for u in (np.arange(10_000) + 0.5) / 10_000])
    assert np.mean(drawn > 0.99) == 0.5


def test_the_ends_of_a_range_are_exact() -> None:
    for number in (ALPHA, BETA, Number("l2", low=1e-7, high=0.3, scale=LOG)):
        assert number.decode(0.0) == number.low
        assert number.decode(1.0) == number.high


def test_integers_of_a_linear_scale_are_equally_likely() -> None:
    assert UNITS.levels == 51
    # The first of 51 cells ends at 1/51, so its centre is 1/102.
    assert UNITS.encode(50) == pytest.approx(1 / 102)
    assert UNITS.encode(100) == pytest.approx(1 - 1 / 102)
    assert UNITS.decode(1 / 51 - 1e-9) == 50
    assert UNITS.decode(1 / 51 + 1e-9) == 51
    drawn = [UNITS.decode(u) for u in (np.arange(51 * 20) + 0.5) / (51 * 20)]
    assert all(drawn.count(value) == 20 for value in range(50, 101))


def test_integers_of_a_log_scale_own_what_is_nearest_to_them() -> None:
    total = math.log(100.5 / 0.5)
    assert WIDTH.decode(math.log(1.5 / 0.5) / total - 1e-9) == 1
    assert WIDTH.decode(math.log(1.5 / 0.5) / total + 1e-9) == 2
    assert WIDTH.encode(10) == pytest.approx(math.log(10 / 0.5) / total)


def test_steps_count_from_the_low_end_and_are_round_numbers() -> None:
    assert DROPOUT.levels == 4
    assert [DROPOUT.decode(u) for u in (0.0, 0.3, 0.6, 1.0)] == [0.0, 0.1, 0.2, 0.3]
    uneven = Number("x", low=1, high=10, step=4, integer=True)
    assert [uneven.decode(u) for u in (0.0, 0.5, 1.0)] == [1, 5, 9]


def test_a_cell_that_would_leave_its_scale_ends_at_its_value() -> None:
    number = Number("x", low=1, high=13, scale=LOG, step=4, integer=True)  # 1 - 2 has no log
    assert number.decode(0.0) == 1
    assert number.encode(1) == 0.0
    beta = Number("beta", low=0.5, high=0.9, scale=ONE_MINUS, step=0.4)  # 0.9 + 0.2 has none
    assert beta.decode(1.0) == 0.9
    assert beta.encode(0.9) == 1.0


def test_choices_divide_the_axis_evenly() -> None:
    assert [OPTIMIZER.decode(u) for u in (0.0, 0.33, 0.34, 0.67, 1.0)] == [
        "sgd",
        "sgd",
        "momentum",
        "adam",
        "adam",
    ]
    assert OPTIMIZER.encode("momentum") == pytest.approx(0.5)


def test_a_choice_tells_true_from_one() -> None:
    mixed = Choice("x", values=(1, True, 0, False, "1", None))
    for value in mixed.values:
        back = mixed.decode(mixed.encode(value))
        assert back == value
        assert type(back) is type(value)


def test_a_constant_takes_no_coordinate() -> None:
    fixed = Constant("activation", value="relu")
    assert not fixed.searched
    assert fixed.decode(0.0) == fixed.decode(1.0) == "relu"
    with pytest.raises(ValueError, match="activation is fixed at 'relu', not 'tanh'"):
        fixed.encode("tanh")


def test_labels() -> None:
    labels = [p.scale_label for p in (ALPHA, BETA, UNITS, WIDTH, DROPOUT, OPTIMIZER)]
    assert labels == ["log", "1-β", "int", "int log", "linear", "choice"]
    assert Constant("x").scale_label == "fixed"


# --- refusals


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        (ALPHA, 2.0, "alpha must be between 1e-4 and 1; it is 2"),
        (ALPHA, "fast", "alpha must be a number; it is 'fast'"),
        (ALPHA, True, "alpha must be a number; it is True"),
        (ALPHA, None, "alpha must be a number; it is None"),
        (ALPHA, math.nan, "alpha must be between"),
        (UNITS, 60.5, "hidden_units goes from 50 in steps of 1; it is 60.5"),
        (DROPOUT, 0.15, "dropout goes from 0 in steps of 0.1; it is 0.15"),
        (OPTIMIZER, "lion", "optimizer must be one of sgd, momentum, adam; it is 'lion'"),
    ],
)
def test_a_value_that_a_parameter_cannot_have(
    parameter: Parameter, value: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        parameter.encode(value)  # type: ignore[arg-type]


# --- properties


@given(numbers(), units)
def test_no_value_lies_outside_the_range(number: Number, u: float) -> None:
    value = number.decode(u)
    assert isinstance(value, int if number.integer else float)
    assert number.low <= value <= number.high


@given(numbers(), units, units)
def test_order_of_values_is_the_order_of_coordinates(number: Number, u: float, v: float) -> None:
    low, high = sorted((u, v))
    assert number.decode(low) <= number.decode(high)  # type: ignore[operator]


@given(parameters(), units)
def test_decode_encode_is_the_same_value(parameter: Parameter, u: float) -> None:
    value = parameter.decode(u)
    back = parameter.decode(parameter.encode(value))
    if parameter.levels is not None:
        assert back == value
        return
    assert isinstance(parameter, Number)
    ends = max(abs(parameter.low), abs(parameter.high))
    if parameter.scale is LINEAR:
        assert back == pytest.approx(value, abs=1e-15 * ends)
    elif parameter.scale is LOG:
        assert back == pytest.approx(value, rel=1e-13)  # 30 e-folds x 2e-16 x a few roundings
    else:
        # The rest 1 - v cannot be known better than v itself, of which 1 is a part.
        assert 1 - back == pytest.approx(1 - value, rel=1e-13, abs=4e-16)


@given(parameters(), st.lists(units, min_size=1, max_size=5))
def test_snap_is_encode_after_decode(parameter: Parameter, us: list[float]) -> None:
    snapped = parameter.snap(np.array(us))
    if parameter.levels is not None:
        assert snapped.tolist() == [parameter.encode(parameter.decode(u)) for u in us]
    else:
        assert snapped.tolist() == us
    assert parameter.snap(snapped).tolist() == snapped.tolist()


@given(parameters(), st.lists(units, min_size=1, max_size=5))
def test_cells_and_centres_are_inverse(parameter: Parameter, us: list[float]) -> None:
    assume(parameter.levels is not None)
    cells = parameter.cell(np.array(us))
    assert ((cells >= 0) & (cells < parameter.levels)).all()
    centres = parameter.center(cells)
    assert ((centres >= 0) & (centres <= 1)).all()
    assert (parameter.cell(centres) == cells).all()
    assert centres.tolist() == parameter.snap(np.array(us)).tolist()


@given(parameters())
def test_every_level_can_be_reached(parameter: Parameter) -> None:
    levels = parameter.levels
    assume(levels is not None and levels < 1000)
    values = [parameter.decode(u) for u in parameter.center(np.arange(levels))]
    assert len(set(values)) == levels
    if isinstance(parameter, Number):
        assert values == sorted(values)


@given(numbers(), st.floats(-10.0, 10.0))
def test_coordinates_outside_the_cube_are_those_of_its_ends(number: Number, u: float) -> None:
    inside = min(max(u, 0.0), 1.0)
    assert number.decode(u) == number.decode(inside)
    assert number.snap(np.array([u])).tolist() == number.snap(np.array([inside])).tolist()


def test_levels_are_not_lost_to_rounding() -> None:
    for count in range(2, 200):
        step = float(Fraction(1, count))
        assert Number("x", low=0.0, high=1.0, step=step).levels == count + 1


# --- conditions and formatting


def test_a_condition_tells_true_from_one() -> None:
    condition = Condition("batch_norm", (True,))
    assert condition.allows(True)
    assert not condition.allows(1)
    assert not condition.allows(False)


def test_a_parameter_is_active_while_all_conditions_hold() -> None:
    both = (Condition("optimizer", ("adam", "momentum")), Condition("batch_norm", (True,)))
    child = Number("x", both, low=0.0, high=1.0)
    assert child.is_active({"optimizer": "adam", "batch_norm": True})
    assert not child.is_active({"optimizer": "sgd", "batch_norm": True})
    assert not child.is_active({"optimizer": "adam"})
    assert OPTIMIZER.is_active({})


def test_truth_values_are_no_numbers() -> None:
    assert numbers_only([1, 2.5])
    assert not numbers_only([1, True])
    assert not numbers_only([1, "2"])
    assert numbers_only([])


def test_a_value_that_only_rounding_keeps_from_being_round_is_round() -> None:
    alpha = Number("alpha", low=1e-4, high=1e-2, scale=LOG)
    assert alpha.decode(0.5) == 0.001
    assert Number("x", low=0.0, high=1.0).decode(0.1 + 0.2) == 0.3
    assert Number("b", low=0.9, high=0.999, scale=ONE_MINUS).decode(0.5) == 0.99
    between = alpha.decode(0.25)
    assert between == pytest.approx(1e-4 * math.sqrt(10), rel=1e-12)
    assert len(repr(between)) > 15


# True is not 1.


@pytest.mark.parametrize("fixed", [1, True, 0, False])
def test_a_constant_tells_truth_values_from_numbers(fixed: int) -> None:
    parameter = Constant("c", value=fixed)
    assert parameter.encode(fixed) == 0.5
    other = int(fixed) if isinstance(fixed, bool) else bool(fixed)
    with pytest.raises(ValueError, match="c is fixed at"):
        parameter.encode(other)


def test_a_choice_tells_truth_values_from_numbers() -> None:
    parameter = Choice("c", values=(1, True, 0, False))
    assert [parameter.encode(v) for v in (1, True, 0, False)] == [0.125, 0.375, 0.625, 0.875]
    assert parameter.encode(1.0) == 0.125
