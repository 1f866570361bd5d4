"""Whole files and folders: after a crash at any instant they are there completely, or not at all.

New content is written beside its place under a temporary name, forced to the disk (fsync), and
renamed, which is one step. The folder is forced as well: the name is its content.

A temporary name is ``.<name>.<process id>.tmp``. A writer that fails removes its own; what a
killed one leaves is found by :func:`sweep`, because its process is gone.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from hpsearch.portable import well_formed
from hpsearch.processes import is_alive
from hpsearch.store.disk import disk_errors
from hpsearch.store.system import (
    force,
    force_file,
    force_folder,
    rename_folder,
    replace_file,
)

_TEMPORARY = re.compile(r"\..+\.(\d+)\.tmp")


def write_bytes(path: Path, data: bytes) -> None:
    """Make ``data`` the content of the file, or leave the file as it was.

    A link stays a link: the file that it names is written. A device or a pipe takes the bytes as
    they come, for a rename would put a plain file in its place (of ``/dev/full``, say).

    Raises:
        RunError: the disk is full, read-only …
    """
    with disk_errors(path, "write the file"):
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(data)
            return
        if path.is_symlink():
            path = Path(os.path.realpath(path))
        temporary = _beside(path)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                force(file.fileno())
            replace_file(temporary, path)
            force_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def write_text(path: Path, text: str) -> None:
    """:func:`write_bytes` of the text in UTF-8, its line ends as they are."""
    write_bytes(path, well_formed(text).encode("utf-8"))


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill; it appears at ``path`` when the body ends well, and never otherwise.

    Raises:
        RunError: something stands at ``path`` (an empty folder may), or the disk is full …
    """
    with disk_errors(path, "make the folder"), _filled_beside(path) as temporary:
        yield temporary
        _sync_tree(temporary)
        rename_folder(temporary, path)
        force_folder(path.parent)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of the one at ``path`` when the body ends well.

    A folder cannot be renamed onto a full one, so the old one is set aside first: a crash
    between the two renames leaves none. Use it where losing the old one costs only time.

    Raises:
        RunError: the disk is full, read-only …
    """
    with disk_errors(path, "write the folder"), _filled_beside(path) as temporary:
        yield temporary
        _sync_tree(temporary)
        old = _set_aside(path)
        rename_folder(temporary, path)
        force_folder(path.parent)
        if old is not None:
            shutil.rmtree(old)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside ``path`` for the length of the body; ``sweep`` knows it after a crash.

    Raises:
        RunError: the disk is full, read-only …
    """
    with ExitStack() as stack:
        with disk_errors(path, "make a folder to work in beside it"):
            folder = stack.enter_context(_filled_beside(path))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def remove_folder(path: Path) -> None:
    """Remove a folder, if there is one; a crash leaves all of it or nothing under its name."""
    with disk_errors(path, "remove the folder"):
        old = _set_aside(path)
        if old is not None:
            shutil.rmtree(old)


def make_folders(path: Path) -> None:
    """Make a folder and those above it, each forced to the disk, where they are missing.

    Raises:
        OSError: a file stands in the way, no permission …
    """
    if path.is_dir():
        return
    if path.parent != path:
        make_folders(path.parent)
    path.mkdir(exist_ok=True)
    force_folder(path.parent)


def make_durable(path: Path) -> None:
    """Force a file that another process wrote, its name and its folder's name to the disk.

    Raises:
        RunError: the disk is full, failing …
    """
    with disk_errors(path, "write the file"):
        force_file(path)
        force_folder(path.parent)
        force_folder(path.parent.parent)


def sweep(folder: Path) -> None:
    """Remove the temporary files and folders in ``folder`` that killed processes left."""
    with disk_errors(folder, "tidy the folder"):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
            match = _TEMPORARY.fullmatch(entry.name)
            if match is None or is_alive(int(match[1])):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)


def _beside(path: Path, mark: str = "") -> Path:
    if not path.name:  # "." and "/" have no place beside them
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return path.with_name(f".{path.name}{mark}.{os.getpid()}.tmp")


@contextmanager
def _filled_beside(path: Path) -> Iterator[Path]:
    """An empty temporary folder beside ``path``, removed if the body fails."""
    temporary = _beside(path)
    make_folders(path.parent)
    shutil.rmtree(temporary, ignore_errors=True)  # an earlier process may have had this number
    temporary.mkdir()
    try:
        yield temporary
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _set_aside(path: Path) -> Path | None:
    aside = _beside(path, ".old")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        return path.rename(aside)
    except FileNotFoundError:
        return None


def _sync_tree(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            _sync_tree(entry)
        else:
            force_file(entry)
    force_folder(folder)
