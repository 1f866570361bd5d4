"""``hpsearch babysit`` from outside: pipe, one step, JSON, refusals, Ctrl-C. Real processes."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shell import TIMEOUT, Finished, Shell

DIGITS = """
name: digits
seed: 5
data: digits
epochs: 4
parameters:
  alpha: {min: 1e-3, max: 1e-1, scale: log}
  hidden_units: {min: 8, max: 24, type: int}
  layers: 1
  batch_size: 256
search: {max_trials: 3, lookahead: 3}
run: {workers: 1}
"""

SLOW_CLASS = """
import time
import numpy as np

class Model:
    adjustable = ("alpha",)
    def __init__(self, alpha):
        self.alpha, self.w = alpha, 1.0
    def train_epoch(self, epoch):
        print("training", epoch)
        time.sleep(0.25)
        self.w *= 1 - self.alpha / 10
        return self.w
    def save(self):
        return {"w": np.array(self.w)}
    def load(self, state):
        self.w = float(state["w"])
    def adjust(self, name, value):
        self.alpha = value
"""

SLOW = "name: slow\ntrainable: model.py:Model\nmetric: loss\nparameters: {alpha: 0.5, width: 3}\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.write("config.yaml", DIGITS)
    shell.write("model.py", SLOW_CLASS.replace("self, alpha)", "self, alpha, width)"))
    shell.write("slow.yaml", SLOW)
    return shell


def piped(shell: Shell, text: str, *arguments: str) -> Finished:
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch", "babysit", *arguments],
        cwd=shell.folder,
        input=text,
        text=True,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def ledger(shell: Shell, run: str = "digits-panda") -> list[dict[str, Any]]:
    lines = (shell.folder / "runs" / run / "ledger.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def states(shell: Shell, run: str = "digits-panda") -> dict[str, str]:
    return {r["at"]: r["sha256"] for r in ledger(shell, run) if r["kind"] == "epoch"}


SCRIPT = """\
# start badly on purpose
go 3

