"""What each operating system does in its own way: locks, and what reaches the disk.

POSIX has ``flock`` on an open file, folders that can be forced to the disk, and renames that do not
mind who reads. Windows locks a range of bytes, which nobody else can read meanwhile, so the range
lies beyond the end of any file; it keeps its folders by itself, and renames nothing onto a file
that is open. On macOS ``fsync`` ends in the disk's own cache, and ``F_FULLFSYNC`` goes through.
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    import msvcrt

    _msvcrt: Any = msvcrt
    POSIX = False
else:
    POSIX = True

BINARY: int = getattr(os, "O_BINARY", 0)
"""A flag for ``os.open``: the bytes are written as they are, line ends too."""

_LOCKED_BYTE = 2**31 - 2
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_CANNOT_LOCK = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}
_TRIES, _PAUSE = 50, 0.02  # seconds: how long a reader may keep a file from being replaced


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock of an open file; ``False`` if another has it.

    The system gives it back when the file is closed, however its holder ends.

    Raises:
        OSError: the file system cannot lock.
    """
    if not POSIX:
        return _lock_byte(descriptor, _msvcrt.LK_NBLCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(descriptor: int) -> bool:
    """Whether another has the lock of an open file now."""
    if not POSIX:
        free = _lock_byte(descriptor, _msvcrt.LK_NBLCK)
        return not (free and _lock_byte(descriptor, _msvcrt.LK_UNLCK))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno in _CANNOT_LOCK:
            return False  # nobody can hold a lock here
        raise
    return False


def _lock_byte(descriptor: int, mode: int) -> bool:
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        _msvcrt.locking(descriptor, mode, 1)
    except PermissionError:
        return False
    finally:
        os.lseek(descriptor, place, os.SEEK_SET)
    return True


def force(descriptor: int) -> None:
    """Force what was written to an open file to the disk.

    Raises:
        OSError: the disk is full, failing …
    """
    if POSIX and hasattr(fcntl, "F_FULLFSYNC"):
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in {errno.ENOTSUP, errno.EINVAL, errno.ENOTTY}:
                raise
        else:
            return
    os.fsync(descriptor)


def force_file(path: Path) -> None:
    """Force a file that was written and closed to the disk.

    Raises:
        OSError: the disk is full, failing …
    """
    with path.open("rb" if POSIX else "r+b") as file:  # Windows wants to know that we may write
        force(file.fileno())


def force_folder(path: Path) -> None:
    """Force the folder's list of names to the disk.

    Raises:
        OSError: the disk is failing …
    """
    if not POSIX:
        return  # Windows writes its own journal of names, and opens no folder
    descriptor = os.open(path, _FOLDER_FLAGS)
    try:
        force(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder, and need not.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def replace_file(source: Path, target: Path) -> None:
    """Give a file the name of another, which is gone; on Windows once nobody reads it.

    Raises:
        OSError: a folder stands there, no permission …
    """
    for _ in range(0 if POSIX else _TRIES):
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(_PAUSE)
        else:
            return
    source.replace(target)


def rename_folder(source: Path, target: Path) -> None:
    """Give a folder a name that nothing has, or an empty folder.

    Raises:
        OSError: something stands there, no permission …
    """
    if not POSIX and target.is_dir():
        target.rmdir()
    source.rename(target)
