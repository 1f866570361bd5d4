"""Contents of files that tests read, and the shapes of the fixtures that write them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

WriteFile = Callable[[str, str | bytes], str]
WriteNpz = Callable[..., str]


def idx_bytes(array: Any, code: int = 0x08) -> bytes:
    """An array in MNIST's format: big-endian sizes, then the bytes."""
    array = np.asarray(array)
    return (
        struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()
    )


def small_csv_text() -> str:
    """Thirty rows, a header, two columns of numbers, and labels x, y, z in turn in the last."""
    rows = [f"{i % 7},{i * 0.5},{'xyz'[i % 3]}" for i in range(30)]
    return "\n".join(["a,b,c", *rows, ""])
