"""Expressions: what they come to, what is refused, and that nothing else can happen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space import CannotCompute, ExpressionError, parse
from hpsearch.space.expression_syntax import FUNCTIONS, LONGEST
from hpsearch.space.expressions import LARGEST

POINT = {"beta1": 0.9, "units": 65, "layers": 3, "opt": "adam", "norm": True, "h[2]": 16, "o.lr": 2}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 - (1 - beta1) / 10", 1 - (1 - 0.9) / 10),
        ("units // 2", 32),
        ("units % layers", 2),
        ("units / 2", 32.5),
        ("2 ** layers", 8),
        ("2 ** -layers", 0.125),
        ("-layers + +1", -2),
        ("round(beta1 * 10)", 9),
        ("round(2.5)", 2),
        ("round(2.345, 1)", 2.3),
        ("round(1234, -2)", 1200),
        ("max(layers, 2, units) - min(layers, 2)", 63),
        ("log(exp(2)) + sqrt(16)", 6.0),
        ("h[2] * o.lr", 32),
        ("units * layers <= 195", True),
        ("1 < layers < 3", False),
        ("layers == 3.0 and opt == 'adam'", True),
        ("opt != 'sgd'", True),
        ("norm == true", True),
        ("true == 1", False),  # as everywhere: true is no number
        ("not norm or layers > 2", True),
        ("1 / 3\n  * 3", 1.0),
    ],
)
def test_values_by_hand(text: str, value: object) -> None:
    found = parse(text).value(POINT)
    assert found == value
    assert type(found) is type(value)


def test_what_it_needs_is_named_once_in_order() -> None:
    assert parse("h[2] * beta1 - beta1 / o.lr").names == ("h[2]", "beta1", "o.lr")
    assert parse("true").names == ()
    assert [name.column for name in parse("é + 2 * beta1").named] == [0, 8]


def test_what_is_true_or_false_is_known_without_a_point() -> None:
    truths = [parse(text).tree.is_truth for text in ("a < b", "not a", "a and b", "true", "a", "1")]
    assert truths == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("1 - (beta1", "cannot be understood near '(beta1'", 4),
        ("", "cannot be understood at its end", 0),
        ("2 ^ beta1", "a power is written **, not ^", 0),
        ("beta1 = 3", "a comparison for equality is written ==", 6),
        ("2 * {beta1}", "a parameter is named without braces", 4),
        ("2 * ${beta1}", "a parameter is named without braces", 5),
        ("1 + lgo(2)", "there is no function lgo; did you mean log?", 4),
        ("__import__('os')", "there is no function __import__; there are min, max", 0),
        ("log(2, 10)", "log takes 1 number, and is given 2", 0),
        ("min(beta1)", "min takes 2 to 20 numbers, and is given 1", 0),
        ("round(1, 2, 3)", "round takes 1 to 2 numbers, and is given 3", 0),
        ("1 + a.b()", "'a.b()' cannot stand in an expression", 4),
        ("().__class__", "'()' cannot stand in an expression", 0),
        ("a[b]", "'a[b]' cannot stand in an expression", 0),
        ("1 if a else 2", "'1 if a else 2' cannot stand in an expression", 0),
        ("a in b", "'a in b' cannot stand in an expression", 0),
        ("[a for a in b]", "cannot stand in an expression", 0),
        ("lambda: 1", "'lambda: 1' cannot stand in an expression", 0),
        ("2j", "'2j' cannot stand in an expression", 0),
        ("1 + 9999999999999999999999", "a number in it is too large", 4),
        ("1e999", "a number in it is too large", 0),
        ("-" * 400 + "1", "is nested too deeply", 0),
        ("1+" * LONGEST + "1", "is longer than 500 characters", 0),
    ],
)
def test_what_is_no_expression_is_refused_at_its_place(
    text: str, message: str, column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / (layers - 3)", "it divides by 0"),
        ("units % 0", "it divides by 0"),
        ("0 ** -layers", "it divides by 0"),
        ("10.0 ** 400", "its number is too large"),
        ("9 ** 9 ** 9", "its number is too large"),
        ("exp(1000)", "its number is too large"),
        ("1e308 * 10", "its number is too large"),
        ("(-8) ** 0.5", "its number is not real"),
        ("log(0)", "log has no value at 0"),
        ("sqrt(-layers)", "sqrt has no value at -3"),
        ("opt + 1", "+ needs numbers, and is given 'adam'"),
        ("norm * 2", "* needs numbers, and is given True"),
        ("opt < 3", "< compares numbers, and is given 'adam' and 3"),
        ("layers and norm", "and needs what is true or false, and is given 3"),
    ],
)
def test_what_cannot_be_computed_says_why(text: str, message: str) -> None:
    with pytest.raises(CannotCompute) as caught:
        parse(text).value(POINT)
    assert message in str(caught.value)


def test_a_long_whole_number_becomes_a_float() -> None:
    assert parse(f"{LARGEST} + 0").value({}) == LARGEST
    found = parse(f"{LARGEST} + 1").value({})
    assert found == 2.0**63
    assert isinstance(found, float)


@given(st.text(max_size=60) | st.text("ab01.+-*/%()<>=,[]{} 'eround&|^", max_size=40))
def test_any_text_is_an_expression_or_refused_within_it(text: str) -> None:
    refused = refusal(text)
    if refused is not None:
        assert 0 <= refused.column <= len(text)
        assert str(refused).isprintable()


def refusal(text: str) -> ExpressionError | None:
    try:
        parse(text)
    except ExpressionError as error:
        return error
    return None


numbers = st.integers(-50, 50) | st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.4g}"))
leaves = numbers.map(lambda number: f"({number})") | st.sampled_from(["a", "b"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "/", "//", "%", "**"])
    binary = st.tuples(inner, signs, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
    calls = st.tuples(st.sampled_from(["log", "sqrt", "exp", "round"]), inner)
    both = st.tuples(st.sampled_from(["min", "max"]), inner, inner)
    return (
        binary
        | calls.map(lambda t: f"{t[0]}({t[1]})")
        | both.map(lambda t: f"{t[0]}({t[1]}, {t[2]})")
    )


@given(st.recursive(leaves, _grown, max_leaves=8), numbers, numbers)
def test_the_value_is_python_s_or_none(text: str, a: float, b: float) -> None:
    """Whatever has a value has the one that Python's own arithmetic gives."""
    point = {"a": a, "b": b}
    try:
        found = parse(text).value(point)
    except (CannotCompute, ExpressionError):
        return
    known = {name: getattr(math, name, None) or __builtins__[name] for name in FUNCTIONS}
    assert found == pytest.approx(eval(text, known, point), rel=1e-12, abs=0)
    assert math.isfinite(found)
