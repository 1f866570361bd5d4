"""A file or column that is not there is told with the config's own line, as any mistake is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import load_config
from hpsearch.errors import ConfigError, DataError

CONFIG = """name: c
data:
  path: {path}
  target: {target}
  ignore: [{ignore}]
  dev: {dev}
parameters: {{alpha: 0.1}}
"""
RIGHT = {"path": "rows.csv", "target": "c", "ignore": "b", "dev": "0.2"}


def complaint(folder: Path, *options: str, **wrong: str) -> str:
    (folder / "rows.csv").write_text("a,b,c\n1,2,x\n3,4,y\n")
    np.savez(folder / "rows.npz", X=np.eye(4), y=np.arange(4))
    path = folder / "c.yaml"
    path.write_text(CONFIG.format(**RIGHT | wrong))
    with pytest.raises(ConfigError) as caught:
        load_config(path, options).check_data()
    return caught.value.message.replace(str(folder), "…")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"path": "row.csv"}, "…/c.yaml:3:9: data.path: …/row.csv: there is no such file; did"),
        ({"path": "."}, "…/c.yaml:3:9: data.path: …: is a folder; name the file"),
        ({"target": "C"}, "…/c.yaml:4:11: data.target: …/rows.csv: there is no column 'C'; did"),
        ({"target": "9"}, "…/c.yaml:4:11: data.target: …/rows.csv: 9: there is no such column"),
        ({"target": "null"}, "…/c.yaml:4:11: data.target: …/rows.csv: is needed: the label's"),
        ({"ignore": "a, d"}, "…/c.yaml:5:11: data.ignore: …/rows.csv: there is no column 'd'"),
        ({"ignore": "a, b"}, "…/c.yaml:5:11: data.ignore: …/rows.csv: leaves no feature column"),
        ({"dev": "dev.csv"}, "…/c.yaml:6:8: data.dev: …/dev.csv: there is no such file; check"),
        (
            {"path": "rows.npz", "target": "labels"},
            "…/c.yaml:4:11: data.target: …/rows.npz: there is no key 'labels'; the keys are",
        ),
    ],
)
def test_the_line_that_asks_for_it(tmp_path: Path, wrong: dict[str, str], told: str) -> None:
    message = complaint(tmp_path, **wrong)
    assert message.startswith(told)
    assert "\n" not in message


def test_what_came_from_an_option_names_the_option(tmp_path: Path) -> None:
    told = "--set data.target=z: data.target: …/rows.csv: there is no column 'z'"
    assert complaint(tmp_path, "data.target=z").startswith(told)


def test_what_is_the_files_fault_stays_its_own(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"\0\1\2")
    (tmp_path / "c.yaml").write_text(CONFIG.format(**RIGHT))
    with pytest.raises(DataError, match=r"rows\.csv: is binary") as caught:
        load_config(tmp_path / "c.yaml").check_data()
    assert not isinstance(caught.value, ConfigError)


def test_what_is_right_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b,c\n1,2,x\n3,4,y\n")
    (tmp_path / "c.yaml").write_text(CONFIG.format(**RIGHT))
    load_config(tmp_path / "c.yaml").check_data()
    text = "data: digits\nparameters: {alpha: 0.1}\n"
    (tmp_path / "d.yaml").write_text(text)
    load_config(tmp_path / "d.yaml").check_data()
