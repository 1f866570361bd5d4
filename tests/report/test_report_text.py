"""Numbers and words as people read them."""

import doctest

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hpsearch import text


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(text).failed == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.999312, "0.99931"),
        (0.9, "0.9"),
        (0.95, "0.95"),
        (0.9999, "0.9999"),
        (1 - 1e-14, "1"),
        (128, "128"),
        (123456.0, "123456"),
        (-0.000523, "-5.23e-4"),
        (1234567.0, "1.23e6"),
        (0.0, "0"),
        (float("inf"), "inf"),
        (True, "true"),
        (None, "-"),
        ("a\nb\x1b[31m", "a b [31m"),
    ],
)
def test_a_value_in_few_characters(value, shown):
    assert text.number(value) == shown


@given(st.floats(0.9, 1.0, exclude_min=True, exclude_max=True))
def test_a_value_just_below_one_never_reads_as_one(value):
    assume(1 - value > 1e-11)
    shown = text.number(value)
    assert shown != "1"
    assert 1 - float(shown) == pytest.approx(1 - value, rel=0.06)


def test_a_value_that_a_person_wrote_keeps_its_digits():
    assert text.in_full(0.123456) == "0.123456"
    assert text.number(0.123456) == "0.123"


def test_a_change_shows_what_changed():
    assert text.change(0.3, 0.1) == "0.3 -> 0.1"
    assert text.change(0.20001, 0.20002) == "0.20001 -> 0.20002"
    assert text.change("adam", None) == "adam -> -"


@given(st.floats(-1e308, 1e308))
def test_a_number_keeps_three_digits(value):
    shown = float(text.number(value))
    assert shown == pytest.approx(value, rel=0.006, abs=1e-300)


def test_a_column_tells_its_values_apart():
    # 0.03061 and 0.03062 are equal to three digits, so all get four.
    assert text.numbers([0.03061, 0.03062, 0.5]) == ["0.03061", "0.03062", "0.5000"]
    assert text.numbers([0.03061, 0.03062], apart=0) == ["0.0306", "0.0306"]


@given(st.text())
def test_cleaned_text_is_one_printable_line(raw):
    shown = text.clean(raw)
    assert shown.isprintable()
    assert shown == shown.strip()


def test_durations():
    assert [text.clock(s) for s in (0, 249, 3600.9)] == ["0:00:00", "0:04:09", "1:00:00"]
    assert [text.duration(s) for s in (59.6, 60, 86400)] == ["60 s", "1 min", "1 d"]


def test_a_range_of_one_value_is_that_value():
    assert text.span(3, 3) == "3"
    assert text.span(1e-5, 0.5) == "1e-5 – 0.5"


def test_shares():
    assert text.percent(-0.27) == "−27%"
    assert (text.plural(1, "trial"), text.plural(20000, "trial")) == ("1 trial", "20,000 trials")
