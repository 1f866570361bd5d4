"""``hpsearch.babysit`` from scripts: the command line's ledger, going on, refusals, interrupts."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hpsearch
from hpsearch.library.babysat import Babysat
from tests.library.scripts import run_script, start
from tests.panda.toy import DIGITS, TOY
from tests.shell import Shell

SPACE = {"alpha": hpsearch.log(0.01, 1), "beta": 0.9, "width": 3}
WALK = re.search(r"trainable: (.*)", TOY)[1]  # type: ignore[index]
TOLD_TIMES = ("time", "seconds", "crc")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Babysat]:
    given = {"metric": "dev_loss", "seed": 5, "epochs": 10, "name": "toy-panda"}
    with hpsearch.babysit(WALK, SPACE, **given, runs=tmp_path, quiet=True) as model:
        yield model


def ledger(path: Path) -> list[dict[str, Any]]:
    """What was done, without when and for how long."""
    lines = (json.loads(line) for line in (path / "ledger.jsonl").read_text().splitlines())
    return [{k: v for k, v in line.items() if k not in TOLD_TIMES} for line in lines]


def test_python_writes_the_ledger_that_the_prompt_writes(shell: Shell) -> None:
    shell.write("digits.yaml", DIGITS)
    typed = (
        "go 3\nalpha /3 # it swings\ngo 2\nback 2\nbatch_size *2\ngo 1\nsave here\nnote dull\n"
        "switch main\nundo\nbranch wild\nprobe dropout\nl2 -1e-4\n"
    )
    told = subprocess.run(
        [sys.executable, "-m", "hpsearch", "babysit", "digits.yaml", "--name", "typed"],
        check=False,
        input=typed,
        cwd=shell.folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 2  # l2 - 1e-4 is below 0
    called = run_script(
        shell.folder,
        """
import hpsearch
with hpsearch.babysit("digits.yaml", name="called") as model:
    model.go(3)
    assert model.set(alpha="/3", why="it swings") == {"alpha": (0.01, 0.01 / 3)}
    model.go(2)
    model.back(2)
    model.set({"batch_size": "*2"})
    model.go(1)
    assert model.save("here") == "here"
    model.note("dull")
    model.switch("main")
    model.undo()
    model.branch("wild")
    assert len(model.probe("dropout")) == 6  # from 1 on it is refused
    try:
        model.set(l2="-1e-4")
    except hpsearch.HpsearchError as error:
        print(error)
