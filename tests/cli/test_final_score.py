"""The test split is scored once, for the best network, when a search is complete."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hpsearch.config import load_config
from hpsearch.data.loading import load
from hpsearch.data.spec import DataSpec
from hpsearch.engine.scheduler import StopFlag
from hpsearch.predict.final_score import FinalScore, read_final_score, write_final_score
from hpsearch.predict.network_file import Scores, TrainedNetwork
from hpsearch.search.caviar import Event, Outcome, TrialFinished, search
from hpsearch.search.open_run import open_run
from hpsearch.store.rundir import RunFolder
from hpsearch.store.sealed import seal
from hpsearch.text import number
from tests.shell import Shell

CONFIG = """
name: tested
seed: 3
data: {path: digits, test: 0.2}
epochs: 2
parameters:
  alpha: {min: 1e-3, max: 1e-1, scale: log}
  hidden_units: 16
search: {strategy: random, max_trials: 2, lookahead: 2}
run: {workers: 1}
"""
SCORES = Scores(rows=10, loss=0.5, error=0.1, accuracy=0.9, macro_f1=0.8)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", CONFIG)
    return shell


def run_here(shell: Shell, *overrides: str, stop_after: int | None = None) -> Outcome:
    loaded = load_config(shell.folder / "config.yaml", overrides)
    stop = StopFlag()

    def observe(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.finished == stop_after:
            stop.raise_level()

    with open_run(loaded, shell.folder / "runs", "test") as launch:
        return search(launch.folder, launch.config, workers=1, stop=stop, observe=observe)


def folder(shell: Shell) -> RunFolder:
    return RunFolder(shell.folder / "runs" / "tested")


def test_the_score_is_that_of_the_best_epochs_network(shell: Shell) -> None:
    done = shell("run", "config.yaml")
    assert done.code == 0, done.err
    record = json.loads(folder(shell).test_path.read_text())
    best = min(shell.records("tested"), key=lambda r: (r["value"], r["trial"]))
    assert (record["trial"], record["epoch"]) == (best["trial"], best["best_epoch"])
    data = load(DataSpec("digits", test=0.2), 3)
    assert data.test is not None
    network = TrainedNetwork.read(folder(shell).model_path)
    p = network.probabilities(data.test.X)
    right = p.argmax(axis=1) == data.test.y
    assert record["rows"] == len(right) == 359
    assert record["accuracy"] == pytest.approx(right.mean(), abs=1e-12)
    assert record["error"] == pytest.approx(1 - right.mean(), abs=1e-12)
    losses = -np.log(p[np.arange(len(right)), data.test.y])
    assert record["loss"] == pytest.approx(float(losses.mean()), rel=1e-5)
    assert f"test split, 359 rows, scored once: error {number(record['error'])}" in done.out
    assert f"wrote {Path('runs') / 'tested' / 'test.json'}" in done.out
    # The same network on the dev split gives the trial's value again, to the last bit.
    dev = network.scores(data.dev.X, data.dev.y)
    epoch = best["best_epoch"] - 1
    assert dev.error == best["value"]
    assert dev.loss == best["curves"]["dev_loss"][epoch]
    assert dev.macro_f1 == best["curves"]["dev_macro_f1"][epoch]
    # As JSON, and without scoring again.
    end = json.loads(shell("run", "config.yaml", "--json").out.splitlines()[-1])
    assert end["test"] == {k: v for k, v in record.items() if k != "crc"}


def test_the_report_shows_the_score_only_while_it_is_the_bests(shell: Shell) -> None:
    first = run_here(shell)
    assert first.final is not None
    assert "test error" in shell("report", "tested").out
    assert shell("report", "tested", "--html").code == 0
    page = folder(shell).path / "report.html"
    assert "on 359 rows kept out of the search" in page.read_text()
    write_final_score(folder(shell), replace(first.final, trial=99))
    assert "test error" not in shell("report", "tested").out


def test_a_trial_that_has_its_score_is_not_scored_again(shell: Shell) -> None:
    first = run_here(shell)
    assert first.final is not None
    marked = replace(first.final, scores=SCORES)
    write_final_score(folder(shell), marked)
    assert run_here(shell).final == marked
    # A search that goes on and finds a better trial scores that one.
    write_final_score(folder(shell), replace(marked, trial=99))
    again = run_here(shell).final
    assert again == first.final.after(replace(marked, trial=99))
    assert again.uses == 2
    assert read_final_score(folder(shell)) == again
    # It is said that, and how often, the split was used before.
    done = shell("run", "config.yaml")
    assert "test split, 359 rows, scored again: " in done.out
    assert "it was used 1 time before by this run (errors: trial 99 0.1)" in done.out
    assert "kept out of the search, used 2 times" in shell("report", "tested").out
    assert shell("report", "tested", "--html").code == 0
    page = (folder(shell).path / "report.html").read_text()
    assert "on 359 rows kept out of the search, used 2 times" in page
    # What is damaged is made again.
    path = folder(shell).test_path
    path.write_bytes(path.read_bytes().replace(b'"rows": 3', b'"rows": 9'))
    assert read_final_score(folder(shell)) is None
    assert run_here(shell).final == first.final == read_final_score(folder(shell))


def test_not_before_the_search_is_complete(shell: Shell) -> None:
    # More trials than can be under way when the first one ends.
    stopped = run_here(shell, "search.max_trials=6", stop_after=1)
    assert stopped.interrupted
    assert stopped.best is not None
    assert stopped.final is None
    assert not folder(shell).test_path.exists()


def test_a_test_split_that_cannot_be_scored_costs_no_trial(shell: Shell) -> None:
    run_here(shell)
    folder(shell).test_path.unlink()
    folder(shell).model_path.write_bytes(b"damaged")
    done = shell("run", "config.yaml", "-q")
    assert done.code == 1
    [line] = done.err.splitlines()
    assert "model.npz" in line
    assert "all trials are recorded" in line
    assert len(shell.records("tested")) == 2


def test_without_a_test_split_there_is_no_score(shell: Shell) -> None:
    assert run_here(shell, "data.test=null").final is None
    assert not folder(shell).test_path.exists()


def test_an_npz_files_own_test_part_is_a_test_split(shell: Shell) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    np.savez(
        shell.folder / "parts.npz", x_train=X[:40], y_train=y[:40], x_test=X[40:], y_test=y[40:]
    )
    outcome = run_here(shell, f"data.path={shell.folder}/parts.npz", "data.test=null")
    assert outcome.final is not None
    assert outcome.final.scores.rows == 20


def test_a_record_comes_back(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert read_final_score(run) is None
    final = FinalScore(trial=3, epoch=7, scores=SCORES)
    write_final_score(run, final)
    assert read_final_score(run) == final
    third = replace(final, trial=5).after(replace(final, trial=4).after(final))
    assert [score.trial for score in third.before] == [3, 4]
    write_final_score(run, third)
    assert read_final_score(run) == third
    # As older versions wrote it.
    record = {k: v for k, v in final.to_record().items() if k not in ("uses", "before")}
    run.test_path.write_bytes(seal(record) + b"\n")
    assert read_final_score(run) == final
