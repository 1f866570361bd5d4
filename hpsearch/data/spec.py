"""What a config's ``data:`` block says, as a plain value that travels between processes."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.errors import DataError

Column = str | int
"""A column by its name, or by its position: from 0, or from the end with -1, -2 …"""


@dataclass(frozen=True)
class DataSpec:
    """Where the rows are, which column is the label, and how the rows are shared out.

    Only ``path`` is always needed; text tables (CSV, Parquet) need ``target`` as well.
    """

    path: str
    """An absolute path, or the name of a built-in set (``digits``)."""
    target: Column | None = None
    """The label's column; in an npz file its key. Formats that imply it need none."""
    dev: float | str = 0.2
    """The dev set: a fraction of all rows, in (0, 1), or the path of a file of its own."""
    test: float | str | None = None
    """The test set, likewise; none unless asked for."""
    ignore: tuple[Column, ...] = ()
    """Columns to leave out."""
    delimiter: str | None = None
    """The character between two cells of a CSV file; found from the file if not given."""
    header: bool | None = None
    """Whether a CSV file's first line names its columns; found from the file if not given."""
    missing: str = "refuse"
    """``refuse`` empty cells, or ``impute`` them: a number column's mean over the train set, a
    text column's most frequent value in it."""
    split: str = "stratified"
    """``stratified``: every class is shared out in the same proportion, at random; ``order``:
    the file's first rows train, the next are dev, the last test."""
    standardize: bool = True
    """Whether each number column is shifted and scaled to mean 0 and variance 1 on train."""


def check_spec(spec: DataSpec) -> None:
    """Refuse a spec that no file could satisfy.

    Raises:
        DataError: a fraction outside (0, 1), fractions that leave no train set, an unknown word.
    """
    for name in ("dev", "test"):
        part = getattr(spec, name)
        if isinstance(part, int | float) and not 0 < part < 1:
            raise DataError(
                f"data.{name}: {part} is not a fraction between 0 and 1; 0.2 takes a fifth of the "
                f"rows, and a path takes all rows of another file"
            )
    asked = sum(part for part in (spec.dev, spec.test) if isinstance(part, int | float))
    if asked >= 1:
        raise DataError(
            f"data.dev and data.test together ask for {asked:.0%} of the rows; "
            f"leave some for training"
        )
    for name, words in (("missing", ("refuse", "impute")), ("split", ("stratified", "order"))):
        word = getattr(spec, name)
        if word not in words:
            raise DataError(f"data.{name}: {word!r} is not known; it is {' or '.join(words)}")
    if spec.delimiter is not None and (len(spec.delimiter) != 1 or spec.delimiter in '"\r\n'):
        raise DataError(
            f"data.delimiter: {spec.delimiter!r} is not one character; "
            f'use one such as "," or ";" or "\\t"'
        )
