"""Every option that a message of hpsearch names is one that a command has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import hpsearch
from hpsearch.cli.commands import COMMANDS
from hpsearch.cli.main import hpsearch as whole

PACKAGE = Path(hpsearch.__file__).parent
OPTION = re.compile(r"(?<![\w{(-])--[a-z][a-z-]*[a-z]")
COMMAND = re.compile(r"hpsearch ([a-z]+)((?: +(?!;|hpsearch)[^ ;`'\n]+)*)")
FOREIGN = (
    "ema",
    "head",
    "logdir",
    "lr",
    "mom",
    "nesterov",
    "num-gpus",
    "query-gpu",
    "resources",
    "storage",
    "study-name",
    "use-ema",
    "backend-store-uri",
)
"""Words in texts about other programs, and about a user's own."""


def texts() -> Iterator[tuple[str, str]]:
    """Each text in the package that names an option, with its file; values in it are ``…``."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            text = ""
            if isinstance(node, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else "…" for p in node.values)
                text = "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            if OPTION.search(text):
                yield str(file.relative_to(PACKAGE)), text


def options_of(command: click.Command) -> set[str]:
    """Its own options, and those of its subcommands."""
    options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return options.union(*map(options_of, below))


def test_every_option_that_is_named_exists() -> None:
    known = options_of(whole)
    wrong = {
        (file, option)
        for file, text in texts()
        for option in OPTION.findall(text)
        if option not in known and option.removeprefix("--") not in FOREIGN
    }
    assert wrong == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_named_behind_a_command_is_that_commands(name: str) -> None:
    known = options_of(COMMANDS[name])
    wrong = {
        (file, option)
        for file, text in texts()
        for called, rest in COMMAND.findall(text)
        if called == name
        for option in OPTION.findall(rest)
        if option not in known
    }
    assert wrong == set()
