"""From a search on one file to labels for another, on handwritten digits."""

import shutil
from pathlib import Path

import pytest

from tests.shell import Shell

CONFIG = Path(__file__).parents[2] / "configs" / "optdigits.yaml"


@pytest.mark.slow
def test_digits_of_other_writers(tmp_path: Path, shared_data: Path) -> None:
    shell = Shell(tmp_path)
    shutil.copy(CONFIG, tmp_path)
    for name in ("optdigits.tra.csv", "optdigits.tes.csv"):
        shutil.copy(shared_data / name, tmp_path)
    done = shell("run", "optdigits.yaml", "-q")
    assert done.code == 0, done.err
    scored = shell("predict", "optdigits", "optdigits.tes.csv", "--score").out.splitlines()
    assert scored[0] == "rows      1,797"
    scores = dict(line.split(maxsplit=1) for line in scored[:3])
    assert float(scores["accuracy"]) >= 0.975
    assert f"test split, 1,797 rows, scored once: error {scores['error']}" in done.out
