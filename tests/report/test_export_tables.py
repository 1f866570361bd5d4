"""Tables for other programs, and what happens where a library or a place is missing."""

import csv
import importlib.util
from dataclasses import replace

import pytest
from exported_run import RUN, export

from hpsearch.errors import RunError, UsageError
from hpsearch.report.export import columns
from hpsearch.report.export import optional as optional_module
from hpsearch.report.export.columns import curve_names
from hpsearch.report.export.tables import as_csv, as_json
from hpsearch.space import Number, Space

LIBRARIES = {
    "parquet": "pyarrow",
    "tensorboard": "tensorboard",
    "mlflow": "mlflow",
    "optuna": "optuna",
}


def test_csv_and_json_are_those_of_the_report(tmp_path):
    export("csv", RUN, tmp_path / "a.csv")
    export("json", RUN, tmp_path / "a.json")
    assert (tmp_path / "a.csv").read_text() == as_csv(RUN)
    assert (tmp_path / "a.json").read_text() == as_json(RUN)


@pytest.mark.parametrize("kind", LIBRARIES)
def test_a_missing_library_is_told_with_the_command(kind, tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(optional_module.importlib, "import_module", missing)
    with pytest.raises(UsageError, match=rf"pip install 'hpsearch\[{kind}\]'"):
        export(kind, RUN, tmp_path / "place")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "tensorboard", "optuna"])
def test_a_place_that_cannot_be_written_is_one_line(kind, tmp_path):
    if importlib.util.find_spec(LIBRARIES.get(kind, "csv")) is None:
        pytest.skip(f"{kind} is not installed")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError) as caught:
        export(kind, RUN, tmp_path / "file" / "place")
    assert "place" in str(caught.value)
    assert "\n" not in str(caught.value)


def clashing(results):
    """A run whose parameters, and a metric, have the names of columns."""
    names = ("value", "epochs", "hparams.value")
    space = Space(tuple(Number(name, low=0.0, high=1.0) for name in names))
    made = []
    for result in results:
        hparams = dict(zip(names, (0.125, 0.25, 0.5), strict=True))
        trial = replace(result.trial, hparams=hparams, unit=(0.125, 0.25, 0.5))
        made.append(replace(result, trial=trial, curves={"value": (0.75,), "loss": (1.0,)}))
    return replace(RUN, space=space, results=made)


def test_no_two_columns_share_a_name():
    header, row = csv.reader(as_csv(clashing(RUN.results[:1]), timing=False).splitlines())
    own = ["trial", "round", "state", "epochs", "value"]
    assert header == [*own, "hparams.hparams.value", "hparams.epochs", "hparams.value"]
    assert row[5:] == ["0.125", "0.25", "0.5"]


def test_a_parameter_named_as_a_column_has_a_type_of_its_own_in_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    export("parquet", clashing(RUN.results[:2]), tmp_path / "t.parquet")
    table = parquet.read_table(tmp_path / "t.parquet").to_pydict()
    assert table["hparams.epochs"] == [0.25, 0.25]
    assert table["epochs"] == [result.epochs for result in RUN.results[:2]]


def test_a_curve_named_value_stands_beside_the_trials_value():
    assert curve_names(clashing(RUN.results[:1]).results[0]) == ["curves.value", "loss"]


def test_a_column_more_is_one_entry(monkeypatch):
    seed = columns.Fact("seed", int, lambda result: result.trial.seed)
    monkeypatch.setattr(columns, "LAST", (seed, *columns.LAST))
    header, *rows = csv.reader(as_csv(RUN).splitlines())
    place = header.index("seed")
    assert [row[place] for row in rows] == [str(r.trial.seed) for r in RUN.results]
