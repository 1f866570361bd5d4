"""``hpsearch export``: what is written, what opens it, and what is wrong, from outside."""

import csv
from pathlib import Path

import pytest

from hpsearch.cli.export import FORMATS
from hpsearch.report.export.targets import TARGETS
from tests.shell import Shell

CONFIG = """
name: quadratic
trainable: objective.py:cost
metric: J
parameters:
  w: {min: -10, max: 20}
search: {max_trials: 6, lookahead: 4}
run: {workers: 2}
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("export"))
    shell.write("config.yaml", CONFIG)
    shell.write("objective.py", "def cost(w):\n    return w**2 - 10*w + 25\n")
    assert shell("run", "config.yaml", "-q").code == 0
    return shell


def test_every_format_is_offered() -> None:
    assert tuple(TARGETS) == FORMATS


def test_a_table(shell: Shell) -> None:
    done = shell("export", "quadratic", "--to", "csv", "table.csv")
    assert (done.code, done.out, done.err) == (0, "", "wrote table.csv\n")
    with (shell.folder / "table.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 6


def test_a_study_and_how_to_open_it(shell: Shell, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    place = tmp_path / "studies.db"
    done = shell("export", "quadratic", str(place), "--to", "optuna")
    told = f"wrote {place}; open it with: optuna-dashboard sqlite:///{place}\n"
    assert (done.code, done.err) == (0, told)
    again = shell("export", "quadratic", str(place), "--to", "optuna")
    assert again.code == 2
    assert "has a study 'quadratic' already" in again.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["quadratic", "--to", "excel", "x"], "excel"),
        (["quadratic", "--to", "csv"], "PATH"),
        (["quadratic", "x.csv"], "--to"),
        (["qadratic", "--to", "csv", "x"], "did you mean quadratic?"),
    ],
)
def test_what_cannot_be(shell: Shell, arguments: list[str], told: str) -> None:
    wrong = shell("export", *arguments)
    assert wrong.code == 2
    assert told in wrong.err
    assert wrong.err.count("\n") == 1


def test_a_table_on_stdout(shell: Shell) -> None:
    done = shell("export", "quadratic", "-", "--to", "csv")
    assert done.code == 0
    assert done.out.startswith("trial,round,")
    assert not (shell.folder / "-").exists()
    refused = shell("export", "quadratic", "-", "--to", "optuna")
    assert refused.code == 2
    assert "optuna cannot go to stdout" in refused.err


def test_a_file_of_another_kind_is_not_written_over(shell: Shell) -> None:
    before = (shell.folder / "objective.py").read_text()
    refused = shell("export", "quadratic", "objective.py", "--to", "csv")
    assert refused.code == 2
    assert "objective.py is there already" in refused.err
    assert (shell.folder / "objective.py").read_text() == before
    for _ in range(2):  # a table of before is written anew
        assert shell("export", "quadratic", "again.csv", "--to", "csv").code == 0
