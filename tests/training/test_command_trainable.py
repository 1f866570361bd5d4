"""Command lines as trainables, with real processes."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import TrainableError
from hpsearch.training.command import command_trainable, fill_in, read_metrics, running
from hpsearch.training.protocol import Context


def context(epochs: int = 3, inactive: tuple[str, ...] = (), **hparams: Any) -> Context:
    return Context(7, 42, epochs, "loss", hparams, inactive)


def script(tmp_path: Path, body: str) -> str:
    path = tmp_path / "train.py"
    path.write_text(body)
    return f"{sys.executable} {path}"


def epochs_of(command: str, told: Context) -> list[dict[str, float]]:
    trainable = command_trainable(command, told)
    epochs = []
    while (values := trainable.train_epoch(len(epochs) + 1)) is not None:
        epochs.append(dict(values))
    trainable.close()
    return epochs


def test_words_are_split_before_they_are_filled_in() -> None:
    told = context(alpha=1e-05, name="two words; $HOME")
    words = fill_in("train 'my file' --a={alpha} {name} {seed} {{}}", told)
    assert words == ["train", "my file", "--a=1e-05", "two words; $HOME", "42", "{}"]


def test_inactive_is_empty_and_unknown_is_refused() -> None:
    assert fill_in("train --b={beta2}", context(inactive=("beta2",))) == ["train", "--b="]
    with pytest.raises(TrainableError, match=r"\{gamma\} is not a hyperparameter; there are alpha"):
        fill_in("train {gamma}", context(alpha=1))
    with pytest.raises(TrainableError, match="No closing quotation"):
        fill_in("train 'x", context())
    with pytest.raises(TrainableError, match="is empty"):
        fill_in("  ", context())


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("loss: 0.25", {"loss": 0.25}),
        ("epoch 3 loss=1e-3 acc=0.5", {"loss": 0.001}),
        ("loss: nan", {"loss": pytest.approx(float("nan"), nan_ok=True)}),
        ("val_loss: 0.25", None),
        ("loss: high", None),
        ('{"loss": 1, "tag": "x", "acc": 0.5}', {"loss": 1.0, "acc": 0.5}),
        ('{"acc": 1}', None),
        ('{"loss": "low"}', None),
        ("{not json", None),
    ],
)
def test_lines_of_output(line: str, values: dict[str, float] | None) -> None:
    assert read_metrics(line, "loss") == values


def test_epochs_and_environment(tmp_path: Path) -> None:
    command = script(
        tmp_path,
        "import json, os, sys\n"
        "assert json.loads(os.environ['HPSEARCH_HPARAMS']) == {'alpha': 0.5}\n"
        "for e in range(int(os.environ['HPSEARCH_EPOCHS'])):\n"
        "    print('noise'); print(json.dumps({'loss': float(sys.argv[1]) / (e + 1)}))\n",
    )
    found = epochs_of(command + " {alpha}", context(alpha=0.5))
    assert found == [{"loss": 0.5}, {"loss": 0.25}, {"loss": 0.5 / 3}]


def test_the_last_epoch_waits_for_the_program_to_save_its_model(tmp_path: Path) -> None:
    saved = tmp_path / "model"
    command = script(
        tmp_path,
        "import pathlib, time\nprint('loss: 1', flush=True)\ntime.sleep(0.2)\n"
        f"pathlib.Path({str(saved)!r}).write_text('x')\n",
    )
    trainable = command_trainable(command, context(epochs=1))
    assert trainable.train_epoch(1) == {"loss": 1.0}
    trainable.close()
    assert saved.exists()


def test_a_bare_last_number_is_the_metric() -> None:
    assert epochs_of("echo 3.5", context(epochs=1)) == [{"loss": 3.5}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('boom'); raise SystemExit(3)", "ended with exit code 3: boom"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended by signal SIGKILL"),
        ("print('hello')", "printed no 'loss'"),
        ("print('loss: 1'); raise SystemExit(1)", "ended with exit code 1"),
        ("raise SystemExit(1)", "ended with exit code 1; see the trial's log"),
        ("print('loss: 1'); raise ValueError('too wide')", "exit code 1: ValueError: too wide"),
    ],
)
def test_programs_that_go_wrong(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(TrainableError, match=said):
        epochs_of(script(tmp_path, body), context())


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(TrainableError, match="'no-such-program' cannot be started: No such file"):
        epochs_of("no-such-program --x 1", context())


def test_closing_ends_the_program_and_its_children(tmp_path: Path) -> None:
    command = script(
        tmp_path,
        "import subprocess, sys, time, os, json\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(json.dumps({'loss': 1, 'child': child.pid}), flush=True)\ntime.sleep(60)\n",
    )
    trainable = command_trainable(command, context())
    values = trainable.train_epoch(1)
    assert values is not None
    assert len(running) == 1
    trainable.close()
    assert not running
    child = int(values["child"])
    deadline = time.monotonic() + 10
    while _alive(child):
        assert time.monotonic() < deadline, "the program's child outlives it"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return not Path("/proc").is_dir()
    return state != "Z"


def test_metrics_read_back_are_what_was_printed() -> None:
    values = {"loss": 0.1 + 0.2, "acc": 1e-300}
    assert read_metrics(json.dumps(values), "loss") == values
