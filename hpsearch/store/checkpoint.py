"""The state of a training after an epoch, and the newest one that is intact.

    checkpoint/000012/arrays.npz      weights, running statistics, the optimiser's state
                      manifest.json   epoch, meta, sha256 of each other file; sealed

The folder is made by one rename, so it is never half there. Disks fail all the same: the
manifest seals itself and vouches for the arrays, and a damaged checkpoint is passed over for the
one before it, aloud. Whatever a training needs to go on lies in ``arrays`` and ``meta``; random
numbers have addresses and need no saving.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hpsearch.errors import RunError
from hpsearch.store.arrays import pack_arrays, unpack_arrays
from hpsearch.store.atomic import remove_folder, replace_folder, sweep
from hpsearch.store.disk import disk_errors
from hpsearch.store.sealed import seal, unseal

_FORMAT = 1
_MANIFEST = "manifest.json"
_ARRAYS = "arrays.npz"
_NAME = re.compile(r"\d{6,}")
_LOST = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO}


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything that a training needs to go on after ``epoch`` (epochs count from 1).

    ``meta`` is JSON with finite numbers: metrics so far, curves, best value …
    """

    epoch: int
    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any] = field(default_factory=dict)


def save_checkpoint(folder: Path, checkpoint: Checkpoint, keep: int | None = 2) -> Path:
    """Save it as ``folder/<epoch in 6 digits>``, in place of one for the same epoch.

    Args:
        folder: holds the checkpoints of one training; made if missing.
        checkpoint: what to save.
        keep: how many checkpoints up to this epoch stay, this one included; ``None`` for all.
            Two are needed for one to be damaged without loss.

    Returns:
        The checkpoint's own folder.

    Raises:
        RunError: the disk is full, read-only …
        ValueError, TypeError: the arrays hold objects, or ``meta`` is not JSON.
    """
    arrays = pack_arrays(checkpoint.arrays)
    manifest = seal(
        {
            "format": _FORMAT,
            "epoch": checkpoint.epoch,
            "meta": dict(checkpoint.meta),
            "files": {_ARRAYS: hashlib.sha256(arrays).hexdigest()},
        }
    )
    sweep(folder)
    path = folder / f"{checkpoint.epoch:06d}"
    with replace_folder(path) as temporary:
        (temporary / _ARRAYS).write_bytes(arrays)
        (temporary / _MANIFEST).write_bytes(manifest + b"\n")
    older = [old for old in _newest_first(folder) if int(old.name) <= checkpoint.epoch]
    for old in older[keep:] if keep is not None else []:
        remove_folder(old)
    return path


def load_checkpoint(path: Path) -> Checkpoint:
    """Read the checkpoint in the folder ``path``.

    Raises:
        RunError: it is missing, damaged, or cannot be read.
    """
    try:
        return _load_intact(path)
    except ValueError as error:
        raise RunError(
            f"{path}: the checkpoint is damaged: {error}; use the one before it"
        ) from error


def latest_checkpoint(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest intact checkpoint in ``folder``, and a line for each newer, damaged one.

    Raises:
        RunError: the folder cannot be read.
    """
    notes: list[str] = []
    for path in _newest_first(folder):
        try:
            return _load_intact(path), notes
        except ValueError as error:
            notes.append(f"{path}: the checkpoint is damaged and passed over: {error}")
    return None, notes


def _newest_first(folder: Path) -> list[Path]:
    with disk_errors(folder, "read the checkpoints"):
        if not folder.is_dir():
            return []
        named = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(named, key=lambda path: int(path.name), reverse=True)


def _load_intact(path: Path) -> Checkpoint:
    """Read a checkpoint; ``ValueError`` where it is damaged, ``RunError`` where it is shut."""
    manifest = unseal(_read(path / _MANIFEST).removesuffix(b"\n"))
    if manifest["format"] != _FORMAT:
        raise ValueError(f"its format is {manifest['format']}, and this version reads {_FORMAT}")
    if manifest["epoch"] != int(path.name):
        raise ValueError(f"it is of epoch {manifest['epoch']}: the folder was renamed")
    arrays = _read(path / _ARRAYS)
    if hashlib.sha256(arrays).hexdigest() != manifest["files"][_ARRAYS]:
        raise ValueError(f"{_ARRAYS} does not match its sha256")
    return Checkpoint(manifest["epoch"], unpack_arrays(arrays), manifest["meta"])


def _read(path: Path) -> bytes:
    with disk_errors(path, "read the checkpoint"):
        try:
            return path.read_bytes()
        except OSError as error:
            if error.errno in _LOST:
                raise ValueError(f"{path.name} cannot be read ({error.strerror})") from error
            raise
