"""``resolved.yaml``: a run's config with all its values, and what else its results depend on.

    name: digits
    …
    recorded:
      hpsearch: 0.1.0
      python: 3.11.7
      …
      crc: "31db2f04"

``crc`` is the crc32 of all bytes before its line, so that one changed bit is noticed: with another
seed a run would go on as if nothing had happened. Runs of older versions have the facts as comments
and no checksum; they are read as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hpsearch.config.model import Config
from hpsearch.config.scalars import flow
from hpsearch.config.strict_yaml import read
from hpsearch.config.write import dump
from hpsearch.errors import ConfigError
from hpsearch.store.sealed import checksum

FILE = "resolved.yaml"
KEY = "recorded"
"""The key of the facts. A config that is a copy of such a file may have it; it means nothing."""

LOST = "put the run's own back from a copy, or start another run with --fresh"

_SEAL = re.compile(rb'  crc: "([0-9a-f]{8})"\n\Z')
_OLD_FACTS = "# recorded when the run was started:"


def recorded_text(config: Config, facts: Mapping[str, str]) -> str:
    """The text of the file, sealed."""
    lines = "".join(f"  {flow(name)}: {flow(value)}\n" for name, value in facts.items())
    body = f"{dump(config)}{KEY}:\n{lines}"
    return f'{body}  crc: "{checksum(body.encode("utf-8"))}"\n'


def check_recorded(data: bytes, source: str) -> None:
    """Refuse the bytes of the file if they are not as they were written.

    Raises:
        ConfigError: it is empty, or has been changed.
    """
    if not data.strip():
        raise ConfigError(f"{source}: the file is empty; {LOST}")
    seal = _SEAL.search(data)
    if seal is None and f"\n{KEY}:".encode() not in data:
        return  # a run of an older version
    if seal is None or checksum(data[: seal.start()]).encode() != seal[1]:
        raise ConfigError(
            f"{source}: has been changed since hpsearch wrote it, or is damaged (its checksum does "
            f"not match); {LOST}. To search with other values, edit a copy of another name"
        )


def recorded_facts(data: bytes, source: str) -> dict[str, str]:
    """The facts in the bytes of the file, in the order in which they were written."""
    if _SEAL.search(data) is None:
        _, _, block = data.decode("utf-8", "replace").partition(_OLD_FACTS)
        lines = (line.removeprefix("#").partition(":") for line in block.splitlines())
        return {name.strip(): value.strip() for name, colon, value in lines if colon}
    values = read(data, source).document.values
    facts = values.get(KEY) if isinstance(values, dict) else None
    if not isinstance(facts, dict):
        return {}
    return {str(name): str(value) for name, value in facts.items() if name != "crc"}
