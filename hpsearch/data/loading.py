"""From a spec to a data set: read, split, learn the preprocessing from train, apply it to all.

Up to ``IN_MEMORY_BYTES`` of float32 the inputs are one array. Beyond it, rows that are mapped, or
narrower in the dtype of the file than float32, stay so and become float32 batch by batch: 60000 x
784 pixels are then one byte each. The numbers are the same, bit for bit.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.answers import find_answers
from hpsearch.data.dataset import Dataset, Examples, Facts
from hpsearch.data.digests import files_of
from hpsearch.data.files import locate
from hpsearch.data.folds import fold_rows
from hpsearch.data.formats import format_of
from hpsearch.data.labels import class_numbers
from hpsearch.data.layout import Expected
from hpsearch.data.numbers import TargetScale, fit_target, quantities
from hpsearch.data.preprocessing import Preprocessing, fit
from hpsearch.data.rows import RowsLike, StoredRows, is_mapped
from hpsearch.data.scan import refuse_missing, row_blocks, scan
from hpsearch.data.spec import DataSpec, check_spec
from hpsearch.data.split import split_rows
from hpsearch.data.suspects import suspicious_columns
from hpsearch.data.table import IntArray, NumberArray, Table
from hpsearch.data.task import Found, find_task
from hpsearch.errors import DataError
from hpsearch.text import plural

IN_MEMORY_BYTES = 128 * 2**20
"""The largest data set, in bytes of float32 over all parts, that is one array in memory even where
the rows would take less."""

PARTS = ("train", "dev", "test")
_FLOAT32_BYTES = 4

_log = logging.getLogger(__name__)


def load(spec: DataSpec, seed: int, fold: int = 0) -> Dataset:
    """Read the files of ``spec``, share out the rows and make them a network's inputs.

    The same spec, files, ``seed`` and ``fold`` give the same data set, bit for bit. ``fold``, from
    0, says which one is dev where the spec asks for folds.

    Raises:
        DataError: the spec or a file is wrong; one line says what, where, and what to do.
    """
    check_spec(spec)
    tables = _read_parts(spec)
    train = tables["train"]
    fractions = _fractions(tables, spec)
    shared_out = bool(fractions) or spec.folds is not None
    answers = find_answers(tables, spec, shared_out=shared_out)
    scans = {part: scan(table) for part, table in tables.items()}
    for part, table in tables.items():
        if spec.missing == "refuse":
            refuse_missing(table, scans[part].missing)
    rows = {part: np.arange(len(table)) for part, table in tables.items()}
    rows |= split_rows(
        train, answers.strata, answers.names, fractions=fractions, how=spec.split, seed=seed
    )
    if spec.folds is not None:
        dealt = fold_rows(
            train, rows["train"], answers.strata, folds=spec.folds, how=spec.split, seed=seed
        )
        rows["dev"] = dealt.pop(fold)
        rows["train"] = np.sort(np.concatenate(dealt))
    target = None
    if answers.are_numbers:
        target = fit_target(train, answers.by_part["train"][rows["train"]])
    preprocessing = fit(train, rows["train"], spec, answers.classes, target)
    matrices, unknown = {}, Counter[str]()
    for part, table in tables.items():
        preprocessing.check_reach(table, scans[part].largest)
        matrices[part], counts = preprocessing.matrix(table)
        unknown.update(counts)
    in_memory = _fits(sum(len(part) for part in rows.values()), preprocessing)
    examples = {}
    for part in PARTS:
        if part in rows:
            source = part if part in tables else "train"
            X = _inputs(matrices[source], rows[part], preprocessing, in_memory)
            y = answers.by_part[source][rows[part]]
            examples[part] = Examples(X, y if target is None else target.standardise(y))
    missing = Counter[str]()
    for found in scans.values():
        missing.update(found.missing)
    return Dataset(
        train=examples["train"],
        dev=examples["dev"],
        test=examples.get("test"),
        features=preprocessing.features,
        classes=answers.classes,
        preprocessing=preprocessing,
        facts=_facts(
            tables,
            examples,
            preprocessing,
            missing=missing,
            unknown=unknown,
            suspects=suspicious_columns(
                train,
                None if answers.are_numbers else answers.strata,
                told=spec.na_values is None,
            ),
        ),
    )


def look_at_target(spec: DataSpec) -> Found:
    """What the target of a spec's files looks like: classes, or numbers to predict.

    Raises:
        DataError: a file is not there, or wrong.
    """
    check_spec(spec)
    tables = _read_parts(spec)
    shared_out = bool(_fractions(tables, spec)) or spec.folds is not None
    return find_task(tables["train"], spec, shared_out=shared_out)


def _fractions(tables: Mapping[str, Table], spec: DataSpec) -> dict[str, float]:
    """The parts to be taken from the rows of train, and how large a part of them each is."""
    return {
        part: float(size)
        for part, size in (("dev", spec.dev), ("test", spec.test))
        if part not in tables and size is not None and not (part == "dev" and spec.folds)
    }


def has_test_split(spec: DataSpec) -> bool:
    """Whether there is a test set: the spec asks for one, or the file is divided so.

    Raises:
        DataError: the file is not there, or wrong.
    """
    if spec.test is not None:
        return True
    file = locate(spec.path)
    return "test" in format_of(file).parts(file, spec)


def load_rows(
    spec: DataSpec, preprocessing: Preprocessing, *, labels: bool = True
) -> tuple[RowsLike, NDArray[Any] | None]:
    """New rows as a trained network's inputs, (n, d), and their answers, (n,), if they are there.

    The answers are class numbers, or numbers to predict, as the network learns them: standardised.

    With ``labels=False`` labels are not looked at, so that they may be missing or unknown.

    ``spec`` is that of the training data with ``path`` replaced; ``preprocessing`` is what was
    learnt from it. Columns are found by name where both files have names, so that their order and
    further columns do not matter, else by position. Words that training did not know leave their
    features 0, with a logged warning.

    Raises:
        DataError: the file is wrong, lacks a column, or has a label that training did not know.
    """
    expected = Expected(preprocessing.columns, preprocessing.named)
    table = _one_part(locate(spec.path), spec, "test", preprocessing.categories, expected)
    found = scan(table)
    if preprocessing.fill is None:
        refuse_missing(table, found.missing)
    preprocessing.check_reach(table, found.largest)
    matrix, unknown = preprocessing.matrix(table)
    for name, count in unknown.items():
        _log.warning(
            "%s: column %r: %s not in the train set; the features of such a word are 0",
            table.file,
            name,
            plural(count, "cell holds a word that was", "cells hold words that were"),
        )
    rows = np.arange(len(table))
    X = _inputs(matrix, rows, preprocessing, _fits(len(rows), preprocessing))
    if not labels or table.labels is None or (table.labels.codes < 0).all():
        return X, None
    if preprocessing.target is not None:
        return X, preprocessing.target.standardise(quantities(table, spec.decimal))
    return X, class_numbers(table, preprocessing.classes)


def check_columns(spec: DataSpec) -> None:
    """Look for the files and columns that a spec names, and at no row.

    Raises:
        DataError: one is not there, or the file's beginning cannot be understood.
    """
    check_spec(spec)
    files_of(spec)
    file = locate(spec.path, "path")
    format_of(file).look(file, spec)


def _read_parts(spec: DataSpec) -> dict[str, Table]:
    """The tables that the spec names, by part; a part to be split off is not among them."""
    file = locate(spec.path, "path")
    tables = format_of(file).read(file, spec, None, ())
    if "train" not in tables:
        raise DataError(
            f"{file}: has no rows to train on under x_train and y_train, "
            f"only those of {' and '.join(tables)}"
        )
    for part, path in (("dev", spec.dev), ("test", spec.test)):
        if isinstance(path, str):
            tables[part] = _one_part(locate(path, part), spec, part, tables["train"].text)
    if spec.folds is not None and "dev" in tables:
        raise DataError(
            f"{file}: has a dev part of its own, which folds would take the place of; "
            f"leave out data.folds"
        )
    return tables


def _one_part(
    file: Path,
    spec: DataSpec,
    part: str,
    known_text: Collection[str],
    expected: Expected | None = None,
) -> Table:
    """A file's rows of one part, where it is divided into parts, else all."""
    tables = format_of(file).read(file, spec, expected, known_text)
    return tables[part] if part in tables else next(iter(tables.values()))


