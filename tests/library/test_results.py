"""What a run gives back in Python: trials, the best, tables, pictures."""

import html
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import hpsearch
from tests.shell import Shell

YAML = """
name: cost
trainable: objective.py:cost
metric: {name: J, goal: maximize}
parameters:
  w: {min: -10, max: 20, step: 0.5}
  b: {values: [1, 2, 3]}
search: {max_trials: 24, lookahead: 8}
run: {workers: 2}
"""
OBJECTIVE = """
def cost(w, b):
    if w > 15:
        raise ValueError("too far")
    return -(w - 5) ** 2 + 0.001 * b
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("results"))
    shell.write("config.yaml", YAML)
    shell.write("objective.py", OBJECTIVE)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    return shell


@pytest.fixture
def run(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> hpsearch.Run:
    monkeypatch.chdir(shell.folder)
    return hpsearch.load("runs/cost")


def test_trials_are_those_of_the_journal(run: hpsearch.Run, shell: Shell) -> None:
    records = sorted(shell.records("cost"), key=lambda record: record["trial"])
    assert [trial.number for trial in run.trials] == list(range(24))
    for trial, record in zip(run.trials, records, strict=True):
        assert trial.hparams == record["hparams"]
        assert (trial.state, trial.value, trial.seed) == (
            record["state"],
            record["value"],
            record["seed"],
        )
        assert trial.error == record["error"]
    assert run.best is not None
    assert run.best.value == max(r["value"] for r in records if r["value"] is not None)
    assert repr(run).startswith("<hpsearch run cost: 24 trials, best J ")
    assert run.metric == "J"
    assert run.complete


def test_a_run_is_found_by_its_name_too(run: hpsearch.Run, shell: Shell) -> None:
    assert hpsearch.load("cost").path == Path("runs/cost")
    assert hpsearch.load(shell.folder / "runs" / "cost").name == "cost"
    assert hpsearch.load("cost", runs=shell.folder / "runs").best == run.best


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("coast", "there is no run 'coast' in runs; did you mean cost?"),
        ("other/cost", "there is no run 'other/cost' in runs; "),
    ],
)
def test_a_run_that_is_not_there(run: hpsearch.Run, name: str, message: str) -> None:
    with pytest.raises(hpsearch.HpsearchError) as error:
        hpsearch.load(name)
    assert error.value.message.startswith(message)


def test_what_mattered(run: hpsearch.Run) -> None:
    shares = run.importance()
    assert list(shares) == ["w", "b"]
    assert shares["w"] > 0.5 > shares["b"]


def test_show_prints_the_report(
    run: hpsearch.Run, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    run.show(width=80)
    assert capsys.readouterr().out == shell("report", "runs/cost", COLUMNS="80").out


def test_the_notebook_gets_the_page(run: hpsearch.Run) -> None:
    shown = run._repr_html_()
    [page] = re.findall('srcdoc="([^"]*)"', shown)
    page = html.unescape(page)
    assert page.startswith("<!doctype html>")
    assert "Best so far" in page
    assert page.count("<svg") > 3
    assert shown.startswith('<iframe title="hpsearch report cost"')


def test_without_pandas_it_says_what_to_install(
    run: hpsearch.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(hpsearch.HpsearchError) as error:
        run.to_pandas()
    assert error.value.message == (
        "to_pandas needs pandas, which is not installed; install it with: pip install pandas"
    )


def test_the_table_goes_to_pandas(run: hpsearch.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = ModuleType("pandas")
    pandas.DataFrame = lambda rows, columns: (columns, rows)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    columns, rows = run.to_pandas(timing=False)
    assert columns == ["trial", "round", "state", "epochs", "value", "w", "b"]
    assert [row[0] for row in rows] == list(range(24))


def test_pandas_itself(run: hpsearch.Run) -> None:
    pandas = pytest.importorskip("pandas")
    frame = run.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["value"].max() == run.best.value  # type: ignore[union-attr]
