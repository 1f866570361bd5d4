"""Data that a search prepares once: where they lie, and that nothing else depends on them."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.shell import Shell

ROWS, FEATURES = 11_000, 100  # 4.4 MB of float32: more than is read by every worker
CONFIG = """
name: large
seed: 3
data: {path: large.npz, test: 0.1}
epochs: 1
parameters:
  alpha:        {min: 1e-3, max: 1, scale: log}
  hidden_units: 4
  layers:       1
  batch_size:   1024
search: {strategy: random, max_trials: 3}
run: {workers: 2}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((ROWS, FEATURES), dtype=np.float32)
    np.savez(tmp_path / "large.npz", X=X, y=(X[:, 0] > 0).astype(np.uint8))
    shell.write("config.yaml", CONFIG)
    assert shell("run", "config.yaml", "-q").code == 0
    return shell


def test_a_run_keeps_its_data_once_and_can_do_without(shell: Shell) -> None:
    run = shell.folder / "runs" / "large"
    (kept,) = (run / "data").iterdir()
    assert {file.name for file in kept.iterdir()} == {
        *(f"{part}_{array}.npy" for part in ("train", "dev", "test") for array in "Xy"),
        "preprocessing.npz",
        "prepared.json",
    }
    assert np.load(kept / "train_X.npy").shape == (7_700, FEATURES)
    # A trial that is trained again reads the file itself: the same bits.
    again = shell("retest", "large", "--trial", "0")
    assert again.code == 0, again.out + again.err
    shutil.rmtree(run / "data")
    extended = shell("run", "config.yaml", "-q", "--set", "search.max_trials=4")
    assert extended.code == 0, extended.err
    assert len(shell.records("large")) == 4
    assert [folder.name for folder in (run / "data").iterdir()] == [kept.name]
