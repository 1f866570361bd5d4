"""The JSON Schema as a file of the package: whoever only hands it on computes nothing.

``python docs/reference.py`` writes the file from :func:`hpsearch.config.schema.json_schema`, and a
test compares the two. So ``hpsearch init`` and ``hpsearch schema`` need neither NumPy nor the
tables of settings, scales and strategies that the schema is made from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("schema.json")


def schema_text() -> str:
    """The schema as it is printed, JSON that ends with a new line."""
    return SCHEMA_FILE.read_text(encoding="utf-8")


def strategy_names() -> list[str]:
    """The strategies that are given by name, the default one first."""
    schema: dict[str, Any] = json.loads(schema_text())
    named: list[str] = schema["properties"]["search"]["properties"]["strategy"]["anyOf"][0]["enum"]
    return named
