"""Columns that are no measurements are named, and those that are one are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data_files import WriteFile, WriteNpz
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.csv_file import read_csv
from hpsearch.data.loading import load
from hpsearch.data.notation import surplus
from hpsearch.data.spec import DataSpec
from hpsearch.data.suspects import _tells
from hpsearch.errors import DataError

RNG = np.random.default_rng(5)
N = 80


def suspects(write: WriteFile, column: list[object], **settings: object) -> tuple[str, ...]:
    """What is said of a column beside noise; the rows are sorted by their class."""
    rows = [f"{value},{RNG.normal():.3f},{'ab'[2 * i // N]}" for i, value in enumerate(column)]
    path = write("a.csv", "\n".join(["col,noise,c", *rows]))
    return load(DataSpec(path, "c", **settings), 0).facts.suspects  # type: ignore[arg-type]


def test_a_column_that_counts_the_rows_is_named_with_what_to_write(write: WriteFile) -> None:
    [line] = suspects(write, list(range(1, N + 1)))
    assert line.startswith("column col counts the rows, and tells the label of each; ")
    assert line.endswith("leave it out with data: {ignore: [col]}")
    assert suspects(write, list(range(N)), ignore=("col",)) == ()


def test_whole_numbers_without_a_pair_are_named(write: WriteFile) -> None:
    [line] = suspects(write, list(10**6 + RNG.permutation(N)))
    assert line.startswith("column col has another whole number in every row; ")


@pytest.mark.parametrize(
    "column",
    [
        ["no", "yes"],  # the label by another name
        [0, 1],
        [3, 1],
        [0.5, 0.25],
    ],
)
def test_a_column_that_is_the_label_again_is_named(write: WriteFile, column: list[object]) -> None:
    [line] = suspects(write, [column[2 * i // N] for i in range(N)])
    assert line.startswith("column col alone tells the label of every row; ")


def test_several_values_for_each_class_and_empty_cells_tell_it_as_well(write: WriteFile) -> None:
    values = [f"{'pq'[i % 2]}{2 * i // N}" for i in range(N)]
    assert len(suspects(write, list(values))) == 1
    empty = ["" if 2 * i < N else i % 5 for i in range(N)]
    assert len(suspects(write, list(empty), missing="impute")) == 1


def test_measurements_are_not_named(write: WriteFile) -> None:
    assert suspects(write, [f"{RNG.normal() + 2 * (2 * i // N):.4f}" for i in range(N)]) == ()
    assert suspects(write, list(RNG.integers(0, 30, N))) == ()
    assert suspects(write, [f"w{k}" for k in RNG.integers(0, 10, N)]) == ()
    assert suspects(write, [7] * N) == ()


def test_a_few_rows_say_nothing(write: WriteFile, small_csv: str) -> None:
    assert load(DataSpec(write("a.csv", small_csv), "c"), 0).facts.suspects == ()


def test_columns_without_names_are_given_by_position(npz: WriteNpz) -> None:
    X = np.column_stack([RNG.normal(size=N), np.arange(N)])
    spec = DataSpec(npz("a.npz", X=X, y=np.arange(N) % 2))
    [line] = load(spec, 0).facts.suspects
    assert line.startswith("column x1 counts the rows; ")
    assert "data: {ignore: [1]}" in line


def test_a_name_that_yaml_would_misread_is_quoted(write: WriteFile) -> None:
    path = write(
        "a.csv", "row no,b,c\n" + "".join(f"{i},{i % 7},{'xy'[i % 2]}\n" for i in range(N))
    )
    [line] = load(DataSpec(path, "c"), 0).facts.suspects
    assert line.endswith('data: {ignore: ["row no"]}')


def test_numbers_with_a_unit_are_named(write: WriteFile) -> None:
    [line] = suspects(write, [f"{i % 12} kg" for i in range(N)])
    assert "is 12 words such as '0 kg'; delete 'kg' in the file" in line
    [line] = suspects(write, [f"${i % 12}.50" for i in range(N)])
    assert "delete '$' in the file" in line
    [line] = suspects(write, [f'"1 20{i % 10},5 €"' for i in range(N)])
    assert "delete ' ' and '€' in the file" in line


def test_too_many_numbers_with_a_sign_are_refused_with_what_to_delete(write: WriteFile) -> None:
    with pytest.raises(DataError, match=r"data.ignore, or delete '\$' in the file"):
        suspects(write, [f"${i}.50" for i in range(N)])
    with pytest.raises(DataError, match=r"data.ignore, or group its values"):
        suspects(write, [f"({i})" for i in range(N)])


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        (["5 kg", "12 kg"], [" kg"]),
        (["$5", "$1,234.50"], ["$"]),
        (["1'234.5", "12"], ["'"]),
        (["1\u00a0234,5 €", "2,5 €"], ["\u00a0", " €"]),
        (["5 kg", "5 lb"], []),  # not of one kind
        (["10A", "10B"], []),
        (["5 kg", "12"], []),
        (["(5)", "(6)"], []),  # less than zero, as accountants write it
        (["0:05", "1:10"], []),
        (["2024-01-02", "2024/01/02"], []),
        (["ID5", "ID6"], []),
        (["5", "6"], []),
    ],
)
def test_what_has_to_go_for_words_to_be_numbers(words: list[str], signs: list[str]) -> None:
    assert surplus(words) == signs


def test_words_taken_for_empty_cells_are_named(write: WriteFile) -> None:
    column: list[object] = [("NA", "DE", "ZA")[i % 3] for i in range(N)]
    [line] = suspects(write, column, missing="impute")
    assert line.startswith("column col: cells that say NA count as empty; ")
    assert suspects(write, column, missing="impute", na_values=("NA",)) == ()


def test_numbers_with_zeros_before_them_are_named_and_read_as_before(write: WriteFile) -> None:
    rows = "code,zip,x,c\n7,01234,1e-05,a\n007,94110,0.05,b\n8,10000,-0,a\n9,20000,0,b\n"
    spec = DataSpec(write("a.csv", rows), "c", dev=0.5)
    [line] = load(spec, 0).facts.suspects
    assert line == (
        "columns code, zip are read as numbers, and '007' has zeros before its number; "
        "if these are codes, write data: {categorical: [code, zip]}"
    )
    assert read_csv(Path(spec.path), spec).numbers.tolist() == [
        [7, 1234, 1e-05],
        [7, 94110, 0.05],
        [8, 10000, 0],
        [9, 20000, 0],
    ]


def test_codes_that_are_categorical_or_no_numbers_are_not_named(write: WriteFile) -> None:
    rows = "code,word,c\n007,01,a\n7,x,b\n007,y,a\n7,01z,b\n"
    read = load(DataSpec(write("a.csv", rows), "c", categorical=("code",)), 0)
    assert read.facts.suspects == ()
    assert read.facts.one_hot["code"] == 2  # 007 and 7


@pytest.mark.parametrize(
    "rows",
    [
        "7,1,a\n 007,2,b\n8,3,a\n9,4,b\n",
        '7,1,a\n"007",2,b\n8,3,a\n9,4,b\n',
        "007;1,5;a\n7;2;b\n8;3;a\n9;4;b\n",
        "007,1,a\n" + 500 * "7,2,b\n8,3,a\n7,2,a\n8,3,b\n",  # in the first of several blocks
        500 * "7,2,b\n8,3,a\n7,2,a\n8,3,b\n" + "007,1,a\n",
    ],
)
def test_zeros_are_seen_wherever_they_stand(write: WriteFile, rows: str) -> None:
    [line] = load(DataSpec(write("a.csv", rows), -1, header=False), 0).facts.suspects
    assert line.startswith("column x0 is read as numbers, and '007' has zeros before its number; ")
    assert line.endswith("write data: {categorical: [0]}")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=2, max_size=40))
def test_what_tells_a_class_is_what_a_dictionary_says(rows: list[tuple[int, int]]) -> None:
    values, y = (np.array(part) for part in zip(*rows, strict=True))
    classes: dict[int, set[int]] = {}
    for value, label in rows:
        classes.setdefault(value, set()).add(label)
    pure = all(len(labels) == 1 for labels in classes.values())
    [tells] = _tells(values[:, None], y, ordered=False)
    assert tells == (pure and 4 * len(classes) <= len(rows))
