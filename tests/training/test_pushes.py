"""Functions that push their epochs: as many, as far and as wrong as those that yield them."""

import dataclasses
import math
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hpsearch
from hpsearch.engine.worker import train
from hpsearch.errors import TrainableError, TrialStopped
from hpsearch.records import State, TrialResult
from hpsearch.store.rundir import RunFolder
from hpsearch.training.function import adapt
from hpsearch.training.protocol import Context
from tests.engine.test_worker import job, run  # noqa: F401 - a fixture

YIELDS = """
import math
def f(a, epochs):
    for e in range(1, {epochs} + 1):
        yield {{"loss": {loss}, "more": float(e)}}
"""
PUSHES = """
import math, hpsearch
def f(a, epochs):
    for e in range(1, {epochs} + 1):
        hpsearch.epoch(loss={loss}, more=float(e))
"""


def both(
    folder: RunFolder, epochs: str = "epochs", loss: str = "a / e", **changes: Any
) -> tuple[TrialResult, TrialResult]:
    """What a trial comes to whose function yields its epochs, and one that pushes them."""
    yielded, pushed = (
        train(job(folder, body.format(epochs=epochs, loss=loss), "f", **changes))
        for body in (YIELDS, PUSHES)
    )
    return (
        dataclasses.replace(yielded, seconds=0.0),
        dataclasses.replace(pushed, seconds=0.0),
    )


@pytest.mark.parametrize(
    ("changes", "state", "epochs"),
    [
        ({}, State.DONE, 10),
        ({"cutoffs": {4: 0.25}}, State.DONE, 10),
        ({"cutoffs": {4: 0.2499}}, State.STOPPED, 4),
        ({"cutoffs": {10: 0.0}}, State.STOPPED, 10),
        ({"epochs": "7"}, State.DONE, 7),
        ({"loss": "a / e if e < 5 else math.nan"}, State.DIVERGED, 5),
        ({"loss": "a / e if e < 5 else -math.inf"}, State.DIVERGED, 5),
        ({"loss": "a / e if e < 5 else 'low'"}, State.FAILED, 4),
        ({"loss": "a / e if e < 5 else [a]"}, State.FAILED, 4),
        ({"loss": "a / e if e < 5 else None"}, State.FAILED, 4),
        ({"epochs": "0"}, State.FAILED, 0),
    ],
)
def test_what_is_pushed_comes_to_what_is_yielded(
    run: RunFolder,  # noqa: F811
    changes: dict[str, Any],
    state: State,
    epochs: int,
) -> None:
    yielded, pushed = both(run, **changes)
    assert (pushed.state, pushed.epochs) == (state, epochs)
    if epochs:
        assert pushed == yielded


def test_the_metric_that_is_missing_is_said_as_ever(run: RunFolder) -> None:  # noqa: F811
    body = "import hpsearch\ndef f(a):\n    hpsearch.epoch(acc=1)\n"
    yielded = train(job(run, "def f(a):\n    yield {'acc': 1}\n", "f"))
    assert train(job(run, body, "f")).error == yielded.error
    assert "gave acc, but the search needs the metric 'loss'" in (yielded.error or "")


def test_what_comes_after_the_last_epoch_runs_and_a_further_epoch_ends_it(
    run: RunFolder,  # noqa: F811
) -> None:
    body = (
        "import pathlib, hpsearch\n"
        "def f(a, epochs):\n"
        "    for e in range(epochs):\n        hpsearch.epoch(loss=a)\n"
        "    pathlib.Path('model').write_text('saved')\n"
        "    hpsearch.epoch(loss=0)\n"
        "    pathlib.Path('model').write_text('never')\n"
    )
    result = train(job(run, body, "f"))
    assert (result.state, result.epochs, result.value) == (State.DONE, 10, 1.0)
    assert Path("model").read_text() == "saved"
    assert "f pushes more than 10 epochs; the others are ignored" in result.notes[0]


CLEANS = """
import pathlib, hpsearch
def f(a, epochs):
    try:
        for e in range(1, epochs + 1):
            hpsearch.epoch(loss=a / e)
    except {caught}:
        pathlib.Path('kept').write_text(str(e))
        {then}
"""


@pytest.mark.parametrize(
    ("caught", "then", "note"),
    [
        ("hpsearch.TrialStopped", "raise", None),
        ("SystemExit", "pass", None),
        ("hpsearch.TrialStopped", "raise ValueError('no room')", None),
        ("BaseException", "hpsearch.epoch(loss=0)", "let hpsearch.TrialStopped pass"),
    ],
)
def test_there_is_time_to_save_before_a_cut_off_ends_it(
    run: RunFolder,  # noqa: F811
    caught: str,
    then: str,
    note: str | None,
) -> None:
    body = CLEANS.format(caught=caught, then=then)
    result = train(job(run, body, "f", cutoffs={4: 0.2}))
    assert (result.state, result.epochs, result.value) == (State.STOPPED, 4, 0.25)
    assert Path("kept").read_text() == "4"
    assert note is None or note in result.notes[0]
    if "no room" in then:
        assert "after the trial was over: ValueError: no room" in run.log_path(3).read_text()


