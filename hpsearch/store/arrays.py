"""Named NumPy arrays in one ``.npz`` file: a zip of ``.npy`` files, as ``np.load`` reads it.

Unlike ``np.savez`` this never pickles, takes every name (``file`` too), and gives the same bytes
for the same arrays.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import RunError
from hpsearch.store.atomic import write_bytes
from hpsearch.store.disk import disk_errors

Arrays = dict[str, NDArray[Any]]


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as the bytes of an ``.npz`` file.

    Raises:
        ValueError: an array holds Python objects.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")  # its date is fixed: 1980
            with archive.open(member, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def unpack_arrays(data: bytes) -> Arrays:
    """The inverse of :func:`pack_arrays`.

    Raises:
        ValueError: the bytes are not an intact ``.npz`` file, or hold pickled objects.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A member is read to its end before it is parsed: only then is its crc compared.
            members = {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}
        return {
            name: np.lib.format.read_array(io.BytesIO(member), allow_pickle=False)
            for name, member in members.items()
        }
    except Exception as error:  # a damaged zip raises what its bytes happen to lead to
        raise ValueError(f"not an intact npz file ({error})") from error


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an ``.npz`` file, completely or not at all.

    Raises:
        RunError: the disk is full, read-only …
        ValueError: an array holds Python objects.
    """
    write_bytes(path, pack_arrays(arrays))


def read_arrays(path: Path) -> Arrays:
    """Read an ``.npz`` file.

    Raises:
        RunError: the file is missing, damaged, or holds pickled objects.
    """
    with disk_errors(path, "read the file"):
        data = path.read_bytes()
    try:
        return unpack_arrays(data)
    except ValueError as error:
        raise RunError(f"{path}: {error}; restore it from a copy, or train again") from error


def sha256(state: bytes) -> str:
    """The fingerprint of a state, which ``sha256sum state.npz`` prints as well."""
    return hashlib.sha256(state).hexdigest()
