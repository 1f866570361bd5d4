"""Every wrong input gives one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import gzip
import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_files import WriteFile, WriteNpz, idx_bytes, small_csv_text
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError

GOOD = small_csv_text()
NO_HEADER = GOOD.split("\n", 1)[1]
NAMES = "n,c\n" + "".join(f"name{i},{'xy'[i % 2]}\n" for i in range(300))


def message_of(spec: DataSpec) -> str:
    with pytest.raises(DataError) as caught:
        load(spec, 0)
    message = caught.value.message
    assert "\n" not in message
    assert len(message) < 500
    return message


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        # files as wholes
        ("", {}, "bad.csv: is empty; give a file"),
        ("\n\n \n", {}, "bad.csv: is empty; give a file"),
        ("a,b,c\n", {}, "bad.csv: has a header and no rows"),
        (bytes(range(256)) * 9, {}, "bad.csv: is binary and no format"),
        (GOOD.replace("x", "é").encode("latin-1"), {}, "bad.csv:2: is not UTF-8 text (byte 0xe9)"),
        (GOOD.encode("utf-16"), {}, "bad.csv: is UTF-16 text; save it as UTF-8"),
        (gzip.compress(GOOD.encode() * 99, mtime=0)[:-9], {}, "bad.csv: is cut short or damaged"),
        # columns
        (GOOD, {"target": "C"}, "there is no column 'C'; did you mean 'c'?; the columns are c, a"),
        (GOOD, {"target": 3}, "data.target: 3: there is no such column; the file has 3, 0 to 2"),
        (
            GOOD,
            {"target": None},
            "data.target: is needed: the label's column; the columns",
        ),
        (GOOD, {"ignore": ("d",)}, "data.ignore: there is no column 'd'"),
        (GOOD, {"ignore": ("a", "b")}, "data.ignore: leaves no feature column"),
        (GOOD, {"delimiter": ";"}, "has one column only, 'a,b,c'; if there are more"),
        (GOOD, {"delimiter": "::"}, "data.delimiter: must be one character"),
        (NO_HEADER, {}, "bad.csv:1: data.target: there is no column 'c'; the first line, 0, 0.0"),
        (GOOD.replace("a,b", "c,b"), {}, "2 columns are called 'c'; give the position"),
        # cells
        (GOOD.replace("\n3,", "\nthree,"), {}, "bad.csv:5: column 'a': 'three' is not a number"),
        (
            GOOD.replace(",2.0,", ",,"),
            {},
            "bad.csv:6: 1 cell is empty or not a number, by column b",
        ),
        (GOOD.replace("\n3,", "\nNaN,"), {}, "bad.csv:5: 4 cells are empty or not a number"),
        (GOOD.replace(",2.0,", ",inf,"), {"missing": "impute"}, "bad.csv:6: column 'b' holds inf"),
        (GOOD.replace(",2.0,", ",1e99,"), {}, "bad.csv:6: column 'b' holds 1e99"),
        (GOOD.replace(",2.0,", ',"2,0",'), {}, "bad.csv:6: column 'b': '2,0' is not a number, and"),
        (
            GOOD.replace(",2.0,", ",1_0,"),
            {},
            "bad.csv:6: column 'b': '1_0' is not a number",
        ),
        (GOOD.replace(",2.0,", ",2%,"), {}, "bad.csv:6: column 'b': '2%' is not a number, and 29"),
        (
            "a\tc\n1,234\tx\n5,678\ty\n",
            {},
            "'1,234' could be 1234 or 1.234; say which with data",
        ),
        (GOOD, {"categorical": ("d",)}, "data.categorical: there is no column 'd'"),
        (GOOD, {"categorical": ("c",)}, "data.categorical: column 'c' is the label or left out"),
        (GOOD.replace(",2.0,", ",2.0,5,"), {}, "bad.csv:6: has 4 cells, and the first line has 3"),
        (GOOD.replace("\n4,2.0,y", "\n4"), {}, "bad.csv:6: has 1 cell, and the first line has 3"),
        (GOOD.replace("\n3,", '\n"3,', 1), {}, "bad.csv:5: cannot be divided into cells"),
        ('"' + GOOD, {}, "bad.csv:1: cannot be divided into cells"),
        ('"a\nb",c\n' + "1,x\n2,y\n" * 9, {"target": "d"}, "the columns are 'a\\nb', c"),
        ("n" * 999 + ",c\n1,x\n?,y\n", {}, f"not a number, by column '{'n' * 39}…': 1"),
        (NAMES, {}, "column 'n' is text with 240 different values in 240 train rows"),
        ("a,b,c\n" + ",1,x\n,2,y\n" * 9, {"missing": "impute"}, "no train row has a value in a"),
        (GOOD, {"header": False}, "with data.header: false columns have no names; give the target"),
        # labels
        (GOOD.partition("\n1,")[0], {}, "the only row has the label 'x'; two"),
        (GOOD.replace("y", "x").replace("z", "x"), {}, "all 30 rows have the label 'x'; two"),
        (GOOD + "1,2,w\n", {}, "bad.csv:32: class 'w' has this one row only"),
        (GOOD + "1,2,\n", {}, "bad.csv:32: the label is missing; fill it in"),
        (
            GOOD,
            {"target": "b", "task": "classification"},
            "the label has 30 different fractional values in 30 rows",
        ),
        (NAMES.replace(",x", ",1").replace(",y", ",2"), {"target": "n"}, "looks like a name"),
        # splits
        (GOOD, {"dev": 0.001}, "data.dev: 0.001 of 30 rows is none"),
        (GOOD, {"dev": 0.999}, "30 rows leave none to train on beside dev"),
        (GOOD, {"dev": 1.5}, "data.dev: must be a fraction between 0 and 1, or a file, not 1.5"),
        (GOOD, {"dev": 0.5, "test": 0.5}, "take 100% of the rows"),
        (GOOD, {"dev": "/nowhere/dev.csv"}, "no folder /nowhere"),
        ("a,c\n1,x\n2,y\n", {}, "0.2 of 2 rows is none"),
        (GOOD + "1,2,w\n3,4,w\n", {"split": "order"}, "bad.csv:32: class 'w' comes only after"),
        (GOOD, {"split": "random"}, "data.split: must be stratified or order, not 'random'"),
        (GOOD, {"missing": "drop"}, "data.missing: must be refuse or impute, not 'drop'"),
    ],
)
def test_a_csv_file(
    write: WriteFile, content: str | bytes, settings: dict[str, Any], message: str
) -> None:
    spec = DataSpec(write("bad.csv", content), **{"target": "c", **settings})
    assert message in message_of(spec)


@pytest.mark.parametrize(
    ("dev", "message"),
    [
        (GOOD.replace("b", "bb"), "dev.csv: lacks b, unlike the train set"),
        (GOOD.replace("\n", ",9\n").replace("c,9", "c,d"), "dev.csv: has d, unlike the train set"),
        (GOOD.replace("x", "X"), "dev.csv:2: the label 'X' is not one of those to learn from"),
        ("a,b,c\n" + "p,1,x\nq,2,y\n" * 9, "dev.csv:2: column 'a' holds the word 'p', and in the"),
        ("1,x\n2,y\n", "dev.csv:1: data.target: there is no column 'c'"),
        (GOOD.replace(",2.0,", ",,"), "dev.csv:6: 1 cell is empty"),
    ],
)
def test_a_dev_file_that_does_not_fit(write: WriteFile, dev: str, message: str) -> None:
    spec = DataSpec(write("train.csv", GOOD), "c", dev=write("dev.csv", dev))
    assert message in message_of(spec)


@pytest.mark.parametrize("name", ["x.npz", "x.JSON", "x.npz.gz"])
def test_text_in_a_file_of_another_name(write: WriteFile, name: str) -> None:
    content = gzip.compress(GOOD.encode()) if name.endswith("gz") else GOOD
    suffix = ".json" if "JSON" in name else ".npz"
    message = message_of(DataSpec(write(name, content), "c"))
    assert f"{name}: its name ends in {suffix}, and it holds text" in message


X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2


@pytest.mark.parametrize(
    ("arrays", "target", "message"),
    [
        ({"foo": X, "bar": Y}, None, "has the keys foo, bar; rows are looked for under X"),
        ({"X": X, "y": Y}, "Y2", "there is no key 'Y2'; did you mean 'y'?; the keys are X, y"),
        ({"X": X, "y": Y}, -1, "an npz file's labels have a key"),
        ({"x_test": X, "y_test": Y}, None, "has no rows to train on"),
        ({"X": X.astype(object), "y": Y}, None, "X is an array of Python objects"),
        ({"X": X, "y": Y.astype(object)}, None, "y is an array of Python objects"),
        ({"X": X, "y": Y[1:]}, None, "X has 20 rows, and there are 19 labels"),
        ({"X": X[:, 0], "y": Y}, None, "X has shape (20,); rows need two dimensions"),
        ({"X": X[:0], "y": Y[:0]}, None, "X has shape (0, 2): there are no numbers"),
        ({"X": X * 1j, "y": Y}, None, "X holds complex128; the rows must be real"),
        ({"X": X, "y": np.eye(2)[Y]}, None, "such as y.argmax(axis=1) for one-hot"),
        ({"X": X, "y": Y * 1j}, None, "y holds complex128; labels are numbers or strings"),
        ({"X": X, "y": np.where(Y, np.nan, 1)}, None, "row 1 (counted from 0): the label is miss"),
        ({"X": np.where(X == 5, np.nan, X), "y": Y}, None, "row 2 (counted from 0): 1 cell is"),
        ({"X": np.where(X == 5, np.inf, X), "y": Y}, None, "column 'x1' holds inf"),
    ],
)
def test_an_npz_file(npz: WriteNpz, arrays: dict, target: Any, message: str) -> None:
    assert message in message_of(DataSpec(npz("bad.npz", **arrays), target))


@pytest.mark.parametrize("kept", [60, 300, -30])
def test_an_npz_file_cut_short(npz: WriteNpz, kept: int) -> None:
    path = Path(npz("bad.npz", X=X, y=Y))
    path.write_bytes(path.read_bytes()[:kept])
    assert "bad.npz: is cut short or damaged" in message_of(DataSpec(str(path)))


def test_a_compressed_npz_file_with_flipped_bits(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "bad.npz", X=X, y=Y)
    content = bytearray((tmp_path / "bad.npz").read_bytes())
    content[150] ^= 255
    (tmp_path / "bad.npz").write_bytes(content)
    assert "bad.npz: is cut short or damaged" in message_of(DataSpec(str(tmp_path / "bad.npz")))


def test_a_spreadsheet_and_a_single_array(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "save a spreadsheet as CSV" in message_of(DataSpec(str(tmp_path / "a.xlsx"), "c"))
    np.save(tmp_path / "a.npy", X)
    assert "is one npy array; save rows and labels" in message_of(DataSpec(str(tmp_path / "a.npy")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx_bytes(np.zeros((9, 2, 2), np.uint8))[:-1], "is cut short: (9, 2, 2) need 36 bytes"),
        (idx_bytes(np.zeros((9, 2, 2), np.uint8))[:10], "is cut short"),
        (gzip.compress(idx_bytes(np.zeros((9, 2, 2), np.uint8))[:-1], mtime=0), "is cut short"),
        (idx_bytes(np.zeros((9, 2), np.uint8)), "its labels are not beside it"),
        (idx_bytes(np.zeros(9, np.uint8)), "its labels are not beside it"),
    ],
)
def test_an_idx_file(write: WriteFile, content: bytes, message: str) -> None:
    assert message in message_of(DataSpec(write("train-images-idx3-ubyte", content)))


def test_an_idx_file_with_other_labels_than_its_own(write: WriteFile) -> None:
    path = write("images-idx3-ubyte", idx_bytes(np.zeros((9, 2), np.uint8)))
    write("labels-idx1-ubyte", idx_bytes(np.zeros(8, np.uint8)))
    assert "has 9 rows, and there are 8 labels" in message_of(DataSpec(path))
    write("labels-idx1-ubyte", b"no labels")
    assert "labels-idx1-ubyte: is no idx file" in message_of(DataSpec(path))


def test_a_file_that_is_not_there(write: WriteFile) -> None:
    folder = Path(write("letters.csv", GOOD)).parent
    write(".leters.csv", GOOD)
    assert "did you mean letters.csv?" in message_of(DataSpec(str(folder / "leters.csv"), "c"))
    assert "; check the path" in message_of(DataSpec(str(folder / "weather.txt"), "c"))
    assert "did you mean digits?" in message_of(DataSpec("digit"))
    assert "is a folder; name the file" in message_of(DataSpec(str(folder), "c"))


def test_a_file_that_may_not_be_read(write: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("secret.csv", GOOD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(Path, "open", refuse)  # a file's mode does not stop the superuser
    assert "secret.csv: permission denied; make the file readable" in message_of(
        DataSpec(path, "c")
    )


def test_messages_name_the_file_with_its_folder(write: WriteFile) -> None:
    path = write("bad.csv", GOOD.replace("\n3,", "\nthree,"))
    assert re.match(re.escape(path) + r":5: ", message_of(DataSpec(path, "c")))


def npz_bytes(save: Callable[..., None]) -> bytes:
    stream = io.BytesIO()
    save(stream, X=X, y=Y)
    return stream.getvalue()


WHOLE = [
    (GOOD.encode(), "c"),
    (GOOD.replace(",", ";").encode(), -1),
    (gzip.compress(GOOD.encode(), mtime=0), "c"),
    (npz_bytes(np.savez), None),
    (npz_bytes(np.savez_compressed), None),
    (idx_bytes(X.astype(np.uint8)), None),
]
SLIPS = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"nan",
    b"inf",
    b"1e400",
    b"\xff",
    b"\0",
    b";",
    b" ",
    b"1_0",
    b"",
]


@settings(max_examples=150)
@given(
    whole=st.sampled_from(WHOLE),
    slips=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(SLIPS)),
        min_size=1,
        max_size=4,
    ),
    missing=st.sampled_from(["refuse", "impute"]),
)
def test_a_damaged_file_gives_finite_inputs_or_one_line(
    whole: tuple[bytes, Any], slips: list[tuple[float, int, bytes]], missing: str
) -> None:
    content, target = whole
    for place, length, slip in slips:  # each cuts some bytes out and puts others in
        start = round(place * len(content))
        content = content[:start] + slip + content[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images-idx3-ubyte"
        path.write_bytes(content)
        path.with_name("labels-idx1-ubyte").write_bytes(idx_bytes(Y.astype(np.uint8)))
        try:
            data = load(DataSpec(str(path), target, missing=missing), 0)
        except DataError as refused:
            parts, message = [], refused.message
        else:
            parts, message = [data.train, data.dev], ""
    assert "\n" not in message
    assert all(np.isfinite(part.X[:]).all() for part in parts)


def test_an_array_that_claims_more_than_it_holds_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    header = io.BytesIO()
    shape = (5 * 2**20, 1024)
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("y.npy", npy_of(np.zeros(shape[0], np.uint8)))
        archive.writestr("X.npy", header.getvalue())  # the size that it claims is enough
    assert "X is cut short" in message_of(DataSpec(str(path)))


def npy_of(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_compressed_arrays_have_a_limit(npz: WriteNpz, monkeypatch: pytest.MonkeyPatch) -> None:
    path = npz("plain.npz", X=X, y=Y)
    packed = path.replace("plain", "packed")
    np.savez_compressed(packed, X=X, y=Y)
    monkeypatch.setattr("hpsearch.data.files.LARGEST_UNPACKED", X.nbytes - 1)
    message = message_of(DataSpec(packed))
    assert "X is compressed, and unpacks to" in message
    assert "with np.savez" in message
    assert len(load(DataSpec(path), 0).train)  # mapped: no limit


def test_a_gzip_file_that_claims_too_much_is_not_read(write: WriteFile) -> None:
    images = gzip.compress(idx_bytes(np.zeros((2, 2), np.uint8)).replace(b"\0\0\0\2", b"\xff" * 4))
    path = write("train-images-idx3-ubyte.gz", images)
    write("train-labels-idx1-ubyte", idx_bytes(np.arange(2)))
    assert "unpacks to 17179869176.0 GiB" in message_of(DataSpec(path))
