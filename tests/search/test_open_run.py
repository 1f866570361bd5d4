import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.config import load_config
from hpsearch.search.open_run import open_run
from hpsearch.training import environment

CONFIG = """\
name: bowl
seed: 1
trainable: bowl.py:bowl
metric: {name: J, goal: minimize}
parameters: {x: {min: -1, max: 1}}
search: {max_trials: 3}
"""


def test_a_run_begun_under_other_rules_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bowl.py").write_text("def bowl(x):\n    return x * x\n")
    (tmp_path / "bowl.yaml").write_text(CONFIG)
    command = [sys.executable, "-m", "hpsearch", "run", "bowl.yaml", "-q", "--workers", "1"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)

    def notes() -> str:
        loaded = load_config(tmp_path / "bowl.yaml")
        with open_run(loaded, tmp_path / "runs", "hpsearch run") as launch:
            return " ".join(launch.notes)

    monkeypatch.chdir(tmp_path)
    assert "other rules" not in notes()
    monkeypatch.setattr(environment, "REVISION", "another")
    for _ in range(2):  # and each time that it goes on: the first trials stay what they are
        assert "by other rules: later trials will differ from an undisturbed run's" in notes()
