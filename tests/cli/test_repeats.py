"""``search.repeats``: every trial trained several times, and how large the noise is."""

import json
import random
import signal
import time
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from hpsearch.seeds import repeat_seed
from tests.shell import Shell

CONFIG = """
name: own
seed: 4
trainable: objective.py:train
metric: loss
epochs: 3
parameters:
  w: {min: 0, max: 10}
search: {max_trials: 14, lookahead: 4, repeats: 3, average: AVERAGE}
run: {workers: 2}
"""
OBJECTIVE = """
import random, time

def train(w, seed):
    noise = random.Random(seed).gauss(0, 1)
    for epoch in range(3):
        time.sleep(PAUSE)
        yield {"loss": w + noise + 3 - epoch}
"""


def shell_with(folder: Path, average: str = "mean", pause: float = 0.0) -> Shell:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)
    shell.write("objective.py", OBJECTIVE.replace("PAUSE", str(pause)))
    shell.write("config.yaml", CONFIG.replace("AVERAGE", average))
    return shell


def noise(trial: dict[str, Any]) -> list[float]:
    """What the three trainings of a trial add to w."""
    return [random.Random(repeat_seed(trial["seed"], k)).gauss(0, 1) for k in range(3)]


@pytest.mark.parametrize(("average", "of"), [("mean", mean), ("median", median)])
def test_a_value_is_the_average_over_addressed_seeds(tmp_path: Path, average: str, of: Any) -> None:
    shell = shell_with(tmp_path, average)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    whole = [r for r in shell.records("own") if r["state"] == "done"]
    assert whole
    for record in whole:
        values = [record["hparams"]["w"] + one + 1 for one in noise(record)]
        assert record["repeats"] == pytest.approx(values)
        assert record["value"] == pytest.approx(of(values))
        assert len(record["curves"]["loss"]) == 3
    assert "observed in 3 trainings, ±" in done.out
    report = shell("report", "own").out
    assert "Another seed moves the loss of a training by" in report
    assert "the average of 3" in report.replace("\n", " ")
    header, first = shell.table("own").splitlines()[:2]
    assert header == "trial,round,state,epochs,value,standard_error,w"
    assert float(first.split(",")[5]) > 0
    found = json.loads(shell("report", "own", "--format", "json").out)["trials"]
    assert len(found[0]["repeats"]) == 3
    preview = " ".join(shell("preview", "config.yaml").out.split())
    assert f"each trained 3 times, the {average} counts" in preview


def test_a_cut_off_judges_the_average_of_what_is_known(tmp_path: Path) -> None:
    """One that is behind with its first seed already is not trained with the others."""
    shell = shell_with(tmp_path)
    options = ("--set", "search.early_stop=bold", "--set", "search.max_trials=40")
    assert shell("run", "config.yaml", "-q", *options).code == 0
    stopped = [r for r in shell.records("own") if r["state"] == "stopped"]
    assert stopped
    for record in stopped:
        epoch = record["epochs"]
        values = [record["hparams"]["w"] + one + 3 - (epoch - 1) for one in noise(record)]
        trained = len(record["repeats"])
        assert record["value"] == pytest.approx(mean(values[:trained]))
        worst = record["cutoffs"][str(epoch)]
        assert record["value"] > worst
        assert all(mean(values[:count]) <= worst for count in range(1, trained))
    assert min(len(record["repeats"]) for record in stopped) < 3


def test_killed_between_its_trainings_a_trial_goes_on(tmp_path: Path) -> None:
    whole = shell_with(tmp_path / "whole")
    assert whole("run", "config.yaml", "-q", "-w", "1").code == 0
    shell = shell_with(tmp_path / "killed", pause=0.03)
    killed, kept = 0, 0
    trials = shell.folder / "runs" / "own" / "trials"
    for _ in range(3):
        process = shell.start("run", "config.yaml", "-q", "-w", "2")
        begun = time.monotonic()
        while process.poll() is None and time.monotonic() < begun + 20:
            lines = [p.read_bytes().count(b"\n") for p in trials.glob("*/replicates.jsonl")]
            if sum(lines) >= 3:
                break
            time.sleep(0.002)
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        shell.no_process_left(process)
        kept += len(list(trials.glob("*/replicates.jsonl")))
    assert killed >= 2
    assert kept
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    assert shell.table("own") == whole.table("own")
    assert not list(trials.glob("*/replicates.jsonl"))


def test_a_confirmation_trains_once_with_each_fresh_seed(tmp_path: Path) -> None:
    shell = shell_with(tmp_path)
    assert shell("run", "config.yaml", "-q").code == 0
    assert shell("confirm", "own", "--top", "2", "--repeats", "2").code == 0
    lines = (tmp_path / "runs" / "own" / "confirm.jsonl").read_text().splitlines()
    results = [record for line in lines if "repeat" in (record := json.loads(line))]
    assert len(results) == 4
    assert all("repeats" not in record for record in results)


def test_repeats_are_part_of_what_a_run_is_and_refused_where_nothing_trains(
    tmp_path: Path,
) -> None:
    shell = shell_with(tmp_path)
    assert shell("run", "config.yaml", "-q").code == 0
    done = shell("run", "config.yaml", "--set", "search.repeats=2")
    assert done.code == 2
    assert "search.repeats: 3 -> 2" in done.err
    done = shell("run", "config.yaml", "--set", "search.repeats=0")
    assert done.code == 2
    assert "search.repeats: must be a whole number, 1 or more" in done.err
    told = CONFIG.replace("objective.py:train", "told").replace("AVERAGE", "mean")
    shell.write("told.yaml", told)
    done = shell("ask", "told.yaml")
    assert done.code == 2
    assert "told.yaml:9:" in done.err
    assert "search.repeats: trains each trial several times" in done.err
