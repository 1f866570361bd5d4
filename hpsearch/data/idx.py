"""MNIST's idx files: a count of dimensions, their sizes, then the numbers, big-endian.

    0 0 type dims | size_1 … size_dims, 4 bytes each | data in C order

Source: http://yann.lecun.com/exdb/mnist/. The images' file is the path; its labels lie beside it
under the standard name, ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``. Plain files
are memory-mapped, gzip-compressed ones read into memory.
"""

from __future__ import annotations

import math
import re
import struct
from pathlib import Path

import numpy as np

from hpsearch.data.arrays import array_table, label_names
from hpsearch.data.files import is_gzip, open_bytes, reading, refuse_unpacked
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import NumberArray, Table
from hpsearch.errors import DataError

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def is_idx(head: bytes) -> bool:
    """Whether a file that begins so is one: two zeros, a known type, one axis or more."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _DTYPES and head[3] > 0


def read_idx(file: Path, spec: DataSpec, *, label_needed: bool = True) -> Table:
    """Read images, (n, …), flattened to (n, d), and the labels beside them.

    Raises:
        DataError: a file is cut short or damaged, or the labels are not there.
    """
    images = _read_array(file)
    labels = None
    if label_needed or _labels_beside(file):
        beside = labels_file(file)
        labels = label_names(beside, "the file", _read_array(beside))
    return array_table(file, "the file", images, labels, spec)


def labels_file(file: Path) -> Path:
    """The labels' file beside an images' file, compressed or not.

    Raises:
        DataError: it is not there.
    """
    beside = _labels_beside(file)
    if beside is None:
        name = _labels_name(file.name)
        raise DataError(
            f"{file}: its labels are not beside it; they are looked for as "
            f"{name or 'train-labels-idx1-ubyte, beside train-images-idx3-ubyte'}"
        )
    return beside


def _labels_name(name: str) -> str | None:
    renamed = re.sub(r"images([-.])idx\d", r"labels\g<1>idx1", name.removesuffix(".gz"))
    return None if renamed == name.removesuffix(".gz") else renamed


def _labels_beside(file: Path) -> Path | None:
    name = _labels_name(file.name)
    if name is None:
        return None
    candidates = (file.with_name(name + suffix) for suffix in ("", ".gz"))
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _read_array(file: Path) -> NumberArray:
    with reading(file), open_bytes(file) as stream:
        magic = stream.read(4)
        dtype = np.dtype(_DTYPES[magic[2]]) if len(magic) == 4 and magic[2] in _DTYPES else None
        if dtype is None or magic[:2] != b"\0\0" or not magic[3]:
            raise DataError(f"{file}: is no idx file; it should begin with 0 0, a type and a size")
        sizes = stream.read(4 * magic[3])
        if len(sizes) < 4 * magic[3]:
            raise DataError(f"{file}: is cut short; copy or download it again")
        shape = struct.unpack(f">{magic[3]}I", sizes)
        size = math.prod(shape) * dtype.itemsize
        start = 4 + len(sizes)
        if is_gzip(file):
            refuse_unpacked(file, f"its array of {shape}", size)
            data = stream.read(size)
            _check_size(file, shape, size, len(data))
            array: NumberArray = np.frombuffer(data, dtype)
            return array.reshape(shape)
    _check_size(file, shape, size, file.stat().st_size - start)
    return np.asarray(np.memmap(file, dtype=dtype, mode="r", offset=start, shape=shape))


def _check_size(file: Path, shape: tuple[int, ...], wanted: int, present: int) -> None:
    if present < wanted:
        raise DataError(
            f"{file}: is cut short: {shape} need {wanted} bytes and {present} are there; "
            f"copy or download it again"
        )
