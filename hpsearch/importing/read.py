"""From a file of another tool to a config of ours: whose it is, and whether the result loads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hpsearch.config import load_text, read_document
from hpsearch.config.other_tools import is_hydra, is_nni
from hpsearch.config.problems import Document
from hpsearch.errors import ConfigError
from hpsearch.importing import hydra, nni, wandb
from hpsearch.importing.translation import Translation

_TOOLS: tuple[
    tuple[Callable[[Mapping[str, Any]], bool], Callable[[Document], Translation]], ...
] = (
    (wandb.is_wandb, wandb.translate),
    (is_nni, nni.translate),
    (is_hydra, hydra.translate),
)
"""How to know a tool's file, and how to translate it; the first that knows it takes it."""

_WANTED = (
    "a W&B sweep has program or method, an NNI experiment searchSpace, "
    "a Hydra config hydra.sweeper.params"
)


def import_config(file: Path) -> Translation:
    """Translate a search space that was written for another tool.

    Raises:
        ConfigError: the file cannot be read, or is none of a tool that is known.
    """
    document = read_document(file)
    for knows, translate in _TOOLS:
        if knows(document.values):
            return translate(document)
    raise ConfigError(f"{file}: is not a file of a tool that is known: {_WANTED}")


def left_to_do(translation: Translation, where: Path) -> list[str]:
    """What keeps the new config from being used, each with its line; empty if it loads."""
    try:
        load_text(translation.text(), str(where), where.parent, where.stem)
    except ConfigError as e:
        return e.message.splitlines()
    return []
