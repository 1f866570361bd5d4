"""Parquet files, read by pyarrow: the optional extra ``hpsearch[parquet]``.

A column's type says what it is: numbers and booleans are numbers, strings and dictionaries of
strings are text. Nulls, and words that stand for a missing cell, are missing.
"""

from __future__ import annotations

import contextlib
import importlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.builders import MatrixBuilder, TextBuilder
from hpsearch.data.files import one_line, reading
from hpsearch.data.layout import Expected, Layout, find_layout
from hpsearch.data.missing import EmptyCells
from hpsearch.data.names import as_names, plain_name
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table, TextColumn
from hpsearch.data.wording import quoted
from hpsearch.errors import DataError

_BATCH_ROWS = 4096


def read_parquet(file: Path, spec: DataSpec, expected: Expected | None = None) -> Table:
    """Read a Parquet file; ``expected`` as in :func:`hpsearch.data.csv_file.read_csv`.

    Raises:
        DataError: pyarrow is not installed, the file is damaged, or a column is neither numbers
            nor text.
    """
    with _opened(file) as (source, types):
        return _read_columns(file, source, types, spec, expected)


def parquet_layout(file: Path, spec: DataSpec) -> Layout:
    """Which columns a file has.

    Raises:
        DataError: one that the spec names is not there, or as for :func:`read_parquet`.
    """
    with _opened(file) as (source, _):
        return _layout(file, source, spec, None)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[tuple[Any, Any]]:
    """The file, and pyarrow's questions about types."""
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as e:
        raise DataError(
            f"{file}: a Parquet file needs pyarrow: pip install 'hpsearch[parquet]', "
            f"or save the table as CSV"
        ) from e
    with reading(file):
        try:
            with parquet.ParquetFile(str(file)) as source:
                yield source, arrow.types
        except (arrow.ArrowException, OSError) as e:
            raise DataError(
                f"{file}: is damaged or no Parquet file ({one_line(e)}); write it again"
            ) from e


def _layout(file: Path, source: Any, spec: DataSpec, expected: Expected | None) -> Layout:
    # pandas keeps its row numbers under such a name: no name, as far as features go
    names = [
        "" if name.startswith("__index_level_") else name for name in source.schema_arrow.names
    ]
    return find_layout(file, names, True, spec, expected)


def _read_columns(
    file: Path, source: Any, types: Any, spec: DataSpec, expected: Expected | None
) -> Table:
    schema = source.schema_arrow
    layout = _layout(file, source, spec, expected)
    is_text = {
        position: _is_text(file, layout.names[position], schema.field(position).type, types)
        for position in (*layout.features, *([] if layout.label is None else [layout.label]))
    }
    numeric = [position for position in layout.features if not is_text[position]]
    empty = EmptyCells(spec.na_values)
    matrix = MatrixBuilder(len(numeric))
    words = {position: TextBuilder() for position in is_text if is_text[position]}
    empty_words = {layout.names[position]: Counter[str]() for position in words}
    labels: list[NDArray[np.float64]] = []
    for batch in source.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
        block = np.empty((batch.num_rows, len(numeric)))
        for column, position in enumerate(numeric):
            block[:, column] = _floats(batch.column(position))
        matrix.add(empty.clear(block))
        for position, builder in words.items():
            cells = batch.column(position).to_pylist()
            builder.add(_words(cells, empty))
            spelt = (cell.strip() for cell in cells if cell is not None and empty.is_word(cell))
            empty_words[layout.names[position]].update(filter(None, spelt))
        if layout.label is not None and layout.label not in words:
            labels.append(_floats(batch.column(layout.label)))
    if not matrix.rows:
        raise DataError(f"{file}: has columns and no rows")
    numbers = matrix.build()
    text = {layout.names[p]: words[p].build() for p in layout.features if p in words}
    number_columns = tuple(layout.names[position] for position in numeric)
    coded = [column for column, name in enumerate(number_columns) if name in layout.categorical]
    text |= {number_columns[column]: as_names(numbers[:, column]) for column in coded}
    if coded:
        kept = [column for column in range(len(number_columns)) if column not in coded]
        numbers = numbers[:, kept]
        number_columns = tuple(number_columns[column] for column in kept)
    return Table(
        file=file,
        columns=layout.feature_names,
        numbers=numbers,
        number_columns=number_columns,
        text=text,
        labels=_labels(layout, words, labels),
        named=True,
        notes=layout.notes,
        empty_words={name: dict(spelt) for name, spelt in empty_words.items() if spelt},
    )


def _labels(
    layout: Layout, words: dict[int, TextBuilder], numbers: list[NDArray[np.float64]]
) -> TextColumn | None:
    if layout.label is None:
        return None
    if layout.label in words:
        return words[layout.label].build()
    return as_names(np.concatenate(numbers))


def _is_text(file: Path, name: str, column: Any, types: Any) -> bool:
    """Whether a column of this Arrow type is text; if not, it is numbers."""
    value = column.value_type if types.is_dictionary(column) else column
    if types.is_string(value) or types.is_large_string(value):
        return True
    if (
        types.is_boolean(value)
        or types.is_integer(value)
        or types.is_floating(value)
        or types.is_decimal(value)
    ):
        return False
    raise DataError(
        f"{file}: column {quoted(name)} holds {column}, neither numbers nor text; leave it out "
        f"with data.ignore, or save it as a number"
    )


def _floats(column: Any) -> NDArray[np.float64]:
    if hasattr(column, "dictionary_decode"):
        column = column.dictionary_decode()
    floats: NDArray[np.float64] = column.cast("float64", safe=False).to_numpy(zero_copy_only=False)
    return floats


def _words(cells: Iterable[str | None], empty: EmptyCells) -> list[str | None]:
    return [
        None if cell is None or empty.is_word(cell) else plain_name(cell.strip()) for cell in cells
    ]
