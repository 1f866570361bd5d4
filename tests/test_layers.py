"""The layers hold: imports run downwards only, and each outside library has its one home."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "hpsearch"

LAYERS = {
    "__init__": 0,  # imported with everything, so it may know only what everything may know
    "errors": 0,
    "records": 0,
    "seeds": 0,
    "threads": 0,
    "text": 0,
    "portable": 0,
    "space": 1,
    "network": 1,
    "store": 1,
    "data": 2,
    "sampling": 3,
    "config": 4,
    "training": 5,
    "engine": 6,
    "panda": 7,
    "search": 7,
    "predict": 7,
    "report": 8,
    "cli": 9,
    "__main__": 9,
}

STRANGERS = {"report": "search.caviar"}  # a report reads what is on record, and runs no search

LIBRARIES = {
    "numpy": set(LAYERS),
    "click": {"cli"},
    "rich": {"cli", "report"},
    "textual": {"cli"},
    "joblib": {"engine"},
    "dask": {"engine"},
    "distributed": {"engine"},
    "ray": {"engine"},
    "yaml": {"config"},
    "pydantic": {"config"},
    "pydantic_core": {"config"},
    "scipy": {"sampling", "network"},  # the optional extras from here on
    "optuna": {"sampling"},
    "numba": {"network"},
    "pyarrow": {"data"},
    "resvg_py": {"report"},
}


def imported(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and full name of every import, wherever it stands: inside functions as well."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = ".".join(package.split(".")[: -(level - 1) or None]) if level else ""
                source = ".".join(part for part in (base, module) if part)
                # `from hpsearch import store` names the part only after `import`.
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def complaint(part: str, name: str) -> str | None:
    """What is wrong with ``part`` importing ``name``."""
    top, *rest = name.split(".")
    if top == "hpsearch":
        other = rest[0] if rest and rest[0] in LAYERS else "__init__"
        if LAYERS[other] > LAYERS[part]:
            return f"{part} (layer {LAYERS[part]}) imports {other} (layer {LAYERS[other]})"
        if part in STRANGERS and f"{'.'.join(rest)}.".startswith(f"{STRANGERS[part]}."):
            return f"{part} must not know {STRANGERS[part]}"
    elif top not in sys.stdlib_module_names and part not in LIBRARIES.get(top, set()):
        return f"{part} must not know {top}"
    return None


def complaints(root: Path) -> list[str]:
    """One line for each import under ``root`` that breaks a rule."""
    found = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        part = place.parts[0].removesuffix(".py")
        if part not in LAYERS:
            found.append(f"{path}:1: {part} has no layer; give it one in {Path(__file__).name}")
            continue
        package = ".".join(("hpsearch", *place.parts[:-1]))
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        found += [
            f"{path}:{line}: {reason}"
            for line, name in imported(tree, package)
            if (reason := complaint(part, name))
        ]
    return found


def test_imports_run_downwards_and_libraries_stay_at_home() -> None:
    assert not complaints(ROOT), "\n" + "\n".join(complaints(ROOT))


@pytest.mark.parametrize(
    ("place", "source", "reason"),
    [
        ("store/journal.py", "import hpsearch.engine.pools", "store (layer 1) imports engine"),
        ("store/journal.py", "from hpsearch import data", "store (layer 1) imports data"),
        ("store/journal.py", "from .. import data", "store (layer 1) imports data"),
        ("store/journal.py", "from ..data.splits import split", "store (layer 1) imports data"),
        ("store/journal.py", "def f():\n    import hpsearch.cli", "store (layer 1) imports cli"),
        ("errors.py", "from hpsearch.store import journal", "errors (layer 0) imports store"),
        ("__init__.py", "from hpsearch.search import run", "__init__ (layer 0) imports search"),
        ("report/live.py", "from hpsearch.search import caviar", "must not know search.caviar"),
        ("store/journal.py", "import yaml", "store must not know yaml"),
        ("space/space.py", "from scipy.stats import qmc", "space must not know scipy"),
        ("engine/pools.py", "from rich.console import Console", "engine must not know rich"),
        ("report/html.py", "import click", "report must not know click"),
        ("network/layers.py", "import torch", "network must not know torch"),
        ("engine/pools.py", "importlib.import_module('yaml')", "engine must not know yaml"),
        ("helpers/tools.py", "import os", "helpers has no layer"),
    ],
)
def test_a_forbidden_import_is_named_with_its_line(
    tmp_path: Path, place: str, source: str, reason: str
) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n" * 4 + source, encoding="utf-8")
    [line] = complaints(tmp_path)
    expected_line = 1 if "no layer" in reason else 5 + source.count("\n")
    assert line.startswith(f"{path}:{expected_line}: ")
    assert reason in line


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("cli/run.py", "import click, rich.table\nfrom hpsearch.search.caviar import run"),
        (
            "search/caviar.py",
            "from hpsearch.engine import pools\nfrom hpsearch import errors",
        ),
        ("panda/fork.py", "from hpsearch.search.caviar import run"),  # the same layer
        ("space/space.py", "from .scales import LOG\nimport numpy as np\nimport json"),
        ("errors.py", "from hpsearch import __version__"),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, place: str, source: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    assert complaints(tmp_path) == []
