"""The prompt on a real pseudo-terminal: completion, history, Ctrl-C, chart, leaving."""

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from hpsearch.panda.reading import read_lineage
from hpsearch.store.rundir import RunFolder
from tests.cli.test_babysit import DIGITS, SLOW, SLOW_CLASS

PROMPT = r"@\d+[^\r\n]* > $"
UP = "\x1b[A"


class Terminal:
    """A person at a terminal of 100 columns."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR")}
        self.folder = folder
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "hpsearch", "babysit", *arguments],
            cwd=str(folder),
            env=environment | {"TERM": "xterm", "INPUTRC": os.devnull, "NO_COLOR": "1"},
            encoding="utf-8",
            dimensions=(40, 100),
            timeout=20,
        )
        self.child.delaybeforesend = None
        self.answer("")

    def answer(self, line: str) -> str:
        """Type a line (nothing for the empty string); what is shown until the next prompt."""
        if line:
            self.child.send(line)
        self.child.expect(PROMPT)
        return plain(self.child.before)

    def say(self, line: str) -> str:
        return self.answer(line + "\r")

    @property
    def prompt(self) -> str:
        return plain(self.child.after)

    def leave(self, keys: str) -> int:
        self.child.send(keys)
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus or 0)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", text)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    (tmp_path / "config.yaml").write_text(DIGITS)
    terminal = Terminal(tmp_path, "config.yaml")
    yield terminal
    terminal.child.close(force=True)


def test_a_conversation(terminal: Terminal) -> None:
    assert terminal.prompt.startswith("@0 alpha 0.01 > ")
    shown = terminal.answer("\r")  # Enter alone
    assert "train_error" in shown
    assert "┤" in shown
    assert "now   main@5" in shown
    assert "best  main@" in shown
    assert "alpha 0.01 -> 0.00333" in terminal.say("alpha /3")
    assert terminal.prompt.startswith("@5 alpha 0.00333 > ")
    shown = terminal.say("go 3")
    assert "┆" in shown, "the change is marked"
    assert "α 0.00333" in shown
    assert "did you mean go?" in terminal.say("gp 4")
    shown = terminal.say("back 3")
    assert "at main@3, with alpha 0.01" in shown
    assert "begins a new branch" in shown
    terminal.say("go 2")
    assert terminal.prompt.startswith("@5 alpha 0.01 > ")
    assert "b1 (here)" in terminal.say("tree")
    assert terminal.leave("\x04") == 0
    lineage = read_lineage(RunFolder(terminal.folder / "runs" / "digits-panda"))
    assert str(lineage.position) == "b1@5"


def test_completion(terminal: Terminal) -> None:
    terminal.child.send("ba\t\t")
    terminal.child.expect_exact("back")
    terminal.child.expect_exact("batch_size")
    terminal.child.send("tc\t")
    terminal.child.expect_exact("batch_size ")
    assert "batch_size 256 -> 128" in terminal.say("128")
    terminal.child.send("optimizer rm\t")
    terminal.child.expect_exact("optimizer rmsprop")
    assert "optimizer adam -> rmsprop" in terminal.answer("\r")
    terminal.say("go 1; branch wild")
    terminal.child.send("switch m\t")
    terminal.child.expect_exact("switch main")
    assert "at main@1" in terminal.answer("\r")
    terminal.child.send("go 1; back b\t")
    terminal.child.expect_exact("back best")
    assert "at main@" in terminal.answer("\r")


def test_history_outlives_the_conversation(terminal: Terminal) -> None:
    terminal.say("alpha 0.02")
    terminal.say("note one")
    assert terminal.leave("quit\r") == 0
    again = Terminal(terminal.folder, "--resume")
    try:
        again.child.send(UP + UP + UP)
        again.child.expect_exact("alpha 0.02")
        assert "that is what it is already" in again.answer("\r")
    finally:
        again.child.close(force=True)


def test_ctrl_c_at_the_prompt_and_during_training(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SLOW_CLASS.replace("self, alpha)", "self, alpha, width)"))
    (tmp_path / "slow.yaml").write_text(SLOW)
    terminal = Terminal(tmp_path, "slow.yaml")
    try:
        terminal.child.send("nonsense")
        terminal.child.expect_exact("nonsense")
        time.sleep(0.5)  # readline has to be waiting: Python sees a signal only then
        terminal.child.sendintr()
        terminal.child.expect_exact("Ctrl-D or quit leaves")
        terminal.answer("")
        terminal.child.send("go 50\r")
        terminal.child.expect_exact("training 2")
        terminal.child.sendintr()
        terminal.child.expect_exact("the epoch under way ends first")
        terminal.answer("")
        assert terminal.prompt.startswith("@2 ")
        terminal.child.send("go 50\r")
        terminal.child.expect_exact("training 4")
        terminal.child.sendintr()
        terminal.child.expect_exact("the epoch under way ends first")
        terminal.child.sendintr()
        terminal.child.expect_exact("given up at once: the model is as it was at main@3")
        terminal.answer("")
        assert terminal.prompt.startswith("@3 ")
        terminal.say("go 1")
        assert terminal.leave("\x04") == 0
    finally:
        terminal.child.close(force=True)
    again = Terminal(tmp_path, "--resume")
    try:
        assert again.prompt.startswith("@4 ")
    finally:
        again.child.close(force=True)


def test_a_training_that_was_cut_short_is_offered_again(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SLOW_CLASS.replace("self, alpha)", "self, alpha, width)"))
    (tmp_path / "slow.yaml").write_text(SLOW)
    terminal = Terminal(tmp_path, "slow.yaml")
    terminal.child.send("go 50\r")
    terminal.child.expect_exact("training 3")
    terminal.child.kill(9)
    terminal.child.close(force=True)
    again = Terminal(tmp_path, "--resume")
    try:
        assert "go 48 finishes it" in plain(again.child.before)
        assert again.prompt.startswith("@2 ")
    finally:
        again.child.close(force=True)
