"""Every example in configs/frameworks/ runs, where what it trains with is installed."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from tests.shell import Shell

EXAMPLES = Path(__file__).parents[1] / "configs" / "frameworks"
NEEDS = {
    "argparse": (),
    "awk": (),
    "jax": ("jax",),
    "keras": ("keras",),
    "lightgbm": ("lightgbm",),
    "lightning": ("lightning",),
    "pytorch": ("torch",),
    "scikit_learn": ("sklearn",),
    "shell": (),
    "trainer": ("transformers", "accelerate", "torch"),
    "xgboost": ("xgboost",),
}
"""The packages that an example imports, by its file's name."""

BACKEND = next((n for n in ("tensorflow", "jax", "torch") if importlib.util.find_spec(n)), "")


def test_each_example_is_known_and_short() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {*NEEDS}
    for path in EXAMPLES.iterdir():
        if path.is_file():
            assert len(path.read_text(encoding="utf-8").splitlines()) < 40, path


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_an_example_runs_with_curves_of_all_its_epochs(tmp_path: Path, name: str) -> None:
    missing = [package for package in NEEDS[name] if importlib.util.find_spec(package) is None]
    if name == "keras" and not BACKEND:
        missing.append("a backend")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    shutil.copytree(EXAMPLES, tmp_path / "frameworks")
    shell = Shell(tmp_path)
    few = ["--set", "search.max_trials=2", "--workers", "1"]
    root = str(Path(__file__).parents[1])
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = shell(
        "run", f"frameworks/{name}.yaml", *few, PYTHONPATH=root, KERAS_BACKEND=BACKEND, PATH=path
    )
    assert done.code == 0, done.err
    records = shell.records(name.replace("_", "-"))
    assert len(records) == 2
    for record in records:
        assert record["state"] == "done", record
        curves = {len(curve) for curve in record["curves"].values()}
        assert curves == {record["epochs"]}
    epochs = 1 if name == "scikit_learn" else None
    assert all(r["epochs"] == epochs or (epochs is None and r["epochs"] > 1) for r in records)
