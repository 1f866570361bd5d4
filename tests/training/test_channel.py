"""Programs that push their epochs, in real processes."""

import io
import os
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.errors import TrainableError
from hpsearch.training import channel
from hpsearch.training.command import CommandTrainable, command_trainable
from hpsearch.training.command_output import Pushed
from tests.training.test_command_trainable import context, epochs_of, script

PUSH = (
    "import hpsearch, os\n"
    "for e in range(1, int(os.environ['HPSEARCH_EPOCHS']) + {more}):\n"
    "    hpsearch.epoch(loss=1 / e)\n    print('loss: 7')\n"
)
THREE = [{"loss": 1.0}, {"loss": 0.5}, {"loss": 1 / 3}]


def trainable(tmp_path: Path, body: str, epochs: int = 3) -> CommandTrainable:
    return command_trainable(script(tmp_path, body), context(epochs))


def test_what_is_pushed_counts_and_not_what_is_printed_after_it(tmp_path: Path) -> None:
    assert epochs_of(script(tmp_path, PUSH.format(more=1)), context()) == THREE


def test_a_program_without_epochs_is_heard_to_its_end(tmp_path: Path) -> None:
    found = trainable(tmp_path, PUSH.format(more=3), 1)
    assert [found.train_epoch(number) for number in range(1, 5)] == [*THREE, None]
    assert "the command printed 3 epochs, and all were read" in found.notes[0]


def test_a_further_epoch_ends_the_program(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    body = PUSH.format(more=9) + f"open({str(saved)!r}, 'w')\n"
    found = trainable(tmp_path, body)
    assert [found.train_epoch(number) for number in range(1, 5)] == [*THREE, None]
    assert "the command pushes more than 3 epochs; the others are ignored" in found.notes[0]
    assert not saved.exists()


def test_the_last_epoch_waits_for_the_program(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    body = f"import time\ntime.sleep(0.2)\nopen({str(saved)!r}, 'w')\n"
    found = trainable(tmp_path, PUSH.format(more=1) + body)
    assert [found.train_epoch(number) for number in range(1, 4)] == THREE
    assert saved.exists()


def test_a_program_that_is_stopped_has_time_to_save(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    body = (
        "import hpsearch, time\ntry:\n    for e in range(1, 9):\n        hpsearch.epoch(loss=e)\n"
        "except hpsearch.TrialStopped:\n    time.sleep(0.3)\n    print('saving')\n"
        f"    open({str(saved)!r}, 'w').write(str(e))\n    raise\n"
    )
    found = trainable(tmp_path, body, 9)
    assert [found.train_epoch(number) for number in (1, 2)] == [{"loss": 1.0}, {"loss": 2.0}]
    found.close()
    assert saved.read_text() == "2"


def test_one_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "STOP_TIME", 0.5)
    body = (
        "import hpsearch, time\nwhile True:\n    try:\n        hpsearch.epoch(loss=1)\n"
        "    except BaseException:\n        time.sleep(0.1)\n        print('on')\n"
    )
    found = trainable(tmp_path, body, 9)
    assert found.train_epoch(1) == {"loss": 1.0}
    found.close()  # else this never comes back


def test_a_child_of_the_program_pushes_too(tmp_path: Path) -> None:
    inner = tmp_path / "inner.py"
    inner.write_text("import hpsearch\nhpsearch.epoch(loss=1)\nhpsearch.epoch(loss=0.5)\n")
    body = f"import subprocess, sys\nsubprocess.run([sys.executable, {str(inner)!r}], check=True)\n"
    assert epochs_of(script(tmp_path, body), context(2)) == THREE[:2]


def test_a_program_that_has_closed_its_stdout(tmp_path: Path) -> None:
    body = "import os, hpsearch, time\nos.close(1)\ntime.sleep(0.2)\nhpsearch.epoch(loss=1)\n"
    assert epochs_of(script(tmp_path, body), context(1)) == THREE[:1]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("hpsearch.epoch(loss='low')", "the command gave 'low' (str) for 'loss'; return a number"),
        ("hpsearch.epoch(acc=1)", "the command gave acc, but the search needs the metric 'loss'"),
        ("hpsearch.epoch()", "the command gave nothing, but the search needs the metric 'loss'"),
        (
            "print('loss: 0.5'); hpsearch.epoch(loss=0.5)",
            "printed the line 'loss: 0.5', which counts as an epoch, before its first hpsearch.ep",
        ),
        ("hpsearch.epoch(loss=1); 1 / 0", "exit code 1: ZeroDivisionError: division by zero"),
        ("hpsearch.epoch", "the command printed no 'loss'"),
    ],
)
def test_programs_that_push_what_is_wrong(tmp_path: Path, body: str, said: str) -> None:
    for _ in range(2):
        with pytest.raises(TrainableError) as error:
            epochs_of(script(tmp_path, f"import hpsearch\n{body}\n"), context())
        assert said in error.value.message


def test_a_trial_that_is_gone_stops_its_program(tmp_path: Path) -> None:
    body = (
        "import os, hpsearch\nos.environ['HPSEARCH_CHANNEL'] += '-gone'\nhpsearch.epoch(loss=1)\n"
    )
    with pytest.raises(TrainableError, match="printed no 'loss'"):
        epochs_of(script(tmp_path, body + "print('loss: 1')\n"), context())


def test_text_in_pieces_is_whole_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = (
        "import os, time\nfor byte in 'β: 1\\nloss: 2'.encode():\n"
        "    os.write(1, bytes([byte]))\n    time.sleep(0.01)\n"
    )
    assert epochs_of(script(tmp_path, body), context(1)) == [{"loss": 2.0}]
    assert capsys.readouterr().out == "β: 1\nloss: 2"


def test_what_is_printed_before_an_epoch_is_read_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Printed while the epoch arrives: nobody has looked into the pipe since."""
    reading, writing = os.pipe()
    ours, theirs = socket.socketpair()
    requests = [(ours, '{"loss": 1.0}')]

    def accept(self: channel.Channel) -> tuple[socket.socket, str] | None:
        if not requests:
            return None
        os.write(writing, b"loss: 7\n")
        return requests.pop()

    monkeypatch.setattr(channel.Channel, "accept", accept)
    os.write(writing, b"begun\n")
    process: Any = SimpleNamespace(stdout=os.fdopen(reading, "rb"), wait=lambda seconds: None)
    with process.stdout, theirs, channel.Channel() as open_channel:
        events = channel.Events(process, open_channel, io.StringIO(), 5)
        found = [next(iter(events)) for _ in range(3)]
        os.close(writing)
        events.close()
    assert found == ["begun\n", "loss: 7\n", Pushed({"loss": 1.0})]
