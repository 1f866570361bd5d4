"""One entry in the table of formats is enough: a search then learns from such a file."""

from pathlib import Path

import numpy as np
import pytest

from tests.changed_package import ChangedPackage

NEXT = "FORMATS = (\n"
READER = '''\
def _read_grid(
    file: Path, spec: DataSpec, expected: Expected | None, text: Collection[str]
) -> dict[str, Table]:
    """Lines of whole numbers under a first line; the last of each is the label."""
    rows = np.loadtxt(file, skiprows=1)
    labels = label_names(file, "the file", rows[:, -1].astype(int))
    return {"train": array_table(file, "the file", rows[:, :-1], labels, spec)}


'''
ENTRY = '    Format("grid", lambda head: head.startswith(b"#GRID"), _read_grid, ending=".grid"),\n'
IMPORT = "from hpsearch.data.csv_file import"
IMPORTED = "import numpy as np\nfrom hpsearch.data.arrays import array_table, label_names\n"
CONFIG = """\
data: {path: points.grid}
epochs: 2
metric: dev_error
parameters: {alpha: {min: 1e-3, max: 1e-1, scale: log}, layers: 1, hidden_units: 4}
search: {max_trials: 2}
run: {workers: 1}
"""


@pytest.mark.slow
def test_a_new_format_is_one_entry(tmp_path: Path) -> None:
    hpsearch = ChangedPackage.copy(tmp_path)
    hpsearch.replace("data/formats.py", NEXT, READER + NEXT + ENTRY)
    hpsearch.replace("data/formats.py", IMPORT, IMPORTED + IMPORT)
    X = np.random.default_rng(0).integers(0, 9, (90, 3))
    rows = "".join(f"{a} {b} {c} {int(a > b)}\n" for a, b, c in X)
    hpsearch.write("points.grid", "#GRID\n" + rows)
    hpsearch.write("c.yaml", CONFIG)
    assert "72 train, 18 dev" in hpsearch("preview", "c.yaml")
    hpsearch("run", "c.yaml", "-q")
    assert len(hpsearch("report", "c", "--format", "csv").splitlines()) == 3
    hpsearch.write("points.grid", "a,b,c\n1,2,x\n")
    assert "its name ends in .grid, and it holds text" in hpsearch("run", "c.yaml", code=2)
    (tmp_path / "points.grid").write_bytes(b"\x01\x00\x02")
    assert "CSV, grid, npz, idx, Parquet" in hpsearch("run", "c.yaml", "--fresh", code=2)
