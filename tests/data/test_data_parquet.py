"""Parquet files, where pyarrow is installed; and the message where it is not."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.data.loading import load
from hpsearch.data.parquet import read_parquet
from hpsearch.data.spec import DataSpec
from hpsearch.errors import DataError


def test_without_pyarrow_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1....PAR1")
    with pytest.raises(DataError, match=r"pip install 'hpsearch\[parquet\]'"):
        load(DataSpec(str(tmp_path / "a.parquet"), "c"), 0)


@pytest.fixture
def arrow() -> Any:
    return pytest.importorskip("pyarrow")


@pytest.fixture
def columns(arrow: Any) -> dict[str, Any]:
    return {
        "whole": arrow.array([1, 2, None, 4] * 3),
        "part": arrow.array([0.5, float("nan"), 2.5, 3.5] * 3, arrow.float32()),
        "flag": [True, False, True, None] * 3,
        "word": ["p", None, " q ", "?"] * 3,
        "coded": arrow.array(["u", "v", "u", None] * 3).dictionary_encode(),
        "label": [0, 1] * 6,
    }


def write_parquet(path: Path, columns: dict[str, Any]) -> Path:
    arrow = importlib.import_module("pyarrow")
    importlib.import_module("pyarrow.parquet").write_table(arrow.table(columns), path)
    return path


def test_every_kind_of_column(tmp_path: Path, columns: dict[str, Any]) -> None:
    path = write_parquet(tmp_path / "a", columns)
    table = read_parquet(path, DataSpec(str(path), "label"))
    assert table.number_columns == ("whole", "part", "flag")
    nan = np.nan
    expected = [[1, 0.5, 1], [2, nan, 0], [nan, 2.5, 1], [4, 3.5, nan]]
    assert np.array_equal(table.numbers[:4], expected, equal_nan=True)
    assert table.text["word"].names == ("p", "q")
    assert table.text["word"].codes[:4].tolist() == [0, -1, 1, -1]
    assert table.text["coded"].codes[:4].tolist() == [0, 1, 0, -1]
    assert table.labels is not None
    assert table.labels.names == ("0", "1")
    assert table.columns == ("whole", "part", "flag", "word", "coded")


def test_a_date_is_refused_unless_ignored(
    tmp_path: Path, arrow: Any, columns: dict[str, Any]
) -> None:
    dates = {**columns, "when": arrow.array([0] * 12, arrow.timestamp("s"))}
    path = str(write_parquet(tmp_path / "a", dates))
    with pytest.raises(DataError, match="column 'when' holds timestamp"):
        load(DataSpec(path, "label", missing="impute"), 0)
    assert len(load(DataSpec(path, "label", missing="impute", ignore=("when",)), 0).features) == 7


def test_the_row_numbers_of_pandas_are_left_out(tmp_path: Path, columns: dict[str, Any]) -> None:
    path = write_parquet(tmp_path / "a", {**columns, "__index_level_0__": list(range(12))})
    table = read_parquet(path, DataSpec(str(path), "label"))
    assert len(table.columns) == 5
    assert table.notes == ("left out column 6: it has no name",)


@pytest.mark.usefixtures("arrow")
@pytest.mark.parametrize("kept", [10, 300])
def test_a_file_cut_short_is_refused(tmp_path: Path, columns: dict[str, Any], kept: int) -> None:
    path = write_parquet(tmp_path / "a", columns)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="a: is damaged or no Parquet file") as caught:
        load(DataSpec(str(path), "label"), 0)
    assert "\n" not in caught.value.message


def test_codes_and_empty_cells_are_as_the_config_says(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    rows = {
        "zone": [10, 20, 10, 20],
        "land": ["NA", "DE", None, "unknown"],
        "n": [1.0, -999.0, 3.0, 4.0],
        "label": ["x", "y", "x", "y"],
    }
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table(rows), path)
    spec = DataSpec(str(path), "label", categorical=("zone",), na_values=("unknown", -999))
    table = read_parquet(path, spec)
    assert table.text["zone"].names == ("10", "20")
    assert table.text["land"].names == ("NA", "DE")
    assert table.text["land"].codes.tolist() == [0, 1, -1, -1]
    assert table.empty_words == {"land": {"unknown": 1}}
    assert np.isnan(table.numbers[:, 0]).tolist() == [False, True, False, False]
