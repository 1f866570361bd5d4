"""``hpsearch.run`` from scripts: same trials, going on, refusing, interrupts. Real processes."""

import os
import signal
from pathlib import Path

import pytest

from tests.library.scripts import run_script, start
from tests.shell import Shell

YAML = """
name: cost
seed: 7
trainable: objective.py:cost
metric: J
parameters:
  w: {min: -10, max: 20}
  alpha: {min: 1e-4, max: 1, scale: log}
  b: {values: [1, 2, 3]}
search: {max_trials: 14, lookahead: 4}
run: {workers: 2}
"""

OBJECTIVE = """
def cost(w, alpha, b):
    return (w - 5) ** 2 + alpha + b
"""

CALL = """
import hpsearch
SPACE = {"w": hpsearch.linear(-10, 20), "alpha": hpsearch.log(1e-4, 1), "b": [1, 2, 3]}
MORE = dict(metric="J", seed=7, search={"lookahead": 4})
"""

# A function of the script itself, which uses something beside it; slow enough to be cut short.
SLOW = f"""
import time
{CALL}
SHIFT = 5
def square(x):
    return x * x
def cost(w, alpha, b):
    time.sleep(0.05)
    return square(w - SHIFT) + alpha + b
if __name__ == "__main__":
    run = hpsearch.run(cost, SPACE, max_trials=14, workers=2, **MORE)
    print(run)
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The table of the command line's own search of the space."""
    shell = Shell(tmp_path_factory.mktemp("yaml"))
    shell.write("config.yaml", YAML)
    shell.write("objective.py", OBJECTIVE)
    done = shell("run", "config.yaml", "-q")
    assert done.code == 0, done.err
    return shell.table("cost")


def test_functions_of_any_kind_give_the_command_lines_table(shell: Shell, table: str) -> None:
    shell.write("objective.py", OBJECTIVE)
    done = run_script(
        shell.folder,
        f"""{CALL}
from objective import cost
def mine(w, alpha, b):
    return (w - 5) ** 2 + alpha + b
if __name__ == "__main__":
    shift = 5
    kinds = {{
        "imported": cost,
        "mine": mine,
        "lambda": lambda w, alpha, b: (w - shift) ** 2 + alpha + b,
    }}
    for workers, (name, function) in zip((1, 2, 4), kinds.items()):
        run = hpsearch.run(
            function, SPACE, name=name, max_trials=14, workers=workers, quiet=True, **MORE
        )
        assert len(run.trials) == 14 and run.complete
        assert run.best.value == min(trial.value for trial in run.trials)
""",
    )
    assert (done.code, done.out, done.err) == (0, "", "")
    for name in ("imported", "mine", "lambda"):
        assert shell.table(name) == table
    # What a module holds, the command line finds as well.
    going_on = shell(
        "run", "runs/imported/config.yaml", "--resume", "--set", "search.max_trials=16"
    )
    assert going_on.code == 0, going_on.err
    assert len(shell.records("imported")) == 16
    lost = shell("run", "runs/mine/config.yaml", "--resume", "--set", "search.max_trials=16")
    assert lost.code == 2
    assert lost.err.splitlines()[-1].startswith(
        "error: trainable '__main__:mine': mine was defined in a notebook or a script, and only "
        "that knows it; go on from there, by calling hpsearch.run with it under the same name, "
        "or hpsearch.babysit with train=mine; or move it into a file and write file.py:mine"
    )
    assert shell("report", "mine").code == 0
    assert "mine" in shell("list").out


def test_a_config_file_runs_as_on_the_command_line(shell: Shell, table: str) -> None:
    shell.write("config.yaml", YAML)
    shell.write("objective.py", OBJECTIVE)
    done = run_script(
        shell.folder,
        "import hpsearch\nrun = hpsearch.run('config.yaml', workers=1)\nprint(run.best.number)",
    )
    assert done.code == 0, done.err
    assert shell.table("cost") == table
    assert "14/14 trials" in done.err
    again = shell("run", "config.yaml")
    assert again.code == 0
    assert "complete, 14 trials" in again.err


