"""Golden cases: an input, and every line that hpsearch says about it.

A case in ``cases/*.txt`` is a title, the ``--set`` options if there are any, the config, and
after ``--->`` the exact lines: problems, or else ``ok`` with the warnings.

After a change of messages, write what is said now into the files, and read the difference:

    HPSEARCH_UPDATE_CASES=1 python -m pytest -n0 tests/config/test_config_cases.py
    git diff tests/config/cases
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.config import load_text
from hpsearch.errors import ConfigError

CASES = Path(__file__).parent / "cases"
UPDATE = bool(os.environ.get("HPSEARCH_UPDATE_CASES"))


def cases() -> Iterator[tuple[str, list[str], str, list[str]]]:
    for file in sorted(CASES.glob("*.txt")):
        for case in _in_file(file):
            title, _, rest = case.partition("\n")
            given, _, expected = rest.partition("--->\n")
            yield f"{file.stem}: {title}", *_options_and_config(given), expected.splitlines()


def _in_file(file: Path) -> list[str]:
    return re.split(r"^=== ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]


def _options_and_config(given: str) -> tuple[list[str], str]:
    lines = given.splitlines(keepends=True)
    options = [line[6:-1] for line in lines if line.startswith("--set ")]
    return options, "".join(line for line in lines if not line.startswith("--set "))


def update(file: Path) -> None:
    """Write what is said now into a file of cases."""
    text = ""
    for case in _in_file(file):
        head = case.partition("--->\n")[0]
        options, config = _options_and_config(head.partition("\n")[2])
        text += f"=== {head}--->\n" + "".join(f"{line}\n" for line in say(config, options))
    file.write_text(text, "utf-8")


def say(config: str, options: list[str]) -> list[str]:
    try:
        loaded = load_text(config, "f.yaml", Path("/somewhere"), "f", options)
    except ConfigError as e:
        return e.message.split("\n")
    return ["ok", *loaded.warnings]


if UPDATE:
    for each in sorted(CASES.glob("*.txt")):
        update(each)
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
