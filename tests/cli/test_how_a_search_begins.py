"""Searches that begin with given points and likely values: the same trials whatever happens."""

import random
import shutil
from pathlib import Path

import pytest

from tests.shell import Shell

TRAIN = """
import math, time

def train(alpha, arch, depth=0):
    time.sleep(0.01)
    return (math.log10(alpha) + 2) ** 2 + len(arch) / 10 + depth / 100
"""

CONFIG = """
name: c
trainable: train.py:train
metric: loss
parameters:
  alpha: {min: 1e-4, max: 1, scale: log, likely: [0.01, 0.1]}
  arch:  {values: {small: [64], large: [256, 128]}, likely: small}
  depth: {min: 1, max: 9, type: int, when: {arch: large}}
search:
  max_trials: 24
  lookahead: 4
  start:
    - {alpha: 0.5, arch: [256, 128], depth: 7}
    - {alpha: 0.001}
"""


def killed_while_at_work(shell: Shell, workers: str) -> None:
    """Start the search of config.yaml and kill it somewhere behind its third trial."""
    journal = shell.folder / "runs/c/trials.jsonl"
    pause = random.Random(int(workers)).uniform(0, 0.05)
    shell.kill_at(journal, 3, "run", "config.yaml", "-w", workers, "-q", pause=pause)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("begin"))
    shell.write("train.py", TRAIN)
    shell.write("config.yaml", CONFIG)
    done = shell("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    return shell


def test_the_first_trials_are_those_that_were_given(undisturbed: Shell) -> None:
    records = undisturbed.records("c")
    records.sort(key=lambda record: record["trial"])
    assert records[0]["hparams"] == {"alpha": 0.5, "arch": "large", "depth": 7}
    assert records[1]["hparams"]["alpha"] == 0.001
    likely = [(r["hparams"]["alpha"], r["hparams"]["arch"]) for r in records[2:4]]
    assert likely == [(0.01, "small"), (0.1, "small")]
    assert [r["origin"] for r in records[:7]] == ["start"] * 2 + ["likely"] * 4 + ["spread"]
    assert [r["round"] for r in records[:8]] == [1] * 8


def test_screens_say_so(undisturbed: Shell) -> None:
    preview = undisturbed("preview", "config.yaml").out
    begins = "first 2 points given, 2 with the likely values, 2 leaning to them"
    assert begins in preview.replace("\n", " ")
    assert "0.01, 0.1" in preview
    why = undisturbed("report", "c", "--trial", "0", "--why").out
    assert "a point that was given to begin with" in why
    assert "no result: it was given" in why
    assert "drawn towards them" in undisturbed("report", "c", "--trial", "4", "--why").out


@pytest.mark.parametrize("workers", ["2", "4"])
def test_killed_and_with_other_workers_the_table_is_the_same(
    undisturbed: Shell, tmp_path: Path, workers: str
) -> None:
    shell = Shell(tmp_path)
    shell.write("train.py", TRAIN)
    shell.write("config.yaml", CONFIG)
    killed_while_at_work(shell, workers)
    assert shell("run", "config.yaml", "-w", workers, "-q").code == 0
    assert shell.table("c") == undisturbed.table("c")


def test_other_points_are_another_search(undisturbed: Shell) -> None:
    undisturbed.write("other.yaml", CONFIG.replace("0.001}", "0.002}"))
    refused = undisturbed("run", "other.yaml")
    assert refused.code == 2
    assert "search.start" in refused.err
    undisturbed.write("other.yaml", CONFIG.replace("[0.01, 0.1]", "[0.01, 0.2]"))
    refused = undisturbed("run", "other.yaml")
    assert refused.code == 2
    assert "parameters.alpha.likely" in refused.err


def test_what_worked_elsewhere_is_the_first_trial_of_all(tmp_path: Path) -> None:
    """Other tools' word for it is understood, too: the line to write is named."""
    shell = Shell(tmp_path)
    shell.write("f.py", "def f(x):\n    return (x - 3) ** 2\n")
    text = "name: c\ntrainable: f.py:f\nmetric: loss\nsearch: {max_trials: 3}\n"
    shell.write("c.yaml", f"{text}parameters: {{x: {{min: 0, max: 10, default: 3}}}}\n")
    assert (
        "parameters.x.default: unknown key; here it is called likely" in shell("run", "c.yaml").err
    )
    shell.write("c.yaml", f"{text}parameters: {{x: {{min: 0, max: 10, likely: 3}}}}\n")
    assert shell("run", "c.yaml", "-q").code == 0
    assert {r["trial"]: r["hparams"] for r in shell.records("c")}[0] == {"x": 3.0}


EARLIER = """
name: earlier
trainable: train.py:train
metric: loss
parameters:
  alpha: {min: 1e-4, max: 1, scale: log}
  arch:  {values: {small: [64], large: [256, 128]}}
search: {strategy: random, max_trials: 12}
"""
LATER = """
name: c
trainable: train.py:train
metric: loss
parameters:
  alpha: {min: 1e-4, max: 1e-3, scale: log}
  arch:  {values: {tiny: [64], other: [8, 8]}}
  depth: {min: 1, max: 9, type: int, when: {arch: tiny}}
search: {max_trials: 20, lookahead: 4, start_from: earlier}
"""
KNOWING = EARLIER.replace("name: earlier", "name: c").replace(
    "strategy: random, max_trials: 12", "max_trials: 20, lookahead: 4, trials: known.csv"
)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder with an earlier search, and its results as a file."""
    shell = Shell(tmp_path_factory.mktemp("earlier"))
    shell.write("train.py", TRAIN)
    shell.write("earlier.yaml", EARLIER)
    assert shell("run", "earlier.yaml", "-q").code == 0
    shell.write("known.csv", shell("report", "earlier", "--format", "csv").out)
    return shell


def beside(earlier: Shell, folder: Path, config: str) -> Shell:
    """A folder of its own with the earlier search and its results."""
    shutil.copytree(earlier.folder, folder, dirs_exist_ok=True)
    shell = Shell(folder)
    shell.write("config.yaml", config)
    return shell


@pytest.mark.parametrize("config", [LATER, KNOWING], ids=["start_from", "trials"])
def test_what_was_taken_gives_the_same_trials_whatever_happens(
    earlier: Shell, tmp_path: Path, config: str
) -> None:
    one = beside(earlier, tmp_path / "one", config)
    done = one("run", "config.yaml", "-w", "1", "-q")
    assert done.code == 0, done.err
    for workers in ("2", "4"):
        shell = beside(earlier, tmp_path / workers, config)
        killed_while_at_work(shell, workers)
        shutil.rmtree(shell.folder / "runs/earlier")
        (shell.folder / "known.csv").unlink()
        done = shell("run", "config.yaml", "-w", workers, "-q")
        assert done.code == 0, done.err
        assert shell.table("c") == one.table("c")


def test_the_best_of_an_earlier_run_come_first_as_far_as_they_can(
    earlier: Shell, tmp_path: Path
) -> None:
    shell = beside(earlier, tmp_path / "later", LATER)
    done = shell("run", "config.yaml", "-q")
    best = sorted(earlier.records("earlier"), key=lambda record: record["value"])[:3]
    begun = [
        r for r in sorted(shell.records("c"), key=lambda r: r["trial"]) if r["origin"] == "earlier"
    ]
    assert begun
    assert begun[0]["hparams"]["alpha"] == min(best[0]["hparams"]["alpha"], 1e-3)
    assert f"trial {best[0]['trial']}: " in done.err
    assert "is outside, and becomes 0.001" in done.err
    assert "of an earlier run" in shell("report", "c").out


def test_known_results_are_known_and_not_tried_again(earlier: Shell, tmp_path: Path) -> None:
    shell = beside(earlier, tmp_path / "knowing", KNOWING)
    assert "12 results known from the start" in shell("preview", "config.yaml").out
    assert shell("run", "config.yaml", "-q").code == 0
    first = min(shell.records("c"), key=lambda record: record["trial"])
    assert first["origin"] == "fit", "the first round is over before the first trial"
    tried = {(r["hparams"]["alpha"], r["hparams"]["arch"]) for r in earlier.records("earlier")}
    assert not tried & {(r["hparams"]["alpha"], r["hparams"]["arch"]) for r in shell.records("c")}
    why = shell("report", "c", "--trial", "0", "--why").out
    assert "12 results from elsewhere" in why
    known = shell.folder / "known.csv"
    known.write_text(known.read_text() + "12,1,done,1,0.5,0.5,small,0.1\n")
    refused = shell("run", "config.yaml", "--set", "search.max_trials=22")
    assert refused.code == 2
    assert "search.trials.results" in refused.err
