"""The formats that data are read from: the one table of them, and which one a file has.

A format is known by a file's first bytes, after decompression; the file's name is only held
against it. What is none of them and can be text is CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from hpsearch.data.csv_file import csv_layout, read_csv
from hpsearch.data.files import open_bytes, reading
from hpsearch.data.idx import is_idx, labels_file, read_idx
from hpsearch.data.layout import Expected
from hpsearch.data.npz import npz_parts, read_npz
from hpsearch.data.parquet import parquet_layout, read_parquet
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table
from hpsearch.errors import DataError

_SNIFFED_BYTES = 8192
_OTHERS = (".npy", ".json", ".jsonl", ".xlsx", ".pkl", ".pickle")

Read = Callable[[Path, DataSpec, Expected | None, Collection[str]], dict[str, Table]]
"""From a file and its spec to a table for each part that the file is divided into: ``train`` alone
if it is not. With the columns that new rows must have, labels may be absent. The last argument
names columns that are text, whatever they look like. Raises ``DataError``."""


def _only_train(file: Path, spec: DataSpec) -> Collection[str]:
    del file, spec
    return ("train",)


def _nothing_beside(file: Path) -> Collection[Path]:
    del file
    return ()


@dataclass(frozen=True)
class Format:
    """How data lie in a file, and how they are read.

    ``begins`` knows the format from a file's first bytes. ``look`` raises ``DataError`` if a
    column that the spec names is not there, from the file's beginning alone. ``parts`` are those
    that a file is divided into. ``beside`` are further files that are read with it. ``ending`` is
    that of a file's name, if no other format has it. ``zipped`` tells whether it is read from a
    gzip file, too.
    """

    name: str
    begins: Callable[[bytes], bool]
    read: Read
    look: Callable[[Path, DataSpec], object] = _only_train
    parts: Callable[[Path, DataSpec], Collection[str]] = _only_train
    beside: Callable[[Path], Collection[Path]] = _nothing_beside
    ending: str | None = None
    zipped: bool = False


def _read_npz(
    file: Path, spec: DataSpec, expected: Expected | None, text: Collection[str]
) -> dict[str, Table]:
    del text  # arrays are numbers
    return read_npz(file, spec, label_needed=expected is None)


def _read_idx(
    file: Path, spec: DataSpec, expected: Expected | None, text: Collection[str]
) -> dict[str, Table]:
    del text  # pixels are numbers
    return {"train": read_idx(file, spec, label_needed=expected is None)}


def _read_parquet(
    file: Path, spec: DataSpec, expected: Expected | None, text: Collection[str]
) -> dict[str, Table]:
    del text  # the file knows its columns' types
    return {"train": read_parquet(file, spec, expected)}


def _read_csv(
    file: Path, spec: DataSpec, expected: Expected | None, text: Collection[str]
) -> dict[str, Table]:
    return {"train": read_csv(file, spec, expected, text)}


FORMATS = (
    Format(
        "npz",
        lambda head: head.startswith(b"PK\x03\x04"),
        _read_npz,
        look=npz_parts,
        parts=npz_parts,
        ending=".npz",
    ),
    Format("idx", is_idx, _read_idx, beside=lambda file: (labels_file(file),), zipped=True),
    Format(
        "Parquet",
        lambda head: head.startswith(b"PAR1"),
        _read_parquet,
        look=parquet_layout,
        ending=".parquet",
    ),
)
CSV = Format("CSV", lambda head: b"\0" not in head, _read_csv, look=csv_layout, zipped=True)


def format_of(file: Path) -> Format:
    """The format of a file, from its first bytes (after decompression).

    Raises:
        DataError: the file is empty, or no format that hpsearch reads.
    """
    with reading(file), open_bytes(file) as stream:
        head = stream.read(_SNIFFED_BYTES)
    if not head.strip():
        raise DataError(f"{file}: is empty; give a file with a header and rows")
    found = next((known for known in FORMATS if known.begins(head)), None)
    if found is not None:
        return found
    if head.startswith(b"\x93NUMPY"):
        raise DataError(
            f"{file}: is one npy array; save rows and labels together: np.savez(…, X, y)"
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{file}: is UTF-16 text; save it as UTF-8")
    if not CSV.begins(head):
        names = ", ".join(known.name for known in (CSV, *FORMATS))
        zipped = " and ".join(known.name for known in (CSV, *FORMATS) if known.zipped)
        raise DataError(
            f"{file}: is binary and no format that hpsearch reads ({names}; {zipped} also as .gz)"
        )
    _refuse_text_called_otherwise(file)
    return CSV


def _refuse_text_called_otherwise(file: Path) -> None:
    """Text that is not CSV by its name would only be told of cells that make no sense."""
    suffix = Path(file.name.lower().removesuffix(".gz")).suffix
    if suffix in (*_OTHERS, *(known.ending for known in FORMATS)):
        raise DataError(
            f"{file}: its name ends in {suffix}, and it holds text; rename it to .csv if it is "
            f"CSV, else save it again as CSV, npz or Parquet"
        )
