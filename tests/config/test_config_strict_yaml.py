"""Strict YAML: what words mean, where they stand, and what is refused."""

import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.config.problems import TextPosition
from hpsearch.config.scalars import flow
from hpsearch.config.strict_yaml import MAX_BYTES, MAX_DEPTH, parse, read_value
from hpsearch.errors import ConfigError


def values(text: str | bytes) -> object:
    return parse(text, "t.yaml").values


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1e-4", 1e-4),
        ("1E5", 1e5),
        ("-1.5e+3", -1500.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("64", 64),
        ("+3", 3),
        ("0", 0),
        ("-0", 0),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("relu", "relu"),
        ("y", "y"),
        ("1-beta", "1-beta"),
        ("10^-4", "10^-4"),
        ("1,5", "1,5"),
        ("'1e-4'", "1e-4"),
        ('"on"', "on"),
        ("|\n  two\n  lines", "two\nlines\n"),
        ("train.py:objective", "train.py:objective"),
        ("0.5.1", "0.5.1"),
    ],
)
def test_what_is_written_is_what_is_meant(written: str, meant: object) -> None:
    found = values(f"key: {written}\n")
    assert found == {"key": meant}
    assert isinstance(found, dict)
    assert type(found["key"]) is type(meant)


REFUSED = [
    "yes",
    "No",
    "ON",
    "off",
    "010",
    "-007",
    "0x1F",
    "0o17",
    "0b1",
    "1_000",
    "1:30",
    "190:20:30.15",
    "2026-11-20",
    ".nan",
    "NaN",
    "inf",
    "-.inf",
    "Infinity",
    "1e999",
    "1e-999",
    "9223372036854775808",
    "*anchor",
    "!!str",
    "!mine",
]


@pytest.mark.parametrize("written", REFUSED)
def test_what_could_be_read_in_two_ways_is_refused(written: str) -> None:
    with pytest.raises(ConfigError, match=r"^t\.yaml:2:6: key: .*; ") as caught:
        parse(f"a: 1\nkey: {written}\n", "t.yaml")
    assert "\n" not in caught.value.message


def test_keys_are_words_whatever_they_would_mean_as_values() -> None:
    assert values("{on: 1, 1: 2, null: 3, true: 4}") == {"on": 1, "1": 2, "null": 3, "true": 4}


def test_positions_of_keys_and_values_count_from_one() -> None:
    document = parse("a: 1\nβb:\n  - x\n  - {c:   2}\n", "t.yaml")
    assert document.position(("a",)) == TextPosition(1, 4)
    assert document.position(("βb",), of_key=True) == TextPosition(2, 1)
    assert document.position(("βb", 0)) == TextPosition(3, 5)
    assert document.position(("βb", 1, "c")) == TextPosition(4, 11)
    assert document.position(("βb", 1, "c"), of_key=True) == TextPosition(4, 6)
    # What is not there stands where the nearest thing around it stands.
    assert document.position(("βb", 1, "d", "e")) == TextPosition(4, 5)
    assert document.position(("z",)) == TextPosition(1, 1)


def test_all_problems_are_told_at_once_and_in_order() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: yes\nb: {c: 010, c: 1}\nd: [on, *x]\n", "t.yaml")
    places = re.findall(r"t\.yaml:(\d+:\d+)", caught.value.message)
    assert places == ["1:4", "2:8", "2:13", "3:5", "3:9"]


def test_a_byte_order_mark_is_no_character() -> None:
    assert parse("\ufeffa: 1".encode(), "t.yaml").position(()) == TextPosition(1, 1)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "t.yaml:1:1: this is a binary file; name a YAML file"),
        ("a: 1".encode("utf-16"), "t.yaml:1:1: the file is UTF-16; save it as UTF-8"),
        (b"a: 1\nb: caf\xe9", "t.yaml:2:7: byte 0xe9 is not UTF-8; save it as UTF-8"),
        (b"a: 1\n\x07", "t.yaml:2:1: the character U+0007 cannot stand in a text; delete it"),
        (b"a" * (MAX_BYTES + 1), "t.yaml:1:1: larger than 256 kB; is it a config?"),
        (
            "[" * 9999,
            f"t.yaml:1:{MAX_DEPTH + 2}: nested deeper than {MAX_DEPTH} levels; write it flatter",
        ),
    ],
)
def test_what_is_no_text_at_all(data: str | bytes, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(data, "t.yaml")
    assert caught.value.message == line


plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))
    | st.sampled_from(
        ["on", "010", "1e-4", "1:30", "nan", "~", "a: b", "# c", "- d", "*e", "null"]
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc -:", min_size=1), inner),
    max_leaves=12,
)


@given(plain_values)
def test_what_flow_writes_is_read_back(value: object) -> None:
    again = read_value(flow(value))
    assert again == value
    assert "\n" not in flow(value)


@given(plain_values)
def test_other_readers_of_yaml_agree_with_what_flow_writes(value: object) -> None:
    def same(ours: object, theirs: object) -> bool:
        if isinstance(ours, float) and isinstance(theirs, str):
            return float(theirs) == ours  # PyYAML reads 1e-05 as text
        if isinstance(ours, list) and isinstance(theirs, list):
            return len(ours) == len(theirs) and all(map(same, ours, theirs))
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return all(map(same, ours.values(), theirs.values()))
        return ours == theirs and type(ours) is type(theirs)

    assert same(value, yaml.safe_load(flow(value)))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_keeps_every_bit(value: float) -> None:
    again = read_value(flow(value))
    assert again == value
    assert math.copysign(1, again) == math.copysign(1, value)
