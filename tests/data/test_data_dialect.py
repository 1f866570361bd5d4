"""What stands around a CSV file's table, and what divides its cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_files import WriteFile

from hpsearch.data.csv_dialect import find_delimiter, find_opening
from hpsearch.data.csv_file import read_csv
from hpsearch.data.spec import DataSpec


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_without_a_header(write: WriteFile, delimiter: str) -> None:
    rows = ["5,9;2,3;1,4;1", "4,1;3,3;1,5;0", "5,0;2,0;0,1;1"]
    path = write("a.csv", "\n".join(rows).replace(";", delimiter))
    table = read_csv(Path(path), DataSpec(path, -1))
    assert table.numbers.tolist() == [[5.9, 2.3, 1.4], [4.1, 3.3, 1.5], [5.0, 2.0, 0.1]]
    assert table.labels is not None
    assert table.labels.names == ("1", "0")


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["1,5 2,5 a\n", "2,5 3,5 b\n"], " "),
        (["1,5;a\n", "2,5;b\n"], ";"),
        (["a,b;c\n", "d,e;f\n"], ","),
        (["2020-01-01 10:00,5.0\n", "2020-01-02 10:00,6.0\n"], ","),
        (["New York,5\n", "San Jose,6\n"], ","),
        (["a b,1;2\n", "c d,3;4\n"], ","),
        (['"1,5","2,5"\n', '"3,5","4,5"\n'], ","),
    ],
)
def test_the_delimiter_cuts_no_number(lines: list[str], delimiter: str) -> None:
    assert find_delimiter(lines) == delimiter


def test_the_delimiter_is_found_from_more_than_the_first_rows() -> None:
    # Fifty rows of whole numbers divide evenly at both; only later ones tell.
    assert find_delimiter(["1,2;3\n"] * 50 + ["1;2,5\n"] * 1 + ["4;3\n"] * 200) == ";"


def test_comment_before_the_header(write: WriteFile) -> None:
    text = "# exported by a logger\n# unit: mm, s\n\na,b,y\n1,2,u\n# pause\n3,4,v\n"
    path = write("a.csv", text)
    table = read_csv(Path(path), DataSpec(path, "y"))
    assert table.columns == ("a", "b")
    assert table.numbers.tolist() == [[1, 2], [3, 4]]
    assert table.lines is not None
    assert table.lines.tolist() == [5, 7]
    assert table.notes == ("left out 4 lines beside the table",)


@pytest.mark.parametrize("target", ["y", -1])
@pytest.mark.parametrize("first", ["# a,b,y", "#a,b,y", "# by np.savetxt\n# a, b, y"])
def test_a_header_that_is_a_comment(write: WriteFile, first: str, target: str | int) -> None:
    path = write("a.csv", f"{first}\n1,2,u\n3,4,v\n")
    table = read_csv(Path(path), DataSpec(path, target))
    assert table.columns == ("a", "b")
    assert table.named
    assert len(table) == 2


def test_rows_that_begin_with_the_sign_are_rows() -> None:
    assert find_opening(["#f00,1,u\n", "#0f0,2,v\n"]).skip == 0
    assert find_opening(["#f00,1,u\n", "red,2,v\n"]).skip == 0


def test_excel_says_its_delimiter(write: WriteFile) -> None:
    path = write("a.csv", "sep=;\r\na;c\r\n1,5;x\r\n2,5;y\r\n")
    table = read_csv(Path(path), DataSpec(path, "c"))
    assert table.numbers.tolist() == [[1.5], [2.5]]


def test_titles_before_the_table(write: WriteFile) -> None:
    path = write("a.csv", "Exported in 2020\n\n% by hand\na,b,y\n1,2,u\n3,4,v\n")
    table = read_csv(Path(path), DataSpec(path, "y"))
    assert table.columns == ("a", "b")
    assert table.lines is not None
    assert table.lines.tolist() == [5, 6]
