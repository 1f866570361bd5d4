"""Spaces that depend on themselves: the same table whatever happens. Real processes."""

from pathlib import Path

import pytest

import hpsearch
from tests.shell import Shell

CONFIG = """
name: dependent
seed: 4
trainable: objective.py:cost
metric: {name: J, goal: minimize}
parameters:
  layers: {min: 1, max: 4, type: int}
  units:  {min: 16, max: 512, type: int, scale: log}
  beta1:  {min: 0.8, max: 0.99, scale: 1-beta}
  beta2:  {value: 1 - (1 - beta1) / 10}
  drop:   {min: 0, max: 0.5, when: {layers: ">= 2"}}
  widths: {per: layers, min: 1, max: 9, type: int}
  rates:  {per: layers, tied: true, values: {low: 0.1, high: [0.2, 0.3]}}
  alpha:
    - {min: 1e-4, max: 1e-2, scale: log, when: {layers: "<= 2"}}
    - {min: 1e-2, max: 1, scale: log, when: {layers: "> 2"}}
constraints: [units * layers <= 600, "drop < 0.4", "widths[1] >= widths[2]"]
search: {max_trials: 30, lookahead: 4}
"""
CODE = """
import time

def cost(layers, units, beta1, beta2, alpha, widths, rates, drop=0.0):
    assert len(widths) == layers and (layers == 1 or widths[0] >= widths[1])
    assert rates in ([0.1] * layers, [[0.2, 0.3]] * layers)
    assert (1e-4 <= alpha <= 1e-2) if layers <= 2 else (1e-2 <= alpha <= 1)
    assert units * layers <= 600 and drop < 0.4
    assert beta2 == 1 - (1 - beta1) / 10
    time.sleep(0.02)
    return abs(units * layers - 580) + drop + beta2
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    shell.write("objective.py", CODE)
    return shell


def test_killed_and_continued_it_has_the_table_of_one_worker(tmp_path: Path) -> None:
    tables = []
    for name, workers in (("one", "1"), ("killed", "4")):
        folder = tmp_path / name
        folder.mkdir()
        shell = Shell(folder)
        shell.write("config.yaml", CONFIG)
        shell.write("objective.py", CODE)
        if name == "killed":
            kill_after(shell, 11, workers)
        done = shell("run", "config.yaml", "-w", workers, "-q")
        assert done.code == 0, done.err
        tables.append(shell.table("dependent"))
    assert tables[0] == tables[1]
    header, *rows = tables[0].splitlines()
    each = [f"{name}[{number}]" for name in ("widths", "rates") for number in (1, 2, 3, 4)]
    names = ["layers", "units", "beta1", "beta2", "drop", *each, "alpha"]
    assert header == ",".join(["trial,round,state,epochs,value", *names])
    assert len(rows) == 30
    assert all(",done," in row for row in rows)


def kill_after(shell: Shell, trials: int, workers: str) -> None:
    """Start the search, and kill -9 all of it once so many trials are recorded."""
    journal = shell.folder / "runs/dependent/trials.jsonl"
    shell.kill_at(journal, trials, "run", "config.yaml", "-w", workers, "-q")


def test_it_is_shown_where_one_looks_for_it(shell: Shell) -> None:
    preview = shell("preview", "config.yaml").out
    assert "= 1 - (1 - beta1) / 10" in preview
    assert "units * layers <= 600" in preview
    assert "1e-4 to 0.01 | 0.01 to 1" in preview
    assert "layers <= 2 | layers > 2" in preview
    assert "of random points keep them; a draw that does not is drawn again" in preview
    done = shell("run", "config.yaml", "-w", "2")
    assert "note: constraints: " in done.err
    assert "of random points keep them" in done.err
    assert shell("run", "config.yaml").err.count("constraints") == 0  # told at the start
    report = shell("report", "dependent").out
    assert "drop < 0.4; widths[1] >= widths[2]." in " ".join(report.split())
    assert "= 1 - (1 - beta1) / 10" in shell("report", "dependent", "--trial", "3").out
    assert "rates[2]" in shell("report", "dependent", "--trial", "27").out
    why = shell("report", "dependent", "--trial", "20", "--why")
    assert why.code == 0, why.err
    again = shell("retest", "dependent", "--trial", "3")
    assert again.code == 0, again.err
    best = shell("run", "runs/dependent/best.yaml", "-q")
    assert best.code == 0, best.err


def test_another_constraint_is_another_search(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q", "--set", "search.max_trials=2").code == 0
    changed = 'constraints=["units * layers <= 600"]'
    done = shell("run", "config.yaml", "-q", "--set", changed)
    assert done.code == 2
    assert "constraints: " in done.err
    grown = shell("run", "config.yaml", "-q", "--set", "search.max_trials=4")
    assert grown.code == 0, grown.err


def test_asked_from_python(tmp_path: Path) -> None:
    space = {"a": hpsearch.linear(0, 1), "b": hpsearch.linear(0, 1), "c": {"value": "a * b"}}
    search = hpsearch.open(
        space, metric="J", name="asked", max_trials=6, constraints=["a < b"], runs=tmp_path
    )
    for _ in range(6):
        trial = search.ask()
        assert trial is not None
        point = {name: float(str(value)) for name, value in trial.hparams.items()}
        assert point["a"] < point["b"]
        assert point["c"] == point["a"] * point["b"]
        search.tell(trial, point["c"])
    with pytest.raises(hpsearch.HpsearchError, match="constraints"):
        hpsearch.open(space, metric="J", constraints=["a < d"], runs=tmp_path)


def test_a_grid_says_how_many_it_leaves_out(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.write("objective.py", "def cost(a, b):\n    return a + b\n")
    shell.write(
        "grid.yaml",
        "trainable: objective.py:cost\nmetric: J\nsearch: {strategy: grid}\n"
        "parameters:\n  a: {min: 0, max: 1, count: 3}\n  b: {min: 0, max: 1, count: 3}\n"
        "constraints: [a < b]\n",
    )
    preview = shell("preview", "grid.yaml").out
    assert "grid, 3 trials, which are all points" in preview
    assert "6 of the grid's 9 points are left out" in preview
    done = shell("run", "grid.yaml", "-w", "1")
    assert "3/3 trials" in done.out + done.err