alpha /3   # it jumps about
l2 1e-4; dropout 0.1
go 2
back 2; go 2
note b1 looks better
tree
log
show
diff main b1
probe
save good
undo
help
"""


def test_a_script_from_a_pipe(shell: Shell) -> None:
    done = piped(shell, SCRIPT, "config.yaml")
    assert done.code == 0, done.err
    kinds = [record["kind"] for record in ledger(shell)]
    assert kinds == [
        "start",
        "epoch",
        "epoch",
        "epoch",
        "set",
        "set",
        "epoch",
        "epoch",
        "move",
        "branch",
        "epoch",
        "epoch",
        "note",
        "probe",
        "save",
        "undo",
    ]
    change = ledger(shell)[4]
    assert change["changes"] == {"alpha": [pytest.approx(0.01), pytest.approx(0.01 / 3)]}
    assert (change["before"], change["why"]) == (4, "it jumps about")
    assert "now   main@3" in done.out
    assert "alpha 0.01 -> 0.00333" in done.out
    assert "b1 (here)" in done.out
    assert "share the epochs up to 2" in done.out
    assert "main@1 of 3" in done.err
    assert "\x1b" not in done.out + done.err


def test_a_script_ends_at_its_first_mistake(shell: Shell) -> None:
    done = piped(shell, "go 1\ngp 4\ngo 1\n", "config.yaml", "-q")
    assert done.code == 2
    assert "line 2: unknown command 'gp'; did you mean go?" in done.err
    assert len(ledger(shell)) == 2


def test_one_step_without_a_prompt(shell: Shell) -> None:
    assert shell("babysit", "config.yaml", "--epochs", "3").code == 0
    step = ("--back", "2", "--set", "alpha /3", "--note", "too fast", "--epochs", "2")
    done = shell("babysit", "--resume", *step)
    assert done.code == 0, done.err
    move, change, branch, *_ = ledger(shell)[4:]
    assert (move["kind"], move["at"]) == ("move", "main@2")
    assert change["why"] == "too fast"
    assert (branch["name"], branch["at"]) == ("b1", "main@2")
    assert list(states(shell))[-1] == "b1@4"
    assert shell("babysit", "--resume", "digits-panda", "--note", "so far so good").code == 0
    assert ledger(shell)[-1]["text"] == "so far so good"


def test_json_events_one_a_line(shell: Shell) -> None:
    script = "go 2\nalpha /3\ntree\nlog\ndiff main main\nprobe l2\n"
    done = piped(shell, script, "config.yaml", "--json", "--set", "l2=1e-3")
    assert done.code == 0, done.err
    events = [json.loads(line) for line in done.out.splitlines()]
    names = [event["event"] for event in events]
    assert names == ["epoch", "epoch", "go", "set", "tree", "log", "diff", "probe"]
    assert events[0]["at"] == "main@1"
    assert events[2]["epoch"] == 2
    assert events[3]["changes"]["alpha"][1] == pytest.approx(0.01 / 3)
    assert ledger(shell)[0]["hparams"]["l2"] == 1e-3


def test_a_users_own_prints_do_not_disturb_the_json(shell: Shell) -> None:
    done = shell("babysit", "slow.yaml", "--epochs", "2", "--json")
    assert done.code == 0, done.err
    assert [json.loads(line)["event"] for line in done.out.splitlines()] == ["epoch", "epoch", "go"]
    assert "training 1" in done.err


def test_start_and_resume_are_never_confused(shell: Shell) -> None:
    nothing = shell("babysit", "--resume")
    assert nothing.code == 2
    assert "hpsearch babysit CONFIG" in nothing.err
    assert shell("babysit", "config.yaml", "--epochs", "1").code == 0
    again = shell("babysit", "config.yaml", "--epochs", "1")
    assert again.code == 2
    assert "hpsearch babysit --resume digits-panda" in again.err
    assert "hpsearch babysit CONFIG --fresh" in again.err
    assert len(ledger(shell)) == 2
    assert shell("babysit", "config.yaml", "--fresh", "--epochs", "1").code == 0
    assert states(shell, "digits-panda-2") == states(shell)
    for arguments, said in {
        (): "say what to raise",
        ("config.yaml", "--resume"): "choose one",
        ("digits-panda",): "hpsearch babysit --resume digits-panda",
        ("--resume", "digits-panda", "--fresh"): "start a run",
        ("--resume", "digits-panda", "--branch", "b1"): "--replay or --export",
        ("--resume", "digits-panda", "--set", "search.max_trials=3"): "config of a run is fixed",
        ("--resume", "digits-panda", "--epochs", "0"): "--epochs",
    }.items():
        refused = shell("babysit", *arguments)
        assert refused.code == 2
        assert said in refused.err


def test_architecture_is_refused_with_the_command_that_starts_afresh(shell: Shell) -> None:
    assert piped(shell, "go 2\nalpha /3\ngo 1\n", "config.yaml", "-q").code == 0
    refused = shell("babysit", "--resume", "--set", "hidden_units 32", "--epochs", "1")
    assert refused.code == 2
    assert "hidden_units is built into the model" in refused.err
    command = refused.err.split("hpsearch babysit ")[1].split()
    afresh = shell("babysit", *command, "--epochs", "1")
    assert afresh.code == 0, afresh.err
    begun = ledger(shell, "digits-panda-2")[0]["hparams"]
    assert begun["hidden_units"] == 32
    assert begun["alpha"] == ledger(shell)[3]["changes"]["alpha"][1]
    wrong = shell("babysit", "--resume", "digits-panda", "--set", "alpha -1")
    assert wrong.code == 2
    assert "alpha must be > 0" in wrong.err
    assert "; alpha -1 subtracts 1 from 0.0" in wrong.err
    assert ": write alpha=-1 for the number itself" in wrong.err
    wrong = shell("babysit", "--resume", "digits-panda", "--set", "alpha=-1")
    assert wrong.err == "error: alpha must be > 0; it is -1.0\n"


def test_nothing_is_left_behind_by_a_start_that_fails(shell: Shell) -> None:
    shell.write("wrong.yaml", SLOW.replace("model.py:Model", "model.py:Modle"))
    done = shell("babysit", "wrong.yaml", "--epochs", "1")
    assert done.code == 2
    assert "did you mean 'Model'?" in done.err
    assert not list(shell.folder.glob("runs/*"))


@pytest.mark.slow
def test_a_trial_of_a_search_is_adopted_changed_and_replayed(shell: Shell) -> None:
    assert shell("run", "config.yaml", "-q").code == 0
    best = min(shell.records("digits"), key=lambda record: record["value"])
    name = f"digits-{best['trial']}-panda"
    done = shell("babysit", "--from", "digits#best", "--set", "alpha /3", "--epochs", "2")
    assert done.code == 0, done.err
    assert "warning" not in done.err
    records = ledger(shell, name)
    trained = [r["values"]["dev_error"] for r in records if r["kind"] == "epoch"]
    assert trained[:4] == best["curves"]["dev_error"]
    assert len(trained) == 6
    assert records[0]["seed"] == best["seed"]
    replayed = shell("babysit", "--replay", name, "--json")
    assert replayed.code == 0, replayed.err
    facts = json.loads(replayed.out)
    assert facts["same"]
    assert shell("replay", name, "--json").out == replayed.out
    assert facts["sha256"] == states(shell, name)["main@6"]
    search = shell("babysit", "--resume", "digits")
    assert search.code == 2
    assert "--from digits#best" in search.err


@pytest.mark.slow
def test_an_exported_branch_is_a_script_that_raises_it_again(shell: Shell) -> None:
    assert piped(shell, "go 2\nalpha /3\ngo 2\n", "config.yaml", "-q").code == 0
    done = shell("babysit", "--resume", "--export", "story.txt")
    assert done.code == 0, done.err
    assert shell("babysit", "--resume", "--export", "story.txt").code == 1
    again = shell("export", "digits-panda", "-", "--to", "commands", "--branch", "main")
    assert (again.code, again.out) == (0, (shell.folder / "story.txt").read_text())
    refused = shell("export", "digits-panda", "x.csv", "--to", "csv", "--branch", "main")
    assert "--branch goes with --to schedule or commands" in refused.err
    story = (shell.folder / "story.txt").read_text()
    assert piped(shell, story, "config.yaml", "--name", "again", "-q").code == 0
    assert states(shell, "again") == states(shell)
    resolved = yaml.safe_load((shell.folder / "runs" / "again" / "resolved.yaml").read_text())
    assert resolved["name"] == "again"


def test_ctrl_c_ends_with_the_epoch_and_a_second_one_at_once(shell: Shell) -> None:
    process = shell.start("babysit", "slow.yaml", "--epochs", "40")
    path = shell.folder / "runs" / "slow-panda" / "ledger.jsonl"
    shell.wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") >= 2, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert "the epoch under way ends first" in err
    assert "go on with: hpsearch babysit --resume slow-panda" in err
    done = len(states(shell, "slow-panda"))
    assert 1 <= done < 40
    process = shell.start("babysit", "--resume", "--epochs", "40")
    shell.wait_for(lambda: len(states(shell, "slow-panda")) > done, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert "given up at once" in err or "ends first" in err
    replayed = shell("babysit", "--replay", "slow-panda")
    assert replayed.code == 0, replayed.out


def kill_once(shell: Shell, epochs: int, rng: random.Random) -> bool:
    """Train on towards ``epochs``, and kill it some epochs and a random while later."""
    path = shell.folder / "runs" / "digits-panda" / "ledger.jsonl"
    begun = path.exists()
    before = path.read_bytes().count(b"\n") if begun else 0
    left = epochs - (len(states(shell)) if begun else 0)
    more = rng.randrange(1, 6)
    process = shell.start(
        "babysit", *(["--resume"] if begun else ["config.yaml"]), "--epochs", str(left), "-q"
    )
    while process.poll() is None:
        if path.exists() and path.read_bytes().count(b"\n") >= before + more:
            break
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.03))
    killed = process.poll() is None
    process.kill()
    process.communicate()
    return killed


def check_killed(folder: Path, rng: random.Random, kills: int) -> int:
    whole, broken = Shell(folder / "whole"), Shell(folder / "broken")
    for shell in (whole, broken):
        shell.folder.mkdir(parents=True)
        shell.write("config.yaml", DIGITS)
    assert whole("babysit", "config.yaml", "--epochs", "60", "-q").code == 0
    killed = sum(kill_once(broken, 60, rng) for _ in range(kills))
    done = broken("babysit", "--resume", "--epochs", str(60 - len(states(broken))), "-q")
    assert done.code == 0, done.err
    assert states(broken) == states(whole)
    assert broken("babysit", "--replay", "digits-panda").code == 0
    return killed


def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path) -> None:
    assert check_killed(tmp_path, random.Random(3), 2) == 2


@pytest.mark.slow
def test_killed_at_thirty_random_moments_it_ends_the_same(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(4)
    assert sum(check_killed(tmp_path / str(n), rng, 5) for n in range(6)) == 30
    record_property("tries", 30)


@pytest.mark.slow
def test_a_babysat_run_among_the_other_commands(shell: Shell) -> None:
    assert piped(shell, "go 3\nalpha /3\ngo 2\n", "config.yaml", "-q").code == 0
    listed = shell("list")
    assert "digits-panda" in listed.out
    assert "damaged" not in listed.out
    report = shell("report", "digits-panda")
    assert report.code == 0, report.err
    assert "what each change did to dev_error" in report.out
    page = shell("report", "digits-panda", "--html")
    assert page.code == 0, page.err
    assert (
        (shell.folder / "runs" / "digits-panda" / "report.html").read_text().endswith("</html>\n")
    )
    table = shell("report", "digits-panda", "--format", "csv", "--no-timing", "-o", "epochs.csv")
    assert table.code == 0, table.err
    rows = (shell.folder / "epochs.csv").read_text().splitlines()
    assert len(rows) == 1 + 5
    assert rows[0].startswith("branch,epoch,train_loss")
    before = (shell.folder / "runs" / "digits-panda" / "resolved.yaml").read_text()
    search = shell("run", "config.yaml", "--name", "digits-panda")
    assert search.code == 2
    assert "hpsearch babysit --resume digits-panda" in search.err
    assert (shell.folder / "runs" / "digits-panda" / "resolved.yaml").read_text() == before
