"""Large CSV files of plain numbers, read by pyarrow where it is installed.

What a file means is decided in :mod:`hpsearch.data.csv_file`, for all files alike; this module
takes those in which nothing is left to decide: every feature cell is a number with a decimal point
or empty, none has zeros before its number, no cell is quoted, every line is a row. There pyarrow's
numbers are Python's, to the last bit. At the first sign of anything else it gives up, and the file
is read cell by cell, which also finds the words for what is wrong with it.
"""

from __future__ import annotations

import codecs
import importlib
import io
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.builders import MatrixBuilder
from hpsearch.data.files import open_bytes
from hpsearch.data.missing import AMONG_NUMBERS
from hpsearch.data.notation import may_hold_padded
from hpsearch.data.table import IntArray, NumberArray

SMALLEST_BYTES = 4 * 2**20
"""Of a smaller file it takes longer to import pyarrow than to read the rows without it."""


@dataclass(frozen=True)
class PlainRows:
    """The numbers of the features, (n, d), in blocks as they were added, and the labels' words.

    ``label_codes``, (n,), point into ``label_words``, which are in order of appearance, as they
    stand in the file.
    """

    numbers: NumberArray
    label_codes: IntArray | None
    label_words: tuple[str, ...]


def read_plain(
    file: Path,
    *,
    delimiter: str,
    skip: int,
    width: int,
    features: Sequence[int],
    label: int | None,
    block_rows: int,
) -> PlainRows | None:
    """The columns at the positions ``features`` and ``label``; ``None`` if they are not so plain.

    ``skip`` lines stand before the first row, and each row has ``width`` cells. ``block_rows`` are
    added to the numbers at a time.
    """
    plain_delimiter = delimiter.isascii() and delimiter not in " \"#'-+.0123456789eE"
    if width < 2 or not plain_delimiter or file.stat().st_size < SMALLEST_BYTES:
        return None
    if find_spec("pyarrow") is None:
        return None
    arrow = importlib.import_module("pyarrow")
    csv = importlib.import_module("pyarrow.csv")
    names = [str(position) for position in range(width)]
    wanted = [names[position] for position in features]
    types = dict.fromkeys(wanted, arrow.float64())
    if label is not None:
        types[names[label]] = arrow.string()
    try:
        with open_bytes(file) as stream:
            body = _Body(stream, skip, delimiter)
            batches = csv.open_csv(
                arrow.PythonFile(body, mode="r"),
                csv.ReadOptions(use_threads=False, column_names=names),
                csv.ParseOptions(delimiter=delimiter, quote_char=False),
                csv.ConvertOptions(
                    column_types=types, include_columns=[*types], null_values=_empty_cells()
                ),
            )
            rows = _Rows(wanted, block_rows)
            for batch in batches:
                rows.add(batch, None if label is None else names[label])
        found = rows.build()
        return found if len(found.numbers) == body.lines() else None
    except MemoryError:
        raise
    except Exception:  # whatever it is, reading cell by cell will tell it in the right words
        return None


def _empty_cells() -> list[str]:
    """The words for nothing among numbers in every spelling; the empty cell is one of them."""
    return [
        "".join(letters)
        for word in AMONG_NUMBERS
        for letters in itertools.product(*({c.lower(), c.upper()} for c in word))
    ]


class _NotPlain(ValueError):
    """There is something in the file that has to be looked at cell by cell."""


class _Rows:
    """Collects pyarrow's batches."""

    def __init__(self, features: Collection[str], block_rows: int) -> None:
        self._features = list(features)
        self._block_rows = block_rows
        self._matrix = MatrixBuilder(len(self._features))
        self._rest: NDArray[np.float64] = np.empty((0, len(self._features)))
        self._codes: list[NDArray[np.intp]] = []
        self._words: dict[str, int] = {}

    def add(self, batch: Any, label: str | None) -> None:
        block = np.empty((batch.num_rows, len(self._features)))
        for position, name in enumerate(self._features):
            column = batch.column(name)
            numbers = column.to_numpy(zero_copy_only=False)
            if np.count_nonzero(np.isfinite(numbers)) != len(column) - column.null_count:
                raise _NotPlain(name)  # infinite, or a NaN in another spelling
            block[:, position] = numbers
        block = np.concatenate([self._rest, block])
        whole = len(block) - len(block) % self._block_rows
        for start in range(0, whole, self._block_rows):
            self._matrix.add(block[start : start + self._block_rows])
        self._rest = block[whole:]
        if label is not None:
            encoded = batch.column(label).dictionary_encode()
            known = [self._code(word) for word in encoded.dictionary.to_pylist()]
            self._codes.append(np.array(known, np.intp)[encoded.indices.to_numpy()])

    def _code(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))

    def build(self) -> PlainRows:
        if len(self._rest):
            self._matrix.add(self._rest)
        codes = np.concatenate(self._codes) if self._codes else None
        return PlainRows(self._matrix.build(), codes, tuple(self._words))


class _Body(io.RawIOBase):
    """A file's bytes after some lines, seen to be plain as they are read.

    Reading raises ``_NotPlain`` at a quote, a lone carriage return, a zero byte, zeros before a
    number, or what is not UTF-8.
    """

    def __init__(self, stream: BinaryIO, skip: int, delimiter: str) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._last = b"\n"  # a padded cell may lie across two chunks
        self._newlines = self._trailing = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        for _ in range(skip):
            if b"\r" in stream.readline().removesuffix(b"\n").removesuffix(b"\r"):
                raise _NotPlain("a line's end")
        self._first = skip == 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        if chunk.endswith(b"\r"):
            chunk += self._stream.read(1)
        if self._first and chunk.startswith(codecs.BOM_UTF8):
            raise _NotPlain("a byte order mark")
        self._first = False
        if b'"' in chunk or b"\0" in chunk or chunk.count(b"\r") != chunk.count(b"\r\n"):
            raise _NotPlain("a quote or a line's end")
        if may_hold_padded(self._last + chunk, self._delimiter):
            raise _NotPlain("zeros before a number")
        self._last = (self._last + chunk)[-2:]
        if not chunk.isascii() or self._decoder.getstate()[0]:
            self._decoder.decode(chunk, final=not chunk)
        content = chunk.rstrip(b"\r\n")
        after = chunk[len(content) :].count(b"\n")
        self._newlines += chunk.count(b"\n")
        self._trailing = after if content else self._trailing + after
        return chunk

    def lines(self) -> int:
        """How many lines there are, blank ones at the end not counted."""
        return self._newlines - self._trailing + 1
