"""Every command's help reads well in a terminal of 80 columns."""

import pytest
from click.testing import CliRunner

from hpsearch.cli.commands import COMMANDS
from hpsearch.cli.main import hpsearch


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_keep_their_lines(name: str) -> None:
    shown = CliRunner().invoke(hpsearch, [name, "--help"], terminal_width=80).output
    assert "\\b" not in shown, "a raw docstring hides click's mark for text kept as it is"
    assert "\b" not in shown
    lines = shown.splitlines()
    if any(line.strip() == "Example:" for line in lines):
        first = next(k for k, line in enumerate(lines) if line.strip() == "Example:")
        assert lines[first + 1].startswith("    hpsearch"), lines[first + 1]
    assert max(map(len, lines)) <= 100


def test_every_summary_is_shown_whole() -> None:
    shown = CliRunner().invoke(hpsearch, ["--help"], terminal_width=80).output
    commands = shown.partition("Commands:")[2]
    assert "  watch " in commands
    assert "..." not in commands
    assert max(map(len, shown.splitlines())) <= 80