def test_an_exception_of_its_own_fails_the_trial_as_ever(run: RunFolder) -> None:  # noqa: F811
    body = "import hpsearch\ndef f(a):\n    hpsearch.epoch(loss=a)\n    raise ValueError('no')\n"
    result = train(job(run, body, "f"))
    assert (result.state, result.epochs) == (State.FAILED, 1)
    assert result.error is not None
    assert result.error.startswith("ValueError: no (user_")


def test_code_that_catches_every_exception_lets_the_stop_pass(run: RunFolder) -> None:  # noqa: F811
    body = (
        "import hpsearch\ndef f(a, epochs):\n    for e in range(1, epochs + 1):\n"
        "        try:\n            hpsearch.epoch(loss=a / e)\n        except Exception:\n"
        "            pass\n"
    )
    result = train(job(run, body, "f", cutoffs={2: 0.1}))
    assert (result.state, result.epochs, result.notes) == (State.STOPPED, 2, ())


def test_a_wrong_value_that_is_caught_ends_the_trial_all_the_same(
    run: RunFolder,  # noqa: F811
) -> None:
    body = (
        "import hpsearch\ndef f(a):\n    try:\n        hpsearch.epoch(loss='low')\n"
        "    except Exception:\n        hpsearch.epoch(loss=1)\n"
    )
    result = train(job(run, body, "f"))
    assert (result.state, result.epochs) == (State.FAILED, 0)
    assert "f gave 'low' (str) for 'loss'" in (result.error or "")


def call(function: Callable[..., Any], epochs: int = 3) -> list[dict[str, float]]:
    """What one gets who asks for an epoch after another."""
    trainable = adapt(function, Context(0, 1, epochs, "loss", {"a": 2.0}), "f")
    found = []
    while (values := trainable.train_epoch(len(found) + 1)) is not None:
        found.append(dict(values))
    return found


def test_a_number_a_dict_and_names() -> None:
    def f(a: float) -> None:
        hpsearch.epoch(a)
        hpsearch.epoch({"val/acc": 1}, loss=2)
        hpsearch.epoch(loss=3)

    assert call(f) == [{"loss": 2.0}, {"val/acc": 1.0, "loss": 2.0}, {"loss": 3.0}]

    def mixed(a: float) -> None:
        hpsearch.epoch(a, acc=1)

    with pytest.raises(TrainableError, match="give each a name"):
        call(mixed)


def test_from_a_thread_of_the_function() -> None:
    def f(a: float) -> None:
        thread = threading.Thread(target=hpsearch.epoch, args=(a,))
        thread.start()
        thread.join()

    assert call(f) == [{"loss": 2.0}]


def test_where_epochs_are_yielded_or_returned_it_is_refused() -> None:
    def generator(a: float) -> Any:
        hpsearch.epoch(a)
        yield a

    class Model:
        def train_epoch(self, epoch: int) -> float:
            hpsearch.epoch(1)
            return 1.0

    with pytest.raises(TrainableError, match=r"f yields its epochs, and calls hpsearch.epoch"):
        call(generator)
    with pytest.raises(TrainableError, match=r"f.train_epoch gives what it returns, and calls"):
        adapt(Model, Context(0, 1, 3, "loss", {}), "f").train_epoch(1)


def push_in_child() -> None:
    with pytest.raises(TrainableError, match="in a process that the trial's function has started"):
        hpsearch.epoch(1)
    os._exit(17)


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_a_process_of_the_function_is_told_that_it_cannot(way: str) -> None:
    def f(a: float) -> float:
        child = multiprocessing.get_context(way).Process(target=push_in_child)
        child.start()
        child.join()
        return float(child.exitcode or 0)

    assert call(f) == [{"loss": 17.0}]


def test_outside_of_a_trial_it_prints_and_does_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = (
        "import hpsearch, sys\nhpsearch.epoch(dev_error=0.25, train_loss=1/3)\nhpsearch.epoch(2)\n"
        "assert 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "epoch 1  dev_error: 0.25  train_loss: 0.333333\nepoch 2  value: 2\n"
    with pytest.raises(TrainableError, match="the script gave 'x'"):
        hpsearch.epoch(loss="x")
    hpsearch.epoch(loss=math.nan)
    assert capsys.readouterr().out.endswith("  loss: nan\n")


def test_a_stop_ends_a_script_without_a_word() -> None:
    code = "import hpsearch\nraise hpsearch.TrialStopped"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert str(TrialStopped("over")) == "over"
