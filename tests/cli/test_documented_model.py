"""The documented lines of NumPy label rows as ``hpsearch predict`` does."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.shell import Shell

FORMATS = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
CONFIG = """
name: digits
data: {path: digits.csv, target: label}
epochs: 10
parameters: {hidden_units: 16, layers: 3, batch_size: 8, alpha: 0.01}
search: {max_trials: 1}
run: {workers: 1}
"""


def test_the_five_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = [b for b in re.findall(r"```python\n(.*?)```", FORMATS, re.DOTALL) if "model.npz" in b]
    assert len(code.splitlines()) == 5
    shell = Shell(tmp_path)
    rng = np.random.default_rng(0)
    y = np.arange(150) % 3
    X = np.column_stack([rng.normal(y, 0.4), np.full(150, 7.0), rng.normal(-y, 0.4)])
    rows = [",".join(map(str, [*row, "abc"[c]])) for row, c in zip(X, y, strict=True)]
    shell.write("digits.csv", "\n".join(["p,constant,q,label", *rows]) + "\n")
    shell.write("config.yaml", CONFIG)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    predicted = shell("predict", "digits", "digits.csv").out.splitlines()[1:]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"np": np, "X": X}
    exec(code, names)
    assert names["labels"].tolist() == predicted
    assert set(predicted) == {"a", "b", "c"}
