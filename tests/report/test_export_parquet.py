"""Parquet, read back by pyarrow; skipped where that is not installed."""

import json
from dataclasses import replace

import pytest
from exported_run import RUN, export
from synthetic_runs import METRIC, result

from hpsearch.report.analysis.rows import RunView
from hpsearch.report.export.tables import trial_table
from hpsearch.space import Choice, Space

parquet = pytest.importorskip("pyarrow.parquet")


def test_parquet_has_the_table_with_its_types(tmp_path):
    export("parquet", RUN, tmp_path / "a.parquet")
    table = parquet.read_table(tmp_path / "a.parquet")
    header, rows = trial_table(RUN)
    assert table.column_names == header
    assert [list(row.values()) for row in table.to_pylist()] == rows
    types = {field.name: str(field.type) for field in table.schema}
    assert types["trial"] == types["hidden_units"] == "int64"
    assert types["alpha"] == types["value"] == types["beta2"] == "double"
    assert types["optimizer"] == "string"
    facts = json.loads(table.schema.metadata[b"hpsearch"])
    assert facts == {
        "schema": 1,
        "name": "signs-6",
        "metric": "dev_error",
        "goal": "minimize",
        "seed": 3,
    }


def test_parquet_of_odd_columns_and_of_no_trials(tmp_path):
    space = Space(
        (
            Choice("mixed", values=(1, "a", None, True)),
            Choice("flag", values=(True, False)),
            Choice("half", values=(1, 0.5)),
        )
    )
    points = [
        {"mixed": 1, "flag": True, "half": 1},
        {"mixed": "a", "flag": False, "half": 0.5},
        {"mixed": None, "flag": True, "half": 1},
        {"mixed": True, "flag": True, "half": 0.5},
    ]
    view = RunView("r", space, METRIC, [result(i, 0.5, p, space) for i, p in enumerate(points)])
    export("parquet", view, tmp_path / "a.parquet")
    table = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    assert table["mixed"] == ["1", "a", None, "true"]
    assert table["flag"] == [True, False, True, True]
    assert table["half"] == [1.0, 0.5, 1.0, 0.5]
    export("parquet", replace(view, results=[]), tmp_path / "b.parquet")
    assert parquet.read_table(tmp_path / "b.parquet").num_rows == 0
