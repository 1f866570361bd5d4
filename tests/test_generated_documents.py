"""The reference pages are what docs/reference.py writes now, and leave no key or command out."""

from pathlib import Path

import pytest

from docs.reference import DOCS, PAGES
from hpsearch.cli.commands import COMMANDS
from hpsearch.config import json_schema
from hpsearch.config.keys import keys_of
from hpsearch.config.model import Config, RunConfig, SearchConfig
from hpsearch.network.hyperparameters import HYPERPARAMETERS


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_page_is_what_would_be_written_now(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == PAGES[file](), "run: python docs/reference.py"


def test_every_key_hyperparameter_and_variable_is_there() -> None:
    page = Path(DOCS / "config.md").read_text(encoding="utf-8")
    fields = [key for block in (Config, SearchConfig, RunConfig) for key in keys_of(block)]
    names = [*fields, *json_schema()["properties"], *HYPERPARAMETERS]
    names += ["HPSEARCH_RUNS", "HPSEARCH_HPARAMS", "HPSEARCH_SEED", "{seed}", "{epochs}", "{trial}"]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_command_is_there() -> None:
    page = Path(DOCS / "commands.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"## hpsearch {name}\n" not in page] == []
