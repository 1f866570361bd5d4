"""Text that is not UTF-8, and numbers that JSON does not have, on their way to other programs."""

import doctest
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch import portable
from hpsearch.store.sealed import seal, unseal
from tests.shell import Shell

LATIN = b"caf\xe9.csv".decode("utf-8", "surrogateescape")
"""What Python makes of a file name that is not UTF-8."""

SHOWN = r"no rows in caf\xe9.csv"

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(portable).failed == 0


@given(st.recursive(ANY_TEXT | st.integers() | st.none(), st.lists))
def test_every_text_becomes_one_that_can_be_written(value):
    written = portable.to_json({"key": value}).encode("utf-8")
    assert json.loads(written) == portable.well_formed({"key": value})


@given(st.text())
def test_well_formed_text_stays_as_it_is(words):
    assert portable.well_formed(words) == words


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        portable.to_json({"value": float("nan")})


def test_a_record_holds_well_formed_text():
    assert unseal(seal({"error": LATIN})) == {"error": r"caf\xe9.csv"}


def test_an_older_record_with_such_a_text_is_read():
    body = b'{"error": "caf\\udce9.csv", '
    sealed = body + b'"crc": "%08x"}' % zlib.crc32(body)
    assert unseal(sealed) == {"error": r"caf\xe9.csv"}


def test_a_trial_may_fail_over_a_file_name_that_is_not_utf8(tmp_path):
    shell = Shell(tmp_path)
    shell.write(
        "broken.py",
        "import os\n"
        "def train(x):\n"
        "    if x > 0.5:\n"
        "        return x\n"
        "    raise ValueError('no rows in ' + os.fsdecode(b'caf\\xe9.csv'))\n",
    )
    shell.write(
        "broken.yaml",
        "trainable: broken.py:train\nmetric: {name: J, goal: minimize}\n"
        "parameters: {x: {min: 0, max: 1}}\nsearch: {max_trials: 4, strategy: random}\n",
    )
    ran = shell("run", "broken.yaml", "--json", "--workers", "1")
    assert ran.code == 0, ran.err
    trials = [line for line in map(json.loads, ran.out.splitlines()) if line["event"] == "trial"]
    failed = [trial for trial in trials if trial["state"] == "failed"]
    assert failed
    assert all(SHOWN in trial["error"] for trial in failed)

    again = shell("retest", "broken", "--trial", str(failed[0]["trial"]))
    assert again.code == 0, again.out + again.err
    commands = ["report broken --failed", "report broken --format json", "report broken --html"]
    commands += ["export broken table.csv --to csv", "export broken table.json --to json"]
    for command in commands:
        done = shell(*command.split())
        assert done.code == 0, done.err
    assert SHOWN in (tmp_path / "table.json").read_text().replace("\\\\", "\\")


@given(st.lists(st.integers(0, 2**48), min_size=2, max_size=4))
def test_where_an_object_lies_in_memory_makes_no_error_another(addresses: list[int]) -> None:
    errors = {f"cannot train <obj.Net object at {address:#x}> (m.py:3)" for address in addresses}
    assert len({portable.without_numbers(error) for error in errors}) == 1