""",
    )
    assert called.code == 0, called.err
    assert ledger(shell.folder / "runs/called") == ledger(shell.folder / "runs/typed")
    assert told.stderr.splitlines()[-1].endswith(called.out.strip())
    for line in ("alpha 0.01 -> 0.00333", "took back: move to main@5"):
        assert line in told.stdout
        assert line in called.err


def test_what_is_asked_for_is_rows_that_show_themselves(model: Babysat) -> None:
    assert (model.at, model.epoch, model.value, model.best) == ("main@0", 0, None, None)
    assert model.go(4) is model
    model.back(2)
    model.go(1)
    assert model.at == "b1@3"
    assert [epoch.at for epoch in model.epochs] == ["main@1", "main@2", "b1@3"]
    assert model.value == model.epochs[-1].value == model.epochs[-1].values["dev_loss"]
    assert [(row["name"], row["from"], row["last"]) for row in model.tree()] == [
        ("main", None, 4),
        ("b1", "main@2", 3),
    ]
    assert repr(model.tree()).splitlines()[0].split() == [
        "branch",
        "epochs",
        "curve",
        "best",
        "dev_loss",
        "at",
        "epoch",
        "from",
    ]
    assert "<table>" in (model.tree()._repr_html_() or "")
    assert [row["kind"] for row in model.log()] == [record["kind"] for record in ledger(model.path)]
    compared = model.diff("main", "b1")
    assert [row["epoch"] for row in compared] == [2, 3, 4]
    assert compared[0]["main@4"] == compared[0]["b1@3"]
    assert compared[1]["main@4"] == compared[1]["b1@3"]  # the same settings, the same epoch
    assert compared[2]["b1@3"] is None
    assert compared._repr_html_() is None  # a notebook then shows the text
    probe = model.probe()
    assert probe.best in {row["value"] for row in probe}
    assert "hpsearch report toy-panda" in model._repr_html_()
    assert repr(model).startswith("<hpsearch babysat model toy-panda: at b1@3, dev_loss ")


def test_a_branch_is_replayed_and_exported(model: Babysat, tmp_path: Path) -> None:
    model.go(2)
    model.set(alpha=0.05)
    model.go(2)
    [row] = model.replay()
    assert (row["branch"], row["epochs"], row["same"]) == ("main", 4, True)
    model.export(tmp_path / "found.yaml")
    found = hpsearch.run(tmp_path / "found.yaml", runs=tmp_path, workers=1, quiet=True)
    assert found.trials[0].curves["dev_loss"] == tuple(epoch.value for epoch in model.epochs)
    model.export(tmp_path / "story.txt", to="commands")
    assert "alpha:=0.05\n" in (tmp_path / "story.txt").read_text()
    with pytest.raises(hpsearch.HpsearchError, match="is already there; choose another name"):
        model.export(tmp_path / "story.txt", to="commands")


def test_a_fork_of_it_is_searched_and_grafted_back(model: Babysat, tmp_path: Path) -> None:
    model.go(3)
    forked = hpsearch.run(
        WALK,
        {"alpha": hpsearch.log(0.01, 1)},
        metric="dev_loss",
        epochs=2,
        max_trials=3,
        name="fork",
        workers=1,
        fork="toy-panda@2",
        runs=tmp_path,
        quiet=True,
    )
    best = forked.best
    assert best is not None
    model.graft("fork#best")
    assert model.at == "b1@4"
    assert [epoch.value for epoch in model.epochs][2:] == list(best.curves["dev_loss"])


def test_the_best_trial_of_a_search_is_adopted(tmp_path: Path) -> None:
    run = hpsearch.run(
        WALK, SPACE, metric="dev_loss", epochs=3, max_trials=3, name="s", workers=1, runs=tmp_path,
        quiet=True,
    )  # fmt: skip
    best = run.best
    assert best is not None
    with hpsearch.babysit(run, runs=tmp_path, quiet=True) as model:
        assert model.name == f"s-{best.number}-panda"
        assert [epoch.value for epoch in model.epochs] == list(best.curves["dev_loss"])
    with hpsearch.babysit(f"s#{best.number}", runs=tmp_path, quiet=True) as again:
        assert again.epoch == 3
    with pytest.raises(hpsearch.HpsearchError, match=r"seed belongs to a config"):
        hpsearch.babysit(run, runs=tmp_path, seed=1)


def test_the_same_call_goes_on_and_another_model_is_refused(tmp_path: Path) -> None:
    given: dict[str, Any] = {"metric": "dev_loss", "name": "m", "runs": tmp_path, "quiet": True}
    first = hpsearch.babysit(WALK, SPACE, **given)
    first.go(2)
    second = hpsearch.babysit(WALK, SPACE, **given)  # as when a cell is run again
    assert (first.closed, second.closed, second.epoch) == (True, False, 2)
    with pytest.raises(hpsearch.HpsearchError, match=r"was closed here; hpsearch\.babysit\("):
        first.go(1)
    assert len(first.tree()) == 1  # what is on record can still be looked at
    with pytest.raises(hpsearch.HpsearchError) as refused:
        hpsearch.babysit(WALK, SPACE | {"beta": 0.8}, **given)
    assert "parameters.beta: 0.9 -> 0.8" in refused.value.message
    assert 'fresh=True or name="NEW"' in refused.value.message
    with hpsearch.babysit(WALK, SPACE, fresh=True, **given) as fresh:
        assert (fresh.name, fresh.epoch) == ("m-2", 0)
    second.close()
    second.close()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("go(0)", r"go\(0\): write how many epochs to train, as in go\(5\)"),
        ("set()", r"set: name a setting and its value"),
        ("set(alhpa=1)", r"there is no setting 'alhpa'; did you mean alpha\?"),
        ("set(alpha=[1])", r"alpha must become a number or a text, not something of type list"),
        ("set(alpha=-1)", r"the trainable: alpha cannot become -1.*alpha must be positive"),
        ("set(width=4)", r'hpsearch\.babysit\(".*", fresh=True, hparams=\{"width": 4\}\)'),
        ("back('nowhere')", r"'nowhere' is not a position"),
        ("branch('main')", r'go there with: switch\("main"\)'),
        ("switch('b7')", r"there is no branch 'b7'; there are main"),
        ("undo()", r"there is nothing to undo"),
        ("save()", r"the untrained model needs no saving"),
        ("probe('width')", r"width cannot be probed"),
        ("export('x', to='yaml')", r"to must be 'schedule' or 'commands', not 'yaml'"),
        ("export('x')", r"main has no epochs yet; train with: go\(5\)"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_changes_nothing(
    model: Babysat, call: str, message: str
) -> None:
    before = ledger(model.path)
    with pytest.raises(hpsearch.HpsearchError, match=message) as told:
        eval(f"model.{call}", {"model": model})
    assert "\n" not in told.value.message
    assert ledger(model.path) == before
    assert model.go(1).epoch == 1


def test_who_cannot_open_a_run_is_told_why(model: Babysat, tmp_path: Path) -> None:
    def message(*what: Any, **given: Any) -> str:
        with pytest.raises(hpsearch.HpsearchError) as told:
            hpsearch.babysit(*what, runs=tmp_path / "none", **given)
        return told.value.message

    assert "start one with: hpsearch.babysit(CONFIG)" in message()
    assert "missing.yaml" in message("missing.yaml")
    assert "hpsearch.babysit: metric is missing" in message(dict, {"alpha": 1})
    other = run_script(
        tmp_path, f"import hpsearch\nhpsearch.babysit('toy-panda', runs={str(tmp_path)!r})"
    )
    assert other.code == 1
    assert "is at work on this run" in other.err.splitlines()[-1]


NOTEBOOK = """
import hpsearch
class Descent:
    adjustable = {"alpha"}
    def __init__(self, alpha):
        self.alpha, self.w = alpha, 10.0
    def train_epoch(self, epoch):
        self.w -= 2 * self.alpha * (self.w - 5)
        return {"cost": (self.w - 5) ** 2}
    def save(self):
        return {"w": self.w}
    def load(self, state):
        self.w = float(state["w"])
    def adjust(self, name, value):
        self.alpha = value
