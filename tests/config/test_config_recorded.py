"""``resolved.yaml``: facts as data, and a checksum that one changed bit does not pass."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.config import dump, load_config, load_text, recorded_facts, recorded_text
from hpsearch.errors import ConfigError

TEXT = "data: digits\nseed: 1\nparameters: {alpha: {min: 1e-4, max: 1, scale: log}}"
CONFIG = load_text(TEXT, "f.yaml", Path("/project"), "f").config
FACTS = {"python": "3.11.7", "machine": "Linux: x86 #1", "code a b.py": "1e5", "n": "007", "é": ""}
SEALED = recorded_text(CONFIG, FACTS).encode()


def test_config_and_facts_come_back(tmp_path: Path) -> None:
    path = tmp_path / "resolved.yaml"
    path.write_bytes(SEALED)
    assert load_config(path).config == CONFIG
    assert recorded_facts(SEALED, "resolved.yaml") == FACTS
    assert yaml.safe_load(SEALED)["recorded"]["code a b.py"] == "1e5"  # as any reader sees it


@given(st.integers(0, 8 * len(SEALED) - 1))
def test_every_changed_bit_is_noticed(bit: int) -> None:
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ConfigError) as caught:
        load_as_resolved(bytes(damaged))
    assert "\n" not in caught.value.message


def load_as_resolved(data: bytes) -> None:
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resolved.yaml"
        path.write_bytes(data)
        load_config(path)


@pytest.mark.parametrize(
    "changed",
    [
        SEALED.replace(b"seed: 1", b"seed: 3"),
        SEALED + b"# looked at it\n",
        SEALED[:-20],
        SEALED.replace(b"\n", b"\r\n"),
    ],
)
def test_a_change_by_hand_is_one_line_that_says_what_to_do(changed: bytes) -> None:
    with pytest.raises(ConfigError, match=r"has been changed since hpsearch wrote it.* --fresh"):
        load_as_resolved(changed)


def test_a_copy_of_another_name_is_a_config_like_others() -> None:
    text = SEALED.decode().replace("seed: 1", "seed: 3")
    loaded = load_text(text, "copy.yaml", Path("/project"), "copy")
    assert loaded.config.seed == 3
    assert loaded.warnings == []


def test_runs_of_older_versions_are_read_as_they_are() -> None:
    old = f"{dump(CONFIG)}\n# recorded when the run was started:\n#   python: 3.11.7\n#   a: b: c\n"
    load_as_resolved(old.encode())
    assert recorded_facts(old.encode(), "resolved.yaml") == {"python": "3.11.7", "a": "b: c"}
