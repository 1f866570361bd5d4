"""What ``import hpsearch`` gives: about ten names, at once, with their types."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import hpsearch

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hpsearch"

IMPORTED = {"hpsearch"}
"""All of our modules that ``import hpsearch`` imports; of others' none beside Python's own."""

CALLER = """
import hpsearch
from hpsearch import HpsearchError, Run, Trial

def train(alpha: float, layers: int) -> float:
    return alpha * layers

try:
    run: Run = hpsearch.run(
        train,
        {"alpha": hpsearch.log(1e-4, 1), "layers": [1, 2, 3], "beta": hpsearch.one_minus(0.9, 1)},
        metric="dev_error",
        max_trials=60,
    )
except HpsearchError as error:
    print(error.message)
best: Trial | None = run.best
value: float | None = best.value if best is not None else None
shares: dict[str, float] = run.importance()
again: Run = hpsearch.load("runs/digits")
reveal_type(run.trials)
"""


def test_importing_hpsearch_imports_nothing_else() -> None:
    code = (
        "import sys; before = {*sys.modules}; import hpsearch; "
        "print(*sorted({*sys.modules} - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {*done.stdout.split()} == IMPORTED


def test_the_stub_has_the_names_of_the_module() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        alias.asname: node.module + f":{alias.name}" * (alias.name != alias.asname)
        for node in stub.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert imported == hpsearch._HOMES
    assert sorted(hpsearch.__all__) == sorted(imported)


@pytest.mark.parametrize("name", sorted(hpsearch._HOMES))
def test_a_name_is_documented_and_is_no_subpackage(name: str) -> None:
    assert inspect.getdoc(getattr(hpsearch, name))
    assert name in dir(hpsearch)
    assert not (PACKAGE / name).exists()
    assert not (PACKAGE / f"{name}.py").exists()


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'hpsearch' has no attribute 'serach'"):
        hpsearch.serach  # noqa: B018


@pytest.mark.slow
def test_a_caller_is_checked_by_mypy(tmp_path: Path) -> None:
    file = tmp_path / "caller.py"
    file.write_text(CALLER)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(file)]
    cache = ["--cache-dir", str(tmp_path / "cache"), "--follow-imports=silent"]
    done = subprocess.run([*command, *cache], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert 'Revealed type is "list[hpsearch.library.results.Trial]"' in done.stdout.replace(
        "builtins.", ""
    )
