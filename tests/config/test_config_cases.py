"""Golden cases: an input, and every line that hpsearch says about it.

A case in ``cases/*.txt`` is a title, the ``--set`` options if there are any, the config, and
after ``--->`` the exact lines: problems, or else ``ok`` with the warnings.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.config import load_text
from hpsearch.errors import ConfigError

CASES = Path(__file__).parent / "cases"


def cases() -> Iterator[tuple[str, list[str], str, list[str]]]:
    for file in sorted(CASES.glob("*.txt")):
        for case in re.split(r"^=== ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, rest = case.partition("\n")
            given, _, expected = rest.partition("--->\n")
            lines = given.splitlines(keepends=True)
            options = [line[6:-1] for line in lines if line.startswith("--set ")]
            config = "".join(line for line in lines if not line.startswith("--set "))
            yield f"{file.stem}: {title}", options, config, expected.splitlines()


def say(config: str, options: list[str]) -> list[str]:
    try:
        loaded = load_text(config, "f.yaml", Path("/somewhere"), "f", options)
    except ConfigError as e:
        return e.message.split("\n")
    return ["ok", *loaded.warnings]


ALL = list(cases())


@pytest.mark.parametrize(
    ("options", "config", "expected"), [case[1:] for case in ALL], ids=[case[0] for case in ALL]
)
def test_says_exactly(options: list[str], config: str, expected: list[str]) -> None:
    assert say(config, options) == expected


def test_the_cases_are_there_and_have_names_of_their_own() -> None:
    titles = [case[0] for case in ALL]
    assert len(titles) > 100
    assert len(set(titles)) == len(titles)
