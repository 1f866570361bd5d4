"""Command lines as trainables, with real processes."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import TrainableError
from hpsearch.training.command import command_trainable, running
from hpsearch.training.protocol import Context


def context(epochs: int = 3, inactive: tuple[str, ...] = (), **hparams: Any) -> Context:
    return Context(7, 42, epochs, "loss", hparams, inactive)


def script(tmp_path: Path, body: str) -> str:
    path = tmp_path / "train.py"
    path.write_text(body)
    return f"{sys.executable} {path}"


def epochs_of(command: str, told: Context, folder: str = "") -> list[dict[str, float]]:
    trainable = command_trainable(command, told, folder)
    epochs = []
    while (values := trainable.train_epoch(len(epochs) + 1)) is not None:
        epochs.append(dict(values))
    trainable.close()
    return epochs


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
        ("import os; os.kill(os.getpid(), 40)", "ended by signal 40"),
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


def test_without_epochs_all_that_are_printed_are_taken(tmp_path: Path) -> None:
    first = Context(0, 42, 1, "loss", {})
    trainable = command_trainable(
        script(tmp_path, "for e in range(5): print('loss:', 5 - e)"), first
    )
    found = [trainable.train_epoch(epoch) for epoch in range(1, 7)]
    assert found == [{"loss": 5}, {"loss": 4}, {"loss": 3}, {"loss": 2}, {"loss": 1}, None]
    assert "printed 5 epochs, and all were read" in trainable.notes[0]
    assert "write epochs: 5" in trainable.notes[0]


def test_more_than_epochs_are_ignored_and_told(tmp_path: Path) -> None:
    trainable = command_trainable(
        script(tmp_path, "for e in range(5): print('loss:', 5 - e)"), context(epochs=3)
    )
    found = [trainable.train_epoch(epoch) for epoch in (1, 2, 3, 4)]
    assert found == [{"loss": 5}, {"loss": 4}, {"loss": 3}, None]
    assert "2 more lines with loss were ignored; write epochs: 5" in trainable.notes[0]


def test_stderr_counts_where_stdout_gives_nothing(tmp_path: Path) -> None:
    logged = "import logging; logging.basicConfig(level=20)\n"
    body = logged + "for e in (1, 2): logging.info('epoch %d loss: 0.%d', e, e)\n"
    assert epochs_of(script(tmp_path, body), context()) == [{"loss": 0.1}, {"loss": 0.2}]


@pytest.mark.parametrize("last", ["print('loss: 9')", "print(9)"])
def test_stdout_wins_however_late_it_comes(tmp_path: Path, last: str) -> None:
    body = f"import sys\nprint('loss: 0.5', file=sys.stderr, flush=True)\n{last}\n"
    assert epochs_of(script(tmp_path, body), context()) == [{"loss": 9}]


def test_a_bar_is_one_epoch_however_often_it_is_drawn(tmp_path: Path) -> None:
    body = (
        "for e in range(3):\n"
        "    for step in range(50): print(f'\\r{step}/50 loss: {100 * e + step}', end='')\n"
        "    print()\n"
    )
    assert [e["loss"] for e in epochs_of(script(tmp_path, body), context())] == [49, 149, 249]


def test_a_line_without_end_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    body = "import os; os.write(1, b'\\xff\\xfe loss: 0.5')"
    assert epochs_of(script(tmp_path, body), context()) == [{"loss": 0.5}]


def test_the_nearest_line_is_shown(tmp_path: Path) -> None:
    body = "import sys; print('epoch 1 Loss: 0.5'); print('saved')"
    with pytest.raises(TrainableError, match=r"'epoch 1 Loss: 0.5': write metric.name: Loss if"):
        epochs_of(script(tmp_path, body), context())


def test_a_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    body = "print('train loss: 0.9  val loss: 0.5')"
    trainable = command_trainable(script(tmp_path, body), context())
    assert [trainable.train_epoch(epoch) for epoch in (1, 2)] == [{"loss": 0.5}, None]
    assert "0.5, the last, was taken" in trainable.notes[0]


def test_it_runs_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    script(inner, "print('loss: 1')")
    command = f"{sys.executable} train.py"
    assert epochs_of(command, context(), str(inner)) == [{"loss": 1}]
    monkeypatch.chdir(inner)
    assert epochs_of(command, context()) == [{"loss": 1}]
    with pytest.raises(TrainableError, match=r"train\.py is in .*inner; write its path"):
        epochs_of(command, context(), str(tmp_path))
    with pytest.raises(TrainableError, match=r"gone is not there; see trainable\.folder"):
        epochs_of(command, context(), str(tmp_path / "gone"))


def test_what_was_printed_is_kept_to_be_shown() -> None:
    trainable = command_trainable(
        "printf 'a loss: %s\\n' " + " ".join(map(str, range(40))), context(epochs=1)
    )
    while trainable.train_epoch(1) is not None:
        pass
    assert [p.line for p in trainable.printed][:2] == ["a loss: 0", "a loss: 1"]
    assert trainable.printed[-1].line == "a loss: 39"
    assert len(trainable.printed) == 10
