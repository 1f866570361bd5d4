"""``hpsearch import`` as it is typed: from another tool's file to a search that runs."""

from __future__ import annotations

from pathlib import Path

from tests.shell import Shell

SWEEP = """\
program: train.py
method: random
run_cap: 3
project: vision
metric: {name: loss, goal: minimize}
parameters:
  lr: {distribution: log_uniform_values, min: 0.001, max: 1}
  on: {values: [true, false]}
"""
PROGRAM = """\
import sys
given = dict(word.lstrip("-").split("=") for word in sys.argv[1:])
print("loss:", float(given["lr"]) + (given["on"] == "True"))
"""


def test_a_sweep_is_translated_and_run(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("sweep.yaml", SWEEP)
    shell.write("train.py", PROGRAM)
    done = shell("import", "sweep.yaml")
    assert done.code == 0, done.err
    assert "sweep.yaml:4:1: project: left out; nothing here corresponds to it" in done.err
    assert "next: hpsearch preview config.yaml" in done.out + done.err
    assert "sweep.yaml:4:1: project: left out" in (tmp_path / "config.yaml").read_text()
    done = shell("run", "config.yaml", "--quiet")
    assert done.code == 0, done.err
    assert len((tmp_path / "runs/sweep/trials.jsonl").read_text().splitlines()) >= 3


def test_nothing_is_written_over(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("sweep.yaml", SWEEP)
    shell.write("config.yaml", "mine")
    done = shell("import", "sweep.yaml")
    assert done.code == 2
    assert "config.yaml is already there" in done.err
    assert (tmp_path / "config.yaml").read_text() == "mine"
    assert shell("import", "sweep.yaml", "--force").code == 0


def test_a_dash_prints_it(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("sweep.yaml", SWEEP)
    done = shell("import", "sweep.yaml", "-")
    assert done.out.startswith("# Translated from sweep.yaml, a W&B sweep.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.yaml"]


def test_what_is_left_to_do_is_said(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("sweep.yaml", SWEEP.replace("min: 0.001, max: 1", "min: 2, max: 1"))
    done = shell("import", "sweep.yaml", "mine.yaml")
    assert done.code == 1
    assert "mend this before you run it: mine.yaml:" in done.err


def test_files_that_cannot_be_translated(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert "there is no such file" in shell("import", "no.yaml").err
    shell.write("odd.yaml", "a: [1\n")
    done = shell("import", "odd.yaml")
    assert done.code == 2
    assert done.err.count("\n") == 1
