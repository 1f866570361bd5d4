"""Which column of a text table is the label, which are features, and which are left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.data.names import find_column
from hpsearch.data.spec import Column, DataSpec
from hpsearch.data.wording import did_you_mean, listed, nearest_first, quoted
from hpsearch.errors import DataError


@dataclass(frozen=True)
class Expected:
    """The feature columns that new rows must have. Without ``named`` only their number counts."""

    columns: tuple[str, ...]
    named: bool

    def sample_name(self, target: Column | None) -> Column | None:
        """A column's name that a header would have to hold."""
        return self.columns[0] if self.named else target


@dataclass(frozen=True)
class Layout:
    """Which column is what: ``features`` and ``label`` are positions in a record.

    ``categorical`` are the names of the features that are codes, whatever they look like.
    """

    names: tuple[str, ...]
    features: tuple[int, ...]
    label: int | None
    named: bool
    notes: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, in the file's order."""
        return tuple(self.names[position] for position in self.features)


def find_layout(
    file: Path,
    first: Sequence[str],
    header: bool,
    spec: DataSpec,
    expected: Expected | None = None,
) -> Layout:
    """Lay out a table whose first record is ``first``, names if ``header`` and values if not.

    A column with an empty name in a header is left out: programs that write row numbers leave
    their name empty, and a row's number must not become a feature.

    Raises:
        DataError: the target or an ignored column is not there, or no feature is left.
    """
    names = tuple(first) if header else tuple(f"x{position}" for position in range(len(first)))
    if expected is not None:
        return _layout_of_new_rows(file, names, header, spec, expected)
    if len(names) == 1:
        raise DataError.about(
            "path",
            file,
            f"has one column only, {quoted(first[0])}; if there are more in it, set "
            f"data.delimiter to the character between them",
        )
    label = _find_target(file, first, names, header, spec)
    ignored = {find_column(column, names, file, "ignore") for column in spec.ignore}
    unnamed = {position for position, name in enumerate(names) if not name}
    features = [p for p in range(len(names)) if p != label and p not in ignored | unnamed]
    if not features:
        text = f"leaves no feature column beside the label (columns: {listed(names)})"
        raise DataError.about("ignore", file, text)
    notes = [f"ignored {names[position]}" for position in sorted(ignored)]
    notes += [f"left out column {position}: it has no name" for position in sorted(unnamed)]
    unique = _unique(names)
    notes += [
        f"another column {name} is called {new}"
        for position, (name, new) in enumerate(zip(names, unique, strict=True))
        if position in features and name != new
    ]
    coded = categorical_columns(spec, names, file, features)
    categorical = tuple(unique[position] for position in coded)
    return Layout(unique, tuple(features), label, header, tuple(notes), categorical)


def categorical_columns(
    spec: DataSpec, names: Sequence[str], file: Path, features: Collection[int]
) -> list[int]:
    """The positions of the features that the config calls categorical, in the file's order.

    Raises:
        DataError: one is not there, is the label, or is left out.
    """
    coded = {find_column(column, names, file, "categorical") for column in spec.categorical}
    others = sorted(coded.difference(features))
    if others:
        text = f"column {quoted(names[others[0]])} is the label or left out; name features only"
        raise DataError.about("categorical", file, text)
    return sorted(coded)


def _find_target(
    file: Path, first: Sequence[str], names: Sequence[str], header: bool, spec: DataSpec
) -> int:
    if spec.target is None:
        hint = f"the columns are {listed(names)}" if header else "the label is often 0 or -1"
        raise DataError.about("target", file, f"is needed: the label's column; {hint}")
    if isinstance(spec.target, str) and spec.header is False:
        raise DataError.about(
            "target",
            file,
            f"there is no column {quoted(spec.target)}: with data.header: "
            f"false columns have no names; give the target by position, from 0, or delete "
            f"data.header if the first line, {listed(first)}, holds names",
        )
    if isinstance(spec.target, str) and not header:
        near = did_you_mean(spec.target, first)
        raise DataError.about(
            "target",
            f"{file}:1",
            f"there is no column {quoted(spec.target)}{near}; the first "
            f"line, {listed(first)}, does not look like names: set data.header: true if it is, or "
            f"give the target by position, from 0",
        )
    return find_column(spec.target, names, file, "target")


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names with a number added to those already taken."""
    unique: dict[str, None] = {}  # a set that keeps its order
    for name in names:
        candidate, count = name, 1
        while candidate in unique:
            count += 1
            candidate = f"{name}.{count}"
        unique[candidate] = None
    return tuple(unique)


def _layout_of_new_rows(
    file: Path, names: Sequence[str], header: bool, spec: DataSpec, expected: Expected
) -> Layout:
    """The features of a trained network, and the label if the file has it."""
    if not (expected.named and header):
        return _layout_by_position(file, names, spec, expected)
    unique = _unique(names)
    missing = [name for name in expected.columns if name not in unique]
    if missing:
        raise DataError(
            f"{file}: has no column {quoted(missing[0])}{did_you_mean(missing[0], unique)}"
            f"{f' ({len(missing)} columns are not there)' if len(missing) > 1 else ''}; the file's "
            f"columns are {listed(nearest_first(missing[0], unique))}"
        )
    features = tuple(unique.index(name) for name in expected.columns)
    label = None
    if isinstance(spec.target, str) and spec.target in unique:
        label = unique.index(spec.target)
    elif isinstance(spec.target, int) and -len(unique) <= spec.target < len(unique):
        position = spec.target % len(unique)
        label = None if position in features else position
    return Layout(unique, features, label, header)


def _layout_by_position(
    file: Path, names: Sequence[str], spec: DataSpec, expected: Expected
) -> Layout:
    """Features in the order of training; they take its names."""
    width, wanted = len(names), len(expected.columns)
    label, features = None, list(range(width))
    if width == wanted + 1 + len(spec.ignore) and isinstance(spec.target, int):
        label = find_column(spec.target, names, file, "target")
        ignored = {find_column(column, names, file, "ignore") for column in spec.ignore}
        features = [p for p in range(width) if p != label and p not in ignored]
    if len(features) != wanted:
        raise DataError(
            f"{file}: has {width} columns; the network was trained on {wanted} features, "
            f"so {wanted} columns are needed, or {wanted + 1} with the label where it was"
        )
    renamed = list(names)
    for position, name in zip(features, expected.columns, strict=True):
        renamed[position] = name
    return Layout(tuple(renamed), tuple(features), label, expected.named)
