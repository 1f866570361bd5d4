"""The state of a training after an epoch: the one store of a search's trials and babysat models.

    checkpoint/000012/arrays.npz      weights, running statistics, the optimiser's state
                      manifest.json   epoch, meta, sha256 of each other file; sealed

A checkpoint is a folder that is made by one rename, so it is never half there. Disks fail all the
same: the manifest seals itself and vouches for the other files. :func:`write_files` and the
readers beside it know nothing else of what is in them: a babysat model has other files (see
``panda/checkpoints.py``), and the rest of this module is about the checkpoints of a trial, of which
a damaged one is passed over for the one before it, aloud. Whatever a trial needs to go on lies in
``arrays`` and ``meta``; random numbers have addresses and need no saving.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hpsearch.store.arrays import pack_arrays, sha256, unpack_arrays
from hpsearch.store.atomic import remove_folder, replace_folder, sweep
from hpsearch.store.disk import disk_errors
from hpsearch.store.sealed import seal, unseal

_FORMAT = 1
_MANIFEST = "manifest.json"
_ARRAYS = "arrays.npz"
_NAME = re.compile(r"\d{6,}")
_LOST = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO}


def write_files(path: Path, facts: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write a checkpoint as the folder ``path``, in place of the one that is there.

    ``facts`` is JSON with finite numbers; the manifest holds it, and the sha256 of each file.

    Raises:
        RunError: the disk is full, read-only …
        ValueError, TypeError: ``facts`` is not such JSON.
    """
    digests = {name: sha256(data) for name, data in files.items()}
    manifest = seal({**facts, "files": digests})
    sweep(path.parent)
    with replace_folder(path) as temporary:
        for name, data in files.items():
            (temporary / name).write_bytes(data)
        (temporary / _MANIFEST).write_bytes(manifest + b"\n")


def read_manifest(path: Path) -> dict[str, Any]:
    """The facts of the checkpoint in the folder ``path``, and the sha256 of its ``files``.

    Raises:
        ValueError: the manifest is damaged or gone; the message says which.
        RunError: it cannot be read for another reason.
    """
    return unseal(_read(path / _MANIFEST).removesuffix(b"\n"))


def read_file(path: Path, digest: str) -> bytes:
    """A file of a checkpoint, whose sha256 is on record.

    Raises:
        ValueError: it is damaged or gone; the message says which.
        RunError: it cannot be read for another reason.
    """
    data = _read(path)
    if sha256(data) != digest:
        raise ValueError(f"{path.name} does not match its sha256")
    return data


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
    path = folder / f"{checkpoint.epoch:06d}"
    facts = {"format": _FORMAT, "epoch": checkpoint.epoch, "meta": dict(checkpoint.meta)}
    write_files(path, facts, {_ARRAYS: pack_arrays(checkpoint.arrays)})
    older = [old for old in _newest_first(folder) if int(old.name) <= checkpoint.epoch]
    for old in older[keep:] if keep is not None else []:
        remove_folder(old)
    return path


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint of a trial in the folder ``path``.

    Raises:
        ValueError: it is damaged; the message says how.
        RunError: it cannot be read for another reason.
    """
    manifest = read_manifest(path)
    if manifest["format"] != _FORMAT:
        raise ValueError(f"its format is {manifest['format']}, and this version reads {_FORMAT}")
    if manifest["epoch"] != int(path.name):
        raise ValueError(f"it is of epoch {manifest['epoch']}: the folder was renamed")
    arrays = read_file(path / _ARRAYS, manifest["files"][_ARRAYS])
    return Checkpoint(manifest["epoch"], unpack_arrays(arrays), manifest["meta"])


def latest_checkpoint(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest intact checkpoint in ``folder``, and a line for each newer, damaged one.

    Raises:
        RunError: the folder cannot be read.
    """
    notes: list[str] = []
    for path in _newest_first(folder):
        try:
            return read_checkpoint(path), notes
        except ValueError as error:
            notes.append(f"{path}: the checkpoint is damaged and passed over: {error}")
    return None, notes


def _newest_first(folder: Path) -> list[Path]:
    with disk_errors(folder, "read the checkpoints"):
        if not folder.is_dir():
            return []
        named = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(named, key=lambda path: int(path.name), reverse=True)


def _read(path: Path) -> bytes:
    with disk_errors(path, "read the checkpoint"):
        try:
            return path.read_bytes()
        except OSError as error:
            if error.errno in _LOST:
                raise ValueError(f"{path.name} cannot be read ({error.strerror})") from error
            raise
