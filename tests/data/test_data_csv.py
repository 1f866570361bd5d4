"""CSV files: what is found without being told, and that every cell arrives."""

from __future__ import annotations

import csv
import gzip
import io
import string
import tempfile
from pathlib import Path

import numpy as np
import pytest
from data_files import WriteFile
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.data.csv_dialect import find_delimiter, find_header, sample
from hpsearch.data.csv_file import read_csv
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table
from hpsearch.errors import DataError


def table_of(path: str, target: str | int | None = "c", **settings: object) -> Table:
    return read_csv(Path(path), DataSpec(path, target, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", "  "])
def test_the_delimiter_is_found(write: WriteFile, small_csv: str, delimiter: str) -> None:
    table = table_of(write("a.csv", small_csv.replace(",", delimiter)))
    assert table.columns == ("a", "b")
    assert table.numbers[29].tolist() == [29 % 7, 14.5]
    assert not table.notes


def test_a_quote_may_follow_a_space(write: WriteFile) -> None:
    table = table_of(write("a.csv", 'a, c\n1, "p,q"\n2, r\n'))
    assert table.labels is not None
    assert table.labels.names == ("p,q", "r")


def test_spaces_within_cells_do_not_divide_them() -> None:
    assert find_delimiter(["a b c,d e f\n", "g h i,j k l\n"]) == ","


def test_a_delimiter_within_quotes_does_not_count() -> None:
    assert find_delimiter(['"a;b;c",1\n', '"d;e;f",2\n']) == ","


def test_decimal_commas_do_not_hide_a_semicolon() -> None:
    assert find_delimiter(["a;b\n", "0,5;1,5\n", "2,5;3,5\n"]) == ";"


def test_a_given_delimiter_is_used(write: WriteFile) -> None:
    table = table_of(write("a.csv", "a:b:c\n1:2,5:x\n"), delimiter=":", ignore=("b",))
    assert table.columns == ("a",)


def test_a_sample_holds_whole_lines_only() -> None:
    line = "1,2,3\n"
    lines = sample(io.StringIO(line * 20000))
    assert set(lines) == {line}
    assert len(lines) < 20000


@pytest.mark.parametrize(
    ("first", "rest", "target", "expected"),
    [
        ("Letter,1,2", ["T,2,8", "I,5,12"], "Letter", True),  # the target is there
        ("a,b,c", ["1,2,x", "3,4,y"], -1, True),  # words over numbers
        ("1,2,x", ["3,4,y", "5,6,z"], -1, False),
        ("?,2,x", ["3,4,y", "5,6,z"], -1, False),  # a missing cell is no name
        ("p,q,x", ["r,s,y", "t,u,z"], -1, False),  # words over words: a row like the others
        ("0,1,2,3,4,5", ["9,8,7,6,5,4"], -1, True),  # counted columns
        ("0,1,2,3,4,5.5", ["9,8,7,6,5,4"], -1, False),
    ],
)
def test_the_header_is_found(
    first: str, rest: list[str], target: str | int, expected: bool
) -> None:
    found = find_header(first.split(","), [line.split(",") for line in rest], target)
    assert found is expected


def test_a_byte_order_mark_crlf_and_blank_lines_do_not_matter(
    write: WriteFile, small_csv: str
) -> None:
    plain = table_of(write("a.csv", small_csv))
    text = "\ufeff" + small_csv.replace("\n", "\r\n\r\n")
    other = table_of(write("b.csv", text))
    assert other.columns == plain.columns
    assert np.array_equal(other.numbers, plain.numbers)
    assert other.lines is not None
    assert other.lines[:2].tolist() == [3, 5]


def test_a_gzip_file_is_read_whatever_its_name(write: WriteFile, small_csv: str) -> None:
    assert len(table_of(write("a.csv", gzip.compress(small_csv.encode())))) == 30


def test_quoted_cells_may_hold_delimiters_quotes_and_newlines(write: WriteFile) -> None:
    table = table_of(write("a.csv", 'a,c\n1,"p, ""q""\nr"\n2,s\n'))
    assert table.labels is not None
    assert table.labels.names == ('p, "q"\nr', "s")
    assert table.lines is not None
    assert table.lines.tolist() == [2, 4]  # the first record begins on line 2 and fills two lines


def test_labels_keep_their_spelling_but_for_a_whole_number(write: WriteFile) -> None:
    table = table_of(write("a.csv", "a,c\n1,007\n2,3.0\n3, yes \n4,2.5\n"))
    assert table.labels is not None
    assert table.labels.names == ("007", "3", "yes", "2.5")


def test_missing_cells_are_nan_or_minus_one(write: WriteFile) -> None:
    rows = "1,p,x\n,,x\nNA,?,y\n-,none,y\nnull,N/A,\n"
    table = table_of(write("a.csv", "n,w,c\n" + rows))
    assert np.array_equal(table.numbers[:, 0], [1, *[np.nan] * 4], equal_nan=True)
    assert table.text["w"].codes.tolist() == [0, -1, -1, 1, -1]
    assert table.text["w"].names == ("p", "none")  # a word where words are
    assert table.labels is not None
    assert table.labels.codes.tolist() == [0, 0, 1, 1, -1]


def test_a_column_that_turns_to_words_after_many_rows_is_text(write: WriteFile) -> None:
    # 600 numbers fill the first block; 700 words make the column text. 3 and 3.0 are one word.
    cells = ["3", "3.0", "4"] * 200 + ["v"] * 700
    table = table_of(write("a.csv", "a,c\n" + "".join(f"{cell},x\n" for cell in cells)))
    assert table.number_columns == ()
    column = table.text["a"]
    assert column.names == ("3", "4", "v")
    assert column.codes[[0, 1, 2, 599, 600]].tolist() == [0, 0, 1, 1, 2]


def test_half_numbers_and_half_words_are_text(write: WriteFile) -> None:
    assert table_of(write("a.csv", "a,c\n1,x\n2,x\np,x\nq,x\n")).text["a"].names[:2] == ("1", "2")


def test_a_word_among_numbers_is_refused_with_its_line(write: WriteFile) -> None:
    with pytest.raises(DataError, match=r"a\.csv:4: column 'a': 'p' is not a number, and 2 of"):
        table_of(write("a.csv", "a,c\n1,x\n2,x\np,x\n"))


def test_columns_without_a_name_are_left_out(write: WriteFile) -> None:
    table = table_of(write("a.csv", ",a,c,\n0,5,x,\n1,6,y,\n"))
    assert table.columns == ("a",)
    assert len(table.notes) == 2


def test_a_second_column_of_a_name_gets_a_number(write: WriteFile) -> None:
    assert table_of(write("a.csv", "a,a,c\n1,2,x\n")).columns == ("a", "a.2")


@pytest.mark.parametrize("target", [0, -3])
def test_columns_are_found_by_position_from_either_end(write: WriteFile, target: int) -> None:
    table = table_of(write("a.csv", "x,1,2\ny,3,4\n"), target, ignore=(-1,), header=False)
    assert table.numbers.tolist() == [[1], [3]]
    assert table.columns == ("x1",)
    assert not table.named


cells = st.one_of(
    st.integers(-(2**60), 2**60).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=64).map(repr),
)


@settings(max_examples=50)
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=2, max_size=20),
    words=st.lists(
        st.text(string.ascii_letters + ' ,;"\n', min_size=3).map(lambda w: f"<{w}>"), min_size=20
    ),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_csv_module_writes_is_read_back(
    rows: list[tuple[str, str]], words: list[str], delimiter: str, quoting: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
            writer.writerow(["first", "label", "second"])
            writer.writerows([a, word, b] for (a, b), word in zip(rows, words, strict=False))
        table = read_csv(path, DataSpec(str(path), "label", delimiter=delimiter))
    assert table.numbers.astype(np.float64).tolist() == [[float(a), float(b)] for a, b in rows]
    assert table.labels is not None
    found = [table.labels.names[code] for code in table.labels.codes]
    assert found == words[: len(rows)]


def test_a_name_that_is_there_twice_is_told(write: WriteFile) -> None:
    table = table_of(write("a.csv", "a,a,c,b,a\n1,2,x,3,4\n5,6,y,7,8\n"))
    assert table.columns == ("a", "a.2", "b", "a.3")
    assert table.notes == ("another column a is called a.2", "another column a is called a.3")
