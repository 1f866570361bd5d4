"""One entry in the table of scales is enough: config, schema, samplers and reports know it then."""

import csv
from pathlib import Path

import pytest

from tests.changed_package import ChangedPackage

TABLE = "for scale in (LINEAR, LOG, ONE_MINUS)"
ENTRY = 'for scale in (LINEAR, LOG, ONE_MINUS, Scale("sqrt", "√", np.sqrt, np.square, above=0.0))'
CONFIG = """\
trainable: model.py:cost
metric: {name: J, goal: minimize}
parameters: {w: {min: 1, max: 9, scale: sqrt, count: 3}}
search: {strategy: grid}
"""


@pytest.fixture
def hpsearch(tmp_path: Path) -> ChangedPackage:
    package = ChangedPackage.copy(tmp_path)
    package.replace("space/scales.py", TABLE, ENTRY)
    package.write("model.py", "def cost(w):\n    return w**2\n")
    package.write("c.yaml", CONFIG)
    return package


def test_a_new_scale_is_one_entry(hpsearch: ChangedPackage) -> None:
    forms = hpsearch.schema()["$defs"]["parameter"]["anyOf"]
    number = next(form for form in forms if "min" in form.get("properties", {}))
    assert number["properties"]["scale"]["enum"] == ["linear", "log", "1-beta", "sqrt"]
    assert "√" in hpsearch("preview", "c.yaml")
    hpsearch("run", "c.yaml", "-q")
    rows = csv.DictReader(hpsearch("report", "c", "--format", "csv").splitlines())
    # Evenly on the roots 1, 2, 3 of the range's ends
    assert sorted(float(row["w"]) for row in rows) == [1.0, 4.0, 9.0]
    assert "√" in hpsearch("report", "c")
    hpsearch("report", "c", "--html", "-o", "c.html")
    assert "√ scale" in (hpsearch.folder / "c.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("min=-1", "the sqrt scale needs a min above 0, not -1"),
        ("scale=sqt", "must be one of linear, log, 1-beta, sqrt"),
        ("scale=1-beta", "write scale: linear, log or sqrt"),
    ],
)
def test_messages_know_a_new_scale(hpsearch: ChangedPackage, option: str, said: str) -> None:
    assert said in hpsearch("check", "c.yaml", "--set", f"parameters.w.{option}", code=2)
