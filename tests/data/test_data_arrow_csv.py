"""CSV files that pyarrow may read: the same table, or the same complaint, as cell by cell."""

from __future__ import annotations

import gzip
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from data_files import WriteFile
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.data import arrow_csv, csv_file
from hpsearch.data.csv_file import read_csv
from hpsearch.data.layout import Expected
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError

pytest.importorskip("pyarrow")
ROWS = "1.5,2,x\n-3,0.1,y\n4e-3,1E+5,x\n"


def with_arrow(file: str, spec: DataSpec, **more: Any) -> tuple[Any, bool]:
    """What is read, or said, and whether pyarrow read it."""
    used = []

    def watched(*arguments: Any, **keywords: Any) -> arrow_csv.PlainRows | None:
        found = arrow_csv.read_plain(*arguments, **keywords)
        used.append(found is not None)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow_csv, "SMALLEST_BYTES", 0)
        patch.setattr(csv_file, "read_plain", watched)
        return outcome(file, spec, **more), any(used)


def by_cell(file: str, spec: DataSpec, **more: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file, "read_plain", lambda *_, **__: None)
        return outcome(file, spec, **more)


def outcome(file: str, spec: DataSpec, **more: Any) -> Any:
    try:
        table = read_csv(Path(file), spec, **more)
    except DataError as e:
        return e.message
    assert table.lines is not None
    labels = None if table.labels is None else (table.labels.codes.tobytes(), table.labels.names)
    text = {name: (column.codes.tolist(), column.names) for name, column in table.text.items()}
    return (
        (table.columns, table.number_columns, table.named, table.notes),
        (dict(table.empty_words), dict(table.padded)),
        (table.numbers.dtype, table.numbers.shape, table.numbers.tobytes()),
        (table.lines.dtype, table.lines.tolist()),
        (labels, text),
    )


@pytest.mark.parametrize(
    "content",
    [
        ROWS,
        "a,b,c\n" + ROWS,
        "a title\n\na,b,c\n" + ROWS,
        "# made by hand\n# a,b,c\n" + ROWS,
        "\ufeffa,b,c\n" + ROWS,
        '"a","b","c"\n' + ROWS,
        '"a\nb","b","c"\n' + ROWS,
        ("a,b,c\n" + ROWS).replace("\n", "\r\n"),
        ROWS.rstrip("\n"),
        ROWS + "\n\n",
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        "a,b,c\n,2,x\n1,NA,y\nnan,?,x\nNull,-,y\nNONE,n/A,x\n3,4,y\n5,6,y\n",
        "a,b,c\n1,,x\n2,,y\n",
        "a,b,c\n 1 , 2 , x \n3,4,x\n5,6,  y\n",
        "a,b,c\n-07,1.,x\n.5,-0.0,y\n-0,0,x\n",
        "a,b,c\n12345678901234567890,0.1000000000000000055511151231257827,x\n1,2,y\n",
        "a,b,c\n+1,2,x\n1e-999,4,y\n",
        "a,b,c\n1e308,5e-324,x\n1,2.2250738585072014e-308,y\n",
        "a,b,c\n1,2,\u00e9t\u00e9\n3,4,\u65e5\u672c\n",
        "a,b,c\n1,2,NA\n3,4,\n5,6,x\n7,8,3.0\n9,10,3\n",
        "a,a,c\n1,2,x\n3,4,y\n",
        "a,,c\n1,2,x\n3,4,y\n",
        "a,b,c\n" + "1,2,x\n" * 700 + "300,0.25,y\n" * 700 + "-0.0,0.1,x\n" * 3,
    ],
)
def test_plain_files_are_read_by_pyarrow_to_the_same_bits(write: WriteFile, content: str) -> None:
    spec = DataSpec(write("a.csv", content), -1)
    found, used = with_arrow(spec.path, spec)
    assert used
    assert found == by_cell(spec.path, spec)


