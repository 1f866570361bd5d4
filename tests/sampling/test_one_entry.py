"""One entry in the table of strategies is enough: config, schema and search then know it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hpsearch

CORNERS = '''

class Centre(Sampler):
    """Always the centre of the space."""

    def choose(self, question: Question) -> ChosenPoint:
        return ChosenPoint((0.5,) * self.space.dimensions, "centre", self.whole)
'''
IMPORT = "from hpsearch.sampling.random_search import"
ENTRY = '    "random": RandomSearch,\n'


def test_a_new_strategy_is_one_entry(tmp_path: Path) -> None:
    package = tmp_path / "hpsearch"
    shutil.copytree(
        Path(hpsearch.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    code = "from hpsearch.sampling.sampler import ChosenPoint, Question, Sampler" + CORNERS
    (package / "sampling" / "centre.py").write_text(code)
    make = package / "sampling" / "make.py"
    text = make.read_text()
    assert ENTRY in text
    text = text.replace(ENTRY, f'{ENTRY}    "centre": Centre,\n')
    text = text.replace(IMPORT, f"from hpsearch.sampling.centre import Centre\n{IMPORT}")
    make.write_text(text)
    (tmp_path / "model.py").write_text("def cost(w):\n    return w**2\n")
    (tmp_path / "c.yaml").write_text(
        "trainable: model.py:cost\nmetric: {name: J, goal: minimize}\n"
        "parameters: {w: {min: 0, max: 6}}\nsearch: {strategy: centre, max_trials: 2}\n"
    )

    def command(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hpsearch", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "centre" in json.dumps(json.loads(command("schema")))
    command("init", "new.yaml")
    assert "centre" in (tmp_path / "new.yaml").read_text()
    command("run", "c.yaml", "-q")
    rows = command("report", "c", "--format", "csv").splitlines()
    assert len(rows) == 3
    assert all(",3" in row for row in rows[1:])  # w = 3, twice
