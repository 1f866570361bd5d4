"""One search, whether epochs are yielded, or pushed by a function or a program: one table."""

from pathlib import Path

import pytest

from tests.library.scripts import run_script, start
from tests.shell import Shell

CURVE = """
import math, time
def curve(a, b, epochs):
    for epoch in range(1, epochs + 1):
        yield {"loss": (a - 0.3) ** 2 + b / epoch + math.sin(epoch * a) / epoch, "step": epoch}
"""

PUSH = """
import hpsearch
def push(a, b, epochs):
    for metrics in curve(a, b, epochs):
        time.sleep(%s)
        hpsearch.epoch(metrics)
"""

CONFIG = """
name: {name}
seed: 3
trainable: {trainable}
metric: loss
epochs: 12
parameters:
  a: {{min: 1e-3, max: 1, scale: log}}
  b: {{min: 0, max: 1}}
search: {{max_trials: 9, lookahead: 4, strategy: successive-halving}}
run: {{workers: 2}}
"""

PROGRAM = (
    CURVE
    + """
import hpsearch, sys
for metrics in curve(float(sys.argv[1]), float(sys.argv[2]), 12):
    hpsearch.epoch(metrics)
"""
)

SCRIPT = (
    CURVE
    + PUSH
    + """
if __name__ == "__main__":
    hpsearch.run(
        push,
        {"a": hpsearch.log(1e-3, 1), "b": hpsearch.linear(0, 1)},
        metric="loss", seed=3, epochs=12, max_trials=9, workers=2, name="script", quiet=True,
        search={"lookahead": 4, "strategy": "successive-halving"},
    )
"""
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder in which the search has run with a generator."""
    shell = Shell(tmp_path_factory.mktemp("push"))
    shell.write("model.py", CURVE + PUSH % 0)
    shell.write("program.py", PROGRAM)
    shell.write("yields.yaml", CONFIG.format(name="yields", trainable="model.py:curve"))
    done = shell("run", "yields.yaml", "-q")
    assert done.code == 0, done.err
    states = [record["state"] for record in shell.records("yields")]
    assert {"stopped", "done"} == {*states}
    return shell


def curves(shell: Shell, name: str) -> list[object]:
    return [
        (r["state"], r["curves"]) for r in sorted(shell.records(name), key=lambda r: r["trial"])
    ]


@pytest.mark.parametrize(
    "trainable",
    ["model.py:push", '{command: "python program.py {a} {b}"}'],
    ids=["push", "command"],
)
def test_a_function_and_a_program_that_push_have_the_table_of_the_generator(
    shell: Shell, trainable: str
) -> None:
    name = "push" if "push" in trainable else "command"
    shell.write(f"{name}.yaml", CONFIG.format(name=name, trainable=trainable))
    done = shell("run", f"{name}.yaml", "-q", PYTHONPATH=str(Path(__file__).parents[2]))
    assert done.code == 0, done.err
    assert shell.table(name) == shell.table("yields")
    assert curves(shell, name) == curves(shell, "yields")


def test_a_function_of_a_script_that_is_killed_and_run_again(shell: Shell) -> None:
    process = start(shell.folder, SCRIPT % 0.02)
    journal = shell.folder / "runs" / "script" / "trials.jsonl"
    shell.wait_for(lambda: journal.exists() and journal.read_text().count("\n") > 2, process)
    shell.signal_group(process, 9)
    process.communicate()
    assert 2 < len(shell.records("script")) < 9
    done = run_script(shell.folder, SCRIPT % 0.02)
    assert done.code == 0, done.err
    assert shell.table("script") == shell.table("yields")
