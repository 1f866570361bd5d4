"""How numbers are written in text: one notation a column, and nothing else is a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data_files import WriteFile
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.csv_file import read_csv
from hpsearch.data.notation import fitting, is_numeric, number_of
from hpsearch.data.spec import DataSpec
from hpsearch.data.table import Table
from hpsearch.errors import DataError


def column(write: WriteFile, cells: list[str], **settings: object) -> Table:
    """A table of one column ``a``, its cells divided from the label by semicolons."""
    text = "a;c\n" + "".join(f"{cell};{'xy'[i % 2]}\n" for i, cell in enumerate(cells))
    return read_csv(Path(write("a.csv", text)), DataSpec("a", "c", **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["1_2", "٣", "１２", "0x10", "1e", "--1", "1 2", "infinity"])
def test_what_only_a_programming_language_takes_for_a_number(word: str) -> None:
    assert number_of(word) is None


@pytest.mark.parametrize("word", ["5", "+5", "-.5", "5.", "1e3", "1.5E-3", " 7 "])
def test_numbers(word: str) -> None:
    assert number_of(word) == float(word)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2", "-0,25"], [1.5, 2, -0.25]),
        (["1.234,5", "2,0", "12.000"], [1234.5, 2, 12000]),
        (["1,234.5", "2.5", "1,234,567"], [1234.5, 2.5, 1234567]),
        (["45%", "7 %", "0.5%"], [0.45, 0.07, 0.005]),
        (["4,5%", "10%", "NA"], [0.045, 0.1, np.nan]),
        (["5,123", "6,001", "7,500"], [5.123, 6.001, 7.5]),  # between semicolons: decimals
        (["1,5", "-", "none"], [1.5, np.nan, np.nan]),
    ],
)
def test_a_column_in_one_notation(write: WriteFile, cells: list[str], numbers: list[float]) -> None:
    table = column(write, cells)
    assert table.number_columns == ("a",)
    assert np.array_equal(table.numbers[:, 0].astype(float), numbers, equal_nan=True)
    assert any("a" in note for note in table.notes)


def test_the_config_says_what_a_comma_is(write: WriteFile) -> None:
    cells = ["1,234", "5,678"]
    assert column(write, cells, decimal=".").numbers[:, 0].tolist() == [1234, 5678]
    assert column(write, cells, decimal=",").numbers[:, 0].tolist() == [1.234, 5.678]


def test_codes_that_python_takes_for_numbers_stay_words(write: WriteFile) -> None:
    table = column(write, ["1_2", "12", "2_1", "1_3"])
    assert table.text["a"].names == ("1_2", "12", "2_1", "1_3")


def test_a_whole_block_of_codes_is_words(write: WriteFile) -> None:
    table = column(write, ["1_2", "1_3"] * 600)
    assert table.text["a"].names == ("1_2", "1_3")


def test_digits_of_other_scripts_are_words(write: WriteFile) -> None:
    assert column(write, ["１", "２"]).text["a"].names == ("１", "２")


def test_leading_zeros_are_kept_in_codes_found_late(write: WriteFile) -> None:
    # The first block of 512 rows looks like numbers; what they were written like is still there.
    cells = ["007", "7", "1e3", "1000"] * 150 + ["K"] * 700
    assert column(write, cells).text["a"].names == ("007", "7", "1e3", "1000", "K")


def test_categories_keep_their_spelling(write: WriteFile) -> None:
    table = column(write, ["00501", "501", "3.0", "3"], categorical=("a",))
    assert table.text["a"].names == ("00501", "501", "3")
    assert table.number_columns == ()


def test_percent_after_many_plain_numbers_is_refused(write: WriteFile) -> None:
    with pytest.raises(DataError, match=r"a\.csv:1002: column 'a': '5%' is not a number, and 1000"):
        column(write, ["5"] * 1000 + ["5%"])


def test_decimal_commas_that_begin_late(write: WriteFile) -> None:
    table = column(write, ["5"] * 1000 + ["5,5"])
    assert table.numbers[[0, 1000], 0].tolist() == [5, 5.5]


@given(st.floats(-1e15, 1e15).map(repr) | st.integers(-(10**12), 10**12).map("{:,}".format))
def test_every_number_that_programs_write_is_one(word: str) -> None:
    [point, *_] = fitting([word], ".")
    assert point.number(word) == float(word.replace(",", ""))
    assert is_numeric(word)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_columns_tell_what_a_comma_or_a_point_is(write: WriteFile, delimiter: str) -> None:
    rows = ["a;b;c;d;e", "1,5;1,234;1.234;0.5;x", "2,5;5,678;12.000;1.25;y"]
    path = write("a.csv", "\n".join(rows).replace(";", delimiter))
    table = read_csv(Path(path), DataSpec(path, "e"))
    assert table.columns == table.number_columns
    assert table.numbers.astype(float).tolist() == [
        [1.5, 1.234, 1234, 0.5],
        [2.5, 5.678, 12000, 1.25],
    ]


def test_points_where_commas_are_said_are_refused_in_one_line(write: WriteFile) -> None:
    with pytest.raises(DataError, match=r"'1\.5' is not a number with a decimal comma, and 2 of"):
        column(write, ["1.5", "-3", "2"], decimal=",")


def test_points_alone_are_decimals_whatever_divides_the_cells(write: WriteFile) -> None:
    assert column(write, ["1.234", "5.678"]).numbers[:, 0].tolist() == [1.234, 5.678]
    told = column(write, ["1.234", "5.678"], decimal=",")
    assert told.numbers[:, 0].tolist() == [1234, 5678]


def test_a_typeset_minus_is_one(write: WriteFile) -> None:
    assert column(write, ["\u22125", "3.5"]).numbers[:, 0].tolist() == [-5, 3.5]


# --- empty cells --------------------------------------------------------------------------------


def test_na_is_a_word_where_the_config_says_so(write: WriteFile) -> None:
    text = "country,n,c\nNA,1,x\nDE,NA,y\n,-,x\n"
    path = Path(write("a.csv", text))
    usual = read_csv(path, DataSpec("a", "c"))
    assert usual.text["country"].codes.tolist() == [-1, 0, -1]
    assert usual.empty_words == {"country": {"NA": 1}}
    table = read_csv(path, DataSpec("a", "c", na_values=()))
    assert table.text["country"].names == ("NA", "DE")
    assert table.text["country"].codes.tolist() == [0, 1, -1]  # a blank cell is always empty
    assert np.array_equal(table.numbers[:, 0], [1, np.nan, np.nan], equal_nan=True)


def test_words_and_numbers_that_stand_for_nothing(write: WriteFile) -> None:
    text = "w,n,m,c\nunknown,-999,1,x\np,-999.00,2,y\nNA,3,unknown,x\n"
    spec = DataSpec("a", "c", na_values=("unknown", -999))
    table = read_csv(Path(write("a.csv", text)), spec)
    assert table.text["w"].names == ("p", "NA")
    expected = [[np.nan, 1], [np.nan, 2], [3, np.nan]]
    assert np.array_equal(table.numbers, expected, equal_nan=True)


def test_a_label_can_be_called_na(write: WriteFile) -> None:
    path = Path(write("a.csv", "n,c\n1,NA\n2,DE\n"))
    labels = read_csv(path, DataSpec("a", "c", na_values=())).labels
    assert labels is not None
    assert labels.names == ("NA", "DE")
