"""Which data a run was made with: a digest of the files' bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hpsearch.data.files import locate, reading
from hpsearch.data.formats import format_of
from hpsearch.data.spec import DataSpec


def files_of(spec: DataSpec) -> list[Path]:
    """Every file that a spec reads: rows, dev, test, and the labels beside idx images.

    Raises:
        DataError: one of them is not there.
    """
    files = [
        locate(part, key)
        for key in ("path", "dev", "test")
        if isinstance(part := getattr(spec, key), str)
    ]
    return files + [beside for file in files for beside in format_of(file).beside(file)]


def file_sha256(file: Path) -> str:
    """The sha256 of a file's bytes, in hex.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(spec: DataSpec) -> str:
    """The sha256 of the data, in hex, for a run's record.

    One file's is what ``sha256sum`` prints; several files' is that of their digests, one a line.

    Raises:
        DataError: a file cannot be read.
    """
    digests = []
    for file in files_of(spec):
        with reading(file):
            digests.append(file_sha256(file))
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()
