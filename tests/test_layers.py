"""The layers hold: imports run downwards only, and each outside library has its one home."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "hpsearch"

LAYERS = {
    "__init__": 0,  # imported with everything, so it may know only what everything may know
    "errors": 0,
    "records": 0,
    "metrics": 0,
    "pushing": 0,
    "seeds": 0,
    "processes": 0,
    "threads": 0,
    "text": 0,
    "significance": 0,
    "portable": 0,
    "pareto": 0,
    "space": 1,
    "callbacks": 1,  # each knows its framework, and is imported by who uses that
    "network": 1,
    "store": 1,
    "data": 2,
    "engine.table": 0,  # names alone, which the config reads
    "sampling": 3,
    "estimators": 3,
    "config": 4,
    "training": 5,
    "importing": 5,
    "engine": 6,
    "panda": 7,
    "search": 7,
    "predict": 7,
    "report": 8,
    "report.analysis": 8,  # what was learnt, nothing drawn
    "report.export": 9,
    "report.sections": 9,  # screens said once, for the two writers
    "report.text": 10,
    "report.html": 10,
    "report.live": 11,
    "library": 11,  # the public face, which the stub beside __init__ gives its names
    "cli": 12,
    "__main__": 12,
}
"""A room is a folder or a file of the package; a folder inside one may be a room of its own."""

STRANGERS = {
    "report": {"search.caviar"},  # a report reads what is on record, and runs no search
    "report.text": {"report.export", "report.html"},  # two writers, neither needs the other
    "report.html": {"report.export", "report.text"},
    "report.live": {"report.export", "report.html"},
}

LIBRARIES = {
    "numpy": set(LAYERS),
    "click": {"cli"},
    "rich": {"cli", "report.text", "report.live"},
    "textual": {"cli"},
    "joblib": {"engine"},
    "dask": {"engine"},
    "distributed": {"engine"},
    "ray": {"engine"},
    "yaml": {"config"},
    "scipy": {"sampling", "network"},  # the optional extras from here on
    "optuna": {"sampling"},
    "numba": {"network"},
    "pyarrow": {"data"},
    "resvg_py": {"report.html"},
    "pandas": {"library"},
    "sklearn": {"estimators"},
    "keras": {"callbacks"},
    "lightning": {"callbacks"},
    "pytorch_lightning": {"callbacks"},
    "xgboost": {"callbacks"},
    "IPython": {"library"},
    "psutil": {"processes"},
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


def room_of(names: Sequence[str]) -> str | None:
    """The innermost room that holds a module: ``report.text`` before ``report``."""
    inner, outer = ".".join(names[:2]), names[0] if names else "__init__"
    return inner if inner in LAYERS else outer if outer in LAYERS else None


def complaint(part: str, name: str) -> str | None:
    """What is wrong with ``part`` importing ``name``."""
    top, *rest = name.split(".")
    if top == "hpsearch":
        other = room_of(rest) or "__init__"
        if LAYERS[other] > LAYERS[part]:
            return f"{part} (layer {LAYERS[part]}) imports {other} (layer {LAYERS[other]})"
        for room in {part, part.partition(".")[0]}:
            for stranger in STRANGERS.get(room, set()):
                if f"{'.'.join(rest)}.".startswith(f"{stranger}."):
                    return f"{part} must not know {stranger}"
    elif top not in sys.stdlib_module_names and part not in LIBRARIES.get(top, set()):
        return f"{part} must not know {top}"
    return None


def complaints(root: Path) -> list[str]:
    """One line for each import under ``root`` that breaks a rule."""
    found = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        part = room_of(place.with_suffix("").parts)
        if part is None:
            found.append(
                f"{path}:1: {place.parts[0]} has no layer; give it one in {Path(__file__).name}"
            )
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
        ("report/live/a.py", "from hpsearch.search import caviar", "must not know search.caviar"),
        ("report/text/a.py", "from hpsearch.report import html", "must not know report.html"),
        ("report/text/a.py", "from ..html.page import p", "must not know report.html"),
        ("report/html/a.py", "from hpsearch.report.text import b", "must not know report.text"),
        ("report/analysis/a.py", "from hpsearch.report.text import b", "imports report.text"),
        ("report/analysis/a.py", "import rich", "report.analysis must not know rich"),
        ("report/html/a.py", "from rich.text import Text", "report.html must not know rich"),
        ("store/journal.py", "import yaml", "store must not know yaml"),
        ("space/space.py", "from scipy.stats import qmc", "space must not know scipy"),
        ("engine/pools.py", "from rich.console import Console", "engine must not know rich"),
        ("report/html/a.py", "import click", "report.html must not know click"),
        ("network/layers.py", "import torch", "network must not know torch"),
        ("engine/pools.py", "importlib.import_module('yaml')", "engine must not know yaml"),
        ("helpers/tools.py", "import os", "helpers has no layer"),
    ],
)
def test_a_forbidden_import_is_named_with_its_line(
    tmp_path: Path, place: str, source: str, reason: str
) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
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
        ("report/live/a.py", "from hpsearch.report.text import lines\nimport rich"),
        ("report/html/figures/a.py", "from hpsearch.report.analysis.rows import Summary"),
        ("space/space.py", "from .scales import LOG\nimport numpy as np\nimport json"),
        ("errors.py", "from hpsearch import __version__"),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, place: str, source: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    assert complaints(tmp_path) == []


def layers_as_listed() -> str:
    """The list of layers as CONTRIBUTING has it, from the lowest up."""
    floors: dict[int, list[str]] = {}
    for room, layer in LAYERS.items():
        if not room.startswith("__"):
            floors.setdefault(layer, []).append(room)
    return "".join(f"  {layer}. {', '.join(floors[layer])}\n" for layer in sorted(floors))


def test_contributing_lists_the_layers() -> None:
    text = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert layers_as_listed() in text, f"CONTRIBUTING.md should hold\n{layers_as_listed()}"
