"""A sealed line reads back as it was, or not at all."""

from __future__ import annotations

import json
import math
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.store.sealed import seal, unseal

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False).filter(math.isfinite)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
records = st.dictionaries(st.text().filter(lambda key: key != "crc"), json_values, max_size=6)


@given(records)
def test_a_record_reads_back_exactly_in_its_order(record: dict[str, Any]) -> None:
    line = seal(record)
    assert repr(unseal(line)) == repr(record)  # repr tells 1 from 1.0, 0.0 from -0.0, and order


@given(records)
def test_any_json_reader_reads_the_line_and_finds_the_crc_last(record: dict[str, Any]) -> None:
    line = seal(record)
    plain = json.loads(line)
    assert list(plain)[-1] == "crc"
    assert plain["crc"] == format(zlib.crc32(line[: line.rindex(b'"crc"')]), "08x")
    assert line.isascii()
    assert b"\n" not in line


@given(records, st.data())
def test_a_flipped_bit_is_always_refused(record: dict[str, Any], data: st.DataObject) -> None:
    line = bytearray(seal(record))
    bit = data.draw(st.integers(0, 8 * len(line) - 1))
    line[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError, match="checksum"):
        unseal(bytes(line))


def test_every_bit_and_every_cut_of_one_line_is_refused() -> None:
    line = seal({"trial": 3, "state": "done", "value": 0.0417, "error": None})
    for bit in range(8 * len(line)):
        damaged = bytearray(line)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match="checksum"):
            unseal(bytes(damaged))
    for end in range(len(line)):
        with pytest.raises(ValueError, match="checksum"):
            unseal(line[:end])


def test_letters_of_the_seal_in_capitals_are_refused() -> None:
    line = seal({"epoch": 3})  # its crc is 31db2f04
    assert line.endswith(b'"crc": "31db2f04"}')
    with pytest.raises(ValueError, match="checksum"):
        unseal(line.replace(b"31db2f04", b"31DB2F04"))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        seal({"curves": {"loss": [0.5, number]}})


@pytest.mark.parametrize("body", [b"", b", ", b"[", b'{"a": {', b'{"a" 1, ', b'{"a": 1, , '])
def test_a_seal_on_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"line 1 column \d+|Extra data"):
        unseal(body + b'"crc": "%08x"}' % zlib.crc32(body))
