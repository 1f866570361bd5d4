"""One entry in the table of scales is enough: config, schema, samplers and reports know it then."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hpsearch

TABLE = "for scale in (LINEAR, LOG, ONE_MINUS)"
ENTRY = 'for scale in (LINEAR, LOG, ONE_MINUS, Scale("sqrt", "√", np.sqrt, np.square, above=0.0))'
CONFIG = """\
trainable: model.py:cost
metric: {name: J, goal: minimize}
parameters: {w: {min: 1, max: 9, scale: sqrt, count: 3}}
search: {strategy: grid}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of the package in it, one entry longer, and a search."""
    package = Path(hpsearch.__file__).parent
    shutil.copytree(package, tmp_path / "hpsearch", ignore=shutil.ignore_patterns("__pycache__"))
    scales = tmp_path / "hpsearch" / "space" / "scales.py"
    text = scales.read_text("utf-8")
    assert TABLE in text
    scales.write_text(text.replace(TABLE, ENTRY), "utf-8")
    (tmp_path / "model.py").write_text("def cost(w):\n    return w**2\n")
    (tmp_path / "c.yaml").write_text(CONFIG)
    return tmp_path


def command(folder: Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr if code else done.stdout


def test_a_new_scale_is_one_entry(folder: Path) -> None:
    forms = json.loads(command(folder, "schema"))["$defs"]["parameter"]["anyOf"]
    number = next(form for form in forms if "min" in form.get("properties", {}))
    assert number["properties"]["scale"]["enum"] == ["linear", "log", "1-beta", "sqrt"]
    assert "√" in command(folder, "preview", "c.yaml")
    command(folder, "run", "c.yaml", "-q")
    rows = csv.DictReader(command(folder, "report", "c", "--format", "csv").splitlines())
    # Evenly on the roots 1, 2, 3 of the range's ends
    assert sorted(float(row["w"]) for row in rows) == [1.0, 4.0, 9.0]
    assert "√" in command(folder, "report", "c")
    command(folder, "report", "c", "--html", "-o", "c.html")
    assert "√ scale" in (folder / "c.html").read_text("utf-8")


def test_messages_know_a_new_scale(folder: Path) -> None:
    wrong = ("check", "c.yaml", "--set", "parameters.w.min=-1")
    assert "the sqrt scale needs a min above 0, not -1" in command(folder, *wrong, code=2)
    wrong = ("check", "c.yaml", "--set", "parameters.w.scale=sqt")
    assert "must be one of linear, log, 1-beta, sqrt" in command(folder, *wrong, code=2)
    wrong = ("check", "c.yaml", "--set", "parameters.w.scale=1-beta")
    assert "write scale: linear, log or sqrt" in command(folder, *wrong, code=2)