"""


def test_a_class_that_no_file_holds_is_given_again(shell: Shell) -> None:
    begun = f"""{NOTEBOOK}
model = hpsearch.babysit(Descent, {{"alpha": 0.25}}, metric="cost", name="hand")
print(model.go(2).value)
"""
    assert run_script(shell.folder, begun).out == f"{(5 / 4) ** 2}\n"
    again = run_script(shell.folder, begun)
    assert again.out == f"{(5 / 16) ** 2}\n", again.err
    lost = shell("babysit", "--resume", "hand", "--epochs", "1")
    assert lost.code == 2
    assert "or hpsearch.babysit with train=Descent" in lost.err
    found = run_script(
        shell.folder, f"{NOTEBOOK}\nprint(hpsearch.babysit('hand', train=Descent).go(1).value)"
    )
    assert found.out == f"{(5 / 32) ** 2}\n", found.err
    other = run_script(
        shell.folder, "import hpsearch\nclass Other: pass\nhpsearch.babysit('hand', train=Other)"
    )
    assert other.err.splitlines()[-1].endswith("train: runs/hand trains Descent, not Other")


SLOW = f"""
import time
{NOTEBOOK}
class Slow(Descent):
    def train_epoch(self, epoch):
        print("epoch", epoch, flush=True)
        for _ in range(50 if epoch < 3 else 100_000):
            time.sleep(0.01)
        return super().train_epoch(epoch)
model = hpsearch.babysit(Slow, {{"alpha": 0.25}}, metric="cost", name="slow")
try:
    model.go(20)
except KeyboardInterrupt as stopped:
    print(stopped)
model.set(alpha=0.5)
print(model.at)
"""


@pytest.mark.parametrize(("epoch", "signals"), [(2, 1), (3, 2)])
def test_an_interrupt_lets_the_epoch_end_and_a_second_one_gives_it_up(
    shell: Shell, epoch: int, signals: int
) -> None:
    process = start(shell.folder, SLOW)
    assert process.stdout is not None
    while process.stdout.readline() != f"epoch {epoch}\n":
        assert process.poll() is None
    for _ in range(signals):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)  # two that come at once are one
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    told = (
        "stopped at main@2 with everything saved, 18 epochs before the end: go(18) finishes it"
        if signals == 1
        else "the epoch under way was given up: the model is as it was at main@2"
    )
    assert out.splitlines() == [told, "main@2"]
    kinds = [record["kind"] for record in ledger(shell.folder / "runs/slow")]
    assert kinds == ["start", "epoch", "epoch", "set"]
