"""What each command imports before it does its work: the names, since times differ by machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.config.schema_file import schema_text, strategy_names
from hpsearch.sampling.table import NAMED

HEAVY = frozenset({"joblib", "numpy", "pyarrow", "rich", "scipy", "numba", "textual", "yaml"})

SAYS_WHAT_IS_LOADED = """
import sys
from hpsearch.cli.main import run
assert run(sys.argv[1:]) == 0
print("\\nloaded:", *sys.modules)
"""


def loaded_by(folder: Path, *arguments: str) -> set[str]:
    """The modules that are imported when a command is done."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS_WHAT_IS_LOADED, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


def rooms(modules: set[str]) -> set[str]:
    """The rooms of hpsearch among modules: ``hpsearch.config``."""
    return {".".join(name.split(".")[:2]) for name in modules if name.startswith("hpsearch.")}


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (("--help",), set()),
        (("run", "--help"), set()),
        (("schema",), {"hpsearch.config"}),
        (("init",), {"hpsearch.config", "hpsearch.store"}),
        (("list",), {"hpsearch.store"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_starts_at_once_loads_no_library(
    tmp_path: Path, arguments: tuple[str, ...], more: set[str]
) -> None:
    modules = loaded_by(tmp_path, *arguments)
    assert modules & HEAVY == set()
    always = loaded_by(tmp_path, "--version")
    assert rooms(modules) - rooms(always) <= more
    assert rooms(modules) >= more


def test_a_list_of_runs_loads_nothing_that_reads_data_or_trains(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "trainable: {command: 'echo value: 1'}\nparameters: {w: {min: 0, max: 1}}\n"
        "search: {strategy: random, max_trials: 1}\nrun: {workers: 1}\n"
    )
    run = [sys.executable, "-m", "hpsearch", "run", "c.yaml", "-q"]
    subprocess.run(run, check=True, cwd=tmp_path, capture_output=True)
    modules = loaded_by(tmp_path, "list")
    assert not {"hpsearch.data.loading", "hpsearch.panda.opening", "joblib", "scipy"} & modules
    assert "hpsearch.training" not in rooms(modules)


def test_the_package_alone_loads_nothing(tmp_path: Path) -> None:
    code = "import sys, hpsearch; print(*(name for name in sys.modules if 'hpsearch' in name))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "hpsearch" in done.stdout.split()
    assert {name for name in done.stdout.split() if name.startswith("hpsearch.")} == set()


def test_the_schema_that_is_handed_on_names_the_strategies_there_are() -> None:
    assert strategy_names() == list(NAMED)
    assert schema_text().endswith("}\n")