@pytest.mark.parametrize(
    "content",
    [
        "a,b,c\n1_000,2,x\n3,4,y\n",
        "a,b,c\n0x10,2,x\n3,4,y\n1,2,x\n5,5,x\n",
        "a,b,c\ninf,2,x\n3,4,y\n",
        "a,b,c\n-nan,2,x\n3,4,y\n",
        "a,b,c\nnan(7),2,x\n3,4,y\n4,4,y\n",
        "a,b,c\n1e999,2,x\n3,4,y\n",
        "a,b,c\n\u0661,2,x\n3,4,y\n",
        "a,b,c\n\u22121,2,x\n3,4,y\n",
        'a,b,c\n1,2,"x"\n3,4,y\n',
        'a,b,c\n1, "2",x\n3,4,y\n',
        'a,b,c\n1,2,"x\ny"\n3,4,y\n',
        'a,b,c\n1,2,x"y\n3,4,y\n',
        'a,b,c\n"1,234",2,x\n3,4,y\n',
        "a;b;c\n1,5;2;x\n3;4;y\n",
        "a;b;c\n1.234;2,5;x\n3;4;y\n",
        "a,b,c\n45%,2,x\n3%,4,y\n",
        "a,b,c\nred,2,x\nblue,4,y\n",
        "a,b,c\n007,2,x\n3,4,y\n",
        "a,b,c\n1,00,x\n3, 04,y\n",
        "a,b,c\n1,2,x\n\n3,4,y\n",
        "a,b,c\n1,2,x\n   \n3,4,y\n",
        "a,b,c\n1,2,x\r3,4,y\r",
        "a,b,c\n1,2,x\n# a comment\n3,4,y\n",
        "a,b,c\n1,2,x\n3,4,y,5\n",
        "a,b,c\n1,2,x\n3,4\n",
        "a,b,c\n1,2,x\n3,word,y\n5,6,x\n7,8,x\n",
        "a,b,c\n",
        "a b c\n1 2 x\n3  4 y\n",
        b"a,b,c\n1,2,x\n3,4,\xe9\n",
        b"a,\xe9,c\n1,2,x\n3,4,y\n",
        b"a,b,c\n1,2,x\n3,4,y\x00\n",
    ],
)
def test_anything_else_is_read_cell_by_cell(write: WriteFile, content: str | bytes) -> None:
    spec = DataSpec(write("a.csv", content), -1)
    found, used = with_arrow(spec.path, spec)
    assert found == by_cell(spec.path, spec)
    assert not used


@pytest.mark.parametrize("size", range(1, 9))
def test_zeros_before_a_number_are_seen_across_two_chunks(size: int) -> None:
    for content, padded in ((b"1,2\n3,007\n", True), (b"1,2\n3,70.07\n1e-05,0\n", False)):
        body, seen = arrow_csv._Body(io.BytesIO(content), 0, ","), False
        try:
            while body.read(size):
                pass
        except arrow_csv._NotPlain:
            seen = True
        assert seen == padded


@pytest.mark.parametrize(
    "keys",
    [{"na_values": (2,)}, {"categorical": ("a",)}, {"decimal": ","}],
)
def test_what_the_config_says_of_cells_is_obeyed(write: WriteFile, keys: dict[str, Any]) -> None:
    spec = DataSpec(write("a.csv", "a,b,c\n" + ROWS), "c", **keys)
    found, used = with_arrow(spec.path, spec)
    assert found == by_cell(spec.path, spec)
    assert not used


def test_columns_left_out_and_new_rows(write: WriteFile) -> None:
    path = write("a.csv", "id,a,b,c\n" + "".join(f"r{i},{i},{i / 3},x\n" for i in range(9)))
    spec = DataSpec(path, "c", ignore=("id",))
    new_rows = {"expected": Expected(("b", "a"), named=True)}
    for more in ({}, new_rows, {"known_text": ("a",)}):
        found, used = with_arrow(path, spec, **more)
        assert found == by_cell(path, spec, **more)
        assert used == ("known_text" not in more)


def test_a_compressed_file_and_one_that_is_cut_short(write: WriteFile) -> None:
    whole = gzip.compress(b"a,b,c\n" + ROWS.encode() * 900)
    spec = DataSpec(write("a.csv.gz", whole), "c")
    found, used = with_arrow(spec.path, spec)
    assert used
    assert found == by_cell(spec.path, spec)
    cut = DataSpec(write("b.csv.gz", whole[:-9]), "c")
    assert with_arrow(cut.path, cut) == (by_cell(cut.path, cut), False)
    assert "cut short" in by_cell(cut.path, cut)


def test_a_small_file_does_not_wait_for_pyarrow(
    write: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = DataSpec(write("a.csv", ROWS), -1)
    monkeypatch.setattr(arrow_csv, "find_spec", lambda _: pytest.fail("it was looked for"))
    assert outcome(spec.path, spec) == by_cell(spec.path, spec)


CELLS = st.one_of(
    st.floats().map(repr),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda x: f"{x:.3f}"),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(["", " ", "NA", "nan", "1_0", "+5", "007", "1,5", '"2"', "w", "1e5", "#"]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, st.sampled_from("xyz")), min_size=1, max_size=6),
    st.sampled_from([",", ";"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_whatever_the_cells_are(
    rows: list[tuple[str, str, str]], delimiter: str, end: str, header: bool
) -> None:
    lines = [delimiter.join(cells) for cells in [("a", "b", "c")] * header + rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes((end.join(lines) + end).encode())
        spec = DataSpec(str(path), -1)
        assert with_arrow(str(path), spec)[0] == by_cell(str(path), spec)
