"""Files to read, written on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_files import WriteFile, WriteNpz, small_csv_text


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Write a file of this name and content; gives its path."""

    def write_file(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write_file


@pytest.fixture
def npz(tmp_path: Path) -> WriteNpz:
    """Write arrays uncompressed; gives the path."""

    def write_npz(name: str, **arrays: Any) -> str:
        path = tmp_path / name
        np.savez(path, **arrays)
        return str(path)

    return write_npz


@pytest.fixture
def small_csv() -> str:
    return small_csv_text()
