"""Tables for other programs, and what happens where a library or a place is missing."""

import importlib.util

import pytest
from exported_run import RUN, export

from hpsearch.errors import RunError, UsageError
from hpsearch.report.export import optional as optional_module
from hpsearch.report.export.tables import as_csv, as_json

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
