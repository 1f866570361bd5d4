"""What the page on babysitting says that can be typed can be typed."""

import re
from pathlib import Path

from hpsearch.network.hyperparameters import HYPERPARAMETERS
from hpsearch.panda.checkpoints import EVERY, RECENT
from hpsearch.panda.grammar import SYNONYMS, WORDS, parse
from hpsearch.panda.probe import FACTORS

TEXT = (Path(__file__).parents[2] / "docs" / "babysitting.md").read_text(encoding="utf-8")


def test_every_line_at_a_prompt_is_understood() -> None:
    lines = re.findall(r"^\w+@\d+ alpha \S+ > (.+)$", TEXT, re.MULTILINE)
    assert len(lines) > 10
    for line in lines:
        assert parse(line, HYPERPARAMETERS)


def test_the_table_has_every_command() -> None:
    table = TEXT.split("## What you can type")[1].split("##")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    words = {piece.split()[0] for row in rows for piece in re.findall(r"`([^`]+)`", row)}
    assert words - {"alpha", "l2"} == set(WORDS)
    assert not words & set(SYNONYMS)


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"the last {RECENT} epochs of each branch" in TEXT
    assert EVERY == 5
    assert "every fifth epoch" in TEXT
    assert len(FACTORS) == 9
    assert "each of nine values" in TEXT
