"""npz files: rows under ``X`` and labels under ``y``, or sets that are split already.

Members that NumPy wrote uncompressed (``np.savez``) are memory-mapped where they lie in the zip
file: every process then reads the one copy in the system's page cache. Compressed ones
(``np.savez_compressed``) are read into memory. Nothing is ever unpickled.
"""

from __future__ import annotations

import math
import struct
import zipfile
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy_format

from hpsearch.data.arrays import array_table, label_names
from hpsearch.data.files import one_line, reading, refuse_unpacked
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import NumberArray, Table
from hpsearch.data.wording import did_you_mean, listed, quoted
from hpsearch.errors import DataError

_ROWS = ("x", "data", "features", "images", "inputs")
_LABELS = ("y", "target", "targets", "label", "labels", "classes")
_PARTS = {"train": ("train",), "dev": ("dev", "val", "valid", "validation"), "test": ("test",)}
_LOCAL_HEADER_BYTES = 30


def read_npz(file: Path, spec: DataSpec, *, label_needed: bool = True) -> dict[str, Table]:
    """Read an npz file: ``{"train": table}``, and ``dev`` and ``test`` where the file has them.

    Rows are (n, d), or (n, …) and are flattened; labels are (n,) whole numbers or strings.

    Raises:
        DataError: the keys or the arrays are not such, or the file is damaged.
    """
    with reading(file), zipfile.ZipFile(file) as archive:
        pairs = _pairs(file, _keys(file, archive), spec, label_needed)
        return {
            part: _table(file, archive, rows, labels, spec)
            for part, (rows, labels) in pairs.items()
        }


def npz_parts(file: Path, spec: DataSpec) -> set[str]:
    """The parts that an npz file is divided into: ``train``, and ``dev`` and ``test`` if there.

    Raises:
        DataError: the keys are not such, or the file is damaged.
    """
    with reading(file), zipfile.ZipFile(file) as archive:
        return set(_pairs(file, _keys(file, archive), spec, label_needed=True))


def _keys(file: Path, archive: zipfile.ZipFile) -> list[str]:
    keys = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    if not keys:
        raise DataError(
            f"{file}: is a zip file without NumPy arrays; save a spreadsheet as CSV, "
            f"and arrays with np.savez(file, X=X, y=y)"
        )
    return keys


def _pairs(
    file: Path, keys: list[str], spec: DataSpec, label_needed: bool
) -> dict[str, tuple[str, str | None]]:
    """The keys of the rows and labels of each part."""
    if isinstance(spec.target, int):
        raise DataError.about(
            "target",
            file,
            f"{spec.target}: an npz file's labels have a key; the keys are {listed(keys)}",
        )
    folded = {key.casefold(): key for key in keys}
    pairs: dict[str, tuple[str, str | None]] = {}
    for part, words in _PARTS.items():
        rows = _first(folded, [f"{x}_{word}" for x in _ROWS for word in words])
        labels = _first(folded, [f"{y}_{word}" for y in _LABELS for word in words])
        if rows and (labels or not label_needed):
            pairs[part] = (rows, labels)
    if pairs:
        return pairs
    labels = _first(folded, _LABELS) if spec.target is None else folded.get(spec.target.casefold())
    rows = _first({k: v for k, v in folded.items() if v != labels}, _ROWS)
    if rows and (labels or not label_needed):
        return {"train": (rows, labels)}
    if rows and spec.target is not None:
        raise DataError.about(
            "target",
            file,
            f"there is no key {quoted(spec.target)}"
            f"{did_you_mean(spec.target, keys)}; the keys are {listed(keys)}",
        )
    raise DataError(
        f"{file}: has the keys {listed(keys)}; rows are looked for under X (or data, features, "
        f"images) and labels under y (or target, labels) or the key in data.target, or both under "
        f"x_train, y_train, x_dev, y_dev, x_test, y_test"
    )


def _first(folded: dict[str, str], wanted: Any) -> str | None:
    return next((folded[word] for word in wanted if word in folded), None)


def _table(
    file: Path, archive: zipfile.ZipFile, rows: str, labels: str | None, spec: DataSpec
) -> Table:
    found = None
    if labels is not None:
        found = label_names(file, labels, _read_member(file, archive, labels))
    return array_table(file, rows, _read_member(file, archive, rows), found, spec)


def _read_member(file: Path, archive: zipfile.ZipFile, key: str) -> NumberArray:
    """One array, mapped if it lies uncompressed in the file, else read."""
    info = archive.getinfo(f"{key}.npy")
    try:
        with archive.open(info) as stream:
            shape, fortran_order, dtype = _read_header(stream)
            header_bytes = stream.tell()
        _refuse_objects(file, key, dtype)
        size = dtype.itemsize * math.prod(shape)
        if header_bytes + size > info.file_size:
            raise DataError(f"{file}: {key} is cut short; copy or download the file again")
        if info.compress_type != zipfile.ZIP_STORED:
            refuse_unpacked(file, key, max(size, info.file_size))
        if info.compress_type != zipfile.ZIP_STORED or 0 in shape:
            with archive.open(info) as stream:
                array: NumberArray = npy_format.read_array(stream, allow_pickle=False)
            return array
    except (ValueError, RuntimeError) as e:  # a RuntimeError: encrypted, or an unknown compression
        raise DataError(f"{file}: {key} cannot be read ({one_line(e)}); save it again") from e
    with file.open("rb") as raw:
        raw.seek(info.header_offset)
        head = raw.read(_LOCAL_HEADER_BYTES)
    name_bytes, extra_bytes = struct.unpack("<HH", head[26:30])
    offset = info.header_offset + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes + header_bytes
    if offset + size > file.stat().st_size:
        raise DataError(f"{file}: {key} is cut short; copy or download the file again")
    order: Literal["F", "C"] = "F" if fortran_order else "C"
    mapped = np.memmap(file, dtype=dtype, mode="r", offset=offset, shape=shape, order=order)
    return np.asarray(mapped)  # a view without the subclass, whose slices cost more


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape, whether it is in Fortran's order, and the dtype."""
    if npy_format.read_magic(stream) == (1, 0):
        return npy_format.read_array_header_1_0(stream)
    return npy_format.read_array_header_2_0(stream)


def _refuse_objects(file: Path, key: str, dtype: np.dtype[Any]) -> None:
    if dtype.hasobject:
        raise DataError(
            f"{file}: {key} is an array of Python objects, which only pickle could read; save "
            f"numbers or strings: np.savez(file, X=X.astype('float32'), y=y.astype(str))"
        )
