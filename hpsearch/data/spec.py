"""What a config's ``data:`` block says, as a plain value that travels between processes.

The one declaration of the block: its keys, what each may hold, and what an editor says of it.
``config`` reads it from YAML and writes the JSON Schema from the same fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hpsearch.errors import DataError

Column = str | int
"""A column by its name, or by its position: from 0, or from the end with -1, -2 …"""

BUILTIN = {"digits": Path(__file__).with_name("digits.npz")}
"""The data sets that come with the package."""


_FRACTION = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
"""JSON Schema for editors; :func:`problems_of` has a better message."""


def _about(
    doc: str, example: Any = None, for_editors: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What editors show of a key, and the example that messages give."""
    return {"doc": doc, "example": example, "for_editors": for_editors or {}}


@dataclass(frozen=True)
class DataSpec:
    """Where the network's examples come from, and how they are split.

    Only ``path`` is always needed; text tables (CSV, Parquet) need ``target`` as well. Files are
    absolute paths.
    """

    path: str = field(
        metadata=_about(
            "A built-in data set, or a file; relative to the config's folder.", "letters.csv"
        )
    )
    target: Column | None = field(
        default=None,
        metadata=_about(
            "The column to predict: its name, or its position from 0 (-1: the last); "
            "of an npz file the key of the labels.",
            "Letter",
        ),
    )
    task: Literal["classification", "regression"] | None = field(
        default=None,
        metadata=_about(
            "Whether the target is one of some classes, or a number to predict (regression); "
            "default: found out from the metric and the target."
        ),
    )
    dev: float | str = field(
        default=0.2,
        metadata=_about("The development set: a fraction of the rows, or a file.", 0.2, _FRACTION),
    )
    test: float | str | None = field(
        default=None,
        metadata=_about(
            "The test set, never used by the search: a fraction of the rows, or a file.",
            0.2,
            _FRACTION,
        ),
    )
    folds: int | None = field(
        default=None,
        metadata=_about(
            "Cross-validate: each trial trains so many times, and each fold of the rows that are "
            "not test is its dev set once; dev is not looked at then.",
            5,
            {"minimum": 2},
        ),
    )
    ignore: tuple[Column, ...] = field(
        default=(), metadata=_about("Columns to leave out, by name or position.", ["id"])
    )
    delimiter: str | None = field(
        default=None, metadata=_about("What separates columns; default: found out.", ";")
    )
    header: bool | None = field(
        default=None,
        metadata=_about("Whether the first row holds names; default: found out.", True),
    )
    decimal: Literal[".", ","] | None = field(
        default=None,
        metadata=_about("The decimal mark in a CSV file; default: found out, column by column."),
    )
    categorical: tuple[Column, ...] = field(
        default=(),
        metadata=_about(
            "Columns of numbers that are codes: each value becomes an input of its own.", ["zone"]
        ),
    )
    na_values: tuple[str | int | float, ...] | None = field(
        default=None,
        metadata=_about(
            "The words, or numbers such as -999, that stand for an empty cell; default: NA, NaN, "
            "null, n/a and ?. [] makes NA a word like others.",
            ["unknown", -999],
        ),
    )
    missing: Literal["refuse", "impute"] = field(
        default="refuse",
        metadata=_about(
            "Empty cells: refuse them, or put the train set's mean there, in columns of words its "
            "commonest word."
        ),
    )
    split: Literal["stratified", "order"] = field(
        default="stratified",
        metadata=_about(
            "Draw rows so that each class, or each tenth of the numbers to predict, keeps its "
            "share, or cut the file in its order."
        ),
    )
    standardize: bool = field(
        default=True,
        metadata=_about("Shift and scale each input to mean 0, variance 1, fitted on train alone."),
    )


def problems_of(spec: DataSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    """What no file could satisfy: the keys, one of which is to blame, and what is wrong."""
    asked = []
    for key in ("path", "dev", "test"):
        share = getattr(spec, key)
        if share == "":
            forms = "a file" if key == "path" else "a fraction such as 0.2, or a file"
            yield (key,), f"is empty; write {forms}"
        if isinstance(share, str | None):
            continue
        if not 0 < share < 1:
            meant = share / 100 if 5 <= share < 100 else 0.2
            text = f"must be a fraction between 0 and 1, or a file, not {share:g}; write {meant:g}"
            yield (key,), text
        else:
            asked.append(share)
    if sum(asked) >= 1 and spec.folds is None:
        text = f"dev and test take {sum(asked):.0%} of the rows; leave some to train on"
        yield ("test", "dev"), text
    if spec.folds is not None:
        yield from _problems_of_folds(spec, spec.folds)
    for key, words in (("missing", ("refuse", "impute")), ("split", ("stratified", "order"))):
        word = getattr(spec, key)
        if word not in words:
            yield (key,), f"must be {' or '.join(words)}, not {word!r}"
    if spec.delimiter is not None and (len(spec.delimiter) != 1 or spec.delimiter in '"\r\n'):
        yield ("delimiter",), 'must be one character, such as "," or ";" or "\\t" in quotes'


def _problems_of_folds(spec: DataSpec, folds: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if folds < 2:
        text = f"must be a whole number of at least 2, not {folds}; for example folds: 5"
        yield ("folds",), text
    if isinstance(spec.dev, str):
        yield ("folds", "dev"), "folds take the place of a dev file; delete one of the two"


def check_spec(spec: DataSpec) -> None:
    """Refuse a spec that no file could satisfy.

    Raises:
        DataError: names the first key that is wrong.
    """
    for keys, text in problems_of(spec):
        raise DataError(f"data.{keys[0]}: {text}")