def _fits(rows: int, preprocessing: Preprocessing) -> bool:
    return _FLOAT32_BYTES * rows * len(preprocessing.mean) <= IN_MEMORY_BYTES


def _inputs(
    matrix: NumberArray, rows: IntArray, preprocessing: Preprocessing, in_memory: bool
) -> RowsLike:
    if not in_memory and (matrix.itemsize < _FLOAT32_BYTES or is_mapped(matrix)):
        return StoredRows(matrix, rows, preprocessing)
    X = np.empty((len(rows), matrix.shape[1]), np.float32)
    start = 0
    for block in row_blocks(matrix, rows):
        X[start : start + len(block)] = preprocessing.standardise(block)
        start += len(block)
    return X


def _facts(
    tables: Mapping[str, Table],
    examples: Mapping[str, Examples],
    preprocessing: Preprocessing,
    *,
    missing: Mapping[str, int],
    unknown: Mapping[str, int],
    suspects: tuple[str, ...],
) -> Facts:
    empty_words: dict[str, Counter[str]] = {}
    for table in tables.values():
        for name, words in table.empty_words.items():
            empty_words.setdefault(name, Counter()).update(words)
    classes = preprocessing.classes
    target = preprocessing.target
    counts = {
        part: np.bincount(e.y, minlength=len(classes))
        for part, e in examples.items()
        if target is None
    }
    constant = np.flatnonzero(np.isinf(preprocessing.scale))
    return Facts(
        files=tuple(dict.fromkeys(str(table.file) for table in tables.values())),
        rows={part: len(e) for part, e in examples.items()},
        columns=len(preprocessing.columns),
        features=len(preprocessing.mean),
        class_counts={
            name: {part: int(count[c]) for part, count in counts.items()}
            for c, name in enumerate(classes)
        },
        target={} if target is None else _target_facts(examples, target),
        one_hot={name: len(words) for name, words in preprocessing.categories.items()},
        constant=tuple(preprocessing.features[feature] for feature in constant),
        imputed=dict(missing),
        unknown=dict(unknown),
        empty_words={name: dict(words) for name, words in empty_words.items()},
        notes=tables["train"].notes,
        suspects=suspects,
        in_memory=isinstance(examples["train"].X, np.ndarray),
    )


def _target_facts(examples: Mapping[str, Examples], target: TargetScale) -> dict[str, float]:
    """What the preview says of numbers to predict."""
    values = target.in_units(np.concatenate([part.y for part in examples.values()]))
    return {
        "different": len(np.unique(values)),
        "low": float(values.min()),
        "high": float(values.max()),
        "mean": target.mean,
        "std": target.scale,
        "guess_rmse": target.scale * float(np.sqrt(np.square(examples["dev"].y).mean())),
    }