def test_killed_and_called_again_it_goes_on(shell: Shell, table: str) -> None:
    process = start(shell.folder, SLOW)
    journal = shell.folder / "runs" / "cost" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 2, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = len(shell.records("cost"))
    assert kept < 14
    done = run_script(shell.folder, SLOW)
    assert done.code == 0, done.err
    assert f"going on after {kept} of 14 trials" in done.err
    assert shell.table("cost") == table
    # The call alone is another: the function's code is the same.
    more = run_script(shell.folder, SLOW.replace("max_trials=14", "max_trials=16"))
    assert more.code == 0, more.err
    assert len(shell.records("cost")) == 16


def test_an_interrupt_loses_nothing(shell: Shell, table: str) -> None:
    process = start(shell.folder, SLOW)
    journal = shell.folder / "runs" / "cost" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 2, process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "letting the running trials finish; interrupt again to stop now" in err
    assert "KeyboardInterrupt: interrupted with everything saved: the same call goes on" in err
    shell.no_process_left(process)
    done = run_script(shell.folder, SLOW)
    assert done.code == 0, done.err
    assert shell.table("cost") == table


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("return x * x", "return x * x + 1", "square"),
        ("SHIFT = 5", "SHIFT = 6", "SHIFT"),
        ("alpha + b\n", "alpha - b\n", "cost"),
    ],
)
def test_changed_code_is_refused_with_what_to_write(
    shell: Shell, old: str, new: str, part: str
) -> None:
    fast = SLOW.replace("time.sleep(0.05)", "pass").replace("max_trials=14", "max_trials=4")
    assert run_script(shell.folder, fast).code == 0
    unchanged = fast.replace("def square", "# a remark\ndef square")
    assert run_script(shell.folder, unchanged).code == 0
    done = run_script(shell.folder, fast.replace(old, new))
    assert done.code == 1
    last = done.err.splitlines()[-1]
    assert last == (
        f"hpsearch.errors.UsageError: runs/cost: the code has changed ({part}) since the run was "
        f'started. Undo the change, or start another run beside it with fresh=True or name="NEW"; '
        f"for code, accept_code=True goes on with the new one"
    )


def test_a_file_that_searches_when_it_is_imported_is_refused_in_the_worker(shell: Shell) -> None:
    shell.write("unguarded.py", f"{CALL}\n{OBJECTIVE}\nhpsearch.run(cost, SPACE, **MORE)\n")
    shell.write("config.yaml", YAML.replace("objective.py", "unguarded.py"))
    done = shell("run", "config.yaml")
    assert done.code == 2
    assert "hpsearch.run was called while a worker imported the file" in done.err
    assert "if __name__ == '__main__':" in done.err


def test_what_cannot_leave_the_process_is_named(shell: Shell) -> None:
    done = run_script(
        shell.folder,
        f"""{CALL}
import threading
lock = threading.Lock()
def cost(w, alpha, b):
    with lock:
        return w
try:
    hpsearch.run(cost, SPACE, max_trials=2, **MORE)
except hpsearch.HpsearchError as error:
    print(error)
""",
    )
    assert done.out == (
        "train: cost cannot be sent to the workers (TypeError: cannot pickle '_thread.lock' "
        "object); open or make what it uses inside of it\n"
    )
    assert not (shell.folder / "runs").exists()


def test_one_trial_does_not_see_what_another_changed(shell: Shell) -> None:
    done = run_script(
        shell.folder,
        f"""{CALL}
calls = []
def cost(w, alpha, b):
    calls.append(w)
    return len(calls)
run = hpsearch.run(cost, SPACE, max_trials=6, workers=1, quiet=True, **MORE)
print([trial.value for trial in run.trials], calls)
""",
    )
    assert done.out == "[1.0, 1.0, 1.0, 1.0, 1.0, 1.0] []\n", done.err


def test_generators_and_classes_of_a_script(shell: Shell) -> None:
    done = run_script(
        shell.folder,
        f"""{CALL}
def curve(w, alpha, b, epochs):
    for epoch in range(epochs):
        yield {{"J": w + epoch, "train_J": alpha}}
class Model:
    def __init__(self, w, alpha, b):
        self.w = w
    def train_epoch(self, epoch):
        return self.w + epoch
for train in (curve, Model):
    run = hpsearch.run(train, SPACE, epochs=3, max_trials=3, workers=1, quiet=True, **MORE)
    print(run.name, [trial.epochs for trial in run.trials], sorted(run.best.curves))
""",
    )
    assert done.out == "curve [3, 3, 3] ['J', 'train_J']\nModel [3, 3, 3] ['J']\n", done.err
