"""Files: which one is meant, and one clear line when it cannot be read."""

from __future__ import annotations

import difflib
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from hpsearch.data.spec import BUILTIN
from hpsearch.errors import DataError

LARGEST_UNPACKED = 4 * 2**30
"""Bytes of a compressed array, which every process that trains on it has to hold whole."""


# The last is what zipfile says of a version or a compression that nobody has
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError)


def locate(path: str, key: str | None = None) -> Path:
    """The file that ``path`` means: a built-in set by its name, else a file that exists.

    Raises:
        DataError: there is no such file, or it is a folder; ``key`` of ``data`` is to blame.
    """
    if path in BUILTIN:
        return BUILTIN[path]
    file = Path(path)
    with reading(file):
        if file.is_dir():
            wrong = "is a folder; name the file in it that holds the rows"
        elif not file.exists():
            wrong = f"there is no such file{_nearest_names(file)}"
        else:
            return file
    raise DataError(f"{file}: {wrong}") if key is None else DataError.about(key, file, wrong)


def _nearest_names(file: Path) -> str:
    if not file.parent.is_dir():
        return f", and no folder {file.parent}; check the path"
    names = sorted(entry.name for entry in file.parent.glob("[!.]*"))
    near = difflib.get_close_matches(file.name, [*names, *BUILTIN], n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else "; check the path"


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is read into one line about that file.

    Raises:
        DataError: the file may not be read, is cut short, or is damaged.
    """
    try:
        yield
    except PermissionError as e:
        raise DataError(f"{file}: permission denied; make the file readable") from e
    except _DAMAGED as e:
        raise DataError(
            f"{file}: is cut short or damaged ({one_line(e)}); copy or download it again"
        ) from e
    except UnicodeDecodeError as e:
        raise DataError(
            f"{file}:{_first_line_not_utf8(file)}: is not UTF-8 text (byte "
            f"0x{e.object[e.start]:02x}); save the file as UTF-8"
        ) from e
    except MemoryError as e:
        raise DataError(
            f"{file}: does not fit into memory; arrays saved uncompressed, with np.savez, are "
            f"read batch by batch"
        ) from e
    except OSError as e:
        raise DataError(f"{file}: cannot be read: {e.strerror or one_line(e)}") from e


def refuse_unpacked(file: Path, what: str, size: int) -> None:
    """Refuse a compressed array that would fill the memory, before a byte of it is unpacked.

    Raises:
        DataError: it is larger than ``LARGEST_UNPACKED``.
    """
    if size > LARGEST_UNPACKED:
        raise DataError(
            f"{file}: {what} is compressed, and unpacks to {size / 2**30:.1f} GiB; at most "
            f"{LARGEST_UNPACKED / 2**30:.0f} are read. Save it uncompressed, with np.savez: then "
            f"it is read batch by batch"
        )


def one_line(error: Exception) -> str:
    """What an error of another library says, without its line breaks."""
    return " ".join(str(error).split())


def _first_line_not_utf8(file: Path) -> int:
    with open_bytes(file) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def open_bytes(file: Path) -> BinaryIO:
    """The file's bytes, decompressed where it is a gzip file."""
    stream = file.open("rb")
    magic = stream.read(2)
    stream.seek(0)
    if magic != b"\x1f\x8b":
        return stream
    stream.close()
    return cast(BinaryIO, gzip.open(file, "rb"))


def is_gzip(file: Path) -> bool:
    """Whether the file is gzip-compressed, by its first two bytes."""
    with reading(file), file.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"
